/**
 * Answers that leave parts out ("... existing code ..."): the places are filled with the lines of the original. Which lines those are
 * is what makes the rest of the answer agree with the original best. Pure.
 */

import { isBalanced, openBrackets } from "./cutOff";
import { isElision } from "./elision";
import { keyOf } from "./itemKey";
import { mergeItems } from "./mergeItems";
import { similarity, squeezed } from "./similar";

/** Costs of an alignment, in lines. */
const INSERTED = 1;
/** A line that the original has is rather meant to be that one. */
const REPEATED = 5;
const REMOVED = 1;
/** Less alike lines are not taken for a changed one. */
const MIN_SIMILARITY = 0.6;
const MAX_CELLS = 400_000;
const UNCLEAR = "it leaves parts out, and it is not clear which";
const UNKNOWN = "it leaves parts out, and none of its other lines stand in the file";

type Step = "kept" | "changed" | "inserted" | "removed" | "filled" | "marker";

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
    const known = original.map(squeezed);
    const isInside = (line = "", edge = "") =>
        squeezed(line) !== squeezed(edge) && known.includes(squeezed(line));
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
    const steps = align(original, answer);
    // A bracket alone stands everywhere.
    const isAnchored = steps.some(
        ({ step, at, line = "" }) =>
            /\w/.test(line) && at !== undefined && (step === "kept" || step === "changed"),
    );
    if (!isAnchored) return { reason: UNKNOWN };
    const nShown = answer.filter((line) => !isElision(line) && line.trim() !== "").length;
    if (steps.filter(({ step }) => step === "removed").length > nShown) return { reason: UNCLEAR };
    return { lines: steps.flatMap(({ line }) => (line === undefined ? [] : [line])) };
}

/** What becomes of each line; `at`: of the answer. A marker takes in any number of the original's lines for nothing. */
function align(
    original: readonly string[],
    answer: readonly string[],
): { step: Step; at?: number | undefined; line?: string | undefined }[] {
    const width = original.length + 1;
    const costs = new Float64Array(width * (answer.length + 1)).fill(Infinity);
    const cost = (i: number, k: number) =>
        i < 0 || k < 0 ? Infinity : (costs[i * width + k] ?? Infinity);
    const markers = answer.map(isElision);
    const words = { answer: answer.map(wordsOf), original: original.map(wordsOf) };
    const isOpen = answer.map((_line, i) => isBesideMarker(answer, i));
    const pair = (i: number, k: number) => {
        // What is left out beside a line can be the one that it only looks like.
        if (isOpen[i] && keyOf(answer[i] ?? "") !== keyOf(original[k] ?? "")) return Infinity;
        const isPossible = words.answer[i]?.some((word) => words.original[k]?.includes(word));
        return isPossible === false && !isSame(answer[i] ?? "", original[k] ?? "")
            ? Infinity
            : pairCost(answer[i] ?? "", original[k] ?? "");
    };
    const present = new Set(original.map(squeezed));
    const inserting = answer.map((line) =>
        wordsOf(line).length > 0 && present.has(squeezed(line)) ? REPEATED : INSERTED,
    );
    /** Last step into a cell, the cheapest; ties as ordered here. */
    const options = (i: number, k: number): [Step, number, number, number][] => {
        const isMarker = markers[i - 1] === true;
        const paired = isMarker || i < 1 || k < 1 ? Infinity : pair(i - 1, k - 1);
        return [
            [paired === 0 ? "kept" : "changed", cost(i - 1, k - 1) + paired, 1, 1],
            ["filled", isMarker ? cost(i, k - 1) : Infinity, 0, 1],
            ["marker", isMarker ? cost(i - 1, k) : Infinity, 1, 0],
            ["removed", cost(i, k - 1) + REMOVED, 0, 1],
            ["inserted", isMarker ? Infinity : cost(i - 1, k) + (inserting[i - 1] ?? 0), 1, 0],
        ];
    };
    const best = (i: number, k: number) =>
        options(i, k).reduce((left, right) => (right[1] < left[1] ? right : left));
    costs[0] = 0;
    for (let i = 0; i <= answer.length; i++)
        for (let k = 0; k < width; k++) if (i + k > 0) costs[i * width + k] = best(i, k)[1];
    const steps: { step: Step; at?: number | undefined; line?: string | undefined }[] = [];
    for (let i = answer.length, k = original.length; i + k > 0;) {
        const [step, , di, dk] = best(i, k);
        const isOriginal = step === "kept" || step === "filled";
        const isAnswer = step === "changed" || step === "inserted";
        const line = isOriginal ? original[k - 1] : isAnswer ? answer[i - 1] : undefined;
        steps.push({ step, at: di > 0 ? i - 1 : undefined, line });
        i -= di;
        k -= dk;
    }
    return steps.reverse();
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

/** Lines without a common word are not compared letter by letter. */
function wordsOf(line: string): string[] {
    return line.match(/[\p{L}\p{N}_]+/gu) ?? [];
}
