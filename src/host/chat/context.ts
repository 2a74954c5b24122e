/**
 * What the model is shown of an editor: a file or the selected lines as a fenced block with its path, bounded in size. What did
 * not fit is said, to the model in the block and to the person in its label. Pure: a document is only its lines.
 */

/** A vscode.TextDocument, or a list of lines in a test. */
export interface Lines {
    lineCount: number;
    lineAt(line: number): { text: string };
}

export interface Excerpt {
    /** Relative to the workspace folder. */
    path: string;
    languageId: string;
    lines: Lines;
    /** Zero-based, both included: the selected lines, or the cursor's line around which a large file is cut. */
    first: number;
    last: number;
}

export interface ContextBlock {
    /** For a person: `app.ts, lines 10-40 of 900`. */
    label: string;
    /** For the model: a sentence and a fenced block. */
    text: string;
    /** Where it stands in the workspace, for a link; zero-based lines, both included. */
    place?: { uri: string; first: number; last: number } | undefined;
}

const NOT_KEPT = "(no longer kept)";

export function charactersOf(blocks: readonly ContextBlock[]): number {
    return blocks.reduce((sum, { text }) => sum + text.length, 0);
}

/** What they were called, and that no more of them is there. */
export function withoutText(blocks: readonly ContextBlock[]): ContextBlock[] {
    return blocks.map((block) =>
        block.text === "" ? block : { ...block, label: `${block.label} ${NOT_KEPT}`, text: "" },
    );
}

const MAX_LINE_CHARACTERS = 1000;

/**
 * Characters of context one question may carry: half of the model's context at three characters a token (code), at most 12,000,
 * because a processor reads a few hundred tokens a second and somebody waits.
 */
export function contextCharacters(contextTokens: number): number {
    return Math.min(12_000, Math.max(600, Math.floor(contextTokens * 1.5)));
}

/** The whole file when it fits, else the lines around the cursor. */
export function fileBlock(excerpt: Excerpt, maxCharacters: number): ContextBlock {
    const { lines } = excerpt;
    const cursor = clampLine(lines, excerpt.first);
    const window = windowAround(lines, { first: cursor, last: cursor }, maxCharacters);
    return block(excerpt, window, "File");
}

/** The selected lines; from their beginning when they are too many. */
export function selectionBlock(excerpt: Excerpt, maxCharacters: number): ContextBlock {
    return beginningBlock(excerpt, maxCharacters, { title: "Selected in", cut: "selected" });
}

/** Lines that a search has found. */
export function foundBlock(excerpt: Excerpt, maxCharacters: number): ContextBlock {
    return beginningBlock(excerpt, maxCharacters, { title: "From", cut: "goes on" });
}

function beginningBlock(
    excerpt: Excerpt,
    maxCharacters: number,
    words: { title: string; cut: string },
): ContextBlock {
    const first = clampLine(excerpt.lines, excerpt.first);
    const end = clampLine(excerpt.lines, excerpt.last);
    let last = first;
    let used = lengthOf(excerpt.lines, first);
    while (last < end && used + lengthOf(excerpt.lines, last + 1) <= maxCharacters)
        used += lengthOf(excerpt.lines, ++last);
    const cut = last < end ? `, ${words.cut} to line ${end + 1}` : "";
    return block(excerpt, { first, last }, words.title, cut);
}

export interface Passage {
    /** For a person: `problems`. */
    label: string;
    /** For the model, in front of the text: `Problems found by the editor`. */
    title: string;
    text: string;
    languageId?: string | undefined;
    /** What is kept of a text that is too long. */
    keep: "beginning" | "end";
}

/** Any other text, in whole lines. */
export function passageBlock(passage: Passage, maxCharacters: number): ContextBlock {
    const { label, title, keep, languageId = "" } = passage;
    const all = passage.text.replace(/\s+$/, "").split("\n").map(shortened);
    const order = keep === "beginning" ? all : [...all].reverse();
    let used = 0;
    const fits = order.findIndex((line, i) => (used += line.length + 1) > maxCharacters && i > 0);
    const part = fits < 0 ? order : order.slice(0, fits);
    const text = (keep === "beginning" ? part : part.reverse()).join("\n");
    const cut = part.length < all.length ? `, ${keep}, ${part.length} of ${all.length} lines` : "";
    const fence = fenceFor(text);
    return {
        label: `${label}${cut}`,
        text: `${title}${cut}:\n${fence}${languageId}\n${text}\n${fence}`,
    };
}

/** `lines 10-40`, `line 10` (one-based from zero-based). */
export function lineRange(first: number, last: number): string {
    return first === last ? `line ${first + 1}` : `lines ${first + 1}-${last + 1}`;
}

/** A run of backticks longer than any in the text, three at least: the text cannot end the block. */
export function fenceFor(text: string): string {
    const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
    return "`".repeat(Math.max(3, longest + 1));
}

interface Window {
    first: number;
    last: number;
}

/** Grows in both directions, a line at a time, as long as it fits. */
function windowAround(lines: Lines, { first, last }: Window, maxCharacters: number): Window {
    let used = lengthOf(lines, first);
    let up = true;
    let down = true;
    while (up || down) {
        up = up && first > 0 && used + lengthOf(lines, first - 1) <= maxCharacters;
        if (up) used += lengthOf(lines, --first);
        down =
            down && last < lines.lineCount - 1 && used + lengthOf(lines, last + 1) <= maxCharacters;
        if (down) used += lengthOf(lines, ++last);
    }
    return { first, last };
}

function block(excerpt: Excerpt, { first, last }: Window, title: string, cut = ""): ContextBlock {
    const { path, languageId, lines } = excerpt;
    const code: string[] = [];
    for (let line = first; line <= last; line++) code.push(shortened(lines.lineAt(line).text));
    const text = code.join("\n");
    const isWhole = title === "File" && first === 0 && last === lines.lineCount - 1;
    const range = isWhole ? "" : `, ${lineRange(first, last)} of ${lines.lineCount}${cut}`;
    const fence = fenceFor(text);
    const name = path.split("/").at(-1) ?? path;
    return {
        label: `${name}${range}`,
        text: `${title} ${path}${range}:\n${fence}${languageId}\n${text}\n${fence}`,
    };
}

function lengthOf(lines: Lines, line: number): number {
    return shortened(lines.lineAt(line).text).length + 1;
}

function shortened(text: string): string {
    if (text.length <= MAX_LINE_CHARACTERS) return text;
    return `${text.slice(0, MAX_LINE_CHARACTERS)} ... (${text.length - MAX_LINE_CHARACTERS} more characters)`;
}

function clampLine(lines: Lines, line: number): number {
    return Math.min(Math.max(0, line), Math.max(0, lines.lineCount - 1));
}
