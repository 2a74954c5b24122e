/**
 * Whole symbols out of lines of code, by indentation: the block that a line begins, its header when the block is long, the members of
 * a class, the outline of a file. Works the same for every language whose authors indent. Pure.
 */

import { indentWidth, isBlank } from "../prompt/lines";

export interface LineRange {
    /** Zero-based, both included. */
    first: number;
    last: number;
}

const MAX_HEADER_LINES = 8;
/** What may stand on a line that only ends a block. */
const CLOSER = /^\s*(?:[)\]}]+[;,)]*|end|fi|done|esac)\s*$/;
const CONTAINER =
    /\b(?:class|interface|struct|enum|trait|impl|namespace|module|object|record|union|protocol)\b/;
const DECORATION = /^\s*(?:@|#\[|\[\w|\/\*\*|\/\/\/|\*)/;

/** The lines of the symbol that begins on a line, to the line that closes it. */
export function blockAt(lines: readonly string[], first: number): LineRange {
    const indent = indentWidth(lines[first] ?? "");
    let last = first;
    for (let at = first + 1; at < lines.length; at++) {
        const text = lines[at] ?? "";
        if (isBlank(text)) continue;
        const own = indentWidth(text);
        if (own > indent) last = at;
        else if (own === indent && CLOSER.test(text)) return { first, last: at };
        // A closer that something follows: `} else {`, `): number {`.
        else if (own === indent && /^\s*[)\]}]/.test(text)) last = at;
        else break;
    }
    return { first, last };
}

/** With the decorators and the comment just above it, when they are short. */
export function withDecoration(lines: readonly string[], { first, last }: LineRange): LineRange {
    let from = first;
    while (first - from < MAX_HEADER_LINES && DECORATION.test(lines[from - 1] ?? "")) from--;
    return { first: from, last };
}

/** The line that begins the class or other container around a line, when there is one. */
export function containerOf(lines: readonly string[], line: number): number | undefined {
    let indent = indentWidth(lines[line] ?? "");
    for (let at = line - 1; at >= 0 && indent > 0; at--) {
        const text = lines[at] ?? "";
        if (isBlank(text) || indentWidth(text) >= indent) continue;
        indent = indentWidth(text);
        if (CONTAINER.test(text)) return at;
    }
    return undefined;
}

/**
 * A symbol as text, at most so many characters: all of it, else a container's members without their bodies, else only its header.
 * Undefined when even that does not fit.
 */
export function symbolText(
    lines: readonly string[],
    range: LineRange,
    maxCharacters: number,
): string | undefined {
    const whole = textOf(lines, range);
    if (whole.length <= maxCharacters) return whole;
    const header = lines.slice(range.first, headerEnd(lines, range) + 1).join("\n");
    if (CONTAINER.test(header)) {
        const members = outline(lines, range, 1);
        if (members.length <= maxCharacters) return members;
    }
    const short = outline(lines, range, 0);
    return short.length <= maxCharacters ? short : undefined;
}

/** The outermost declarations of a file with the members of its containers, bodies left out; cut after whole lines. */
export function outlineOf(lines: readonly string[], maxCharacters: number): string {
    const whole = lines.join("\n").trim();
    if (whole.length <= maxCharacters) return whole;
    const kept: string[] = [];
    let used = 0;
    for (let first = 0; first < lines.length;) {
        const text = lines[first] ?? "";
        const range = isBlank(text) ? { first, last: first } : blockAt(lines, first);
        first = range.last + 1;
        if (isBlank(text) || isNoise(text)) continue;
        const part = outline(lines, range, CONTAINER.test(text) ? 1 : 0);
        used += part.length + 1;
        if (used > maxCharacters) break;
        kept.push(part);
    }
    return kept.join("\n");
}

/** The lines without the indentation that all of them have. */
export function textOf(lines: readonly string[], { first, last }: LineRange): string {
    const part = lines.slice(first, last + 1);
    const filled = part.filter((text) => !isBlank(text));
    const shared = Math.min(...filled.map((text) => /^[ \t]*/.exec(text)?.[0].length ?? 0));
    return part.map((text) => (isBlank(text) ? "" : text.slice(shared).trimEnd())).join("\n");
}

/** Comments, imports and what only closes a block say nothing about a file's symbols. */
function isNoise(text: string): boolean {
    return (
        CLOSER.test(text) ||
        /^(?:\/\/|\/\*|\*|#(?!define)|import\b|from\b|using\b|use\b)/.test(text)
    );
}

/** Header and, for `depth` 1, the members below it; what is left out is shown as `...`. */
function outline(lines: readonly string[], range: LineRange, depth: 0 | 1): string {
    const end = headerEnd(lines, range);
    const header = textOf(lines, { first: range.first, last: end });
    if (end >= range.last) return header;
    if (depth === 0) return elided(header);
    const parts = [header];
    const margin = /^[ \t]*/.exec(lines[range.first] ?? "")?.[0].length ?? 0;
    const bodyEnd = CLOSER.test(lines[range.last] ?? "") ? range.last - 1 : range.last;
    const body = lines.slice(0, bodyEnd + 1);
    for (let first = end + 1; first <= bodyEnd;) {
        const text = lines[first] ?? "";
        const member = isBlank(text) ? { first, last: first } : blockAt(body, first);
        first = member.last + 1;
        if (isBlank(text) || isNoise(text.trim())) continue;
        const lead = text.slice(margin, text.length - text.trimStart().length);
        const short = outline(lines, member, 0);
        parts.push(short.replace(/^(?=.)/gm, lead));
    }
    if (bodyEnd < range.last) parts.push((lines[range.last] ?? "").slice(margin).trimEnd());
    return parts.join("\n");
}

/** The last line of what stands before a body. */
function headerEnd(lines: readonly string[], { first, last }: LineRange): number {
    for (let at = first; at < Math.min(last, first + MAX_HEADER_LINES); at++) {
        const text = lines[at] ?? "";
        if (DECORATION.test(text)) continue;
        if (/(?:[{:;]|=>|\bdo|\bthen)\s*$/.test(text)) return at;
        if (indentWidth(lines[at + 1] ?? "") > indentWidth(text) && !/[([<,=|&]\s*$/.test(text))
            return at;
    }
    return Math.min(last, first + MAX_HEADER_LINES - 1);
}

function elided(header: string): string {
    return header.endsWith("{") ? `${header} ... }` : `${header} ...`;
}
