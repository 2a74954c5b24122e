/** The fenced code in an answer. Pure. */

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

function toBlock(
    { language, lines }: { language: string; lines: readonly string[] },
    isClosed: boolean,
): CodeBlock {
    return { language, code: lines.join("\n"), isClosed };
}

function withoutIndent(line: string, indent: string): string {
    return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}
