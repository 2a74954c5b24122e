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
