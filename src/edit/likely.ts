/**
 * Lines of a document that look like code which is to replace some: windows of lines by how much of both has a counterpart in the other,
 * in order, and which of them is so much more alike than the others that it is meant. Pure.
 */

import type { LineRange } from "./range";
import { similarity, squeezed, wordsOf } from "./similar";

/** A window and how much it is like the code, 0 to 1. */
interface Likely extends LineRange {
    likeness: number;
}

/** A window has at most so many lines more than the code. */
const MAX_MORE = 4;
/** Lines that have less in common are no counterparts. */
const MIN_PAIR = 0.3;
/** Pairs of lines that are compared, at most: a second's work. */
const MAX_PAIRS = 200_000;

/** So much a window has to be like the code to be what it replaces, and so much less like it have to be all others. */
const MIN_LIKENESS = 0.6;
const MIN_LEAD = 0.1;

/** The window that is far more like the code than any other; undefined: there is none. */
export function decisiveWindow(
    lines: readonly string[],
    written: readonly string[],
): LineRange | undefined {
    const windows = likelyWindows(lines, written);
    const [best] = windows;
    if (!best || best.likeness < MIN_LIKENESS) return undefined;
    const other = windows.find(({ start, end }) => start >= best.end || end <= best.start);
    return best.likeness - (other?.likeness ?? 0) >= MIN_LEAD ? best : undefined;
}

/** The best windows that begin at different lines, best first; none in a text that is too long. */
function likelyWindows(lines: readonly string[], written: readonly string[]): Likely[] {
    const code = written.filter((line) => line.trim() !== "");
    if (code.length === 0 || code.length * lines.length > MAX_PAIRS) return [];
    const others = lines.map(readLine);
    const pairs = code.map(readLine).map((line) => others.map((other) => pairOf(line, other)));
    const found: Likely[] = [];
    for (let start = 0; start < lines.length; start++) {
        if (lines[start]?.trim() === "") continue;
        const best = windowAt(lines, pairs, start);
        if (best && best.likeness > 0) found.push(best);
    }
    return found.sort((a, b) => b.likeness - a.likeness);
}

/** The window from `start` on that is most like the code. */
function windowAt(
    lines: readonly string[],
    pairs: readonly (readonly number[])[],
    start: number,
): Likely | undefined {
    let best: Likely | undefined;
    // Sums of the best pairings of the first i lines of the code with the window so far.
    let sums = new Array<number>(pairs.length + 1).fill(0);
    let nLines = 0;
    const most = Math.min(lines.length, start + pairs.length + MAX_MORE);
    for (let at = start; at < most; at++) {
        const next = [0];
        for (let i = 1; i <= pairs.length; i++)
            next.push(
                Math.max(
                    sums[i] ?? 0,
                    next[i - 1] ?? 0,
                    (sums[i - 1] ?? 0) + (pairs[i - 1]?.[at] ?? 0),
                ),
            );
        sums = next;
        if (lines[at]?.trim() === "") continue;
        nLines++;
        const likeness = (2 * (sums[pairs.length] ?? 0)) / (nLines + pairs.length);
        if (!best || likeness > best.likeness) best = { start, end: at + 1, likeness };
    }
    return best;
}

/** A line as it is compared with many others. */
interface Read {
    text: string;
    words: ReadonlySet<string>;
}

function readLine(line: string): Read {
    const text = squeezed(line);
    return { text, words: new Set(wordsOf(text)) };
}

/** How much two lines have in common: by letters, or by words where much was written anew. */
function pairOf(a: Read, b: Read): number {
    if (a.text === "" || b.text === "") return 0;
    if (a.text === b.text) return 1;
    const inCommon = wordsInCommon(a.words, b.words);
    if (inCommon === 0) return 0;
    const alike = Math.max(similarity(a.text, b.text), inCommon);
    return alike < MIN_PAIR ? 0 : alike;
}

function wordsInCommon(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
    const nShared = [...a].filter((word) => b.has(word)).length;
    return nShared === 0 ? 0 : (2 * nShared) / (a.size + b.size);
}
