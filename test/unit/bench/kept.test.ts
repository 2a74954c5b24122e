/** Accepted characters as the document changes around and inside them. */

import { describe, expect, it } from "vitest";
import { virtualClock } from "../../../bench/typing/clock.mjs";
import { play } from "../../../bench/typing/driver.mjs";
import { lengthOf, moved } from "../../../bench/typing/kept.mjs";
import { metricsOf } from "../../../bench/typing/metrics.mjs";
import { ScriptedEngine, typed } from "./scripted";

const edit = (start: number, end: number, text = "") => ({ start, end, text });
const RANGE = { start: 10, end: 20 };

describe("a range of accepted characters", () => {
    it.each([
        ["text before it", [edit(2, 4, "abc")], [{ start: 11, end: 21 }]],
        ["text at its beginning", [edit(10, 10, "ab")], [{ start: 12, end: 22 }]],
        ["text behind it", [edit(20, 20, "ab")], [RANGE]],
        [
            "text inside it, which was not accepted",
            [edit(15, 15, "ab")],
            [
                { start: 10, end: 15 },
                { start: 17, end: 22 },
            ],
        ],
        ["its end taken away", [edit(18, 25)], [{ start: 10, end: 18 }]],
        ["its beginning replaced", [edit(8, 13, "x")], [{ start: 9, end: 16 }]],
        ["all of it taken away", [edit(5, 30)], []],
        [
            "two edits at once",
            [edit(0, 1), edit(12, 14)],
            [
                { start: 9, end: 11 },
                { start: 11, end: 17 },
            ],
        ],
    ])("after %s", (_, edits, expected) => {
        expect(moved([RANGE], edits)).toEqual(expected);
    });

    it("is counted in characters", () => {
        expect(lengthOf([RANGE, { start: 30, end: 31 }])).toBe(11);
        expect(lengthOf([])).toBe(0);
    });
});

const USAGE = { cpuS: 1, peakRssMb: 1, machineBusyS: 1, load: { start: 0, end: 0 } };

describe("a replayed trace", () => {
    it("tells how much of what was accepted is still there at its end", async () => {
        const trace = typed(
            "",
            [..."abcdef"].map((key, i) => [1000 + i * 400, key] as [number, string]),
        );
        const engine = new ScriptedEngine(({ offset = 0 }) => ({ text: "abcdef".slice(offset) }));
        const record = await play(trace, engine, virtualClock(), { accept: "full-line-match" });
        expect(record.accepts).toEqual([{ characters: 5, keys: 5, lines: 1 }]);
        expect(record.keptCharacters).toBe(5);
        const { accepted } = metricsOf({ ...record, keptCharacters: 3 }, USAGE, { isTimed: false });
        expect(accepted).toMatchObject({ keptCharacters: 3, keptShare: 3 / 5 });
    });
});
