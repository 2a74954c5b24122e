// Where a suggestion is cut, and when nothing of it is shown. That right text stays is truth.test.ts.
import { beforeAll, describe, expect, it } from "vitest";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { place, syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor(
        "typescript",
        "javascript",
        "python",
        "go",
        "rust",
        "ruby",
        "shellscript",
    );
}, 60_000);

describe("the end of the scope", () => {
    it.each([
        [
            "a function that the document has closed",
            "typescript",
            "function f() {\n    |\n}\n",
            "foo();\n}\n\nfunction g() {\n    bar();",
            "foo();",
        ],
        [
            "a function that nothing has closed yet",
            "typescript",
            "function f() {\n    |\n",
            "foo();\n}\n\nfunction g() {\n    bar();\n}",
            "foo();\n}",
        ],
        [
            "the other branch belongs to the statement",
            "typescript",
            "if (a) {|\n",
            "\n    foo();\n} else {\n    bar();\n}\nbaz();",
            "\n    foo();\n} else {\n    bar();\n}",
        ],
        [
            "a Python block",
            "python",
            "def f(a):\n    |\n\n\nx = 1\n",
            "return a\n\ndef g(b):\n    return b",
            "return a",
        ],
        [
            "text of a string is no scope",
            "typescript",
            "function f() {\n    |\n}\n",
            "const a = `\n}\n{\n`;\n    foo();",
            "const a = `\n}\n{\n`;\n    foo();",
        ],
    ])("%s", (_, languageId, text, answer, shown) => {
        expect(syntax.check(place(languageId, text), answer)).toMatchObject({ text: shown });
    });
});

describe("a suggestion that stops inside of what it has opened", () => {
    it("ends before it", () => {
        const at = place("typescript", "function f() {\n    |\n}\n");
        expect(syntax.check(at, "foo();\n    if (a) {\n        bar();")).toEqual({
            text: "foo();",
            reason: "breaks-syntax",
        });
    });

    it("is shown when there is nothing else", () => {
        const at = place("typescript", "function f() {\n    |\n}\n");
        const answer = "if (a) {\n        bar();";
        expect(syntax.check(at, answer)).toEqual({ text: answer });
    });

    it.each([
        ["typescript", "function f() {\n    |\n}\n", "if (a) {"],
        ["python", "def f(a):\n    |\n", "if a:"],
        ["go", "package a\n\nfunc f() {\n\t|\n}\n", "for i := range a {"],
        ["ruby", "def f\n  |\nend\n", "if a"],
        ["shellscript", "f() {\n  |\n}\n", "if true; then"],
    ])("is a header that its body is still to follow, in %s", (languageId, text, answer) => {
        expect(syntax.check(place(languageId, text), answer)).toEqual({ text: answer });
    });
});

describe("syntax errors", () => {
    it.each([
        ["a bracket too many", "typescript", "foo(|\nbar();\n", "a, b));"],
        ["a bracket too many at the end", "rust", "fn f() {\n    |\n}\n", "foo(a));"],
        ["prose", "typescript", "const a = |;\nfoo();\n", "the sum of all the numbers"],
        ["a fence", "python", "def f():\n    |\n", "```python"],
    ])("%s is not shown", (_, languageId, text, answer) => {
        expect(syntax.check(place(languageId, text), answer)).toEqual({ reason: "breaks-syntax" });
    });

    it("are cut off with their line", () => {
        const at = place("typescript", "function f() {\n    |\n}\n");
        expect(syntax.check(at, "foo();\n    bar();\n    of the: a, b")).toEqual({
            text: "foo();\n    bar();",
            reason: "breaks-syntax",
        });
    });

    it("that are there already are not held against a suggestion", () => {
        const broken = "function f( {\n    foo((;\n}\n\nfunction g() {\n    |\n}\n";
        const answer = "return bar(1);";
        expect(syntax.check(place("typescript", broken), answer)).toEqual({ text: answer });
    });
});
