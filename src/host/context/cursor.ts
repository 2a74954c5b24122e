/** Where in an editor's document a place is that is known as text before and after the cursor. Pure. */

import type { Lines, Spot } from "../../context/names";

const LINE_END = /\r\n?|\n/g;

/**
 * Undefined when the document says something else there: it has changed since, an item of a list counts as typed, or it is too large to
 * have been cut at its end.
 */
export function cursorIn(
    document: Lines,
    { prefix, suffix }: { prefix: string; suffix: string },
): Spot | undefined {
    const after = suffix.split(LINE_END);
    const line = document.lineCount - after.length;
    if (line < 0) return undefined;
    const before = /[^\r\n]*$/.exec(prefix.slice(-10_000))?.[0] ?? "";
    const isThere = document.lineAt(line).text === before + (after[0] ?? "");
    return isThere ? { line, character: before.length } : undefined;
}
