/** Answers that are diffs: told from code, read with and without numbers, headers and the spaces in front. */

import { describe, expect, it } from "vitest";
import { diffPath, isDiff, parseDiff } from "../../../src/edit/diff";
import { applyBlocks } from "../../../src/edit/searchReplace";

const FILE = [
    "import { a } from './a';",
    "",
    "function add(x, y) {",
    "    // Sum.",
    "    return x - y;",
    "}",
    "",
    "function last() {",
    "    a();",
    "}",
    "",
];
const ADDED = FILE.with(4, "    return x + y;");

function applied(text: string, lines: readonly string[] = FILE) {
    const parsed = parseDiff(text, lines);
    return "reason" in parsed ? parsed : applyBlocks(lines, parsed.blocks, "hunk");
}

const is = (
    text: string,
    languageId = "javascript",
    { lines = FILE, fence }: { lines?: readonly string[]; fence?: string } = {},
) => isDiff(text, { lines, languageId, fence });

describe("a diff", () => {
    it.each([
        [
            "as git writes it",
            "diff --git a/x.js b/x.js\nindex 1234567..89abcde 100644\n--- a/x.js\n+++ b/x.js\n@@ -3,4 +3,4 @@ function add(x, y) {\n function add(x, y) {\n     // Sum.\n-    return x - y;\n+    return x + y;\n }\n\\ No newline at end of file",
        ],
        ["with wrong numbers", "@@ -70,2 +80,2 @@\n-    return x - y;\n+    return x + y;\n }"],
        ["without numbers", "@@ ... @@\n-    return x - y;\n+    return x + y;"],
        ["without a header", "-    return x - y;\n+    return x + y;"],
        [
            "without the spaces in front",
            "function add(x, y) {\n    // Sum.\n-    return x - y;\n+    return x + y;\n}",
        ],
        ["with other indentation", "@@\n   // Sum.\n-  return x - y;\n+  return x + y;"],
        ["with a space behind the marks", "-     return x - y;\n+     return x + y;\n }"],
        [
            "with parts left out",
            " function add(x, y) {\n     // ...\n-    return x - y;\n+    return x + y;\n }\n // ... existing code ...",
        ],
        [
            "with dots for parts left out",
            " import { a } from './a';\n ...\n function add(x, y) {\n     ...\n-    return x - y;\n+    return x + y;\n }\n...\n     a();",
        ],
    ])("%s", (_name, text) => {
        expect(is(text)).toBe(true);
        expect(applied(text)).toEqual({ lines: ADDED });
    });

    it("adds and removes lines beside those that stay, as deep as they are", () => {
        for (const context of [" ", ""]) {
            const text = `${context}function last() {\n${context}    a();\n+    b();\n${context}}`;
            expect(is(text)).toBe(true);
            expect(applied(text)).toEqual({ lines: FILE.toSpliced(9, 0, "    b();") });
        }
        const removal = " function add(x, y) {\n-    // Sum.\n     return x - y;";
        expect(is(removal)).toBe(true);
        expect(applied(removal)).toEqual({ lines: FILE.toSpliced(3, 1) });
    });

    it("of several hunks changes each place, in any order", () => {
        const text =
            "@@ -8 +8 @@\n-    a();\n+    b();\n@@ -1 +1 @@\n-import { a } from './a';\n+import { b } from './b';";
        expect(applied(text)).toEqual({
            lines: FILE.with(8, "    b();").with(0, "import { b } from './b';"),
        });
    });

    it("quotes dots that the file has", () => {
        const stub = ["def f(x):", "    ...", "", "def g(x):", "    ...", ""];
        const text = " def g(x):\n-    ...\n+    return x\n";
        expect(applied(text, stub)).toEqual({ lines: stub.with(4, "    return x") });
        const added = " def f(x):\n     ...\n+    pass";
        expect(applied(added, stub)).toEqual({ lines: stub.toSpliced(2, 0, "    pass") });
    });

    it("fills an empty file", () => {
        expect(applied("@@ -0,0 +1,2 @@\n+a();\n+b();", [""])).toEqual({ lines: ["a();", "b();"] });
    });

    it.each([
        ["@@ -1 +1 @@\n-nowhere();\n+b();", 'the file has no lines like "nowhere();"'],
        ["@@ -3,0 +4 @@\n+b();", "a part of the diff does not show between which lines it goes"],
        [
            "--- a/x.js\n+++ b/x.js\n-a\n+b\n--- a/y.js\n+++ b/y.js\n-a\n+b",
            "it is a diff of several files",
        ],
    ])("%j is refused", (text, reason) => expect(applied(text)).toEqual({ reason }));

    it("names its file", () => {
        expect(diffPath("--- a/src/x.js\n+++ b/src/x.js\n-a\n+b")).toBe("src/x.js");
        expect(diffPath("@@ -1 +1 @@\n-a\n+b")).toBeUndefined();
    });
});

describe("a diff of a file with lists", () => {
    const YAML = ["on: push", "steps:", "- run: a", "- run: b", "  name: c", ""];
    const changed = YAML.with(2, "- run: z");

    it.each([
        ["with the file's other lines", " steps:\n-- run: a\n+- run: z\n - run: b"],
        ["without the spaces in front", "steps:\n-- run: a\n+- run: z\n- run: b"],
        ["of one line", "-- run: a\n+- run: z"],
    ])("is known by its fence: %s", (_name, text) => {
        expect(is(text, "yaml", { lines: YAML, fence: "diff" })).toBe(true);
        expect(applied(text, YAML)).toEqual({ lines: changed });
    });

    it("is refused where one mark may stand for two", () =>
        expect(applied("- run: a\n+ run: z", YAML)).toEqual({
            reason: "its marks can be those of a list of the file",
        }));

    it("is known by its lines where the fence does not say so", () => {
        const text = " steps:\n-- run: a\n+- run: z\n - run: b";
        for (const languageId of ["yaml", "markdown", "plaintext"])
            expect(is(text, languageId, { lines: YAML })).toBe(true);
    });

    it.each([
        ["a list that the file has", "- run: a\n+ run: b"],
        ["a list of others", "- one\n- two\n+ three"],
        ["an item for each line", "- steps:\n- on: push"],
        ["a list for lines", "Items:\n- steps:\n+ on: push"],
    ])("is not %s", (_name, text) => expect(is(text, "markdown", { lines: YAML })).toBe(false));
});

describe("a diff of a file with lists that only adds", () => {
    const YAML = ["on: push", "env:", "  - A", "  - B", "tags:", "- one", "- two", ""];
    const TEXT = ["# T", "", "- one", "- two", "", "Run this.", "Then that.", ""];
    const env = YAML.toSpliced(3, 0, "  - C");
    const tags = YAML.toSpliced(6, 0, "- six");

    it.each([
        ["as git writes it", "   - A\n+  - C\n   - B", env],
        ["without the spaces in front", "env:\n  - A\n+  - C\n  - B", env],
        ["with a space behind the marks", "  - A\n+   - C\n  - B", env],
        ["at one side", "env:\n  - A\n+  - C", env],
        ["to a list at the margin", "tags:\n- one\n+- six\n- two", tags],
        ["there with a space behind the marks", "- one\n+ - six\n- two", tags],
        ["a key", "on: push\n+ name: x\nenv:", YAML.toSpliced(1, 0, "name: x")],
        ["beside what is left out", "on: push\n# ...\n  - A\n+  - C\n  - B", env],
    ])("is known in YAML %s", (_name, text, wanted) => {
        for (const languageId of ["yaml", "dockercompose"])
            expect(is(text, languageId, { lines: YAML })).toBe(true);
        expect(applied(text, YAML)).toEqual({ lines: wanted });
    });

    it.each([
        ["an item", "- one\n+- six\n- two", TEXT.toSpliced(3, 0, "- six")],
        ["with a space, at one side", "- one\n+ - six", TEXT.toSpliced(3, 0, "- six")],
        [
            "a line between two",
            "Run this.\n+ And this.\nThen that.",
            TEXT.toSpliced(6, 0, "And this."),
        ],
        ["a section", " - two\n \n+## More\n+\n Run this.", TEXT.toSpliced(5, 0, "## More", "")],
    ])("is known in Markdown: %s", (_name, text, wanted) => {
        expect(is(text, "markdown", { lines: TEXT })).toBe(true);
        expect(applied(text, TEXT)).toEqual({ lines: wanted });
    });

    it("is refused where its mark can be that of an item, or it stands nowhere", () => {
        const item = "- one\n+ six\n- two";
        for (const languageId of ["yaml", "markdown"])
            expect(is(item, languageId, { lines: YAML })).toBe(true);
        expect(applied(item, YAML)).toEqual({
            reason: "its marks can be those of a list of the file",
        });
        expect(is("+  - C", "yaml", { lines: YAML })).toBe(true);
        expect(applied("+  - C", YAML)).toEqual({
            reason: "a part of the diff does not show between which lines it goes",
        });
    });

    it.each([
        ["below a line of the file", "Then that.\n+ a\n+ b", TEXT],
        ["alone", "+ a\n+ b", TEXT],
        ["with other lines", "Run this.\n+ a\nThen more.", TEXT],
        ["where the file has one", "Run this.\n+ a\nThen that.", [...TEXT, "+ b"]],
    ])("is not a list of pluses %s", (_name, text, lines) =>
        expect(is(text, "markdown", { lines })).toBe(false),
    );

    it("has the space behind its marks where others are as deep", () => {
        const text = "function last() {\n+     b();\n    a();\n}";
        expect(applied(text)).toEqual({ lines: FILE.toSpliced(8, 0, "    b();") });
        const tabs = ["func a() {", "\tb()", "}"];
        expect(applied("func a() {\n+ \tc()\n\tb()", tabs)).toEqual({
            lines: tabs.toSpliced(1, 0, "\tc()"),
        });
        const doc = ["/**", " * A.", " */"];
        expect(applied("/**\n * A.\n+ * B.\n */", doc)).toEqual({
            lines: doc.toSpliced(2, 0, " * B."),
        });
    });
});

describe("no diff", () => {
    it.each([
        ["code", "function add(x, y) {\n    return x + y;\n}", "javascript"],
        ["a list", "- one\n- two\n+ three", "markdown"],
        ["a list of YAML", "- name: a\n  run: b", "yaml"],
        ["a comment of SQL", "-- all\nselect 1;", "sql"],
        ["variables of a Ruby class", "@@a = 1\n@@b = 2", "ruby"],
        ["a sum at the margin", "- 1\n", "python"],
        ["code of a diff's file", "@@ -1 +1 @@\n-a\n+b", "diff"],
    ])("is %s", (_name, text, languageId) => expect(is(text, languageId)).toBe(false));

    it("is code with lines that the file has with the mark", () => {
        const lines = ["all:", "-include x.mk", "+b"];
        expect(is("-include y.mk\n+b", "makefile", { lines })).toBe(false);
    });
});
