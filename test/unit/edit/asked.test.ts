/** Code that answers a question about lines goes to those lines, wherever they stand now. */

import { describe, expect, it } from "vitest";
import { applyToAsked, askedRange } from "../../../src/edit/asked";
import { partsByIndentation } from "../../../src/edit/outline";

const FILE = [
    "class A {",
    "    add(a) {",
    "        check(a);",
    "        return a;",
    "    }",
    "}",
    "",
    "class B {",
    "    add(a) {",
    "        return 0;",
    "    }",
    "}",
    "",
];
const ASKED = { first: 1, original: FILE.slice(1, 5).join("\n") };

function applied(lines: readonly string[], text: string, asked = ASKED) {
    const target = {
        lines,
        languageId: "javascript",
        parts: partsByIndentation(lines),
        unit: "    ",
    };
    return applyToAsked(target, asked, { text, parts: partsByIndentation(text.split("\n")) });
}

describe("code for lines", () => {
    it("replaces them, indented as they are", () => {
        const code = "add(a) {\n  check(a);\n  return a + 1;\n}";
        expect(applied(FILE, code)).toMatchObject({
            kind: "change",
            lines: FILE.with(3, "        return a + 1;"),
        });
    });

    it("keeps what it leaves out", () => {
        const code = "add(a) {\n    // ... existing code ...\n    return a + 1;\n}";
        expect(applied(FILE, code)).toMatchObject({
            kind: "change",
            lines: FILE.with(3, "        return a + 1;"),
        });
    });

    it("is refused when it leaves parts out and it is not clear which", () => {
        const asked = { first: 6, original: "" };
        const code = "// ... existing code ...\nx();";
        expect(applied(FILE, code, asked)).toMatchObject({ kind: "refused" });
    });

    it("means the symbol that it was asked about, and not another of that name", () => {
        const asked = { first: 8, original: FILE.slice(8, 11).join("\n") };
        const code = "add(a) {\n    return 1;\n}";
        expect(applied(FILE, code, asked)).toMatchObject({
            kind: "change",
            lines: FILE.with(9, "        return 1;"),
        });
    });

    it("may give the symbol another name", () => {
        const code = "sum(a) {\n    check(a);\n    return a;\n}";
        expect(applied(FILE, code)).toMatchObject({
            kind: "change",
            lines: FILE.with(1, "    sum(a) {"),
        });
    });

    it("follows them where they have moved, and is refused where they have changed", () => {
        const code = "add(a) {\n    check(a);\n    return a + 1;\n}";
        expect(applied(["// new", ...FILE], code)).toMatchObject({
            kind: "change",
            lines: ["// new", ...FILE.with(3, "        return a + 1;")],
        });
        expect(applied(FILE.with(2, "        other(a);"), code)).toMatchObject({
            kind: "refused",
            reason: expect.stringMatching(/have changed since/) as string,
        });
    });
});

describe("the lines", () => {
    it("may not stand at two other places", () => {
        const lines = ["x", "a", "b", "a", "b"];
        expect(askedRange(lines, { first: 0, original: "a\nb" })).toBeUndefined();
        expect(askedRange(lines, { first: 3, original: "a\nb" })).toEqual({ start: 3, end: 5 });
        expect(askedRange(lines, { first: -9, original: "x" })).toEqual({ start: 0, end: 1 });
        expect(askedRange(["a"], { first: 0, original: "a\nb" })).toBeUndefined();
    });
});
