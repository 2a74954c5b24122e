/**
 * Answers that leave parts out ("... existing code ..."): the places are filled with the lines of the original. Which lines those are
 * is what makes the rest of the answer agree with the original best. Pure.
 */

import { align, type Aligned } from "./alignment";
import { isBalanced, openBrackets } from "./cutOff";
import { isElision } from "./elision";
import { keyOf } from "./itemKey";
import { mergeItems } from "./mergeItems";
import { isOneOf, similarity, squeezed, wordsOf } from "./similar";

/** Costs of an alignment, in lines. */
const INSERTED = 1;
/** A line that the original has is rather meant to be that one. */
const REPEATED = 5;
/** Less alike lines are not taken for a changed one. */
const MIN_SIMILARITY = 0.6;
const MAX_CELLS = 400_000;
const UNCLEAR = "it leaves parts out, and it is not clear which";
const UNKNOWN = "it leaves parts out, and none of its other lines stand in the file";

/**
 * The whole text, or why it is not clear which. `isPart`: what stands around the answer may be left out as well; `isText`: it has
 * paragraphs instead of items, and headings that look like comments.
 */
export function fillElisions(
    original: readonly string[],
    answer: readonly string[],
    { isPart = false, isText = false } = {},
): { lines: string[] } | { reason: string } {
    if ((original.length + 1) * (answer.length + 1) > MAX_CELLS)
        return { reason: "it leaves parts out, and is too long to find them" };
    const merged = isText ? undefined : mergeItems(original, answer, isPart);
    if (merged?.length === 0) return { reason: UNKNOWN };
    const open = isPart ? withOpenEnds(original, answer) : answer;
    const filled = merged ? { lines: merged } : byLines(original, open);
    const isClear = "reason" in filled || !isBalanced(original) || isClosed(answer, filled.lines);
    return isClear ? filled : { reason: UNCLEAR };
}

/** What closes something can only be left out with all that is behind it. */
function isClosed(answer: readonly string[], filled: readonly string[]): boolean {
    const open = answer.reduce((sum, line) => sum + openBrackets(line), 0);
    return isBalanced(filled) && (open <= 0 || isElision(answer.at(-1) ?? ""));
}

/** Marked at an end whose line the original has somewhere inside. */
function withOpenEnds(original: readonly string[], answer: readonly string[]): readonly string[] {
    const isPresent = isOneOf(original);
    const isInside = (line = "", edge = "") => !isSame(line, edge) && isPresent(line);
    const [marker] = answer.filter(isElision);
    if (marker === undefined) return answer;
    return [
        ...(isInside(answer[0], original[0]) ? [marker] : []),
        ...answer,
        ...(isInside(answer.at(-1), original.at(-1)) ? [marker] : []),
    ];
}

/** Answers that are not made of whole items. */
function byLines(
    original: readonly string[],
    answer: readonly string[],
): { lines: string[] } | { reason: string } {
    const steps = linesAligned(original, answer);
    // A bracket alone stands everywhere.
    const isAnchored = steps.some(
        ({ step, own }) => step === "same" && /\w/.test(answer[own ?? -1] ?? ""),
    );
    if (!isAnchored) return { reason: UNKNOWN };
    const nShown = answer.filter((line) => !isElision(line) && line.trim() !== "").length;
    if (steps.filter(({ step }) => step === "removed").length > nShown) return { reason: UNCLEAR };
    const lines = steps.flatMap(({ step, own, old }) => {
        if (step === "marker" || step === "removed") return [];
        const [written, present] = [answer[own ?? -1] ?? "", original[old ?? -1]];
        const isOld = step === "filled" || (step === "same" && isSame(written, present ?? ""));
        return isOld ? [present ?? ""] : [written];
    });
    return { lines };
}

/** What becomes of each line. A marker takes in any number of the original's for nothing. */
function linesAligned(original: readonly string[], answer: readonly string[]): Aligned[] {
    const markers = answer.map(isElision);
    const words = { answer: answer.map(wordsOf), original: original.map(wordsOf) };
    const isOpen = answer.map((_line, i) => isBesideMarker(answer, i));
    const pair = (i: number, k: number) => {
        const [own = "", old = ""] = [answer[i], original[k]];
        // What is left out beside a line can be the one that it only looks like.
        if (markers[i] || (isOpen[i] && keyOf(own) !== keyOf(old))) return Infinity;
        // Lines without a common word are not compared letter by letter.
        const isPossible = words.answer[i]?.some((word) => words.original[k]?.includes(word));
        return isPossible === false && !isSame(own, old) ? Infinity : pairCost(own, old);
    };
    const isPresent = isOneOf(original);
    const inserting = answer.map((line) =>
        wordsOf(line).length > 0 && isPresent(line) ? REPEATED : INSERTED,
    );
    return align(answer.length, original.length, {
        pair,
        inserting: (i) => inserting[i] ?? 0,
        isMarker: (i) => markers[i] === true,
        filling: () => 0,
    });
}

function isBesideMarker(answer: readonly string[], at: number): boolean {
    const isText = (line: string) => line.trim() !== "";
    const before = answer.slice(0, at).findLast(isText);
    const behind = answer.slice(at + 1).find(isText);
    return [before, behind].some((line) => line !== undefined && isElision(line));
}

function pairCost(written: string, present: string): number {
    if (isSame(written, present)) return 0;
    const alike = similarity(written, present);
    return alike < MIN_SIMILARITY ? Infinity : 1 - alike;
}

function isSame(written: string, present: string): boolean {
    return squeezed(written) === squeezed(present);
}
