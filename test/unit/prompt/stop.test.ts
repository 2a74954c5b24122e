// Where an answer ends: `|` marks the cursor; the answer is what a model might go on with.
import { describe, expect, it } from "vitest";
import { findStop, shapeOf, type StopContext } from "../../../src/prompt/stop";
import { marked } from "./marked";

function context(document: string, more: Partial<StopContext> = {}): StopContext {
    return {
        ...marked(document),
        languageId: "typescript",
        maxLines: 10,
        trigger: "automatic",
        ...more,
    };
}
function cut(document: string, answer: string, more: Partial<StopContext> = {}) {
    const stop = findStop(answer, context(document, more));
    return stop && { text: answer.slice(0, stop.length), reason: stop.reason };
}
const python = { languageId: "python" };

describe("shapeOf", () => {
    it.each([
        ["const a = |\n", "line"],
        ["    |\n", "block"],
        ["function f() {|\n", "block"],
        ["function f() {|}\n", "block"],
        ["foo(|)\n", "block"],
        ["a = | + b;\n", "line"],
        ["    | + b;\n", "line"],
    ])("%j is %s", (document, shape) => {
        expect(shapeOf(context(document))).toBe(shape);
    });
    it("asks for one line when the setting says one", () => {
        expect(shapeOf(context("    |\n", { maxLines: 1 }))).toBe("line");
    });
    it("gives whole lines on explicit request", () => {
        expect(shapeOf(context("const a = |\n", { trigger: "explicit" }))).toBe("block");
    });
    it("knows that a colon opens a block in Python only", () => {
        expect(shapeOf(context("if a:|\n", python))).toBe("block");
        expect(shapeOf(context("x ? y :|\n"))).toBe("line");
    });
});

describe("findStop", () => {
    it("judges finished lines only", () => {
        expect(cut("const a = |\n", "1 + 2;")).toBeUndefined();
    });
    it("ends a line at its end", () => {
        expect(cut("const a = |\n", "1;\nconst b")).toEqual({ text: "1;", reason: "scope-end" });
    });
    it("goes on when the line opens a block, up to its closer", () => {
        const answer = "items.map((x) => {\n    return x;\n});\nfoo();\n";
        expect(cut("const a = |\n", answer)?.text).toBe("items.map((x) => {\n    return x;\n});");
    });
    it("goes through else", () => {
        const answer = "\n        a();\n    } else {\n        b();\n    }\n    c();\n";
        expect(cut("    if (x) {|\n", answer)?.text).toBe(
            "\n        a();\n    } else {\n        b();\n    }",
        );
    });
    it("ends a Python body before the next statement of its level", () => {
        const answer = "\n        a()\n        b()\n    c()\n";
        expect(cut("    if x:|\n", answer, python)?.text).toBe("\n        a()\n        b()");
    });
    it("ends before a line with less indentation", () => {
        expect(cut("    |\n", "a();\n    b();\n}\n")?.text).toBe("a();\n    b();");
    });
    it("ends at the document's next line", () => {
        expect(cut("    |\n    return total;\n", "a();\n    return total;\n    x();\n")).toEqual({
            text: "a();",
            reason: "scope-end",
        });
    });
    it("ends a paragraph at a blank line, but not inside brackets", () => {
        expect(cut("|\n", "const a = 1;\n\nconst b")?.text).toBe("const a = 1;");
        expect(cut("|\n", "const a = [\n    1,\n\n    2,\n")).toBeUndefined();
    });
    it("counts lines", () => {
        expect(cut("    |\n", "a();\n    b();\n    c();\n", { maxLines: 2 })).toEqual({
            text: "a();\n    b();",
            reason: "max-lines",
        });
    });
    it("keeps to one line when text stands right of the cursor", () => {
        expect(cut("a = | + b;\n", "f(1)\nx")).toEqual({ text: "f(1)", reason: "max-lines" });
    });
    it("gives up on blank lines only", () => {
        expect(cut("|\n", "\n\n\n\n\n\n")).toEqual({ text: "", reason: "scope-end" });
    });
});

describe("what the grammar says", () => {
    const one = { syntax: { at: "code", lines: "one" } } as const;
    it("goes before what the lines look like", () => {
        expect(shapeOf(context("foo(|)\n", one))).toBe("line");
        expect(shapeOf(context("    |\n", { ...one, trigger: "explicit" }))).toBe("line");
        const several = { syntax: { at: "code", lines: "several" } } as const;
        expect(shapeOf(context("def f|\n", several))).toBe("block");
        expect(shapeOf(context("def f| + b\n", several))).toBe("line");
    });
    it("keeps a comment to its line, whatever that ends with", () => {
        const comment = { syntax: { at: "comment", lines: "one" } } as const;
        expect(cut("// the |\n", "words {\n    a();\n}\n", comment)?.text).toBe("words {");
    });
    it("leaves an argument list that goes on to further lines its lines", () => {
        expect(cut("foo(|)\n", "\n    a,\n    b,\n", one)).toBeUndefined();
    });
    it("takes nothing but a new line or a comment behind a whole statement", () => {
        const after = { syntax: { at: "after-statement" } } as const;
        expect(cut("foo();|\n", " bar();\n", after)).toEqual({ text: "", reason: "scope-end" });
        expect(cut("foo();|\n", " bar", after)).toEqual({ text: "", reason: "scope-end" });
        expect(cut("foo();|\n", "\nbar();\n", after)?.text).toBe("\nbar();");
        expect(cut("foo();|\n", " // twice", after)).toBeUndefined();
        expect(cut("foo();|\n", " bar();\n")?.text).toBe(" bar();");
    });
    it("goes on behind a bracket for who asks for it, and never behind a semicolon", () => {
        const after = { syntax: { at: "after-statement" } } as const;
        const asked = { ...after, trigger: "explicit" } as const;
        expect(cut("foo()|\n", ".then(", after)).toEqual({ text: "", reason: "scope-end" });
        expect(cut("foo()|\n", ".then(", asked)).toBeUndefined();
        expect(cut("foo();|\n", " bar();\n", asked)).toEqual({ text: "", reason: "scope-end" });
    });
});

describe("a closer that the document lacks", () => {
    const body = "return 1;\n}\n\nfunction g() {\n";
    it("belongs to the answer, and ends it", () => {
        expect(cut("function f() {\n    |\n", body)?.text).toBe("return 1;\n}");
        expect(cut("function f() {\n    |\n\nfunction h() {\n", body)?.text).toBe("return 1;\n}");
    });
    it("is not given twice", () => {
        expect(cut("function f() {\n    |\n}\n", body)?.text).toBe("return 1;");
        expect(cut("function f() {\n    |\n    bar();\n}\n", body)?.text).toBe("return 1;");
    });
    it("is none where the block has no closer, or another one is meant", () => {
        expect(cut("def f():\n    |\n", "return 1\n}\n", python)?.text).toBe("return 1");
        expect(cut("function f() {\n    if (a) {\n        |\n", body)?.text).toBe("return 1;");
    });
});

describe("blocks that open and close with words", () => {
    it.each([
        [
            "ruby",
            "def f|\nfoo\n",
            "\n  if a\n    b\n  else\n    c\n  end\nend\nd\n",
            "\n  if a\n    b\n  else\n    c\n  end\nend",
        ],
        ["ruby", "|\nfoo\n", "a.each do |b|\n  c\nend\nd\n", "a.each do |b|\n  c\nend"],
        ["shellscript", "|\nfoo\n", "if a; then\n    b\nfi\nc\n", "if a; then\n    b\nfi"],
        [
            "typescript",
            "switch (a) {\n    case 1:|\n}\n",
            "\n        b();\n        break;\n    case 2:\n",
            "\n        b();\n        break;",
        ],
    ])("%s: %j", (languageId, document, answer, text) => {
        expect(cut(document, answer, { languageId })?.text).toBe(text);
    });
});
