/** How much text right of the cursor a suggestion replaces, and which window of a large document is taken. */

import { describe, expect, it } from "vitest";
import { replacedLength } from "../../../../src/host/completion/closers";
import { windowAround } from "../../../../src/host/completion/window";

describe("replacedLength", () => {
    it.each([
        ["a, b)", ")", 1],
        ["a, b", ")", 0],
        ["f(a), b", ")", 0],
        ["f(a), b)", ")", 1],
        ["() => {\n    x();\n})", ")", 1],
        ["a])", "])", 2],
        ["a)", "])", 0],
        ["a);", ");", 1],
        ['world"', '"', 1],
        ['world")', '")', 2],
        ["don't", ")", 0],
        ['a \\" b', '"', 0],
        ["x)", "", 0],
        ["x)", " )", 0],
    ])("%j before %j replaces %i", (text, lineSuffix, expected) => {
        expect(replacedLength(text, lineSuffix)).toBe(expected);
    });
});

describe("windowAround", () => {
    it("takes a document of usual size whole", () => {
        expect(windowAround(10, 10, 999_999)).toEqual({ from: 0, to: 999_999 });
    });

    it("keeps its start while a person types in a large document", () => {
        const total = 5_000_000;
        const first = windowAround(3_000_000, 3_000_000, total);
        const starts = new Set<number>();
        for (let typed = 0; typed < 1000; typed++) {
            starts.add(windowAround(3_000_000 + typed, 3_000_000 + typed, total + typed).from);
        }
        expect([...starts]).toEqual([first.from]);
        expect(3_000_000 - first.from).toBeGreaterThanOrEqual(256_000);
        expect(3_000_000 - first.from).toBeLessThanOrEqual(256_000 + 64_000);
        expect(first.to - 3_000_000).toBe(64_000);
    });

    it("stays inside the document", () => {
        expect(windowAround(5, 5, 2_000_000).from).toBe(0);
        expect(windowAround(1_999_999, 1_999_999, 2_000_000).to).toBe(2_000_000);
    });
});
