/** A text that grows, as elements: only the blocks at its end that changed are rendered again. */

import { splitReasoning } from "../base/reasoning";
import { CodeBlock, type CodeActions } from "./codeBlock";
import { element } from "./dom";
import { BlockStream, languageOf, render, type Block } from "./markdown";
import { ReasoningFold } from "./reasoning";
import { toElements } from "./sanitize";

interface Shown {
    block: Block;
    element: HTMLElement;
    code?: CodeBlock;
}

/** What stands on lines of its own, and can be at the end of an answer. */
const BLOCKS =
    ".block, .code-block, .table, p, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, pre, pre > code, table, thead, tbody, tr, th, td";
const WRITTEN_LAST = "written-last";

export class Answer {
    private readonly body = element("div", { class: "markdown" });
    private readonly fold = new ReasoningFold();
    readonly element = element("div", {}, this.fold.element, this.body);
    private readonly stream = new BlockStream();
    private readonly shown: Shown[] = [];
    private text: string | undefined;
    private last: Element | undefined;

    constructor(private readonly actions: CodeActions) {}

    /** `isDone`: nothing more comes, so reasoning that was not ended is at its end too. */
    update(given: string, isDone: boolean): void {
        const { reasoning, answer: text, isOpen } = splitReasoning(given);
        this.fold.update(reasoning, isOpen && !isDone);
        if (text === this.text) return;
        this.text = text;
        const blocks = this.stream.update(text);
        blocks.forEach((block, i) => this.show(block, i));
        for (const gone of this.shown.splice(blocks.length)) gone.element.remove();
        this.markLast();
    }

    /** Where the next word comes: at the end of the last line, however deep that is. */
    private markLast(): void {
        let last: Element = this.body;
        for (
            let next = last.lastElementChild;
            next?.matches(BLOCKS) === true;
            next = last.lastElementChild
        )
            last = next;
        if (last === this.last) return;
        this.last?.classList.remove(WRITTEN_LAST);
        this.last = last === this.body ? undefined : last;
        this.last?.classList.add(WRITTEN_LAST);
    }

    private show(block: Block, i: number): void {
        const present = this.shown[i];
        if (present && isSame(present.block, block)) return;
        if (present?.code && block.kind === "code") {
            present.code.update(block.code, block.language);
            present.block = block;
            return;
        }
        const next = this.make(block);
        if (present) present.element.replaceWith(next.element);
        else this.body.append(next.element);
        this.shown[i] = next;
    }

    private make(block: Block): Shown {
        if (block.kind === "code") {
            const code = new CodeBlock(this.actions);
            code.update(block.code, block.language);
            return { block, element: code.element, code };
        }
        const made = element("div", { class: "block" }, toElements(render(block.source)));
        this.furnish(made);
        return { block, element: made };
    }

    /** Code inside a list or a quotation gets its header too; tables scroll by themselves. */
    private furnish(made: HTMLElement): void {
        for (const pre of made.querySelectorAll("pre")) {
            const name = /language-(\S+)/.exec(pre.querySelector("code")?.className ?? "")?.[1];
            const code = new CodeBlock(this.actions);
            code.update(pre.textContent, languageOf(name ?? ""));
            pre.replaceWith(code.element);
        }
        for (const table of made.querySelectorAll("table")) {
            const frame = element("div", { class: "table", tabindex: "0", role: "region" });
            frame.setAttribute("aria-label", "Table");
            table.replaceWith(frame);
            frame.append(table);
        }
    }
}

function isSame(a: Block, b: Block): boolean {
    if (a.kind === "code")
        return b.kind === "code" && a.code === b.code && a.language === b.language;
    return b.kind === "text" && a.source === b.source;
}
