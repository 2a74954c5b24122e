/** The one place where a vscode CancellationToken becomes an AbortSignal, the way to cancel below the host. */

import type { CancellationToken } from "vscode";
import type { Disposable } from "../base/lifecycle";

/** Aborts with the token. Dispose it when the work is over, so that the token's listener goes too. */
export function toSignal(token: CancellationToken): Disposable & { signal: AbortSignal } {
    const controller = new AbortController();
    if (token.isCancellationRequested) controller.abort();
    const listener = token.onCancellationRequested(() => controller.abort());
    return { signal: controller.signal, dispose: () => void listener.dispose() };
}
