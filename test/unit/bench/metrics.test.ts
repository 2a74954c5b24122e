/** Figures made of a record, and the rules by which ghost text stays and is judged. */

import { describe, expect, it } from "vitest";
import { completesLine, difference, survive } from "../../../bench/typing/ghost.mjs";
import { medianOf, metricsOf, percentiles } from "../../../bench/typing/metrics.mjs";
import { applyEdits } from "../../../bench/typing/trace.mjs";

describe("percentiles", () => {
    it("are linear between neighbours, and null where one of them never came", () => {
        expect(percentiles([4, 1, 3, 2], [0, 50, 90, 100])).toEqual({
            p0: 1,
            p50: 2.5,
            p90: expect.closeTo(3.7) as number,
            p100: 4,
        });
        expect(percentiles([1, Infinity, Infinity], [50, 0, 25])).toEqual({
            p50: null,
            p0: 1,
            p25: null,
        });
        expect(percentiles([], [50])).toBeNull();
    });

    it("of traces are taken number by number, without the traces that have none", () => {
        const list = [
            { a: 1, b: { c: null } },
            { a: 5, b: { c: 7 } },
            { a: 2, b: { c: 9 } },
        ];
        expect(medianOf(list)).toEqual({ a: 2, b: { c: 8 } });
    });
});

const KEY = {
    cause: "type",
    atMs: 0,
    gapMs: 100,
    carried: false,
    flicker: false,
    isMid: true,
    isTypo: false,
    stop: false,
};
const USAGE = {
    cpuS: null,
    peakRssMb: null,
    machineBusyS: null,
    load: { start: 0, end: 0 },
};

describe("the first ghost text", () => {
    it.each([
        ["new", [KEY, KEY, { ...KEY, ghostMs: 90 }, { ...KEY, ghostMs: 90 }, KEY], 3, 0.5],
        ["that stayed from before", [{ ...KEY, carried: true }, KEY], 1, 0],
        ["that never came", [KEY, KEY], null, null],
    ])(
        "%s is counted in keystrokes, and what comes after it is warm",
        (_, keys, expected, warm) => {
            const record = {
                keys,
                requests: [],
                works: [],
                accepts: [],
                keptCharacters: 0,
                late: { events: 0, maxMs: 0 },
                durationMs: 1,
            };
            const { firstGhost, visibleWarm } = metricsOf(record, USAGE, { isTimed: true });
            expect(firstGhost).toBe(expected);
            expect(visibleWarm["250"]).toBe(warm);
        },
    );
});

describe("tokens", () => {
    it("are sums over all model calls, aborted and background ones too", () => {
        const call = { reusedTokens: 10, generatedTokens: 2, ms: 30 };
        const record = {
            keys: Array.from({ length: 4 }, () => KEY),
            requests: [],
            works: [
                { ...call, kind: "completion", promptTokens: 300, ms: 500, aborted: true },
                { ...call, kind: "completion", promptTokens: 100 },
                { ...call, kind: "completion", promptTokens: 1 },
                { ...call, kind: "context", promptTokens: 599 },
            ],
            accepts: [],
            keptCharacters: 0,
            late: { events: 0, maxMs: 0 },
            durationMs: 1,
        };
        const { tokens, callMs } = metricsOf(record, USAGE, { isTimed: true });
        expect(tokens).toMatchObject({
            prompt: 1000,
            reused: 40,
            generated: 8,
            perKey: { prompt: 250, generated: 2 },
            promptPerCompletion: 100,
            kinds: {
                completion: { calls: 3, aborted: 1, prompt: 401 },
                context: { calls: 1, aborted: 0, prompt: 599 },
            },
        });
        expect(callMs).toEqual({ p50: 30, p90: 30 });
    });
});

describe("ghost text", () => {
    /** `|` marks the cursor after the edit. */
    const cases: [
        title: string,
        before: string,
        ghost: string,
        edit: [number, number, string],
        after: string,
        stays: boolean,
    ][] = [
        ["a character of it", "f|", "oo()", [1, 1, "o"], "fo|", true],
        ["another character", "f|", "oo()", [1, 1, "x"], "fx|", false],
        ["all of it", "f|", "oo", [1, 1, "oo"], "foo|", false],
        ["a bracket that the editor closes", "f|", "(a)", [1, 1, "()"], "f(|)", true],
        ["a bracket that closes as it does not", "f|", "(a]", [1, 1, "()"], "f(|)", false],
        ["a line end of it", "f|", ":\n  x", [1, 1, ":\n"], "f:\n|", true],
        ["a closer over the editor's", "f(|)", ")+1", [2, 3, ")"], "f()|", true],
        ["a character elsewhere", "f|", "oo", [0, 0, "o"], "o|f", false],
        ["backspace before it", "f|", "oo", [0, 1, ""], "|", false],
    ];
    it.each(cases)("and %s", (_title, before, ghost, [start, end, text], after, stays) => {
        const at = before.indexOf("|");
        const edits = [{ start, end, text }];
        const document = applyEdits(before.replace("|", ""), edits);
        expect(document).toBe(after.replace("|", ""));
        const item = { text: ghost, start: at, end: at };
        const left = survive(item, edits, document, after.indexOf("|"));
        expect(left !== undefined).toBe(stays);
    });

    it("is right without the closers that the editor put there", () => {
        const document = { text: "f(a)\n", auto: [3] };
        expect(completesLine({ text: ", b)", start: 3, end: 3 }, document, "f(a, b)")).toBe(true);
        expect(completesLine({ text: ", b)  \nx", start: 3, end: 4 }, document, "f(a, b)")).toBe(
            true,
        );
        expect(completesLine({ text: ", b", start: 3, end: 3 }, document, "f(a, b)")).toBe(false);
    });

    it("differs by one edit", () => {
        expect(difference("aXb", "aYYb")).toEqual({ start: 1, end: 2, text: "YY" });
        expect(difference("aa", "aaa")).toEqual({ start: 2, end: 2, text: "a" });
        expect(difference("aba", "aa")).toEqual({ start: 1, end: 2, text: "" });
    });
});
