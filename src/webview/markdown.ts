/**
 * Markdown of a model to blocks of HTML text. INVARIANT: raw HTML is shown as text, only http and https become links, images are
 * never fetched. `sanitize.ts` checks the result again; this file needs no DOM.
 */

import MarkdownIt from "markdown-it";

export type Block =
    | { kind: "code"; language: string; code: string }
    /** Any other top-level block, as source; `render` makes HTML of it. */
    | { kind: "text"; source: string };

const MAX_NESTING = 30;

const markdown = new MarkdownIt({ html: false, linkify: false, breaks: false });
// Blocks are rendered one by one: a definition would be gone, and not be known where it is used.
markdown.disable(["image", "reference"]);
// Deeper quotations and lists are shown as text; thousands of levels would exhaust the stack.
markdown.set({ maxNesting: MAX_NESTING });
markdown.validateLink = isWebAddress;
for (const rule of ["th_open", "td_open"] as const) {
    // Alignment comes as a style attribute, which the page's policy refuses.
    markdown.renderer.rules[rule] = (tokens, i, options, _env, self) => {
        const token = tokens[i];
        const align = /text-align:(left|center|right)/.exec(`${token?.attrGet("style")}`)?.[1];
        if (token && align) token.attrs = [["align", align]];
        return self.renderToken(tokens, i, options);
    };
}

export function isWebAddress(href: string): boolean {
    return /^https?:\/\/[^\s]+$/i.test(href.trim());
}

/** HTML of one text block. */
export function render(source: string): string {
    return markdown.render(source);
}

/** Splits into top-level blocks. A code fence that is not closed yet is a code block. */
export function splitBlocks(text: string): Block[] {
    return placeBlocks(text).map(({ block }) => block);
}

/** The same text again and again, each time a little longer: only its last blocks are parsed anew. */
export class BlockStream {
    private text = "";
    private blocks: readonly Block[] = [];
    private settled: Block[] = [];
    /** Where the first block that may still change begins. */
    private offset = 0;
    /** The last block while it is code that is not closed. */
    private code: OpenCode | undefined;

    /** All blocks of `text`. Blocks that did not change are the same objects as before. */
    update(text: string): readonly Block[] {
        const grown = text.startsWith(this.text)
            ? this.code?.grown(text, this.text.length)
            : undefined;
        if (grown) {
            this.text = text;
            return (this.blocks = [...this.blocks.slice(0, -1), grown]);
        }
        if (!text.startsWith(this.text)) {
            this.settled = [];
            this.offset = 0;
        }
        this.text = text;
        const tail = placeBlocks(text.slice(this.offset));
        // The last two may still grow together: `- a`, blank line, `- b` is one list.
        const open = tail.slice(-2);
        for (const { block } of tail.slice(0, -2)) this.settled.push(block);
        const last = open.at(-1);
        this.code = last && openCode(last.block, text, this.offset + last.start);
        this.offset += open[0]?.start ?? 0;
        return (this.blocks = [...this.settled, ...open.map(({ block }) => block)]);
    }
}

/** A block of code that is not closed, in a text that grows: it is parsed anew only when it may have ended. */
class OpenCode {
    constructor(
        private readonly language: string,
        /** Where its first line begins. */
        private readonly start: number,
        private readonly end: RegExp,
    ) {}

    /** `nKnown`: so many characters of the text were looked at. Undefined: it may be closed. */
    grown(text: string, nKnown: number): Block | undefined {
        const lineStart = text.lastIndexOf("\n", nKnown - 1) + 1;
        const added = text.slice(Math.max(this.start, lineStart));
        if (this.end.test(added) || /[\r\0]/.test(added)) return undefined;
        return { kind: "code", language: this.language, code: codeFrom(text, this.start) };
    }
}

/** As markdown-it reads it: a last line of which only spaces are there yet does not count. */
function codeFrom(text: string, start: number): string {
    const last = Math.max(start, text.lastIndexOf("\n") + 1);
    return text.slice(start, text.slice(last).trim() === "" ? last : undefined);
}

/** `at`: where the block begins. */
function openCode(block: Block, text: string, at: number): OpenCode | undefined {
    const fence = /^(`{3,}|~{3,}).*\n/.exec(text.slice(at, text.indexOf("\n", at) + 1));
    if (block.kind !== "code" || fence?.[1] === undefined) return undefined;
    const start = at + fence[0].length;
    const marker = `${fence[1].charAt(0)}{${fence[1].length},}`;
    const end = new RegExp(`^ {0,3}${marker}[ \\t]*$`, "m");
    const isOpen = !end.test(text.slice(start)) && block.code === codeFrom(text, start);
    return isOpen ? new OpenCode(block.language, start, end) : undefined;
}

interface PlacedBlock {
    block: Block;
    /** Offset in the text given. */
    start: number;
}

/** Top-level blocks with their offsets: markdown-it says from which line to which each one goes. */
function placeBlocks(text: string): PlacedBlock[] {
    const starts = lineStarts(text);
    const at = (line: number) => starts[line] ?? text.length;
    const blocks: PlacedBlock[] = [];
    const tokens = markdown.parse(text, {}).filter((token) => token.level === 0 && token.map);
    for (const token of tokens) {
        if (token.nesting < 0 || !token.map) continue;
        const [first, last] = token.map;
        const start = at(first);
        const isCode = token.type === "fence" || token.type === "code_block";
        const block: Block = isCode
            ? { kind: "code", language: languageOf(token.info), code: token.content }
            : { kind: "text", source: text.slice(start, at(last)) };
        blocks.push({ block, start });
    }
    return blocks;
}

/** `ts title="x"` -> `ts`. */
export function languageOf(info: string): string {
    return /^[\w+#.-]+/.exec(info.trim())?.[0]?.toLowerCase() ?? "";
}

/** As markdown-it counts lines: a lone carriage return ends one too. */
function lineStarts(text: string): number[] {
    const ends = [...text.matchAll(/\r\n?|\n/g)].map(({ index, 0: end }) => index + end.length);
    return [0, ...ends];
}
