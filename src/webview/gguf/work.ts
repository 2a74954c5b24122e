/** A piece of work that a button starts: how far it is, a button that stops it, then what came of it. */

import type { WorkDone } from "../../protocol/inspector";
import { element } from "../dom";
import type { AskOptions } from "./ask";
import { problem, textButton } from "./parts";

/** Shows one at a time in `target`; another that is started stops the one before. */
export class Work {
    private running: AbortController | undefined;

    constructor(private readonly target: HTMLElement) {}

    async run<T>(
        title: string,
        start: (options: AskOptions<WorkDone>) => Promise<T>,
        paint: (result: T) => readonly HTMLElement[],
    ): Promise<void> {
        this.stop();
        const own = (this.running = new AbortController());
        const bar = element("progress", { "aria-label": title });
        const stop = textButton("Stop", () => this.stop());
        this.target.replaceChildren(
            element("div", { class: "bar", role: "status" }, title, bar, stop),
        );
        try {
            const result = await start({
                signal: own.signal,
                onProgress: ({ done, total }) => {
                    bar.max = total;
                    bar.value = done;
                },
            });
            if (this.running === own) this.target.replaceChildren(...paint(result));
        } catch (error) {
            if (this.running === own) this.target.replaceChildren(problem(error));
        }
    }

    /** What is running is cancelled and not shown. */
    stop(): void {
        if (!this.running) return;
        this.running.abort();
        this.running = undefined;
        this.target.replaceChildren();
    }
}
