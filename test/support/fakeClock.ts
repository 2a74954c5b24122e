// A clock that tests move by hand: nothing sleeps.
import { cancelled } from "../../src/base/errors";
import { onAbort } from "../../src/base/cancel";
import type { Clock } from "../../src/completion/clock";

export class FakeClock implements Clock {
    private time = 0;
    private waiting: { at: number; resolve: () => void }[] = [];

    now(): number {
        return this.time;
    }

    delay(ms: number, signal?: AbortSignal): Promise<void> {
        return new Promise((resolve, reject) => {
            const entry = { at: this.time + ms, resolve };
            this.waiting.push(entry);
            onAbort(signal, () => {
                this.waiting = this.waiting.filter((other) => other !== entry);
                reject(cancelled());
            });
        });
    }

    /** Number of delays under way. */
    get nWaiting(): number {
        return this.waiting.length;
    }

    /** Moves the time and lets everything that follows from it happen. */
    async advance(ms: number): Promise<void> {
        this.time += ms;
        const due = this.waiting.filter(({ at }) => at <= this.time);
        this.waiting = this.waiting.filter(({ at }) => at > this.time);
        for (const { resolve } of due) resolve();
        await settle();
    }
}

/** Lets promise reactions run until nothing new happens in this turn of the event loop. */
export function settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}
