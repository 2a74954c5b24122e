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
    private settled: Block[] = [];
    /** Where the first block that may still change begins. */
    private offset = 0;

    /** All blocks of `text`. Blocks that did not change are the same objects as before. */
    update(text: string): readonly Block[] {
        if (!text.startsWith(this.text)) {
            this.settled = [];
            this.offset = 0;
        }
        this.text = text;
        const tail = placeBlocks(text.slice(this.offset));
        // The last two may still grow together: `- a`, blank line, `- b` is one list.
        const open = tail.slice(-2);
        for (const { block } of tail.slice(0, -2)) this.settled.push(block);
        this.offset += open[0]?.start ?? 0;
        return [...this.settled, ...open.map(({ block }) => block)];
    }
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
