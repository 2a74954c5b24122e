/**
 * The comment out of an answer that should be only a comment: small models repeat the code below it, or put it inside. And where it
 * goes. Pure.
 */

import type { LineRange } from "../../edit/range";
import { indentOf } from "../../prompt/lines";
import { isDocInside } from "../../prompt/slash/languages";

export interface DocPlace {
    languageId: string;
    /** The lines of the symbol, as they are in the document. */
    lines: readonly string[];
}

/** A document's lines with the comment at the symbol in lines `start` to `end` (excluded); undefined when the answer holds none. */
export function withDocComment(
    lines: readonly string[],
    { start, end, languageId, unit }: LineRange & { languageId: string; unit: string },
    code: string,
): string[] | undefined {
    const place = { languageId, lines: lines.slice(start, end) };
    const found = docComment(code, place);
    if (!found) return undefined;
    const nAbove = linesAboveDoc(place);
    const own = indentOf(place.lines[0] ?? "");
    const indent = nAbove > 0 ? own + unit : own;
    const comment = found.map((line) => (line === "" ? "" : indent + line));
    return [...lines.slice(0, start + nAbove), ...comment, ...lines.slice(start + nAbove)];
}

/** Lines of the comment without outer indentation; undefined when the answer holds none. */
export function docComment(code: string, { languageId, lines }: DocPlace): string[] | undefined {
    const given = code.replace(/\r\n?/g, "\n").replace(/^\n+/, "").trimEnd().split("\n");
    const found = isDocInside(languageId) ? docstringIn(given) : commentAbove(given, lines);
    const filled = found.filter((line) => line.trim() !== "");
    if (filled.length === 0) return undefined;
    const shared = Math.min(...filled.map((line) => line.length - line.trimStart().length));
    // The further lines of a block comment stand one column in.
    return found.map((line) => line.slice(shared).trimEnd());
}

/** How many lines of the symbol stand above its documentation: none, or in Python those to the end of its header. */
export function linesAboveDoc({ languageId, lines }: DocPlace): number {
    if (!isDocInside(languageId)) return 0;
    const end = lines.findIndex((line) => /:\s*(#.*)?$/.test(line) && !/^\s*[@#]/.test(line));
    return end + 1;
}

/** What the answer has above the first line of the code that it repeats; all of it when it repeats none. */
function commentAbove(given: readonly string[], lines: readonly string[]): string[] {
    const header = lines.map((line) => line.trim()).find((line) => line !== "");
    const end = given.findIndex((line) => header !== undefined && line.trim() === header);
    const part = end < 0 ? given : given.slice(0, end);
    const first = part.findIndex((line) => isComment(line));
    if (first < 0) return [];
    const isBlock = /^\s*\/\*/.test(part[first] ?? "");
    const rest = part.slice(first);
    const last = isBlock
        ? rest.findIndex((line) => line.includes("*/"))
        : rest.findIndex((line) => !isComment(line)) - 1;
    return rest.slice(0, last < 0 ? undefined : last + 1);
}

function docstringIn(given: readonly string[]): string[] {
    const text = given.join("\n");
    const found = /[ \t]*[rRuU]?("""|''')[^]*?\1/.exec(text)?.[0];
    if (found !== undefined) return found.split("\n");
    return /^\s*(def|class|async def|@)/m.test(text) ? [] : [`"""`, ...given, `"""`];
}

function isComment(line: string): boolean {
    return /^\s*(\/\/|\/\*|\*|#(?!\[|include|define)|--|;;|")/.test(line);
}
