/** Panels of which one is shown: a list of tabs with the keys that such a list has. */

import { element } from "../dom";
import type { Panel } from "./parts";

export class Tabs {
    readonly element: HTMLElement;
    private readonly buttons: HTMLButtonElement[];
    private readonly frames: HTMLElement[];

    /** `onShow` gets the id of the panel that is in front now. */
    constructor(
        private readonly panels: readonly Panel[],
        first: string | undefined,
        private readonly onShow: (id: string) => void,
    ) {
        const label = "Parts of the file";
        const list = element("div", { class: "tabs", role: "tablist", "aria-label": label });
        this.buttons = panels.map((panel) => {
            const button = element("button", {
                type: "button",
                role: "tab",
                id: `tab-${panel.id}`,
                "aria-controls": `panel-${panel.id}`,
                text: panel.title,
            });
            button.addEventListener("click", () => this.show(panel.id));
            return button;
        });
        list.append(...this.buttons);
        list.addEventListener("keydown", (event) => this.keyPressed(event));
        this.frames = panels.map((panel) =>
            element(
                "div",
                {
                    class: "panel",
                    role: "tabpanel",
                    id: `panel-${panel.id}`,
                    "aria-labelledby": `tab-${panel.id}`,
                },
                panel.element,
            ),
        );
        this.element = element("div", { class: "tabbed" }, list, ...this.frames);
        const start = panels.find(({ id }) => id === first) ?? panels[0];
        if (start) this.show(start.id);
    }

    show(id: string): void {
        this.panels.forEach((panel, i) => {
            const isShown = panel.id === id;
            const [button, frame] = [this.buttons[i], this.frames[i]];
            button?.setAttribute("aria-selected", String(isShown));
            button?.setAttribute("tabindex", isShown ? "0" : "-1");
            if (frame) frame.hidden = !isShown;
            if (isShown) panel.show?.();
        });
        this.onShow(id);
    }

    private keyPressed(event: KeyboardEvent): void {
        const at = this.buttons.findIndex((button) => button === document.activeElement);
        const last = this.buttons.length - 1;
        const to = {
            ArrowRight: at === last ? 0 : at + 1,
            ArrowLeft: at === 0 ? last : at - 1,
            Home: 0,
            End: last,
        }[event.key];
        const panel = to === undefined || at < 0 ? undefined : this.panels[to];
        if (to === undefined || !panel) return;
        event.preventDefault();
        this.buttons[to]?.focus();
        this.show(panel.id);
    }
}
