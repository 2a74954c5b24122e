/** Helpers around AbortSignal, the one way to cancel below the host. */

import { cancelled } from "./errors";

export function throwIfAborted(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw cancelled();
}

/** Calls `listener` once when the signal aborts (at once if it already has). Returns a function that stops listening. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
    if (!signal) return () => undefined;
    if (signal.aborted) {
        listener();
        return () => undefined;
    }
    signal.addEventListener("abort", listener, { once: true });
    return () => signal.removeEventListener("abort", listener);
}

/** Resolves after `ms`, rejects as cancelled when the signal aborts first. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
            stop();
            resolve();
        }, ms);
        const stop = onAbort(signal, () => {
            clearTimeout(timer);
            reject(cancelled());
        });
    });
}
