/** Tells a screen reader of an answer once, when it is complete: while it streams, each word would be said anew. */

import type { ChatTurn } from "../protocol/webview";
import { element } from "./dom";

/** The rest is read in the answer itself. */
const MAX_CHARACTERS = 1000;

export class Announcer {
    readonly element = element("div", {
        class: "visually-hidden",
        role: "status",
        "aria-live": "polite",
    });

    /** The next one is said even when it is the same. */
    clear(): void {
        this.element.textContent = "";
    }

    /** `text`: of the answer, as it is shown. */
    tell({ state, error }: ChatTurn, text: string): void {
        // A failure is an alert of its own.
        if (state === "failed" && error !== undefined) return;
        const shown = text.replace(/\s+/g, " ").trim();
        const cut = shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)} ...` : shown;
        this.element.textContent = state === "stopped" ? `Stopped. ${cut}` : `Answer: ${cut}`;
    }
}
