/**
 * The list that opens behind `#` or `/` in the input, as a combobox: the focus stays in the text, arrows move in the list, Enter or Tab
 * takes, Escape closes.
 */

import type { Suggestion } from "../protocol/webview";
import { element } from "./dom";

export interface SuggestActions {
    /** What can follow; the newest answer counts. */
    find(trigger: "#" | "/", query: string): Promise<readonly Suggestion[]>;
    chosen(suggestion: Suggestion): void;
    /** Enter was pressed before it was known that nothing can follow. */
    entered(): void;
}

/** `#` at the beginning of a word; `/` only as the first character. */
const HASH = /(?:^|\s)#([^\s#]*)$/;
const SLASH = /^\/(\S*)$/;
const LIST_ID = "suggestions";
const CONTEXT_LABEL = "Context to send along";
const ICON: Record<Suggestion["kind"], string> = {
    file: "file",
    selection: "list-selection",
    symbol: "symbol-method",
    folder: "folder",
    problems: "warning",
    terminal: "terminal",
    changes: "git-commit",
    clipboard: "clippy",
    dropped: "file",
    codebase: "search",
    command: "terminal-cmd",
};

export function iconOf(kind: Suggestion["kind"]): string {
    return ICON[kind];
}

export class Suggest {
    readonly element = element("ul", {
        class: "popup",
        role: "listbox",
        id: LIST_ID,
        "aria-label": CONTEXT_LABEL,
    });
    private items: readonly Suggestion[] = [];
    private active = 0;
    /** The keys have chosen one: it stays chosen when the list changes under it. */
    private hasMoved = false;
    private asked = 0;
    /** The list for what is typed now is on its way, and the key that waits for it. */
    private isComing = false;
    private waiting: "Enter" | "Tab" | undefined;
    /** Where the trigger stands in the text, and where its word ended when it was last typed in: the cursor may have moved since. */
    private start = 0;
    private end = 0;

    constructor(
        private readonly input: HTMLTextAreaElement,
        private readonly actions: SuggestActions,
    ) {
        this.element.hidden = true;
        for (const [name, value] of [
            ["role", "combobox"],
            ["aria-autocomplete", "list"],
            ["aria-haspopup", "listbox"],
            ["aria-controls", LIST_ID],
            ["aria-expanded", "false"],
        ] as const)
            input.setAttribute(name, value);
        // The input keeps the focus.
        this.element.addEventListener("mousedown", (event) => event.preventDefault());
        input.addEventListener("blur", () => this.close());
    }

    get isOpen(): boolean {
        return !this.element.hidden;
    }

    /** To be called after the text or the cursor changed. */
    async look(): Promise<void> {
        const asked = ++this.asked;
        const before = this.input.value.slice(0, this.input.selectionStart);
        const hash = HASH.exec(before);
        const slash = SLASH.exec(before);
        const query = hash?.[1] ?? slash?.[1];
        if (query === undefined) return this.close();
        this.isComing = true;
        this.waiting = undefined;
        this.start = before.length - query.length - 1;
        this.end = before.length;
        const found = await this.actions.find(hash ? "#" : "/", query);
        if (asked !== this.asked) return;
        const { waiting } = this;
        this.isComing = false;
        this.waiting = undefined;
        this.show(found);
        if (waiting && this.isOpen) this.take(this.active);
        else if (waiting === "Enter") this.actions.entered();
    }

    /** True when the key was for the list. */
    onKey(event: KeyboardEvent): boolean {
        if (event.isComposing) return false;
        // An older list does not answer for what was typed since, except for the row that the keys have chosen.
        if (this.isComing && !this.hasMoved && this.waits(event)) return true;
        if (!this.isOpen) return false;
        switch (event.key) {
            case "ArrowDown":
                this.move(1);
                break;
            case "ArrowUp":
                this.move(-1);
                break;
            case "Enter":
            case "Tab":
                if (event.shiftKey) return false;
                this.take(this.active);
                break;
            case "Escape":
                this.close();
                break;
            default:
                return false;
        }
        event.preventDefault();
        event.stopPropagation();
        return true;
    }

    private waits(event: KeyboardEvent): boolean {
        const isTake = event.key === "Enter" || (event.key === "Tab" && this.isOpen);
        if (!isTake || event.shiftKey) return false;
        this.waiting = event.key === "Tab" ? "Tab" : "Enter";
        event.preventDefault();
        event.stopPropagation();
        return true;
    }

    close(): void {
        this.asked++;
        this.isComing = false;
        this.waiting = undefined;
        this.hasMoved = false;
        this.element.hidden = true;
        this.element.replaceChildren();
        this.input.setAttribute("aria-expanded", "false");
        this.input.removeAttribute("aria-activedescendant");
    }

    private show(items: readonly Suggestion[]): void {
        if (items.length === 0) return this.close();
        const chosen = this.hasMoved ? this.items[this.active]?.id : undefined;
        const again = items.findIndex(({ id }) => id === chosen);
        this.hasMoved = again >= 0;
        this.items = items;
        const isCommands = items.every(({ kind }) => kind === "command");
        this.element.setAttribute("aria-label", isCommands ? "Commands" : CONTEXT_LABEL);
        this.element.replaceChildren(...items.map((item, i) => this.row(item, i)));
        this.element.hidden = false;
        this.input.setAttribute("aria-expanded", "true");
        this.activate(Math.max(again, 0));
    }

    private row({ kind, label, detail }: Suggestion, i: number): HTMLElement {
        const row = element(
            "li",
            { class: "popup-row", role: "option", id: `${LIST_ID}-${i}`, "aria-selected": "false" },
            element("span", { class: `codicon codicon-${ICON[kind]}`, "aria-hidden": "true" }),
            element("span", { class: "popup-label", text: label }),
            element("span", { class: "popup-detail", text: detail ?? "" }),
        );
        row.title = detail ?? label;
        row.addEventListener("click", () => this.take(i));
        return row;
    }

    private move(step: number): void {
        this.hasMoved = true;
        this.activate((this.active + step + this.items.length) % this.items.length);
    }

    private activate(i: number): void {
        this.active = i;
        for (const [j, row] of [...this.element.children].entries()) {
            row.setAttribute("aria-selected", String(j === i));
            if (j !== i) continue;
            this.input.setAttribute("aria-activedescendant", row.id);
            row.scrollIntoView({ block: "nearest" });
        }
    }

    /** What was typed makes room for the suggestion's own text. */
    private take(i: number): void {
        const item = this.items[i];
        if (!item) return;
        const { input } = this;
        const insert = item.insert ? `${item.insert} ` : "";
        input.setRangeText(insert, this.start, this.end, "end");
        this.close();
        this.actions.chosen(item);
    }
}
