/** A block of code with its header: language, Copy, Insert, New File, for commands also the terminal. The header stays in place while the code under it grows. */

import { confirmClick, element, iconButton } from "./dom";
import { highlight } from "./highlight";
import { toElements } from "./sanitize";
import { isShell } from "./shell";

export interface CodeActions {
    copy(text: string): void;
    insert(text: string): void;
    apply(text: string, language: string): void;
    newFile(text: string, language: string): void;
    toTerminal(text: string): void;
}

export class CodeBlock {
    readonly element: HTMLElement;
    private readonly title = element("span", { class: "code-language" });
    private readonly body = element("code");
    private readonly terminal: HTMLButtonElement;
    private shown: { code: string; language: string } | undefined;

    constructor(actions: CodeActions) {
        const copy = iconButton("copy", "Copy", () => {
            actions.copy(this.code);
            confirmClick(copy, "Copied");
        });
        const insert = iconButton("insert", "Insert at Cursor", () => actions.insert(this.code));
        const apply = iconButton("diff-single", "Apply to File", () =>
            actions.apply(this.code, this.language),
        );
        const newFile = iconButton("new-file", "Open as New File", () =>
            actions.newFile(this.code, this.language),
        );
        this.terminal = iconButton("terminal", "Put Into the Terminal", () =>
            actions.toTerminal(this.code),
        );
        this.terminal.hidden = true;
        this.element = element(
            "div",
            { class: "code-block" },
            element(
                "div",
                { class: "code-header" },
                this.title,
                element(
                    "span",
                    { class: "code-actions" },
                    ...[copy, insert, apply, newFile, this.terminal],
                ),
            ),
            // Scrolls sideways, so it must be reachable by keyboard.
            element("pre", { tabindex: "0", role: "region", "aria-label": "Code" }, this.body),
        );
    }

    update(code: string, language: string): void {
        if (this.shown?.code === code && this.shown.language === language) return;
        this.shown = { code, language };
        this.title.textContent = language || "text";
        this.terminal.hidden = !isShell(language);
        const html = highlight(code, language);
        if (html === undefined) this.body.textContent = code;
        else this.body.replaceChildren(toElements(html));
    }

    private get code(): string {
        return this.shown?.code ?? "";
    }

    private get language(): string {
        return this.shown?.language ?? "";
    }
}
