/** What stands under an answer: how it ended, and what can be done with it. */

import { never } from "../base/errors";
import { withoutReasoning } from "../base/reasoning";
import type { ChatTurn } from "../protocol/webview";
import { confirmClick, element, iconButton } from "./dom";
import { versionSwitch } from "./versions";

export interface FootActions {
    copy(text: string): void;
    retry(): void;
    selectVersion(id: string, step: -1 | 1): void;
    runCommand(command: string): void;
    openSource(id: string, at: number): void;
}

export interface FootOptions {
    isLast: boolean;
    isBusy: boolean;
    actions: FootActions;
}

export function answerFoot(turn: ChatTurn, options: FootOptions): HTMLElement[] {
    const { isLast, isBusy, actions } = options;
    const parts: HTMLElement[] = [];
    switch (turn.state) {
        case "streaming":
            return [];
        case "failed":
            parts.push(failure(turn, options));
            break;
        case "stopped":
            parts.push(element("p", { class: "note", text: turn.note ?? "Stopped." }));
            break;
        case "done":
            if (turn.note) parts.push(element("p", { class: "note", text: turn.note }));
            break;
        default:
            never(turn.state);
    }
    if (turn.sources) parts.push(sourceList(turn.id, turn.sources, actions));
    const bar = element("div", { class: "turn-actions" });
    const text = withoutReasoning(turn.text).trim();
    if (text !== "") bar.append(copyButton(text, actions));
    if (isLast && turn.state !== "failed") {
        const again = iconButton("refresh", "Ask Again", () => actions.retry());
        again.disabled = isBusy;
        bar.append(again);
    }
    bar.append(...versionSwitch(turn, isBusy, (step) => actions.selectVersion(turn.id, step)));
    if (bar.childElementCount > 0) parts.push(bar);
    return parts;
}

/** The places that the answer rests on. */
function sourceList(id: string, sources: readonly string[], actions: FootActions): HTMLElement {
    const list = element("ul", { class: "sources", "aria-label": "Sources" });
    for (const [at, label] of sources.entries()) {
        const link = element("button", {
            class: "source-link",
            type: "button",
            text: label,
            title: `Open ${label}`,
        });
        link.addEventListener("click", () => actions.openSource(id, at));
        list.append(element("li", {}, link));
    }
    return list;
}

export function asSentence(text: string): string {
    return /[.?!]$/.test(text) ? text : `${text}.`;
}

function copyButton(text: string, actions: FootActions): HTMLButtonElement {
    const button = iconButton("copy", "Copy Answer", () => {
        actions.copy(text);
        confirmClick(button, "Copied");
    });
    return button;
}

function failure({ error, mend }: ChatTurn, { isLast, actions }: FootOptions): HTMLElement {
    const text = asSentence(error ?? "The answer failed");
    const box = element(
        "div",
        { class: "failure", role: "alert" },
        element("span", { class: "codicon codicon-warning", "aria-hidden": "true" }),
        element("p", { text }),
    );
    if (!isLast) return box;
    const buttons = element("div", { class: "buttons" });
    const retry = element("button", { class: "button", type: "button", text: "Try Again" });
    retry.addEventListener("click", () => actions.retry());
    buttons.append(retry);
    if (mend) {
        const button = element("button", {
            class: "button secondary",
            type: "button",
            text: mend.label,
        });
        button.addEventListener("click", () => actions.runCommand(mend.command));
        buttons.append(button);
    }
    box.append(buttons);
    return box;
}
