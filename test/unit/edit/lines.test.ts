/** Lines and their differences: bytes come back, hunks turn one text into the other, trailing white space is no change. */

import { describe, expect, it } from "vitest";
import { applyHunks, changeBetween, diffLines, linesOf, textOf } from "../../../src/edit/lines";
import { changedLines, randomFrom, randomLines, SEEDS } from "./random";

describe("a text as lines", () => {
    it.each([
        ["", 1],
        ["a", 1],
        ["a\n", 2],
        ["a\nb", 2],
        ["a\r\nb\r\n", 3],
        ["\r\n\r\n", 3],
        ["\ta\n\tb", 2],
    ])("%j has %i lines and its bytes come back", (text, n) => {
        const lines = linesOf(text);
        expect(lines.lines).toHaveLength(n);
        expect(textOf(lines)).toBe(text);
    });

    it("with both line ends has the more frequent one", () => {
        expect(linesOf("a\r\nb\r\nc\nd").eol).toBe("\r\n");
        expect(linesOf("a\r\nb\nc\nd").eol).toBe("\n");
    });
});

describe("the difference of two lists of lines", () => {
    it("turns the one into the other, but for white space at the ends", () => {
        for (const seed of SEEDS) {
            const next = randomFrom(seed);
            const before = randomLines(next);
            const now = changedLines(next, before);
            const trimmed = (lines: string[]) => lines.map((line) => line.trimEnd());
            const result = applyHunks(before, diffLines(before, now));
            expect(trimmed(result), `seed ${seed}`).toEqual(trimmed(now));
        }
    });

    it("is nothing between equal lines, and between lines that differ in trailing white space", () => {
        expect(diffLines(["a", "b"], ["a", "b"])).toEqual([]);
        expect(diffLines(["a  ", "\t", "b"], ["a", "", "b"])).toEqual([]);
    });

    it("keeps the old line where only trailing white space differs", () => {
        const hunks = diffLines(["a  ", "b", "c\t"], ["a", "B", "c"]);
        expect(applyHunks(["a  ", "b", "c\t"], hunks)).toEqual(["a  ", "B", "c\t"]);
    });

    it("makes one change of two that only a bracket or an empty line parts", () => {
        const before = ["a", "}", "b", "x", "y", "z", "c"];
        const now = ["A", "}", "B", "x", "y", "z", "C"];
        expect(diffLines(before, now)).toEqual([
            { start: 0, removed: ["a", "}", "b"], added: ["A", "}", "B"] },
            { start: 6, removed: ["c"], added: ["C"] },
        ]);
    });

    it.each([
        [
            ["f {", "a", "}"],
            ["f {", "b", "}", "", "g {", "c", "}"],
            { start: 1, removed: ["a"], added: ["b", "}", "", "g {", "c"] },
        ],
        [["x", "}"], ["x", "y", "}", "z", "}"], { start: 1, removed: [], added: ["y", "}", "z"] }],
        [["}", "y", "}", "z"], ["}", "z"], { start: 1, removed: ["y", "}"], added: [] }],
    ])("of %j and %j has no unchanged lines at its ends", (before, now, hunk) => {
        expect(diffLines(before, now)).toEqual([hunk]);
    });

    it("of texts that have nothing in common is one change", () => {
        const before = Array.from({ length: 3000 }, (_, i) => `a${i}`);
        const now = Array.from({ length: 3000 }, (_, i) => `b${i}`);
        expect(diffLines(["x", ...before], ["x", ...now])).toEqual([
            { start: 1, removed: before, added: now },
        ]);
    });
});

describe("the smallest change between two lists of lines", () => {
    it("turns the one into the other", () => {
        for (const seed of SEEDS) {
            const next = randomFrom(seed);
            const before = randomLines(next);
            const now = changedLines(next, before);
            const change = changeBetween(before, now);
            const result = [...before];
            if (change) result.splice(change.start, change.end - change.start, ...change.lines);
            expect(result, `seed ${seed}`).toEqual(now);
        }
    });

    it("leaves out what is equal at both ends", () => {
        expect(changeBetween(["a", "b", "c"], ["a", "x", "c"])).toEqual({
            start: 1,
            end: 2,
            lines: ["x"],
        });
        expect(changeBetween(["a"], ["a"])).toBeUndefined();
    });
});
