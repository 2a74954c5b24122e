/** What a thinking model thought, folded above its answer. Plain text: nothing of it can be inserted or run. */

import { element } from "./dom";

export class ReasoningFold {
    readonly element: HTMLDetailsElement;
    private readonly summary = element("summary");
    private readonly text = element("div", { class: "reasoning-text" });
    private shown = "";

    constructor() {
        this.element = element("details", { class: "reasoning" }, this.summary, this.text);
        this.element.hidden = true;
        // While it is folded nothing is painted into it.
        this.element.addEventListener("toggle", () => this.paint());
    }

    /** `isOpen`: the model is still thinking. */
    update(reasoning: string, isOpen: boolean): void {
        this.element.hidden = reasoning === "" && !isOpen;
        const words = reasoning.split(/\s+/).filter((word) => word !== "").length;
        const label = isOpen ? "Thinking" : "Thoughts";
        const title = `${label}, ${words.toLocaleString("en-US")} ${words === 1 ? "word" : "words"}`;
        if (this.summary.textContent !== title) this.summary.textContent = title;
        this.shown = reasoning;
        this.paint();
    }

    private paint(): void {
        if (this.element.open && this.text.textContent !== this.shown)
            this.text.textContent = this.shown;
    }
}
