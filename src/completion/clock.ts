/** Time as a parameter: the real clock in the extension and the CLI, a hand-driven one in tests. */

import { delay } from "../base/cancel";

export interface Clock {
    /** Milliseconds, monotonic within a process. */
    now(): number;
    /** Resolves after `ms`; rejects as cancelled when the signal aborts first. */
    delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export const realClock: Clock = { now: () => performance.now(), delay };
