/** Where a question is written: context chips, a text area that grows to eight lines, Send or Stop. */

import type { ContextChip } from "../protocol/webview";
import { element, iconButton } from "./dom";

export interface ComposerActions {
    send(text: string): void;
    stop(): void;
    toggleChip(id: string): void;
    /** The last question, for Up in an empty input. */
    lastQuestion(): string | undefined;
    saveDraft(text: string): void;
    pickModel(): void;
}

const MAX_LINES = 8;

export class Composer {
    readonly element: HTMLFormElement;
    private readonly input: HTMLTextAreaElement;
    private readonly chips = element("div", {
        class: "chips",
        role: "group",
        "aria-label": "Context sent along",
    });
    private readonly sendButton: HTMLButtonElement;
    private readonly stopButton: HTMLButtonElement;
    private readonly model: HTMLButtonElement;
    private busy = false;

    constructor(private readonly actions: ComposerActions) {
        this.input = element("textarea", {
            rows: "1",
            placeholder: "Ask about code",
            "aria-label": "Ask about code. Enter sends, Shift+Enter breaks the line",
            spellcheck: "false",
        });
        this.sendButton = iconButton("send", "Send (Enter)", () => this.send());
        this.stopButton = iconButton("debug-stop", "Stop (Escape)", () => actions.stop());
        this.model = element("button", {
            class: "model",
            type: "button",
            title: "Select another model",
        });
        this.model.addEventListener("click", () => actions.pickModel());
        this.element = element(
            "form",
            { class: "composer" },
            this.chips,
            element(
                "div",
                { class: "input-box" },
                this.input,
                element(
                    "div",
                    { class: "input-bar" },
                    this.model,
                    this.sendButton,
                    this.stopButton,
                ),
            ),
        );
        this.element.addEventListener("submit", (event) => event.preventDefault());
        this.input.addEventListener("input", () => this.changed());
        this.input.addEventListener("keydown", (event) => this.onKey(event));
        new ResizeObserver(() => this.fit()).observe(this.element);
        this.setBusy(false);
    }

    get text(): string {
        return this.input.value;
    }

    set text(text: string) {
        this.input.value = text;
        this.changed();
    }

    focus(): void {
        this.input.focus();
    }

    setBusy(busy: boolean): void {
        const hadFocus = this.element.contains(document.activeElement);
        this.busy = busy;
        this.stopButton.hidden = !busy;
        this.sendButton.hidden = busy;
        this.sendButton.disabled = this.text.trim() === "";
        // A button that had focus is gone now; the input takes it.
        if (hadFocus && !this.element.contains(document.activeElement)) this.focus();
    }

    setModel(name: string): void {
        if (this.model.textContent === name) return;
        this.model.textContent = name;
        this.model.setAttribute("aria-label", `Model: ${name}. Select another model`);
    }

    setChips(chips: readonly ContextChip[]): void {
        const focused = (document.activeElement as HTMLElement | null)?.dataset["chip"];
        this.chips.hidden = chips.length === 0;
        this.chips.replaceChildren(...chips.map((chip) => this.chip(chip)));
        if (focused !== undefined)
            this.chips.querySelector<HTMLElement>(`[data-chip="${CSS.escape(focused)}"]`)?.focus();
    }

    private chip({ id, kind, label, tooltip, enabled }: ContextChip): HTMLButtonElement {
        const icon = !enabled ? "add" : kind === "file" ? "file" : "list-selection";
        const button = element(
            "button",
            {
                class: "chip",
                type: "button",
                "data-chip": id,
                "aria-pressed": String(enabled),
                "aria-label": `${label}, ${enabled ? "sent along" : "not sent along"}`,
                title: enabled
                    ? `${tooltip}\nSent along. Click to leave it out.`
                    : `${tooltip}\nNot sent along. Click to send it along.`,
            },
            element("span", { class: `codicon codicon-${icon}`, "aria-hidden": "true" }),
            element("span", { class: "chip-label", text: label }),
        );
        button.addEventListener("click", () => this.actions.toggleChip(id));
        return button;
    }

    private onKey(event: KeyboardEvent): void {
        // An input method confirms its word with Enter too.
        if (event.isComposing) return;
        if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            this.send();
        } else if (event.key === "ArrowUp" && this.text === "") {
            const last = this.actions.lastQuestion();
            if (last === undefined) return;
            event.preventDefault();
            this.text = last;
            this.input.setSelectionRange(last.length, last.length);
        }
    }

    private send(): void {
        const text = this.text.trim();
        if (this.busy || text === "") return;
        this.actions.send(text);
        this.text = "";
        this.focus();
    }

    private changed(): void {
        this.sendButton.disabled = this.text.trim() === "";
        this.actions.saveDraft(this.text);
        this.fit();
    }

    private fit(): void {
        const { input } = this;
        input.style.height = "auto";
        const style = getComputedStyle(input);
        const lineHeight = Number.parseFloat(style.lineHeight) || 18;
        const padding =
            Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
        const most = lineHeight * MAX_LINES + padding;
        input.style.height = `${Math.min(input.scrollHeight, most)}px`;
        input.style.overflowY = input.scrollHeight > most ? "auto" : "hidden";
    }
}
