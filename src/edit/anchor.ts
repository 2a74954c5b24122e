/**
 * Where quoted lines stand in a document: as they are, else with other white space at the ends, other indentation, other spaces,
 * else with small mistakes. What fits in more than one place, or in none, is refused with the reason. Blank lines do not count. Pure.
 */

import { similarity, squeezed } from "./similar";

export type Anchor =
    | { kind: "found"; start: number; end: number; isExact: boolean }
    | { kind: "refused"; reason: string };

/** How the lines of a quotation and of a document may differ, strictest first. */
const LEVELS: readonly ((line: string) => string)[] = [
    (line) => line,
    (line) => line.trimEnd(),
    (line) => line.trim(),
    squeezed,
];
/** With mistakes: of all characters, and of those of each line, so much has to be right. */
const MIN_SIMILARITY = 0.85;
const MIN_LINE_SIMILARITY = 0.5;
/** Another place that is nearly as good makes it a guess. */
const MARGIN = 0.08;
/** Quotations of more lines must have half of them right before mistakes are looked at: comparing takes long. */
const MAX_FREE_LINES = 2;
const MAX_NAMED = 4;

interface Numbered {
    text: string;
    line: number;
}

/** The lines of `document` that `quoted` means; `end` is excluded. */
export function findAnchor(document: readonly string[], quoted: readonly string[]): Anchor {
    const wanted = quoted.filter((line) => line.trim() !== "");
    if (wanted.length === 0)
        return { kind: "refused", reason: "it names no lines that are to be replaced" };
    const present = document
        .map((text, line) => ({ text, line }))
        .filter(({ text }) => text.trim() !== "");
    for (const [level, reduce] of LEVELS.entries()) {
        const places = exactPlaces(present, wanted, reduce);
        if (places.length > 1) return ambiguous(places.map((at) => present[at]?.line ?? 0));
        const [place] = places;
        if (place !== undefined) return found(present, place, wanted.length, level < 2);
    }
    return nearest(present, wanted);
}

function exactPlaces(
    present: readonly Numbered[],
    wanted: readonly string[],
    reduce: (line: string) => string,
): number[] {
    const goal = wanted.map(reduce);
    const lines = present.map(({ text }) => reduce(text));
    const places: number[] = [];
    for (let at = 0; at + goal.length <= lines.length; at++)
        if (goal.every((text, i) => lines[at + i] === text)) places.push(at);
    return places;
}

function nearest(present: readonly Numbered[], wanted: readonly string[]): Anchor {
    const goal = wanted.map(squeezed);
    const lines = present.map(({ text }) => squeezed(text));
    const nCharacters = goal.reduce((sum, line) => sum + line.length, 0);
    let best = { at: -1, score: 0 };
    let second = { at: -1, score: 0 };
    for (let at = 0; at + goal.length <= lines.length; at++) {
        const score = scoreAt(lines, goal, at) / nCharacters;
        if (score > best.score) [best, second] = [{ at, score }, best];
        else if (score > second.score) second = { at, score };
    }
    if (best.score < MIN_SIMILARITY)
        return {
            kind: "refused",
            reason: `the file has no lines like "${shortened(goal[0] ?? "")}"`,
        };
    if (second.score >= MIN_SIMILARITY && best.score - second.score < MARGIN)
        return ambiguous([best, second].map(({ at }) => present[at]?.line ?? 0));
    return found(present, best.at, goal.length, false);
}

/** Characters that are right, 0 when a line has too few of them. */
function scoreAt(lines: readonly string[], goal: readonly string[], at: number): number {
    if (goal.length > MAX_FREE_LINES) {
        const nRight = goal.filter((text, i) => lines[at + i] === text).length;
        if (nRight * 2 < goal.length) return 0;
    }
    let sum = 0;
    for (const [i, text] of goal.entries()) {
        const alike = similarity(text, lines[at + i] ?? "");
        if (alike < MIN_LINE_SIMILARITY) return 0;
        sum += alike * text.length;
    }
    return sum;
}

function found(present: readonly Numbered[], at: number, nLines: number, isExact: boolean): Anchor {
    const start = present[at]?.line ?? 0;
    const end = (present[at + nLines - 1]?.line ?? start) + 1;
    return { kind: "found", start, end, isExact };
}

function ambiguous(lines: readonly number[]): Anchor {
    const numbers = [...lines].sort((a, b) => a - b).map((line) => line + 1);
    const named = numbers.slice(0, MAX_NAMED).join(", ");
    const more = numbers.length > MAX_NAMED ? " and more" : "";
    return {
        kind: "refused",
        reason: `the lines to replace stand in the file more than once (lines ${named}${more})`,
    };
}

function shortened(text: string): string {
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
