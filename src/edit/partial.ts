/**
 * A rewriting of some lines while it is still being written: how far into the old lines it has come, so that what is not written
 * yet is shown as unchanged instead of as removed. Pure.
 */

import { diffLines, type Hunk } from "./lines";

/** More cells than this are not compared (a second's work): the old lines then count line by line. */
const MAX_CELLS = 4_000_000;

/** The changes that the new lines so far make; old lines behind the place they have come to stay. */
export function partialHunks(before: readonly string[], soFar: readonly string[]): Hunk[] {
    const reached = reachedLine(before, soFar);
    return diffLines(before.slice(0, reached), soFar);
}

/**
 * The number of old lines from the beginning that come nearest to the new lines: fewest lines removed and added. Of equals the one
 * that ends with the same line, else the smallest: an added line replaces nothing before it is known what follows.
 */
export function reachedLine(before: readonly string[], soFar: readonly string[]): number {
    if (before.length * soFar.length > MAX_CELLS) return Math.min(before.length, soFar.length);
    const old = before.map((line) => line.trimEnd());
    let costs = [...Array(before.length + 1).keys()];
    for (const [i, line] of soFar.entries()) {
        const text = line.trimEnd();
        const next = [i + 1];
        for (let k = 1; k <= old.length; k++) {
            const kept = old[k - 1] === text ? (costs[k - 1] ?? 0) : Infinity;
            next.push(Math.min(kept, (costs[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1));
        }
        costs = next;
    }
    const least = Math.min(...costs);
    const last = soFar.at(-1)?.trimEnd();
    const same = costs.findIndex((cost, k) => cost === least && k > 0 && old[k - 1] === last);
    return same < 0 ? costs.indexOf(least) : same;
}
