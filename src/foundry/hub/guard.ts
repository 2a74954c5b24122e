/** The watch over one request: a connection that brings or takes nothing for too long is given up. Knows nothing of HTTP. */

import { onAbort } from "../../base/cancel";
import { cancelled } from "../../base/errors";

/**
 * Ends one request when nothing comes in time or its caller gives up. What is waited for is failed as well as the signal passed on: fetch
 * holds signals weakly, and one that was collected in the middle of a body aborts nothing. A chunk comes every few microseconds, so
 * timer and listener stay between two of them.
 */
export class Guard {
    private readonly controller = new AbortController();
    private timer: NodeJS.Timeout | undefined;
    private stopListening: (() => void) | undefined;
    private isWatching = false;
    private fail: ((reason: unknown) => void) | undefined;
    readonly signal = this.controller.signal;

    constructor(
        private readonly stallMs: number,
        private readonly caller: AbortSignal | undefined,
    ) {}

    /** Watches until `pause` or `rest`. */
    arm(): void {
        this.isWatching = true;
        if (this.timer) this.timer.refresh();
        else this.timer = setTimeout(() => this.stalled(), this.stallMs);
        this.stopListening ??= onAbort(this.caller, () => this.end(cancelled()));
    }

    /** Something moved; no watch begins by it. */
    touch(): void {
        if (this.isWatching) this.timer?.refresh();
    }

    /** Whoever takes a chunk may be slow. */
    pause(): void {
        this.isWatching = false;
    }

    rest(): void {
        this.pause();
        clearTimeout(this.timer);
        this.timer = undefined;
        this.stopListening?.();
        this.stopListening = undefined;
    }

    /** One at a time. */
    race<T>(work: Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            this.fail = reject;
            if (this.signal.aborted) reject(toError(this.signal.reason));
            work.then(resolve, reject);
        });
    }

    private stalled(): void {
        if (!this.isWatching) return;
        this.end(Object.assign(new Error("no data came in time"), { code: "STALLED" }));
    }

    /** Fails what is waited for, and ends the request. */
    end(reason: Error): void {
        this.controller.abort(reason);
        this.fail?.(reason);
    }
}

export function toError(reason: unknown): Error {
    return reason instanceof Error ? reason : new Error(String(reason));
}
