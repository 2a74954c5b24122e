// Windows move in steps, so that typing keeps the beginning of the prompt as it was.
import { describe, expect, it } from "vitest";
import {
    budgetFor,
    firstBudgetFor,
    firstPieceBudgetFor,
    fitBudget,
    pieceBudgetFor,
    prefixWindow,
    steppedStart,
    suffixWindow,
} from "../../../src/prompt/budget";

/** One token for four characters. */
const count = (text: string) => Math.ceil(text.length / 4);
const line = (i: number) => `line number ${String(i).padStart(5, "0")} of it\n`;
const lines = (n: number, from = 0) => Array.from({ length: n }, (_, i) => line(from + i)).join("");

describe("prefixWindow", () => {
    it("takes everything that fits", () => {
        const window = prefixWindow(lines(4), 100, count);
        expect(window.text).toBe(lines(4));
        expect(window.anchor.offset).toBe(0);
    });
    it("starts at a line and leaves room to type in", () => {
        const window = prefixWindow(lines(1000), 300, count);
        expect(window.text.startsWith("line number")).toBe(true);
        expect(window.nTokens).toBeLessThanOrEqual(200);
        expect(window.nTokens).toBeGreaterThan(180);
    });
    it("keeps its start while one types, and moves rarely", () => {
        let text = lines(200);
        let window = prefixWindow(text, 300, count);
        let nMoves = 0;
        for (const character of lines(100, 200)) {
            text += character;
            const next = prefixWindow(text, 300, count, window.anchor);
            expect(next.nTokens).toBeLessThanOrEqual(300);
            if (next.text.slice(0, 40) !== window.text.slice(0, 40)) nMoves++;
            else expect(next.text.startsWith(window.text)).toBe(true);
            window = next;
        }
        expect(nMoves).toBe(5);
    });
    it("finds its start again after an edit above it", () => {
        const window = prefixWindow(lines(1000), 300, count);
        const next = prefixWindow(`// new\n${lines(1000)}x`, 300, count, window.anchor);
        expect(next.text).toBe(`${window.text}x`);
    });
    it("starts anew when the cursor moved up", () => {
        const window = prefixWindow(lines(1000), 300, count);
        const up = lines(1000).slice(0, window.anchor.offset + 300);
        const next = prefixWindow(up, 300, count, window.anchor);
        expect(next.nTokens).toBeGreaterThan(180);
    });
    it("cuts inside a line that alone is too long", () => {
        const window = prefixWindow("x".repeat(100_000), 300, count);
        expect(window.nTokens).toBeLessThanOrEqual(200);
        expect(window.nTokens).toBeGreaterThan(90);
    });
});

describe("suffixWindow", () => {
    it("leaves out closers that end the line", () => {
        expect(suffixWindow(");\nfoo();\n", 100, count)).toBe("\nfoo();\n");
        expect(suffixWindow(" + b);\nfoo();\n", 100, count)).toBe(" + b);\nfoo();\n");
    });
    it("takes whole lines up to the limit", () => {
        expect(suffixWindow(`\n${lines(50)}`, 40, count)).toBe(`\n${lines(6)}`);
    });
    it("stays when only closers came in front", () => {
        const known = suffixWindow(`\n${lines(50)}`, 40, count);
        expect(suffixWindow(`\n}\n${lines(50)}`, 40, count, known)).toBe(known);
        expect(suffixWindow(`\nfoo();\n${lines(50)}`, 40, count, known)).not.toBe(known);
    });
    it.each([
        ["the end of a file", ""],
        ["a last line break", "\n"],
        ["a last closer", "\n}\n"],
    ])("stays at %s, when closers came in front and nothing else follows", (_, known) => {
        expect(suffixWindow(`\n    }${known}`, 40, count, known)).toBe(known);
        expect(suffixWindow(`\n    }${known}foo();`, 40, count, known)).not.toBe(known);
    });
    it("cuts inside a line that alone is too long", () => {
        const text = suffixWindow("x".repeat(100_000), 40, count);
        expect(count(text)).toBeLessThanOrEqual(40);
        expect(text.length).toBeGreaterThan(40);
    });
});

it("steppedStart moves in quarters and never leaves too much", () => {
    expect(steppedStart(100, 100)).toBe(0);
    for (let length = 101; length < 400; length++) {
        const start = steppedStart(length, 100);
        expect(start % 25).toBe(0);
        expect(length - start).toBeLessThanOrEqual(100);
        expect(length - start).toBeGreaterThan(75);
    }
});

it("fitBudget shrinks both windows to a small context", () => {
    const budget = { maxPrefixTokens: 768, maxSuffixTokens: 192 };
    expect(fitBudget(budget, 4096, 64)).toBe(budget);
    const small = fitBudget(budget, 512, 64);
    expect(small.maxPrefixTokens + small.maxSuffixTokens).toBe(416);
    expect(small.maxPrefixTokens / small.maxSuffixTokens).toBeCloseTo(4, 0);
});

it("firstBudgetFor gives less than what is stayed with, and a slow machine the same suffix", () => {
    for (const speed of [50, 110, 400]) {
        const first = firstBudgetFor(speed);
        const next = budgetFor(speed);
        expect(first.maxPrefixTokens).toBeLessThan(next.maxPrefixTokens);
        expect(firstPieceBudgetFor(speed, first)).toBe(0);
    }
    expect(firstBudgetFor(110).maxSuffixTokens).toBe(budgetFor(110).maxSuffixTokens);
    expect(firstBudgetFor(5000)).toEqual(budgetFor(5000));
    expect(firstPieceBudgetFor(5000, firstBudgetFor(5000))).toBeGreaterThan(0);
});
it("budgetFor gives a slow machine a small window, and none at all never", () => {
    const sizes = [1, 100, 200, 500, 10_000].map((speed) => budgetFor(speed).maxPrefixTokens);
    expect(sizes).toEqual([256, 256, 384, 768, 1536]);
});

describe("pieceBudgetFor", () => {
    it("is what the speed leaves beside the windows, and nothing on a slow computer", () => {
        const at = (speed: number) => pieceBudgetFor(speed, budgetFor(speed));
        expect(at(100)).toBe(0);
        expect(at(20_000)).toBe(1536);
        // In a long pause of a slow computer.
        expect(at(400)).toBe(256);
        const { maxPrefixTokens, maxSuffixTokens } = budgetFor(800);
        const used = (maxPrefixTokens * 2) / 3 + maxSuffixTokens + at(800);
        expect(used).toBeLessThanOrEqual(2000);
    });
});
