/** The conversation on the page: one article per turn, updated in place. */

import { never } from "../base/errors";
import type { ChatTurn } from "../protocol/webview";
import { Answer } from "./answer";
import type { CodeActions } from "./codeBlock";
import { confirmClick, element, iconButton } from "./dom";

export interface TurnActions extends CodeActions {
    retry(): void;
    runCommand(command: string): void;
}

interface Shown {
    element: HTMLElement;
    answer?: Answer;
    foot?: HTMLElement;
    turn: ChatTurn;
}

export class Turns {
    /** Turns by id, in the order of the page. */
    private readonly shown = new Map<string, Shown>();

    constructor(
        private readonly list: HTMLElement,
        private readonly actions: TurnActions,
    ) {}

    update(turns: readonly ChatTurn[], modelName: string): void {
        const ids = new Set(turns.map((turn) => turn.id));
        for (const [id, shown] of this.shown) {
            if (ids.has(id)) continue;
            shown.element.remove();
            this.shown.delete(id);
        }
        turns.forEach((turn, i) => this.show(turn, i === turns.length - 1, modelName));
    }

    append(id: string, text: string): void {
        const shown = this.shown.get(id);
        if (!shown?.answer || shown.turn.state !== "streaming") return;
        shown.turn.text += text;
        shown.answer.update(shown.turn.text);
    }

    private show(turn: ChatTurn, isLast: boolean, modelName: string): void {
        const shown = this.shown.get(turn.id) ?? this.create(turn, modelName);
        // A question's context shrinks when it turns out too long for the model.
        if (turn.role === "user" && String(turn.context) !== String(shown.turn.context))
            shown.element.replaceChildren(...questionParts(turn));
        shown.turn = { ...turn };
        shown.element.dataset["state"] = turn.state;
        shown.answer?.update(turn.text);
        shown.foot?.replaceChildren(...this.foot(shown, isLast));
    }

    private create(turn: ChatTurn, modelName: string): Shown {
        const made =
            turn.role === "user" ? createQuestion(turn) : this.createAnswer(turn, modelName);
        this.list.append(made.element);
        this.shown.set(turn.id, made);
        return made;
    }

    private createAnswer(turn: ChatTurn, modelName: string): Shown {
        const answer = new Answer(this.actions);
        const foot = element("div", { class: "turn-foot" });
        const article = element(
            "article",
            { class: "turn answer", "aria-label": `Answer of ${modelName}` },
            answer.element,
            foot,
        );
        return { element: article, answer, foot, turn };
    }

    private foot(shown: Shown, isLast: boolean): HTMLElement[] {
        const { turn } = shown;
        const parts: HTMLElement[] = [];
        switch (turn.state) {
            case "streaming":
                return [];
            case "failed":
                parts.push(this.failure(turn, isLast));
                break;
            case "stopped":
                parts.push(element("p", { class: "note", text: "Stopped." }));
                break;
            case "done":
                if (turn.note) parts.push(element("p", { class: "note", text: turn.note }));
                break;
            default:
                never(turn.state);
        }
        const bar = element("div", { class: "turn-actions" });
        if (turn.text !== "") bar.append(this.copyButton(turn.text));
        if (isLast && turn.state !== "failed")
            bar.append(iconButton("refresh", "Ask Again", () => this.actions.retry()));
        if (bar.childElementCount > 0) parts.push(bar);
        return parts;
    }

    private copyButton(text: string): HTMLButtonElement {
        const button = iconButton("copy", "Copy Answer", () => {
            this.actions.copy(text);
            confirmClick(button, "Copied");
        });
        return button;
    }

    private failure({ error, mend }: ChatTurn, isLast: boolean): HTMLElement {
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
        retry.addEventListener("click", () => this.actions.retry());
        buttons.append(retry);
        if (mend) {
            const button = element("button", {
                class: "button secondary",
                type: "button",
                text: mend.label,
            });
            button.addEventListener("click", () => this.actions.runCommand(mend.command));
            buttons.append(button);
        }
        box.append(buttons);
        return box;
    }
}

function createQuestion(turn: ChatTurn): Shown {
    const attributes = { class: "turn question", "aria-label": "You" };
    return { element: element("article", attributes, ...questionParts(turn)), turn };
}

function questionParts({ text, context = [] }: ChatTurn): HTMLElement[] {
    const parts: HTMLElement[] = [element("div", { class: "question-text", text })];
    if (context.length > 0) {
        const list = element("ul", { class: "sent-context", "aria-label": "Sent along" });
        for (const label of context) list.append(element("li", { text: label, title: label }));
        parts.push(list);
    }
    return parts;
}

export function asSentence(text: string): string {
    return /[.?!]$/.test(text) ? text : `${text}.`;
}
