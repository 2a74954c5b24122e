/** Small pieces that several panels have: a list of facts, a search box that waits for a pause, a button that copies, an error in its place. */

import type { Fact } from "../../protocol/inspector";
import { confirmClick, element, iconButton } from "../dom";

export function factList(facts: readonly Fact[]): HTMLElement {
    const list = element("dl", { class: "facts" });
    for (const { label, value, hint } of facts)
        list.append(
            element(
                "div",
                { title: hint },
                element("dt", { text: label, class: hint === undefined ? "" : "explained" }),
                element("dd", { text: value }),
            ),
        );
    return list;
}

const PAUSE_MS = 150;

export function searchBox(label: string, onChange: (text: string) => void): HTMLInputElement {
    const input = element("input", {
        type: "search",
        class: "search",
        placeholder: label,
        "aria-label": label,
        spellcheck: "false",
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => onChange(input.value.trim()), PAUSE_MS);
    });
    return input;
}

export function copyButton(label: string, copy: () => Promise<unknown>): HTMLButtonElement {
    const button = iconButton("copy", label, () => {
        copy().then(
            () => confirmClick(button, "Copied"),
            () => undefined,
        );
    });
    return button;
}

export function textButton(text: string, onClick: () => void, isMain = false): HTMLButtonElement {
    const button = element("button", {
        type: "button",
        class: isMain ? "button" : "button secondary",
        text,
    });
    button.addEventListener("click", onClick);
    return button;
}

/** `error`: what a request failed with. */
export function problem(error: unknown): HTMLElement {
    const text = error instanceof Error ? error.message : String(error);
    return element("p", {
        class: "problem",
        role: "alert",
        text: /[.?]$/.test(text) ? text : `${text}.`,
    });
}

/** A panel of the page. `show` is called each time that it comes to the front. */
export interface Panel {
    id: string;
    title: string;
    element: HTMLElement;
    show?: () => void;
}

export function count(value: number): string {
    return value.toLocaleString("en-US");
}

export function plural(n: number, what: string): string {
    return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}

/** A cell with a bar and its figure; all bars of a column begin at the same place. `share`: 0 to 1. */
export function barCell(share: number, figure: string): HTMLElement {
    const bar = element("span", { class: "share", "aria-hidden": "true" });
    bar.style.setProperty("--share", String(share));
    return element(
        "td",
        { class: "wide" },
        bar,
        element("span", { class: "figure", text: figure }),
    );
}
