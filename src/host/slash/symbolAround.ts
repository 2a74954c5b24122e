/** The function or class around a line, by its keyword and its indentation: where no language service knows better. Pure. */

import { once } from "../../base/once";
import { blockAt, type LineRange } from "../../context/blocks";

export interface SymbolRange extends LineRange {
    name: string;
}

const DECLARATION = once(
    () =>
        /^\s*(?:export\s+|default\s+|async\s+|pub(?:\([^)]*\))?\s+|public\s+|private\s+|protected\s+|internal\s+|static\s+|final\s+|abstract\s+|override\s+|virtual\s+|inline\s+|unsafe\s+|declare\s+)*(?:function\*?|def|fn|func|fun|class|struct|interface|trait|enum|impl|record)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)/u,
);
/** A method, or a function in a constant: no keyword of its own. */
const METHOD = once(
    () =>
        /^\s+(?:(?:public|private|protected|static|async|override|readonly|get|set|final|\*)\s+)*([\p{L}_$#][\p{L}\p{N}_$]*)\s*(?:<[^>()]*>)?\([^;]*\{\s*$/u,
);
const CONSTANT = once(
    () =>
        /^\s*(?:export\s+)?(?:const|let|var|val)\s+([\p{L}_$][\p{L}\p{N}_$]*)[^=]*=\s*(?:async\s*)?(?:function\b|(?:<[^>]*>)?\([^;]*=>|[\p{L}_$][\p{L}\p{N}_$]*\s*=>)/u,
);
const STATEMENT = new Set([
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "with",
    "do",
    "else",
    "return",
]);
const MAX_LINES_UP = 400;
const MAX_LINE_CHARACTERS = 300;

/** The name that a line declares, if it declares a function, a method or a type. */
export function declaredName(text: string): string | undefined {
    const line = text.slice(0, MAX_LINE_CHARACTERS);
    if (/^\s*(\/\/|#|\*|\/\*)/.test(line)) return undefined;
    const name = (DECLARATION().exec(line) ?? CONSTANT().exec(line) ?? METHOD().exec(line))?.[1];
    return name === undefined || STATEMENT.has(name) ? undefined : name;
}

/** The innermost one that holds the line. */
export function symbolAround(lines: readonly string[], line: number): SymbolRange | undefined {
    for (let at = Math.min(line, lines.length - 1); at >= 0 && at > line - MAX_LINES_UP; at--) {
        const name = declaredName(lines[at] ?? "");
        if (name === undefined) continue;
        const range = blockAt(lines, at);
        if (range.last >= line) return { ...range, name };
    }
    return undefined;
}

/** Lines without the blank ones at both ends; undefined when nothing is left. */
export function trimmed(
    lines: { lineAt(line: number): { text: string } },
    { first, last }: LineRange,
): LineRange | undefined {
    let from = first;
    let to = last;
    while (from <= to && lines.lineAt(from).text.trim() === "") from++;
    while (to >= from && lines.lineAt(to).text.trim() === "") to--;
    return from > to ? undefined : { first: from, last: to };
}
