/** What is in an answer besides its words: fenced code, and the reasoning that some models write first. Pure. */

export interface CodeBlock {
    /** What stands behind the opening fence, lower case; empty: nothing. */
    language: string;
    code: string;
    /** Whether the block was ended. */
    isClosed: boolean;
}

/** The fenced blocks of a markdown text, in order. A block that the answer broke off in counts, as open. */
export function codeBlocks(markdown: string): CodeBlock[] {
    const blocks: CodeBlock[] = [];
    let fence: { mark: string; indent: string; language: string; lines: string[] } | undefined;
    for (const line of markdown.split(/\r\n?|\n/)) {
        if (fence) {
            const end = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line.slice(fence.indent.length))?.[1];
            if (end?.startsWith(fence.mark)) {
                blocks.push(toBlock(fence, true));
                fence = undefined;
            } else fence.lines.push(withoutIndent(line, fence.indent));
            continue;
        }
        const start = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$/.exec(line);
        if (start)
            fence = {
                indent: start[1] ?? "",
                mark: start[2] ?? "```",
                language: (start[3] ?? "").toLowerCase(),
                lines: [],
            };
    }
    if (fence && fence.lines.length > 0) blocks.push(toBlock(fence, false));
    return blocks;
}

/** The block that a `code` answer is about: the longest, because small models put a call or a command into one of its own. */
export function answeredCode(markdown: string): CodeBlock | undefined {
    const filled = codeBlocks(markdown).filter(({ code }) => code.trim() !== "");
    return filled.sort((a, b) => b.code.length - a.code.length)[0];
}

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * Takes the reasoning out of an answer that arrives in pieces. A tag may be cut anywhere: what could be the beginning of one waits
 * for the next piece.
 */
export class WithoutReasoning {
    private held = "";
    private isInside = false;
    private hasText = false;

    get isReasoning(): boolean {
        return this.isInside;
    }

    /** The part of the answer that can be shown now. */
    add(piece: string): string {
        this.held += piece;
        let shown = "";
        for (;;) {
            const tag = this.isInside ? CLOSE : OPEN;
            const at = this.held.indexOf(tag);
            if (at < 0) break;
            if (!this.isInside) shown += this.held.slice(0, at);
            this.held = this.held.slice(at + tag.length);
            this.isInside = !this.isInside;
        }
        const nKept = tailThatMayBegin(this.held, this.isInside ? CLOSE : OPEN);
        const ready = this.held.slice(0, this.held.length - nKept);
        this.held = this.held.slice(this.held.length - nKept);
        return this.show(shown + (this.isInside ? "" : ready));
    }

    /** What waited for a tag that did not come. */
    end(): string {
        const rest = this.isInside ? "" : this.held;
        this.held = "";
        return this.show(rest);
    }

    /** Nothing but white space stands before the first word. */
    private show(text: string): string {
        const shown = this.hasText ? text : text.trimStart();
        this.hasText ||= shown !== "";
        return shown;
    }
}

function tailThatMayBegin(text: string, tag: string): number {
    for (let n = Math.min(tag.length - 1, text.length); n > 0; n--)
        if (tag.startsWith(text.slice(-n))) return n;
    return 0;
}

function toBlock(
    { language, lines }: { language: string; lines: readonly string[] },
    isClosed: boolean,
): CodeBlock {
    return { language, code: lines.join("\n"), isClosed };
}

function withoutIndent(line: string, indent: string): string {
    return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}
