/** Rows under review: any order of verdicts, bytes of a rejected review, edits of somebody else in between. */

import { describe, expect, it } from "vitest";
import { applyHunks, diffLines, linesOf, textOf } from "../../../src/edit/lines";
import {
    documentLines,
    dropLeftOver,
    hideGone,
    pendingHunks,
    rowsOf,
    settle,
    takeOver,
    touchedLines,
    type Row,
    type TextChange,
} from "../../../src/edit/review";
import { changedLines, randomFrom, randomLines, SEEDS } from "./random";

function setUp(seed: number) {
    const next = randomFrom(seed);
    const before = randomLines(next);
    const hunks = diffLines(before, changedLines(next, before));
    return { next, before, hunks, rows: rowsOf(before, hunks) };
}

function shuffled(next: (n: number) => number, ids: number[]): number[] {
    return ids
        .map((id) => [next(1000), id] as const)
        .sort((a, b) => a[0] - b[0])
        .map(([, id]) => id);
}

describe("hunks", () => {
    it("accepted in any order give the new text, those rejected stay as they were", () => {
        for (const seed of SEEDS) {
            const { next, before, hunks, rows } = setUp(seed);
            const ids = shuffled(next, [...hunks.keys()]);
            const accepted = new Set(ids.filter(() => next(2) === 0));
            let left = next(2) === 0 ? rows : hideGone(rows);
            for (const id of ids) left = settle(left, id, accepted.has(id) ? "accept" : "reject");
            const chosen = hunks.filter((_, id) => accepted.has(id));
            expect(documentLines(left), `seed ${seed}`).toEqual(applyHunks(before, chosen));
            expect(pendingHunks(left)).toEqual([]);
        }
    });

    it.each(["\n", "\r\n"])("all rejected give the original byte for byte with %j", (eol) => {
        for (const seed of SEEDS) {
            const { next, before, rows } = setUp(seed);
            const text = before.join(eol) + (next(2) === 0 ? eol : "");
            const original = linesOf(text);
            const now = changedLines(next, original.lines);
            const review = rowsOf(original.lines, diffLines(original.lines, now));
            for (const some of [review, hideGone(review)]) {
                const lines = documentLines(settle(some, "all", "reject"));
                expect(textOf({ ...original, lines }), `seed ${seed}`).toBe(text);
            }
            expect(documentLines(settle(rows, "all", "reject"))).toEqual(before);
        }
    });

    it("say where they are, what they add and what is gone", () => {
        const rows = rowsOf(
            ["a", "b", "c", "d"],
            [
                { start: 1, removed: ["b"], added: ["B", "B2"] },
                { start: 3, removed: ["d"], added: [] },
            ],
        );
        expect(documentLines(rows)).toEqual(["a", "", "B", "B2", "c", ""]);
        expect(pendingHunks(rows)).toEqual([
            { id: 0, line: 1, nLines: 3, added: ["B", "B2"], gone: ["b"] },
            { id: 1, line: 5, nLines: 1, added: [], gone: ["d"] },
        ]);
        const hidden = hideGone(rows);
        expect(documentLines(hidden)).toEqual(["a", "B", "B2", "c"]);
        expect(pendingHunks(hidden)).toEqual([
            { id: 0, line: 1, nLines: 2, added: ["B", "B2"], gone: ["b"] },
            { id: 1, line: 4, nLines: 0, added: [], gone: ["d"] },
        ]);
    });
});

describe("edits of somebody else", () => {
    const rows = rowsOf(
        ["a", "b", "c", "d"],
        [
            { start: 1, removed: ["b"], added: ["B"] },
            { start: 3, removed: ["d"], added: ["D"] },
        ],
    );
    const taken = (start: number, end: number, lines: string[]) =>
        dropLeftOver(takeOver(rows, { start, end, lines }));
    const ids = (list: readonly Row[]) => pendingHunks(list).map(({ id }) => id);

    it("beside the changes move them and stay through any verdict", () => {
        const moved = takeOver(rows, { start: 0, end: 1, lines: ["new", "a2"] });
        expect(documentLines(moved)).toEqual(["new", "a2", "", "B", "c", "", "D"]);
        expect(pendingHunks(moved).map(({ line }) => line)).toEqual([2, 5]);
        expect(documentLines(settle(moved, "all", "reject"))).toEqual(["new", "a2", "b", "c", "d"]);
    });

    it("in an added line settle its change, and the line of what was gone goes", () => {
        const left = taken(2, 3, ["mine"]);
        expect(documentLines(left)).toEqual(["a", "mine", "c", "", "D"]);
        expect(ids(left)).toEqual([1]);
        const raw = takeOver(rows, { start: 2, end: 3, lines: ["mine"] });
        expect(documentLines(settle(raw, "all", "reject"))).toEqual(["a", "mine", "c", "d"]);
    });

    it("in the place of a gone line settle its change as well", () => {
        const left = taken(1, 2, ["typed"]);
        expect(documentLines(left)).toEqual(["a", "typed", "B", "c", "", "D"]);
        expect(ids(left)).toEqual([1]);
    });

    it("over everything leave nothing to review", () => {
        const left = taken(0, 6, ["x"]);
        expect(documentLines(left)).toEqual(["x"]);
        expect(ids(left)).toEqual([]);
    });

    it("leave the document as it is, and then without the lines of what was gone", () => {
        for (const seed of SEEDS) {
            const { next, rows: review } = setUp(seed);
            const before = documentLines(review);
            const start = next(before.length + 1);
            const end = start + next(before.length - start + 1);
            const lines = randomLines(next, 3).slice(next(2));
            const left = takeOver(review, { start, end, lines });
            const expected = [...before.slice(0, start), ...lines, ...before.slice(end)];
            expect(documentLines(left), `seed ${seed}`).toEqual(expected);
            const full = (list: string[]) => list.filter((line) => line.trim() !== "");
            expect(full(documentLines(dropLeftOver(left)))).toEqual(full(expected));
        }
    });
});

describe("the lines that a change of the document touches", () => {
    const before = ["one", "two", "three"];
    const change = (
        [startLine, startCharacter, endLine, endCharacter]: [number, number, number, number],
        text: string,
    ): TextChange => ({ startLine, startCharacter, endLine, endCharacter, text });

    it.each([
        ["typing in a line", change([1, 3, 1, 3], "!"), { start: 1, end: 2, lines: ["two!"] }],
        ["Enter at its end", change([1, 3, 1, 3], "\n  "), { start: 2, end: 2, lines: ["  "] }],
        ["Enter in it", change([1, 1, 1, 1], "\n"), { start: 1, end: 2, lines: ["t", "wo"] }],
        ["a line put before it", change([1, 0, 1, 0], "x\n"), { start: 1, end: 1, lines: ["x"] }],
        ["a line removed", change([1, 0, 2, 0], ""), { start: 1, end: 2, lines: [] }],
        ["the last line removed", change([1, 3, 2, 5], ""), { start: 2, end: 3, lines: [] }],
        ["two lines joined", change([0, 3, 1, 0], ""), { start: 0, end: 2, lines: ["onetwo"] }],
        ["windows line ends", change([0, 3, 0, 3], "\r\nx"), { start: 1, end: 1, lines: ["x"] }],
    ])("%s", (_name, given, expected) => {
        expect(touchedLines(before, given)).toEqual(expected);
    });
});
