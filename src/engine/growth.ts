/** How a prompt grows while there is time: what is read in place of the windows in use, and whether that is worth it. Pure. */

import { budgetFor, pieceBudgetFor } from "../prompt/budget";
import type { PrefillRequest } from "../protocol/completion";
import type { Budget, FileState } from "./promptComposer";

/** After a long pause the windows may be so many times as large as what is read in time. */
const LONG_PAUSE = 4;

/** What there is time to read in place of the prompt in use. */
export function affordable(
    tokensPerSecond: number,
    { budget }: FileState,
    idle: PrefillRequest["idle"],
): Budget {
    const pace = tokensPerSecond * (idle === "long" ? LONG_PAUSE : 1);
    const most = budgetFor(pace);
    const isMore = most.maxPrefixTokens > budget.maxPrefixTokens;
    const windows = isMore ? most : budget;
    const hasTime = isMore || idle !== "typing";
    return { windows, pieceTokens: (hasTime && pieceBudgetFor(pace, windows)) || undefined };
}

/** Larger windows begin elsewhere; where only pieces change, windows stay. A suffix that stays shares what was read of it. */
export function keptBy(known: FileState, { windows }: Budget): Partial<FileState> {
    if (windows === known.budget) return known;
    const { pieces, suffix } = known;
    const isSameSuffix = windows.maxSuffixTokens === known.budget.maxSuffixTokens;
    return isSameSuffix ? { pieces, suffix } : { pieces };
}

/** Whether windows show the model more than the known ones do, or leave room for typing where those do not. */
export function isWorthReading(known: FileState, { prefix, suffix, pieces }: FileState): boolean {
    const isLonger = prefix.offset < known.prefix.offset || suffix.length > known.suffix.length;
    const isRenewed = prefix.offset > known.prefix.offset;
    return isLonger || isRenewed || pieces !== known.pieces;
}
