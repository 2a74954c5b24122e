/** A progress notification that can be cancelled, around work that takes a signal. */

import { ProgressLocation, window, type CancellationToken } from "vscode";
import { cancelled } from "../../base/errors";
import { toSignal } from "../signal";

export type Report = (value: { message: string; increment: number }) => void;

/** A cancelled run rejects as `cancelled`. */
export async function withNotification<T>(
    title: string,
    work: (signal: AbortSignal, report: Report) => Promise<T>,
): Promise<T> {
    const location = ProgressLocation.Notification;
    return window.withProgress(
        { location, title, cancellable: true },
        async (progress, token: CancellationToken) => {
            const link = toSignal(token);
            try {
                if (link.signal.aborted) throw cancelled();
                return await work(link.signal, (value) => progress.report(value));
            } finally {
                link.dispose();
            }
        },
    );
}
