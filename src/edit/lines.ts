/**
 * A text as lines, and what changes between two lists of them. Lines that differ only in trailing white space count as the same,
 * and the old one stays: models do not reproduce it, and nobody wants to review it. Pure.
 */

import { diffArrays } from "diff";

export interface TextLines {
    lines: string[];
    eol: "\n" | "\r\n";
}

/** `start`: line of the old text. Old lines are `removed`, and `added` ones come instead; either may be empty, not both. */
export interface Hunk {
    start: number;
    removed: readonly string[];
    added: readonly string[];
}

/** Replaces the lines `start` to `end` (excluded). */
export interface LineChange {
    start: number;
    end: number;
    lines: readonly string[];
}

/** Texts that differ in more lines than this are one hunk: finding out more takes too long. */
const MAX_DIFFERENCES = 800;
/** Unchanged lines without a word between two hunks do not make them two. */
const MAX_WEAK_LINES = 2;

/** A text with both line ends gets the more frequent one, as in an editor's document. */
export function linesOf(text: string): TextLines {
    const nWindows = text.split("\r\n").length - 1;
    const nOthers = text.split("\n").length - 1 - nWindows;
    return { lines: text.split(/\r\n|\r|\n/), eol: nWindows > nOthers ? "\r\n" : "\n" };
}

export function textOf({ lines, eol }: Readonly<TextLines>): string {
    return lines.join(eol);
}

/** What turns `before` into `now`, in order. */
export function diffLines(before: readonly string[], now: readonly string[]): Hunk[] {
    const parts = diffArrays([...before], [...now], {
        comparator: (a, b) => a.trimEnd() === b.trimEnd(),
        maxEditLength: MAX_DIFFERENCES,
    }) as { count: number; added?: boolean; removed?: boolean }[] | undefined;
    if (!parts) {
        const change = changeBetween(before, now);
        return change ? [hunkOf(change, before)] : [];
    }
    const changes: { start: number; end: number; from: number; to: number }[] = [];
    let at = 0;
    let nowAt = 0;
    for (const { count, added, removed } of parts) {
        if (added || removed) {
            const last = changes.at(-1);
            const isNext = last && isWeak(before.slice(last.end, at));
            const change = isNext ? last : { start: at, end: at, from: nowAt, to: nowAt };
            if (!isNext) changes.push(change);
            change.end = at + (removed ? count : 0);
            change.to = nowAt + (added ? count : 0);
        }
        if (!added) at += count;
        if (!removed) nowAt += count;
    }
    return changes.map(({ start, end, from, to }) =>
        hunkOf({ start, end, lines: now.slice(from, to) }, before),
    );
}

/** Lines that keep two changes together: none, or few without a word. */
function isWeak(lines: readonly string[]): boolean {
    return lines.length <= MAX_WEAK_LINES && lines.every((line) => !/[\p{L}\p{N}]/u.test(line));
}

/** Lines at its ends that stay are not part of it: two changes that were made one can share some. */
function hunkOf({ start, end, lines }: LineChange, before: readonly string[]): Hunk {
    const removed = before.slice(start, end);
    const isSame = (i: number, k: number) => removed[i]?.trimEnd() === lines[k]?.trimEnd();
    const most = Math.min(removed.length, lines.length);
    let first = 0;
    while (first < most && isSame(first, first)) first++;
    let last = 0;
    while (last < most - first && isSame(removed.length - 1 - last, lines.length - 1 - last))
        last++;
    return {
        start: start + first,
        removed: removed.slice(first, removed.length - last),
        added: lines.slice(first, lines.length - last),
    };
}

/** The smallest stretch of lines whose replacement makes `now` out of `before`; undefined when they are equal. */
export function changeBetween(
    before: readonly string[],
    now: readonly string[],
): LineChange | undefined {
    const most = Math.min(before.length, now.length);
    let start = 0;
    while (start < most && before[start] === now[start]) start++;
    if (start === before.length && start === now.length) return undefined;
    let n = 0;
    while (n < most - start && before[before.length - 1 - n] === now[now.length - 1 - n]) n++;
    return { start, end: before.length - n, lines: now.slice(start, now.length - n) };
}

/** All hunks applied to the lines they were made for. */
export function applyHunks(lines: readonly string[], hunks: readonly Hunk[]): string[] {
    const result: string[] = [];
    let at = 0;
    for (const { start, removed, added } of hunks) {
        result.push(...lines.slice(at, start), ...added);
        at = start + removed.length;
    }
    return [...result, ...lines.slice(at)];
}
