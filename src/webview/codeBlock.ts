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

/** Characters that a text in the page grows to before there is another one behind it. */
const MAX_TEXT_NODE = 2000;

export class CodeBlock {
    readonly element: HTMLElement;
    private readonly title = element("span", { class: "code-language" });
    private readonly body = element("code");
    private readonly terminal: HTMLButtonElement;
    private shown: { code: string; language: string } | undefined;
    /** It is shown without colours. */
    private isPlain = false;

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
        const before = this.shown;
        if (before?.code === code && before.language === language) return;
        this.shown = { code, language };
        this.title.textContent = language || "text";
        this.terminal.hidden = !isShell(language);
        const html = highlight(code, language);
        const goesOn = this.isPlain && before !== undefined && code.startsWith(before.code);
        this.isPlain = html === undefined;
        if (html !== undefined) this.body.replaceChildren(toElements(html));
        else if (goesOn) this.append(code.slice(before.code.length));
        else this.body.textContent = code;
    }

    /** Long code is not laid out anew for each word: what is there stays as it is. */
    private append(text: string): void {
        const { lastChild } = this.body;
        if (lastChild instanceof Text && lastChild.length < MAX_TEXT_NODE)
            lastChild.appendData(text);
        else this.body.append(text);
    }

    private get code(): string {
        return this.shown?.code ?? "";
    }

    private get language(): string {
        return this.shown?.language ?? "";
    }
}
