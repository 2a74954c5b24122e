/** Holes of the quality bench and how answers to them are judged. */

import { describe, expect, it } from "vitest";
import { cutHoles, interleaved, type Hole } from "../../../bench/quality/holes.mjs";
import { isClearlyWorse, judge, pair, sum } from "../../../bench/quality/judge.mjs";
import { keyOf, readAnswers } from "../../../bench/quality/key.mjs";

const TYPESCRIPT = `/**
 * The documentation names several words here.
 */
// a comment with several words
export function total(prices: number[]): number {
    let sum = 0;

    // another comment with words
    for (const price of prices) {
        sum += price;
    }
    return sum;
}

export function open(name: string) {
    const file = name;

    return file;
}
`;
const PYTHON = `def total(prices):
    """Several words of
    documentation, over lines."""
    for price in prices:
        yield price + 1

    # a comment with words
    return None
`;
const sources = [
    { path: "a.ts", languageId: "typescript", text: TYPESCRIPT },
    { path: "b.py", languageId: "python", text: PYTHON },
];
const texts = new Map(sources.map(({ path, text }) => [path, text]));

/** Holes of many seeds, so that every place has had its turn. */
function manyHoles(): Hole[] {
    return Array.from({ length: 60 }, (_, i) => cutHoles(sources, 5, i + 1)).flat();
}

describe("holes", () => {
    it("are the same for the same seed, and leave the text whole", () => {
        expect(cutHoles(sources, 2, 7)).toEqual(cutHoles(sources, 2, 7));
        // Of fewer, the first ones.
        for (const hole of cutHoles(sources, 1, 7))
            expect(cutHoles(sources, 2, 7)).toContainEqual(hole);
        for (const { path, before, truth, after } of manyHoles())
            expect(before + truth + after).toBe(texts.get(path));
    });

    it("are asked for in turn, one of each kind", () => {
        const list = ["a1", "a2", "a3", "b1", "b2", "c1"].map((id) => ({ id, kind: id.charAt(0) }));
        const order = interleaved(list).map(({ id }) => id);
        expect(order).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
    });

    it("begin where their kind says", () => {
        const joints = {
            ...{ line: /^\s*$/, word: /\S.*\W$/, inside: /\w$/, block: /^\s*$/, span: /./ },
        };
        for (const { kind, before, truth } of manyHoles()) {
            expect(before.split("\n").at(-1)).toMatch(joints[kind]);
            expect(truth).toMatch(kind === "line" || kind === "block" ? /^\S/ : /^\w/);
            if (kind !== "block") expect(truth).not.toContain("\n");
        }
    });

    it("are not in comments", () => {
        for (const { truth, before } of manyHoles()) {
            expect(truth).not.toMatch(/comment|documentation/);
            expect(before.split("\n").at(-1)).not.toMatch(/comment|documentation/);
        }
    });

    it("are whole blocks, not the first half of one", () => {
        const blocks = manyHoles().filter(({ kind }) => kind === "block");
        expect([...new Set(blocks.map(({ truth }) => truth))].sort()).toEqual([
            "for (const price of prices) {\n        sum += price;\n    }",
            "for price in prices:\n        yield price + 1",
        ]);
    });
});

describe("answers", () => {
    const hole = { truth: "if a:\n    b" };
    it.each([
        ["if a:\n    b", { shown: true, line: true, whole: true, ended: true }],
        ["if a:  \n    b\n\n", { shown: true, line: true, whole: true, ended: true }],
        ["if a:\n    b\nc", { shown: true, line: true, whole: false, ended: false }],
        ["if a:", { shown: true, line: true, whole: false, ended: true }],
        ["if ab:\n    b", { shown: true, line: false, whole: false, ended: true }],
        [undefined, { shown: false, line: false, whole: false, ended: false }],
    ])("%j", (text, expected) => {
        expect(judge(hole, text)).toEqual(expected);
    });

    it("are summed up, and compared hole by hole", () => {
        const [right, wrong] = [judge(hole, hole.truth), judge(hole, "x")];
        expect(sum([right, wrong, wrong, right])).toMatchObject({
            holes: 4,
            line: 0.5,
            whole: 0.5,
        });
        expect(sum([])).toMatchObject({ holes: 0, line: null });
        expect(pair([right, right, wrong], [wrong, wrong, right])).toEqual({ won: 2, lost: 1 });
    });
});

describe("a layout", () => {
    it.each([
        [{ won: 0, lost: 3 }, false],
        [{ won: 0, lost: 5 }, true],
        [{ won: 10, lost: 18 }, false],
        [{ won: 10, lost: 22 }, true],
        [{ won: 9, lost: 0 }, false],
        [{ won: 0, lost: 0 }, false],
    ])("with %j is clearly worse: %s", (figures, expected) => {
        expect(isClearlyWorse(figures)).toBe(expected);
    });
});

describe("remembered answers", () => {
    it("are found by equal questions, and by no others", () => {
        const question = { before: "a", after: "b", settings: { maxLines: 1, layout: "append" } };
        const same = {
            settings: { layout: "append", maxLines: 1, gating: undefined },
            after: "b",
            before: "a",
        };
        expect(keyOf(same)).toBe(keyOf(question));
        const others = [
            { ...question, before: "ab", after: "" },
            { ...question, settings: { ...question.settings, maxLines: 2 } },
            { ...question, settings: { ...question.settings, layout: "documented" } },
            { ...question, settings: [] },
        ];
        expect(new Set([question, ...others].map(keyOf)).size).toBe(5);
        expect(keyOf([1, 2])).not.toBe(keyOf([2, 1]));
    });

    it("are read back, but for the one that was cut short", () => {
        const text =
            '{"key":"a","answer":{"text":"x"}}\n{"key":"b","answer":{"reason":"none"}}\n{"ke';
        expect([...readAnswers(text)]).toEqual([
            ["a", { text: "x" }],
            ["b", { reason: "none" }],
        ]);
        expect(readAnswers("").size).toBe(0);
    });
});
