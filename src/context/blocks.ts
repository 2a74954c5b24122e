/**
 * Blocks of lines by indentation: what a line begins, where its header ends, what is around it. Works the same for every language whose
 * authors indent; outline.ts takes it where no grammar knows better. Pure.
 */

import { indentOf, indentWidth, isBlank } from "../prompt/lines";

export interface LineRange {
    /** Zero-based, both included. */
    first: number;
    last: number;
}

const MAX_HEADER_LINES = 8;
/** What may stand on a line that only ends a block. */
export const CLOSER = /^\s*(?:[)\]}]+[;,)]*|end|fi|done|esac)\s*$/;
/** A header with one of these has members. */
export const CONTAINER =
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

/** The lines without the indentation that all of them have. */
export function textOf(lines: readonly string[], { first, last }: LineRange): string {
    const part = lines.slice(first, last + 1);
    const filled = part.filter((text) => !isBlank(text));
    const shared = Math.min(...filled.map((text) => indentOf(text).length));
    return part.map((text) => (isBlank(text) ? "" : text.slice(shared).trimEnd())).join("\n");
}

/** Comments, imports and what only closes a block say nothing about a file's symbols. */
export function isNoise(text: string): boolean {
    return (
        CLOSER.test(text) ||
        /^(?:\/\/|\/\*|\*|#(?!define)|import\b|from\b|using\b|use\b)/.test(text)
    );
}

/** The last line of what stands before a body. */
export function headerEnd(lines: readonly string[], { first, last }: LineRange): number {
    for (let at = first; at < Math.min(last, first + MAX_HEADER_LINES); at++) {
        const text = lines[at] ?? "";
        if (DECORATION.test(text)) continue;
        if (/(?:[{:;]|=>|\bdo|\bthen)\s*$/.test(text)) return at;
        if (indentWidth(lines[at + 1] ?? "") > indentWidth(text) && !/[([<,=|&]\s*$/.test(text))
            return at;
    }
    return Math.min(last, first + MAX_HEADER_LINES - 1);
}
