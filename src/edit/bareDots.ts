/** Three dots alone on a line, which small models write for code that stays; in Python they can be a body. Pure. */

import { indentOf } from "../prompt/lines";

const DOTS = /^\s*(?:\.{3}|…)\s*$/;
const MARKER = "// ...";

/** Whether a line has nothing else. */
export function isDots(line: string): boolean {
    return DOTS.test(line);
}

/** The code with marks that stand for code (see `isElision`) in place of such lines. */
export function withoutBareDots(code: string, languageId: string): string {
    const lines = code.split("\n");
    if (!lines.some(isDots)) return code;
    return lines
        .map((line, i) =>
            isDots(line) && !(languageId === "python" && isBody(lines, i))
                ? indentOf(line) + MARKER
                : line,
        )
        .join("\n");
}

/** All of a block, but for a text that describes it. */
function isBody(lines: readonly string[], at: number): boolean {
    const isText = (line: string | undefined) => line !== undefined && line.trim() !== "";
    const before = lines.slice(0, at).findLast(isText) ?? "";
    const behind = lines.slice(at + 1).find(isText) ?? "";
    const indent = indentOf(lines[at] ?? "").length;
    const isFirst = /(?::|"""|''')\s*$/.test(before);
    return isFirst && indentOf(behind).length < indent;
}
