// A clock that tests move by hand: nothing sleeps.
import { VirtualClock } from "../../src/cli/stdio/virtualClock";

export class FakeClock extends VirtualClock {
    /** Moves the time and lets everything that follows from it happen. */
    async advance(ms: number): Promise<void> {
        await this.moveTo(this.now() + ms, settle);
        await settle();
    }
}

/** Lets promise reactions run until nothing new happens in this turn of the event loop. */
export function settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}
