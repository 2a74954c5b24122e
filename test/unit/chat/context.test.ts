/** Context blocks: whole when they fit, cut around the cursor when not, and always saying what was left out. */

import { describe, expect, it } from "vitest";
import {
    contextCharacters,
    fenceFor,
    fileBlock,
    lineRange,
    selectionBlock,
    type Excerpt,
} from "../../../src/host/chat/context";
import { suggestPrompts, symbolAbove } from "../../../src/host/chat/prompt";

function lines(...texts: string[]) {
    return { lineCount: texts.length, lineAt: (line: number) => ({ text: texts[line] ?? "" }) };
}

function excerpt(texts: string[], first: number, last = first): Excerpt {
    return { path: "src/a.ts", languageId: "typescript", lines: lines(...texts), first, last };
}

const hundred = Array.from({ length: 100 }, (_, i) => `line ${String(i + 1).padStart(3, "0")}`);

describe("fileBlock", () => {
    it("shows a file that fits as a whole", () => {
        expect(fileBlock(excerpt(["let a;", "let b;"], 1), 1000)).toEqual({
            label: "a.ts",
            text: "File src/a.ts:\n```typescript\nlet a;\nlet b;\n```",
        });
    });

    it("cuts a large file around the cursor and says which lines are shown", () => {
        const { label, text } = fileBlock(excerpt(hundred, 49), 9 * 11);
        expect(label).toBe("a.ts, lines 45-55 of 100");
        expect(text).toContain("File src/a.ts, lines 45-55 of 100:");
        expect(text.split("\n").slice(2, -1)).toEqual(hundred.slice(44, 55));
    });

    it("gives the room above to the lines below when the cursor is at the top", () => {
        expect(fileBlock(excerpt(hundred, 0), 9 * 10).label).toBe("a.ts, lines 1-10 of 100");
        expect(fileBlock(excerpt(hundred, 99), 9 * 10).label).toBe("a.ts, lines 91-100 of 100");
    });

    it("shortens a line of a minified file and says by how much", () => {
        const { text } = fileBlock(excerpt(["x".repeat(5000)], 0), 2000);
        expect(text.length).toBeLessThan(1200);
        expect(text).toContain("(4000 more characters)");
    });

    it("stands a cursor beyond the end, and an empty file", () => {
        expect(fileBlock(excerpt(["a"], 7), 100).label).toBe("a.ts");
        expect(fileBlock(excerpt([""], 0), 100).text).toContain("```typescript\n\n```");
    });

    it("fences longer than any backticks inside", () => {
        expect(fenceFor("a `b` c")).toBe("```");
        const { text } = fileBlock(excerpt(["````", "end"], 0), 100);
        expect(text).toContain("\n`````typescript\n````\nend\n`````");
    });
});

describe("selectionBlock", () => {
    it("shows the selected lines", () => {
        const { label, text } = selectionBlock(excerpt(hundred, 9, 11), 1000);
        expect(label).toBe("a.ts, lines 10-12 of 100");
        expect(text).toBe(
            "Selected in src/a.ts, lines 10-12 of 100:\n```typescript\nline 010\nline 011\nline 012\n```",
        );
    });

    it("cuts a long selection at its end and says so", () => {
        const { label } = selectionBlock(excerpt(hundred, 0, 99), 9 * 20);
        expect(label).toBe("a.ts, lines 1-20 of 100, selected to line 100");
    });
});

describe("contextCharacters", () => {
    it.each([
        [256, 600],
        [2048, 3072],
        [8192, 12_000],
        [1_000_000, 12_000],
    ])("%i tokens: %i characters", (tokens, characters) => {
        expect(contextCharacters(tokens)).toBe(characters);
    });
});

describe("prompts to begin with", () => {
    it("are three, whatever is open", () => {
        const file = { name: "a.ts", hasSelection: false, symbol: undefined };
        const all = [undefined, file, { ...file, hasSelection: true }].map(suggestPrompts);
        for (const prompts of all) expect(new Set(prompts).size).toBe(3);
    });

    it("name the file and what the cursor is in", () => {
        expect(suggestPrompts({ name: "a.ts", hasSelection: false, symbol: "parse" })).toEqual([
            "Explain what a.ts does",
            "Find mistakes in parse",
            "Write a test for parse",
        ]);
    });

    it.each([
        ["export async function parse(a: string) {", "parse"],
        ["    def norm(self):", "norm"],
        ["func (p *Point) Norm() float64 {", "Norm"],
        ["pub fn open() -> Result<()> {", "open"],
        ["public class Point {", "Point"],
        ["// function gone()", undefined],
        ["const a = 1;", undefined],
    ])("%s", (text, name) => {
        expect(symbolAbove(lines(text, "    body"), 1)).toBe(name);
    });

    it("one-based line ranges", () => {
        expect([lineRange(0, 0), lineRange(9, 41)]).toEqual(["line 1", "lines 10-42"]);
    });
});
