/** Holes of the quality bench and how answers to them are judged. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cutHoles, taskHoles, type Hole } from "../../../bench/quality/holes.mjs";
import { judge, pair, sum } from "../../../bench/quality/judge.mjs";

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
const folder = mkdtempSync(join(tmpdir(), "ingot-holes-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Holes of many seeds, so that every place has had its turn. */
function manyHoles(): Hole[] {
    return Array.from({ length: 60 }, (_, i) => cutHoles(sources, 5, i + 1)).flat();
}

describe("holes", () => {
    it("are the same for the same seed, and leave the text whole", () => {
        expect(cutHoles(sources, 2, 7)).toEqual(cutHoles(sources, 2, 7));
        for (const { path, before, truth, after } of manyHoles())
            expect(before + truth + after).toBe(texts.get(path));
    });

    it("begin where their kind says", () => {
        const joints = { line: /^\s*$/, word: /\S.*\W$/, inside: /\w$/, block: /^\s*$/ };
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

    it("come from tasks, one solution each", () => {
        const file = join(folder, "tasks.jsonl");
        const one = { prompt: "def f(a):\n", canonical_solution: "    return a + 1\n", suffix: "" };
        const two = {
            ...one,
            canonical_solution: "    if a:\n        return 1\n",
            suffix: "    x\n",
        };
        writeFileSync(file, `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`);
        const holes = taskHoles(file, 9, 1);
        expect(holes.map(({ kind }) => kind)).toEqual(["line", "word", "inside", "block"]);
        expect(holes[0]).toMatchObject({ before: "def f(a):\n    ", truth: "return a + 1" });
        expect(holes[3]).toMatchObject({ truth: "if a:\n        return 1", after: "\n    x\n" });
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
