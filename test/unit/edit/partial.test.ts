/** A rewriting in the middle: what is not written yet stays, the finished one is the whole difference. */

import { describe, expect, it } from "vitest";
import { applyHunks } from "../../../src/edit/lines";
import { partialHunks, reachedLine } from "../../../src/edit/partial";
import { changedLines, randomFrom, randomLines, SEEDS } from "./random";

const before = ["function f() {", "    const a = 1;", "    const b = 2;", "    return a + b;", "}"];

describe("lines written so far", () => {
    it.each([
        ["nothing", [], 0],
        ["the first line", ["function f() {"], 1],
        ["an added line", ["function f() {", "    log();"], 1],
        ["a line kept after an added one", ["function f() {", "    log();", "    const a = 1;"], 2],
        ["a line left out", ["function f() {", "    const b = 2;"], 3],
        ["all", before, 5],
    ])("%s", (_name, soFar, expected) => {
        expect(reachedLine(before, soFar)).toBe(expected);
    });

    it("leave the old lines behind them as they are", () => {
        const soFar = ["function f() {", "    const a = 10;"];
        const lines = applyHunks(before, partialHunks(before, soFar));
        expect(lines).toEqual([...soFar, ...before.slice(1)]);
    });

    it("are all there at every moment, followed by an end of the old ones", () => {
        for (const seed of SEEDS) {
            const next = randomFrom(seed);
            const old = randomLines(next);
            const soFar = changedLines(next, old).slice(0, next(10));
            const lines = applyHunks(old, partialHunks(old, soFar)).map((line) => line.trimEnd());
            const rest = old.slice(reachedLine(old, soFar)).map((line) => line.trimEnd());
            const expected = [...soFar.map((line) => line.trimEnd()), ...rest];
            expect(lines, `seed ${seed}`).toEqual(expected);
        }
    });
});
