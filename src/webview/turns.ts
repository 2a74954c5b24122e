/** The conversation on the page: one article per turn, updated in place; what did not change is not touched. */

import type { ChatTurn } from "../protocol/webview";
import { Answer } from "./answer";
import type { CodeActions } from "./codeBlock";
import { element, iconButton } from "./dom";
import { answerFoot } from "./foot";
import { questionEditor } from "./questionEditor";
import { versionSwitch } from "./versions";

export interface TurnActions extends CodeActions {
    retry(): void;
    /** False: it was not asked. */
    edit(id: string, text: string): Promise<boolean>;
    selectVersion(id: string, step: -1 | 1): void;
    runCommand(command: string): void;
    openSource(id: string, at: number): void;
    /** A question is no longer edited: where the focus goes. */
    focusInput(): void;
}

interface Shown {
    element: HTMLElement;
    answer?: Answer;
    foot?: HTMLElement;
    turn: ChatTurn;
    /** What its changing parts were made of. */
    key?: string;
}

export class Turns {
    /** Turns by id. */
    private readonly shown = new Map<string, Shown>();
    /** Questions that are written anew, by id: what was written stays, also while another branch or conversation is shown. */
    private readonly editors = new Map<string, HTMLFormElement>();
    private isBusy = false;

    constructor(
        private readonly list: HTMLElement,
        private readonly actions: TurnActions,
    ) {}

    update(
        turns: readonly ChatTurn[],
        { modelName, isBusy }: { modelName: string; isBusy: boolean },
    ): void {
        this.isBusy = isBusy;
        const ids = new Set(turns.map((turn) => turn.id));
        for (const [id, shown] of this.shown) {
            if (ids.has(id)) continue;
            shown.element.remove();
            this.shown.delete(id);
        }
        let before: HTMLElement | undefined;
        for (const [i, turn] of turns.entries()) {
            const shown = this.shown.get(turn.id) ?? this.create(turn, modelName);
            // Earlier turns come in front of those that are there.
            const isInPlace = before
                ? before.nextElementSibling === shown.element
                : shown.element.parentElement === this.list;
            if (!isInPlace) this.place(shown.element, before);
            this.show(shown, turn, i === turns.length - 1);
            before = shown.element;
        }
        this.allowSending();
    }

    append(id: string, text: string): void {
        const shown = this.shown.get(id);
        if (!shown?.answer || shown.turn.state !== "streaming") return;
        shown.turn.text += text;
        shown.answer.update(shown.turn.text, false);
    }

    /** What a screen reader is told of an answer that is complete. */
    textOf(id: string): string {
        return this.shown.get(id)?.element.querySelector(".markdown")?.textContent ?? "";
    }

    /** Opens the last question for writing it anew. False when there is none. */
    editLast(): boolean {
        const last = [...this.shown.values()].findLast(({ turn }) => turn.role === "user");
        if (!last || this.isBusy) return false;
        this.edit(last);
        return true;
    }

    private place(made: HTMLElement, before: HTMLElement | undefined): void {
        if (before) before.after(made);
        else {
            const first = this.list.querySelector(":scope > .turn");
            if (first && first !== made) first.before(made);
            else this.list.append(made);
        }
    }

    private create(turn: ChatTurn, modelName: string): Shown {
        const made =
            turn.role === "user" ? createQuestion(turn) : this.createAnswer(turn, modelName);
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

    private show(shown: Shown, turn: ChatTurn, isLast: boolean): void {
        shown.turn = { ...turn };
        shown.element.dataset["state"] = turn.state;
        shown.answer?.update(turn.text, turn.state !== "streaming");
        const { text, ...rest } = turn;
        const key = JSON.stringify([
            rest,
            text.length,
            isLast,
            this.isBusy,
            this.editors.has(turn.id),
        ]);
        // A button that has the focus keeps it.
        if (key === shown.key) return;
        shown.key = key;
        const { actions } = this;
        const { foot } = shown;
        if (foot)
            foot.replaceChildren(...answerFoot(turn, { isLast, isBusy: this.isBusy, actions }));
        else this.showQuestion(shown);
    }

    /** An editor that is there is not touched: it has the focus and what was written. */
    private showQuestion(shown: Shown): void {
        const editor = this.editors.get(shown.turn.id);
        if (!editor) shown.element.replaceChildren(...this.questionParts(shown));
        else if (editor.parentElement !== shown.element) shown.element.replaceChildren(editor);
    }

    private questionParts(shown: Shown): HTMLElement[] {
        const { text, context = [], id } = shown.turn;
        const parts: HTMLElement[] = [element("div", { class: "question-text", text })];
        if (context.length > 0) {
            const list = element("ul", { class: "sent-context", "aria-label": "Sent along" });
            for (const label of context) list.append(element("li", { text: label, title: label }));
            parts.push(list);
        }
        const bar = element("div", { class: "turn-actions" });
        const edit = iconButton("edit", "Edit Question", () => this.edit(shown));
        edit.disabled = this.isBusy;
        bar.append(
            edit,
            ...versionSwitch(shown.turn, this.isBusy, (step) =>
                this.actions.selectVersion(id, step),
            ),
        );
        parts.push(bar);
        return parts;
    }

    /** A question that is edited stays so while an answer is written, and is sent after it. */
    private allowSending(): void {
        for (const editor of this.editors.values()) {
            const send = editor.querySelector<HTMLButtonElement>("[type=submit]");
            if (send) send.disabled = this.isBusy;
        }
    }

    private edit(shown: Shown, text = shown.turn.text): void {
        const { id, text: asked } = shown.turn;
        const close = () => {
            this.editors.delete(id);
            const shown = this.shown.get(id);
            if (shown) this.showQuestion(shown);
            this.actions.focusInput();
        };
        const editor =
            this.editors.get(id) ??
            questionEditor(text, {
                send: (changed) => {
                    if (this.isBusy) return;
                    close();
                    if (changed.trim() === asked) return;
                    void this.actions.edit(id, changed).then((isAsked) => {
                        // What was written is not lost.
                        const shown = this.shown.get(id);
                        if (!isAsked && shown && !this.editors.has(id)) this.edit(shown, changed);
                    });
                },
                cancel: close,
            });
        this.editors.set(id, editor);
        this.showQuestion(shown);
        this.allowSending();
        const input = editor.querySelector("textarea");
        input?.focus();
        input?.setSelectionRange(input.value.length, input.value.length);
    }
}

function createQuestion(turn: ChatTurn): Shown {
    return { element: element("article", { class: "turn question", "aria-label": "You" }), turn };
}
