/** Places where nothing should be shown, found by rules. `|` marks every place of a kind. */

import { describe, expect, it } from "vitest";
import { cutSilent, placesOf, SILENT_KINDS } from "../../../bench/quality/silent.mjs";

const TYPESCRIPT = `/**
 * About this file.
 * Written by somebody.
 */
import { a } from "./a";
import { b } from "./b";

// The total of all.
export function total(ab: number[]) {
    // half a sentence
    if (ab.length) {
        return call(
            ab);
    }
    return 0;
}

const x = total([]);
`;
const PYTHON = `import os
import sys

def total(ab):
    """Several words."""
    for price in ab:
        yield price + 1
    # The end.
    return (1 +
            2)
`;

/** The text with a mark at every place. */
function marked(kind: (typeof SILENT_KINDS)[number], text: string, languageId: string): string[] {
    const lines = text.split("\n");
    return placesOf(kind, lines, languageId).map(({ line, column }) => {
        const whole = lines[line] ?? "";
        return `${whole.slice(0, column)}|${whole.slice(column)}`.trim();
    });
}

describe("places where nothing belongs", () => {
    it.each([
        [
            "statement",
            [
                'import { a } from "./a";|',
                'import { b } from "./b";|',
                "return 0;|",
                "const x = total([]);|",
            ],
        ],
        ["brace", ["}|", "}|"]],
        ["header", ["* About this file.|", "* Written by somebody.|"]],
        ["imports", ['import { b } from "./b";|']],
        ["comment", ["// The total of all.|"]],
        ["blank", ["|", "|"]],
    ] as const)("in TypeScript, %s", (kind, expected) => {
        expect(marked(kind, TYPESCRIPT, "typescript")).toEqual(expected);
    });

    it.each([
        ["statement", ["import os|", "import sys|", "yield price + 1|"]],
        ["brace", []],
        ["imports", ["import sys|"]],
        ["comment", ["# The end.|"]],
    ] as const)("in Python, %s", (kind, expected) => {
        expect(marked(kind, PYTHON, "python")).toEqual(expected);
    });

    it("are inside words, two letters on each side at least, and not in comments", () => {
        expect(marked("whole-word", "// about\nshort = abc\n", "python")).toEqual([
            ...["sh|ort = abc", "sho|rt = abc"],
        ]);
    });

    it("go on after a brace that something follows", () => {
        const text = "if (a) {\n    b();\n}\nelse {\n    c();\n}\n";
        expect(marked("brace", text, "javascript")).toEqual(["}|"]);
    });
});

describe("stay-silent cases", () => {
    const sources = [
        { path: "a.ts", languageId: "typescript", text: TYPESCRIPT },
        { path: "b.py", languageId: "python", text: PYTHON },
    ];

    it("are the same for the same seed, leave the text whole, and miss nothing", () => {
        expect(cutSilent(sources, 2, 3)).toEqual(cutSilent(sources, 2, 3));
        const cases = cutSilent(sources, 2, 3);
        for (const { path, before, truth, after } of cases) {
            expect(truth).toBe("");
            expect(before + after).toBe(sources.find((one) => one.path === path)?.text);
        }
        expect([...new Set(cases.map(({ kind }) => kind))]).toEqual(SILENT_KINDS);
        const perKind = SILENT_KINDS.map((kind) => cases.filter((one) => one.kind === kind).length);
        expect(Math.max(...perKind)).toBe(2);
    });
});
