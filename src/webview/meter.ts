/** How much of the model's context the conversation takes; shown when it is over half full. */

import type { TokenUsage } from "../protocol/webview";
import { element } from "./dom";

const SHOWN_FROM = 0.5;

export class Meter {
    private readonly bar = element("span", { class: "meter-bar", "aria-hidden": "true" });
    private readonly text = element("span", { class: "meter-text", "aria-hidden": "true" });
    readonly element = element("div", { class: "meter", role: "meter" }, this.bar, this.text);

    constructor() {
        this.element.setAttribute("aria-label", "Context used");
        this.element.setAttribute("aria-valuemin", "0");
        this.element.hidden = true;
    }

    update(usage: TokenUsage | undefined): void {
        const share = usage && usage.of > 0 ? Math.min(1, usage.used / usage.of) : 0;
        this.element.hidden = share <= SHOWN_FROM;
        if (!usage || this.element.hidden) return;
        const [used, of] = [usage.used, usage.of].map((n) => n.toLocaleString("en-US"));
        const words = `${used} of ${of} tokens`;
        this.element.setAttribute("aria-valuenow", String(usage.used));
        this.element.setAttribute("aria-valuemax", String(usage.of));
        this.element.setAttribute("aria-valuetext", words);
        this.element.title = `${words} of the model's context are used.\nWhen it is full, the oldest turns are left out.`;
        this.text.textContent = `${Math.round(share * 100)} %`;
        this.bar.style.setProperty("--share", String(share));
    }
}
