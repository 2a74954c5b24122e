/** What an answer is worth that was to fill a hole, and the figures over many. Pure. */

import type { Estimate } from "../../protocol/lab";
import type { HoleKind, InfillScore } from "../../protocol/labInfill";
import { meanOf, shareError } from "../scores/statistics";

export interface Filled {
    kind: HoleKind;
    isExact: boolean;
    /** 0 to 1. */
    similarity: number;
}

/** As many lines of an answer as the hole has: when to end is the business of whoever shows it. White space at line ends is cut. */
export function comparable(text: string, truth: string): string {
    const nLines = truth.split("\n").length;
    return text
        .split("\n")
        .slice(0, nLines)
        .map((line) => line.trimEnd())
        .join("\n")
        .trimEnd();
}

/** Whether there is nothing left to wait for. */
export function isComplete(text: string, truth: string): boolean {
    return text.split("\n").length > truth.split("\n").length;
}

export function judge(kind: HoleKind, answer: string, truth: string): Filled {
    const given = comparable(answer, truth);
    const wanted = comparable(truth, truth);
    return { kind, isExact: given === wanted, similarity: similarityOf(given, wanted) };
}

/** 1 less the fewest insertions, removals and replacements of characters over the length of the longer one. */
export function similarityOf(a: string, b: string): number {
    const longest = Math.max(a.length, b.length);
    if (longest === 0) return 1;
    let above = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const row = new Uint32Array(b.length + 1);
        row[0] = i;
        for (let j = 1; j <= b.length; j++) {
            const isSame = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
            const replaced = (above[j - 1] ?? 0) + (isSame ? 0 : 1);
            row[j] = Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
        }
        above = row;
    }
    return 1 - (above[b.length] ?? 0) / longest;
}

export function scoreOf(filled: readonly Filled[]): InfillScore {
    const nHoles = filled.length;
    const nExact = filled.filter(({ isExact }) => isExact).length;
    const share = nHoles > 0 ? nExact / nHoles : 0;
    const exact: Estimate = { value: share, error: shareError(share, nHoles) };
    const similarity = meanOf(Float64Array.from(filled, (one) => one.similarity));
    return { nHoles, nExact, exact, similarity };
}
