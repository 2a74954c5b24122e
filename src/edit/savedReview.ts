/**
 * A review as plain data, for the time in which no window has it, and how it goes on in the document as it is found then: as it was
 * left, saved, or edited by others. What others have changed in it is settled, as while it is open. Pure.
 */

import { changeBetween, diffLines, type Hunk } from "./lines";
import {
    documentLines,
    hideGone,
    pendingHunks,
    settle,
    settleHunks,
    takeOver,
    type Row,
} from "./review";

/** Rows that are not just lines: `count` of them from `start` on. */
export interface SavedMark {
    start: number;
    count: number;
    kind: "added" | "gone";
    hunk: number;
    isHidden: boolean;
}

export interface SavedReview {
    /** Of all rows. */
    texts: string[];
    marks: SavedMark[];
}

export function savedReview(rows: readonly Row[]): SavedReview {
    const marks: SavedMark[] = [];
    for (const [start, row] of rows.entries()) {
        if (row.kind === "same") continue;
        const { kind, hunk } = row;
        const isHidden = row.kind === "gone" && row.isHidden === true;
        const last = marks.at(-1);
        const isNext =
            last?.kind === kind &&
            last.hunk === hunk &&
            last.isHidden === isHidden &&
            last.start + last.count === start;
        if (isNext) last.count++;
        else marks.push({ start, count: 1, kind, hunk, isHidden });
    }
    return { texts: rows.map(({ text }) => text), marks };
}

/** Undefined when it is none: it comes from a file. */
export function savedReviewIn(value: unknown): SavedReview | undefined {
    const { texts, marks } = (value ?? {}) as Partial<Record<keyof SavedReview, unknown>>;
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string")) return undefined;
    if (!Array.isArray(marks) || !marks.every(isMark)) return undefined;
    let end = 0;
    for (const { start, count } of marks) {
        if (start < end || count < 1) return undefined;
        end = start + count;
    }
    return end > texts.length ? undefined : { texts, marks };
}

/** The rows of the review in a document with these lines; undefined when nothing of it is left to review. */
export function resumedRows(saved: SavedReview, lines: readonly string[]): Row[] | undefined {
    const rows = rowsIn(saved);
    const isNow = (others: readonly Row[]) => !changeBetween(documentLines(others), lines);
    if (isNow(rows)) return rows;
    const hidden = hideGone(rows);
    if (isNow(hidden)) return hidden;
    if (isNow(settle(rows, "all", "reject"))) return undefined;
    const [best] = [hidden, rows]
        .map((base) => ({ base, hunks: diffLines(documentLines(base), lines) }))
        .sort((a, b) => sizeOf(a.hunks) - sizeOf(b.hunks));
    return best && edited(best.base, best.hunks, lines);
}

function rowsIn({ texts, marks }: SavedReview): Row[] {
    const rows: Row[] = texts.map((text) => ({ kind: "same", text }));
    for (const { start, count, kind, hunk, isHidden } of marks)
        for (let at = start; at < start + count; at++) {
            const text = texts[at] ?? "";
            rows[at] =
                kind === "added"
                    ? { kind, text, hunk }
                    : { kind, text, hunk, isHidden: isHidden || undefined };
        }
    return rows;
}

/** The rows after what others have changed. */
function edited(
    base: readonly Row[],
    hunks: readonly Hunk[],
    lines: readonly string[],
): Row[] | undefined {
    // Lines that are gone from the document cannot be seen to be touched: what is changed beside them may be they.
    let rows = settleHunks(base, hiddenBeside(base, hunks));
    for (const { start, removed, added } of [...hunks].reverse())
        rows = takeOver(rows, { start, end: start + removed.length, lines: added });
    if (documentLines(rows).length !== lines.length || pendingHunks(rows).length === 0)
        return undefined;
    // Differences at the ends of lines are no hunks.
    let line = 0;
    return rows.map((row) => {
        if (row.kind === "gone") {
            if (row.isHidden !== true) line++;
            return row;
        }
        return { ...row, text: lines[line++] ?? row.text };
    });
}

function hiddenBeside(rows: readonly Row[], hunks: readonly Hunk[]): Set<number> {
    const found = new Set<number>();
    let line = 0;
    for (const row of rows) {
        const isHidden = row.kind === "gone" && row.isHidden === true;
        if (!isHidden) line++;
        else if (
            hunks.some(({ start, removed }) => start <= line && line <= start + removed.length)
        )
            found.add(row.hunk);
    }
    return found;
}

function sizeOf(hunks: readonly Hunk[]): number {
    return hunks.reduce((sum, { removed, added }) => sum + removed.length + added.length, 0);
}

function isMark(value: unknown): value is SavedMark {
    const { start, count, kind, hunk, isHidden } = (value ?? {}) as Record<string, unknown>;
    return (
        [start, count, hunk].every(Number.isSafeInteger) &&
        typeof isHidden === "boolean" &&
        (kind === "added" || kind === "gone")
    );
}
