/** Makes code from an answer fit the place it is inserted at: its own indentation goes, the line's comes. Pure. */

import { indentOf } from "../prompt/lines";

export interface Place {
    /** Text of the line before the cursor. */
    before: string;
    /** Indentation of the lines that the code replaces, when it replaces some. */
    indent?: string | undefined;
    /** One level of indentation in this document: a tab or spaces. */
    unit: string;
}

/** The text to insert at the cursor. Lines get the indentation of the cursor's line or of what they replace; blank lines stay empty. */
export function reindent(code: string, { before, indent, unit }: Place): string {
    const lines = code
        .replace(/\r\n?/g, "\n")
        .replace(/^(?:[ \t]*\n)+/, "")
        .trimEnd()
        .split("\n");
    const base = indent ?? indentOf(before);
    const lead = before.trim() === "" && base.startsWith(before) ? base.slice(before.length) : "";
    const shared = sharedIndent(lines);
    const bare = lines.map((line) => (line.trim() === "" ? "" : line.slice(shared.length)));
    const ownUnit = indentUnit(bare);
    return bare
        .map((line, i) => {
            if (line === "") return "";
            const text = ownUnit === undefined ? line : convert(line, ownUnit, unit);
            return (i === 0 ? lead : base) + text;
        })
        .join("\n");
}

/** The indentation that all lines with text have in common. */
export function sharedIndent(lines: readonly string[]): string {
    let shared: string | undefined;
    for (const line of lines) {
        if (line.trim() === "") continue;
        const indent = indentOf(line);
        if (shared === undefined) shared = indent;
        while (!indent.startsWith(shared)) shared = shared.slice(0, -1);
    }
    return shared ?? "";
}

/** A tab, or the greatest number of spaces that divides every indentation; undefined when it is mixed or odd. */
export function indentUnit(lines: readonly string[]): string | undefined {
    const indents = lines.map((line) => indentOf(line)).filter((i) => i !== "");
    if (indents.length === 0) return undefined;
    if (indents.every((indent) => /^\t+$/.test(indent))) return "\t";
    if (indents.some((indent) => indent.includes("\t"))) return undefined;
    const size = indents.reduce((size, indent) => gcd(size, indent.length), 0);
    return size === 2 || size === 4 || size === 8 ? " ".repeat(size) : undefined;
}

function convert(line: string, from: string, to: string): string {
    const indent = indentOf(line);
    return to.repeat(indent.length / from.length) + line.slice(indent.length);
}

function gcd(a: number, b: number): number {
    return b === 0 ? a : gcd(b, a % b);
}
