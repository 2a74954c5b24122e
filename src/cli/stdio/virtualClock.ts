/**
 * Time that stands still while the engine works and moves when the bench says so: what is answered then does not depend on the speed of
 * the machine.
 */

import { onAbort } from "../../base/cancel";
import { cancelled } from "../../base/errors";
import type { Clock } from "../../completion/clock";

export class VirtualClock implements Clock {
    private time = 0;
    private waiting: { at: number; resolve: () => void }[] = [];

    now(): number {
        return this.time;
    }

    delay(ms: number, signal?: AbortSignal): Promise<void> {
        return new Promise((resolve, reject) => {
            const entry = {
                at: this.time + ms,
                resolve: () => {
                    stop();
                    resolve();
                },
            };
            this.waiting.push(entry);
            const stop = onAbort(signal, () => {
                this.waiting = this.waiting.filter((other) => other !== entry);
                reject(cancelled());
            });
        });
    }

    /** Number of delays under way. */
    get nWaiting(): number {
        return this.waiting.length;
    }

    /** Moves to `ms` (never back), stopping at each delay that ends on the way until `settled` says that what it began is done. */
    async moveTo(ms: number, settled: () => Promise<void>): Promise<void> {
        for (;;) {
            const [next] = this.waiting.filter(({ at }) => at <= ms).sort((a, b) => a.at - b.at);
            if (!next) break;
            this.waiting = this.waiting.filter((other) => other !== next);
            this.time = Math.max(this.time, next.at);
            next.resolve();
            await settled();
        }
        this.time = Math.max(this.time, ms);
    }
}
