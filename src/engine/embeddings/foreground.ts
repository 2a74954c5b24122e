/** Whether a person waits for something that the engine computes: what nobody waits for stands back until then. Pure. */

import { Emitter } from "../../base/event";

export class Foreground {
    private readonly began = new Emitter<void>();
    private readonly ended = new Emitter<void>();
    /** Somebody began to wait. */
    readonly onBegin = this.began.event;
    private nRunning = 0;

    async during<T>(work: () => Promise<T>): Promise<T> {
        if (++this.nRunning === 1) this.began.fire();
        try {
            return await work();
        } finally {
            if (--this.nRunning === 0) this.ended.fire();
        }
    }

    /** Settles when nobody waits, at once if so, or when the signal aborts. */
    async idle(signal: AbortSignal): Promise<void> {
        while (this.nRunning > 0 && !signal.aborted)
            await new Promise<void>((resolve) => {
                const end = () => {
                    listening.dispose();
                    signal.removeEventListener("abort", end);
                    resolve();
                };
                const listening = this.ended.event(end);
                signal.addEventListener("abort", end);
            });
    }
}
