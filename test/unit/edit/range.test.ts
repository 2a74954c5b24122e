/** Which lines an edit is about, and what of an answer is a repetition of what stands around them. */

import { describe, expect, it } from "vitest";
import { partsByIndentation } from "../../../src/edit/outline";
import { editRange } from "../../../src/edit/range";
import { withoutRepeated } from "../../../src/edit/repeated";

const lines = [
    "x = 1",
    "y = 2",
    "",
    "# Adds.",
    "def add(a, b):",
    "    c = a + b",
    "",
    "    return c",
    "",
    "class A:",
    "    n = 0",
];
const parts = partsByIndentation(lines);

describe("the lines of an edit", () => {
    it.each([
        ["the function around the cursor, with its comment", { cursor: 5 }, { start: 3, end: 8 }],
        ["the empty line at the cursor", { cursor: 6 }, { start: 6, end: 7 }],
        ["the paragraph outside of functions", { cursor: 1 }, { start: 0, end: 2 }],
        ["the paragraph in a class", { cursor: 10 }, { start: 9, end: 11 }],
        ["what is selected", { cursor: 1, selected: { start: 1, end: 5 } }, { start: 1, end: 5 }],
        [
            "without empty lines at the ends",
            { cursor: 2, selected: { start: 2, end: 9 } },
            { start: 3, end: 8 },
        ],
        [
            "one empty line of several",
            { cursor: 2, selected: { start: 2, end: 3 } },
            { start: 2, end: 3 },
        ],
    ])("are %s", (_name, place, expected) => {
        expect(editRange(lines, parts, place)).toEqual(expected);
    });

    it("are a paragraph where the function is very long", () => {
        const long = [
            "def f():",
            ...Array.from({ length: 90 }, (_, i) => (i % 5 ? `    a${i}()` : "")),
        ];
        expect(editRange(long, partsByIndentation(long), { cursor: 8 })).toEqual({
            start: 7,
            end: 11,
        });
    });
});

describe("lines of the surroundings in an answer", () => {
    const around = {
        above: ["import a", "", "def f():"],
        below: ["", "main()"],
        before: ["    x = 1"],
    };

    it.each([
        ["none", ["    x = 2"], ["    x = 2"]],
        ["above", ["def f():", "    x = 2"], ["    x = 2"]],
        ["below", ["    x = 2", "", "main()"], ["    x = 2"]],
        ["both", ["import a", "", "def f():", "    x = 2", "", "main()"], ["    x = 2"]],
        ["only an empty one", ["    x = 2", ""], ["    x = 2", ""]],
    ])("%s", (_name, answer, expected) => {
        expect(withoutRepeated(answer, around)).toEqual(expected);
    });

    it("stay where the edited lines begin with the same one", () => {
        const same = { above: ["a()"], below: [], before: ["a()", "b()"] };
        expect(withoutRepeated(["a()", "c()"], same)).toEqual(["a()", "c()"]);
    });
});
