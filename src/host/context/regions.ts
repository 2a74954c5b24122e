/** Which lines are shown of a region that was edited, or of a place that was looked at. Pure. */

import { textOf, type LineRange } from "../../context/blocks";
import type { Outlines } from "../../context/outlines";

/** So many of each are shown. */
export const MAX_EDITS = 8;
export const MAX_VISITS = 6;
/** Lines shown above and below what was edited. */
const AROUND_EDIT = 3;
/** A place that was looked at is so many lines around its cursor. */
const AROUND_VISIT = 15;

export interface RegionFile {
    /** Tells the language. */
    path: string;
    lines: readonly string[];
}

/** Zero-based; may reach over the ends of the file. */
export function visitAt(line: number): LineRange {
    return { first: line - AROUND_VISIT, last: line + AROUND_VISIT };
}

/** What was edited says more than what it stands in. */
export function editedText({ lines }: RegionFile, { first, last }: LineRange): string {
    return textOf(lines, within(lines, { first: first - AROUND_EDIT, last: last + AROUND_EDIT }));
}

/** What was looked at is a whole thing. */
export async function visitedText(
    file: RegionFile,
    range: LineRange,
    outlines: Outlines,
): Promise<string> {
    const outline = await outlines.of(file);
    return textOf(file.lines, outline.wholeIn(within(file.lines, range)));
}

function within(lines: readonly string[], { first, last }: LineRange): LineRange {
    return { first: Math.max(0, first), last: Math.min(lines.length - 1, last) };
}
