/** Which lines an edit is about: the selected ones, else the function around the cursor, else the paragraph. Pure. */

import type { Part } from "./outline";

/** Lines, end excluded. */
export interface LineRange {
    start: number;
    end: number;
}

/** A larger symbol is not rewritten unasked: its paragraph is. */
const MAX_SYMBOL_LINES = 80;

/** `selected`: lines with something selected; undefined: only the cursor's line is known. Empty lines at the ends are left out. */
export function editRange(
    lines: readonly string[],
    parts: readonly Part[],
    { cursor, selected }: { cursor: number; selected?: LineRange | undefined },
): LineRange {
    if (selected) return withoutBlankEnds(lines, selected);
    if (isBlank(lines[cursor])) return { start: cursor, end: cursor + 1 };
    const around = parts
        .filter(({ lead, end }) => lead <= cursor && cursor < end)
        .sort((a, b) => a.end - a.lead - (b.end - b.lead))
        .find(({ isContainer }) => !isContainer);
    if (around && around.end - around.lead <= MAX_SYMBOL_LINES)
        return { start: around.lead, end: around.end };
    let start = cursor;
    let end = cursor + 1;
    while (start > 0 && !isBlank(lines[start - 1])) start--;
    while (end < lines.length && !isBlank(lines[end])) end++;
    return { start, end };
}

function withoutBlankEnds(lines: readonly string[], range: LineRange): LineRange {
    let { start, end } = range;
    while (start < end && isBlank(lines[start])) start++;
    while (end > start && isBlank(lines[end - 1])) end--;
    return start < end ? { start, end } : { start: range.start, end: range.start + 1 };
}

function isBlank(line: string | undefined): boolean {
    return line === undefined || line.trim() === "";
}
