/**
 * Code that answers a question about certain lines goes to those lines, wherever they stand now: they may have moved, but they must be
 * there as they were. Pure.
 */

import { applyCode, type Applied, type ApplyCode, type ApplyTarget } from "./apply";
import type { LineRange } from "./range";

/** The lines that a question was about. */
export interface AskedLines {
    /** Zero-based line where they began. */
    first: number;
    /** As they were; line ends are `\n`. */
    original: string;
}

/** Reasons complete the sentence "The code was not applied: ...". */
export function applyToAsked(
    target: Omit<ApplyTarget, "selection" | "cursor">,
    asked: AskedLines,
    code: ApplyCode,
): Applied {
    const range = askedRange(target.lines, asked);
    if (!range)
        return {
            kind: "refused",
            reason: "the lines that it was asked for have changed since; ask for it once more",
        };
    return applyCode({ ...target, selection: range, cursor: range.start }, code);
}

/** Where the lines are; away from their old place there must be no others like them. */
export function askedRange(
    lines: readonly string[],
    { first, original }: AskedLines,
): LineRange | undefined {
    const wanted = original.split("\n");
    const isAt = (start: number) =>
        start >= 0 && wanted.every((line, i) => lines[start + i] === line);
    const at = (start: number) => ({ start, end: start + wanted.length });
    if (isAt(first)) return at(first);
    const found: number[] = [];
    for (let start = 0; start + wanted.length <= lines.length && found.length < 2; start++)
        if (isAt(start)) found.push(start);
    const [only] = found;
    return only === undefined || found.length > 1 ? undefined : at(only);
}
