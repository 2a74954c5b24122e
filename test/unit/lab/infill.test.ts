// Holes of somebody's code: always the same ones, each put together again is the file; and what an answer is worth.
import { describe, expect, it } from "vitest";
import { cutHoles, isCode, type Source } from "../../../src/lab/infill/holes";
import {
    comparable,
    isComplete,
    judge,
    scoreOf,
    similarityOf,
} from "../../../src/lab/infill/score";
import { scanBrackets } from "../../../src/prompt/lines";

const TYPESCRIPT = `import { readFile } from "node:fs/promises";

/**
 * A comment about total and count
 */
export function total(prices: number[], taxRate: number): number {
    // another comment line here
    const net = prices.reduce((sum, price) => sum + price, 0);
    const tax = net * taxRate;
    if (tax < 0) {
        throw new RangeError("negative tax");
    }
    const gross = net + tax;
    return Math.round(gross * 100) / 100;
}
`;
const PYTHON = `class Ledger:
    def __init__(self, owner):
        self.owner = owner
        self.entries = []

    def record(self, amount, note=""):
        # what was spent
        entry = (amount, note)
        self.entries.append(entry)
        return len(self.entries)

    def balance(self):
        total = sum(amount for amount, _ in self.entries)
        return total
`;
const sources: Source[] = [
    { name: "shop/total.ts", languageId: "typescript", text: TYPESCRIPT },
    { name: "shop/ledger.py", languageId: "python", text: PYTHON },
];

describe("cutHoles", () => {
    const holes = cutHoles(sources, 100);
    const textOf = (name: string) => sources.find((source) => source.name === name)?.text;

    it("takes nothing away and adds nothing", () => {
        expect(holes.length).toBeGreaterThan(12);
        for (const { name, prefix, truth, suffix } of holes) {
            expect(truth.trim().length).toBeGreaterThanOrEqual(6);
            expect(prefix + truth + suffix).toBe(textOf(name));
        }
    });

    it("is the same whatever the order of the files, and the first of more", () => {
        expect(cutHoles([...sources].reverse(), 100)).toEqual(holes);
        expect(cutHoles(sources, 4)).toEqual(holes.slice(0, 4));
    });

    it("cuts both kinds of holes of both files in turn", () => {
        const first = holes.slice(0, 4);
        expect(first.map(({ kind }) => kind)).toEqual(["line", "lines", "line", "lines"]);
        expect(new Set(first.map(({ name }) => name)).size).toBe(2);
    });

    it("leaves no comment in a hole and no line of one open", () => {
        for (const { truth } of holes) expect(truth).not.toMatch(/comment|what was spent/);
    });

    it("cuts the rest of a line at a word that is not its first", () => {
        for (const { prefix, truth } of holes.filter(({ kind }) => kind === "line")) {
            expect(truth).toMatch(/^\w/);
            expect(truth).not.toContain("\n");
            expect(prefix).toMatch(/\w[^\n]*\W$/);
        }
    });

    it("cuts whole lines that are complete statements", () => {
        const lines = holes.filter(({ kind }) => kind === "lines");
        expect(lines.length).toBeGreaterThan(2);
        for (const { prefix, truth, suffix } of lines) {
            expect(prefix.split("\n").at(-1)?.trim()).toBe("");
            expect(suffix.startsWith("\n")).toBe(true);
            expect(scanBrackets(truth)).toEqual({ open: [], unmatchedAt: undefined });
            const n = truth.split("\n").length;
            expect(n).toBeGreaterThan(1);
            expect(n).toBeLessThan(6);
        }
        expect(lines.map(({ truth }) => truth)).toContainEqual(
            'if (tax < 0) {\n        throw new RangeError("negative tax");\n    }\n    const gross = net + tax;\n    return Math.round(gross * 100) / 100;',
        );
    });

    it("cuts nothing out of what is no code", () => {
        const text = TYPESCRIPT;
        expect(cutHoles([{ name: "a.txt", languageId: "plaintext", text }], 9)).toEqual([]);
        expect(["plaintext", "markdown", "json"].map(isCode)).toEqual([false, false, false]);
        expect(["rust", "python", "lua", "clojure"].map(isCode)).toEqual([true, true, true, true]);
    });
});

describe("an answer", () => {
    it("is looked at as far as the hole has lines, white space at their ends aside", () => {
        expect(comparable("a;  \nb;\nc;", "x\ny")).toBe("a;\nb;");
        expect(isComplete("a;\nb;", "x\ny")).toBe(false);
        expect(isComplete("a;\nb;\n", "x\ny")).toBe(true);
        expect(judge("lines", "a;\n b; \nmore", "a;\n b;")).toEqual({
            kind: "lines",
            isExact: true,
            similarity: 1,
        });
        expect(judge("line", "", "four").similarity).toBe(0);
    });

    it("is as similar as few edits lie between", () => {
        expect(similarityOf("kitten", "sitting")).toBeCloseTo(1 - 3 / 7, 12);
        expect(similarityOf("", "")).toBe(1);
        expect(similarityOf("abc", "abcd")).toBe(similarityOf("abcd", "abc"));
    });

    it("counts once in the score", () => {
        const filled = [1, 1, 0.5, 0, 1, 1, 0.5, 0, 1, 1, 0.5, 0].map((similarity) => ({
            kind: "line" as const,
            isExact: similarity === 1,
            similarity,
        }));
        const score = scoreOf(filled);
        expect(score).toMatchObject({ nHoles: 12, nExact: 6, similarity: { value: 0.625 } });
        expect(score.exact.value).toBe(0.5);
        expect(score.exact.error).toBeCloseTo(Math.sqrt(0.25 / 11), 12);
        expect(scoreOf([]).exact).toEqual({ value: 0, error: null });
        const few = scoreOf(filled.slice(0, 10));
        expect([few.exact.error, few.similarity.error]).toEqual([null, null]);
    });
});
