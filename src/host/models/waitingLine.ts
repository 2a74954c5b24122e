/** Who is first works, the others wait; anybody may leave at any time. */

import { onAbort } from "../../base/cancel";
import { cancelled } from "../../base/errors";

/** Leaves the line; calling it again does nothing. */
export type Place = () => void;

export class WaitingLine {
    private readonly places: { leave: Place; call: () => void }[] = [];

    /** At the end of the line. */
    enter(): Place {
        const leave = () => {
            const index = this.places.findIndex((place) => place.leave === leave);
            if (index < 0) return;
            this.places.splice(index, 1);
            if (index === 0) this.places[0]?.call();
        };
        this.places.push({ leave, call: () => undefined });
        return leave;
    }

    isFirst(leave: Place): boolean {
        return this.places[0]?.leave === leave;
    }

    /** Resolves when the place is first; rejects as cancelled when the signal aborts before. */
    turn(leave: Place, signal: AbortSignal): Promise<void> {
        const place = this.places.find((one) => one.leave === leave);
        return new Promise((resolve, reject) => {
            if (signal.aborted) return reject(cancelled());
            if (!place || place === this.places[0]) return resolve();
            const stop = onAbort(signal, () => reject(cancelled()));
            place.call = () => {
                stop();
                resolve();
            };
        });
    }
}
