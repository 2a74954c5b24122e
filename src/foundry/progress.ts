/**
 * Turns progress of a running task into a paced stream of events: at most ten a second, with a smoothed rate and the time left. The
 * task reports as often as it likes; a slow reader sees the latest state only.
 */

import { Deferred } from "../base/async";
import { delay } from "../base/cancel";
import type { ConvertEvent } from "../protocol/worker";

const PACE_MS = 100;
/** Weight of the newest measurement: steady display, yet follows a change within seconds. */
const SMOOTHING = 0.2;

export class ProgressFeed {
    private doneBytes = 0;
    private tensor: string | undefined;
    private changed = new Deferred<void>();
    private readonly closed = new Deferred<void>();
    private isClosed = false;
    private rate: number | undefined;
    private lastBytes = 0;
    private lastMs: number;
    private readonly startMs: number;

    constructor(
        private readonly stage: ConvertEvent["stage"],
        private readonly totalBytes: number,
        private readonly now: () => number = () => performance.now(),
    ) {
        this.startMs = this.lastMs = now();
    }

    report(doneBytes: number, tensor?: string): void {
        this.doneBytes = doneBytes;
        this.tensor = tensor;
        this.changed.resolve();
    }

    /** Ends the stream after one last event. */
    close(): void {
        this.closed.resolve();
        this.isClosed = true;
    }

    async *events(): AsyncGenerator<ConvertEvent, void> {
        for (;;) {
            await Promise.race([this.changed.promise, this.closed.promise]);
            this.changed = new Deferred();
            const last = this.isClosed;
            yield this.event();
            if (last) return;
            await Promise.race([delay(PACE_MS), this.closed.promise]);
        }
    }

    private event(): ConvertEvent {
        const nowMs = this.now();
        const elapsed = nowMs - this.lastMs;
        if (elapsed > 0 && this.doneBytes > this.lastBytes) {
            const current = ((this.doneBytes - this.lastBytes) * 1000) / elapsed;
            this.rate =
                this.rate === undefined ? current : this.rate + SMOOTHING * (current - this.rate);
            this.lastBytes = this.doneBytes;
            this.lastMs = nowMs;
        }
        const known = nowMs - this.startMs >= 1000 ? this.rate : undefined;
        return {
            stage: this.stage,
            doneBytes: this.doneBytes,
            totalBytes: this.totalBytes,
            bytesPerSecond: known,
            secondsLeft: known ? (this.totalBytes - this.doneBytes) / known : undefined,
            tensor: this.tensor,
        };
    }
}
