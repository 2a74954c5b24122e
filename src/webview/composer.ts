/** Where a question is written: context chips, a text area that grows to eight lines and completes `#` and `/`, Send or Stop. */

import type { ContextChip, Suggestion, TokenUsage } from "../protocol/webview";
import { chipElement, type ChipActions } from "./chip";
import { element, iconButton } from "./dom";
import { acceptDrops, type DropActions } from "./drop";
import { Meter } from "./meter";
import { Suggest, type SuggestActions } from "./suggest";

export interface ComposerActions extends ChipActions, DropActions {
    send(text: string): void;
    stop(): void;
    /** Up in an empty input. */
    editLast(): boolean;
    /** Keeps it for the next page, and tells it to whoever reads ahead. */
    saveDraft(text: string): void;
    pickModel(): void;
    suggest: SuggestActions["find"];
    choose(suggestion: Suggestion): void;
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
    private readonly suggest: Suggest;
    private readonly meter = new Meter();
    private busy = false;

    constructor(private readonly actions: ComposerActions) {
        this.input = element("textarea", {
            rows: "1",
            placeholder: "Ask about code, # adds context, / is a command",
            "aria-label":
                "Ask about code. Enter sends, Shift+Enter breaks the line, # adds context, / at the beginning is a command",
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
        this.suggest = new Suggest(this.input, {
            find: (trigger, query) => actions.suggest(trigger, query),
            chosen: (suggestion) => {
                actions.choose(suggestion);
                this.changed();
            },
            entered: () => this.send(),
        });
        const add = iconButton("attach", "Add Context (#)", () => this.typeHash());
        this.element = element(
            "form",
            { class: "composer" },
            this.chips,
            element(
                "div",
                { class: "input-box" },
                this.suggest.element,
                this.input,
                element(
                    "div",
                    { class: "input-bar" },
                    add,
                    this.model,
                    this.meter.element,
                    this.sendButton,
                    this.stopButton,
                ),
            ),
        );
        this.element.addEventListener("submit", (event) => event.preventDefault());
        this.input.addEventListener("input", () => {
            this.changed();
            void this.suggest.look();
        });
        acceptDrops(document.body, actions);
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
        this.chips.replaceChildren(...chips.map((chip) => chipElement(chip, this.actions)));
        if (focused === undefined) return;
        const again = this.chips.querySelector<HTMLElement>(`[data-chip="${CSS.escape(focused)}"]`);
        // One that was removed leaves the focus to the input.
        if (again) again.focus();
        else this.focus();
    }

    setUsage(usage: TokenUsage | undefined): void {
        this.meter.update(usage);
    }

    /** Opens the list of context as if `#` had been typed. */
    private typeHash(): void {
        const { input } = this;
        input.focus();
        const before = input.value.slice(0, input.selectionStart);
        input.setRangeText(
            before === "" || /\s$/.test(before) ? "#" : " #",
            input.selectionStart,
            input.selectionEnd,
            "end",
        );
        this.changed();
        void this.suggest.look();
    }

    private onKey(event: KeyboardEvent): void {
        // An input method confirms its word with Enter too.
        if (event.isComposing || this.suggest.onKey(event)) return;
        if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            this.send();
        } else if (event.key === "ArrowUp" && this.text === "" && this.actions.editLast()) {
            event.preventDefault();
        }
    }

    private send(): void {
        const text = this.text.trim();
        if (this.busy || text === "") return;
        this.suggest.close();
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
