/** The question that is being typed, handed on after a pause: the newest one only, one at a time. */

import type { Disposable } from "../../base/lifecycle";

/** A pause between two words is longer than most, and a sentence is not over before it. */
const PAUSE_MS = 250;

export class Drafts<T = unknown> implements Disposable {
    private timer: ReturnType<typeof setTimeout> | undefined;
    private running: AbortController | undefined;

    /** `read` must not reject; its signal aborts when there is a newer draft, or none. */
    constructor(private readonly read: (draft: T, signal: AbortSignal) => Promise<void>) {}

    push(draft: T): void {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            this.running?.abort();
            const controller = (this.running = new AbortController());
            void this.read(draft, controller.signal);
        }, PAUSE_MS);
    }

    /** Nothing is to be read any more. */
    stop(): void {
        clearTimeout(this.timer);
        this.running?.abort();
        this.running = undefined;
    }

    dispose(): void {
        this.stop();
    }
}
