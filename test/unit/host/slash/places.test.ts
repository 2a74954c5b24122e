// Where symbols are, what the light bulb offers, where comments and tests go.
import { describe, expect, it } from "vitest";
import { actionsFor } from "../../../../src/host/slash/actions";
import { docComment, linesAboveDoc, withDocComment } from "../../../../src/host/slash/docComment";
import { declaredName, symbolAround, trimmed } from "../../../../src/host/slash/symbolAround";
import { testPathFor } from "../../../../src/host/slash/testPath";

describe("declaredName", () => {
    it.each([
        ["export async function total(items) {", "total"],
        ["    async def load(self):", "load"],
        ["pub(crate) fn parse<T>(x: T) -> T {", "parse"],
        ["func (s *Server) Start() error {", "Start"],
        ["export const sum = (a: number, b: number) => a + b;", "sum"],
        ["const pick = async <T>(from: T[]) => {", "pick"],
        ["    private add(price: number): void {", "add"],
        ["    constructor(a: string) {", "constructor"],
        ["public static final class Inner {", "Inner"],
        ["const total = 3;", undefined],
        ["    if (a) {", undefined],
        ["    } else if (b) {", undefined],
        ["    for (const a of b) {", undefined],
        ["// function old() {", undefined],
        ["return total(a);", undefined],
    ])("%s: %s", (line, name) => {
        expect(declaredName(line)).toBe(name);
    });

    it("is quick with a line made to be slow", () => {
        expect(declaredName(`const a${" ".repeat(100_000)}`)).toBeUndefined();
        expect(declaredName(`  ${"(".repeat(100_000)}`)).toBeUndefined();
    });
});

describe("symbolAround", () => {
    const lines = [
        "export class Basket {",
        "    add(price) {",
        "        this.total += price;",
        "    }",
        "",
        "    get size() {",
        "        return 1;",
        "    }",
        "}",
        "const x = 1;",
    ];
    it("is the innermost one that holds the line", () => {
        expect(symbolAround(lines, 2)).toEqual({ name: "add", first: 1, last: 3 });
        expect(symbolAround(lines, 5)).toMatchObject({ name: "size", first: 5 });
        expect(symbolAround(lines, 4)).toEqual({ name: "Basket", first: 0, last: 8 });
        expect(symbolAround(lines, 9)).toBeUndefined();
        expect(symbolAround([], 3)).toBeUndefined();
    });

    it("of a selection only the lines with text count", () => {
        const document = {
            lineAt: (line: number) => ({ text: ["", " ", "a", "", "b", ""][line]! }),
        };
        expect(trimmed(document, { first: 0, last: 5 })).toEqual({ first: 2, last: 4 });
        expect(trimmed(document, { first: 0, last: 1 })).toBeUndefined();
    });
});

describe("actionsFor", () => {
    const at = (nProblems: number, hasSelection: boolean, isDeclaration: boolean) =>
        actionsFor({ nProblems, hasSelection, isDeclaration });
    it("offers what there is something for, and nothing on any other line", () => {
        expect(at(0, false, false)).toEqual([]);
        expect(at(1, false, false)).toEqual(["fix", "explain"]);
        expect(at(0, true, false)).toEqual(["explain", "doc", "tests"]);
        expect(at(0, false, true)).toEqual(["doc", "tests"]);
        expect(at(2, true, true)).toEqual(["fix", "explain", "doc", "tests"]);
    });
});

describe("docComment", () => {
    const ts = { languageId: "typescript", lines: ["    add(a) {", "        return a;", "    }"] };
    const py = {
        languageId: "python",
        lines: ["@cached", "def add(", "    a,", ") -> int:", "    return a"],
    };

    it("takes the comment, whatever stands around it", () => {
        const comment = ["/**", " * Adds.", " */"];
        const text = comment.join("\n");
        expect(docComment(text, ts)).toEqual(comment);
        expect(docComment(`${text}\nadd(a) {\n    return a;\n}`, ts)).toEqual(comment);
        expect(docComment(`class X {\n    ${comment.join("\n    ")}\n    add(a) {`, ts)).toEqual(
            comment,
        );
        expect(
            docComment("/// Adds.\n/// Twice.\nfn add() {}", { languageId: "rust", lines: [] }),
        ).toEqual(["/// Adds.", "/// Twice."]);
    });

    it("finds none in code without one", () => {
        expect(docComment("add(a) {\n    return a;\n}", ts)).toBeUndefined();
        expect(docComment("def add(a):\n    return a", py)).toBeUndefined();
        expect(docComment("", ts)).toBeUndefined();
    });

    it("takes a docstring out of a function, and makes one of a text", () => {
        const code = 'def add(a):\n    """Adds.\n\n    More.\n    """\n    return a';
        expect(docComment(code, py)).toEqual(['"""Adds.', "", "More.", '"""']);
        expect(docComment("Adds.", py)).toEqual(['"""', "Adds.", '"""']);
    });

    it("stands in the document where its symbol is, indented as that is", () => {
        const lines = ["class A {", ...ts.lines, "}"];
        const at = { start: 1, end: 4, languageId: "typescript", unit: "    " };
        expect(withDocComment(lines, at, "/** Adds. */")).toEqual(
            lines.toSpliced(1, 0, "    /** Adds. */"),
        );
        expect(withDocComment(lines, at, "no comment")).toBeUndefined();
        const inside = { start: 0, end: 5, languageId: "python", unit: "    " };
        expect(withDocComment([...py.lines], inside, '"""Adds."""')).toEqual(
            py.lines.toSpliced(4, 0, '    """Adds."""'),
        );
    });

    it("goes above, in Python below the header", () => {
        expect(linesAboveDoc(ts)).toBe(0);
        expect(linesAboveDoc(py)).toBe(4);
        expect(linesAboveDoc({ languageId: "python", lines: ["def f(): # x", "    pass"] })).toBe(
            1,
        );
    });
});

describe("testPathFor", () => {
    it("follows the language's habit", () => {
        expect(testPathFor("/a/b.c/basket.ts", "typescript")).toBe("/a/b.c/basket.test.ts");
        expect(testPathFor("/a/report.py", "python")).toBe("/a/test_report.py");
        expect(testPathFor("x.go", "go")).toBe("x_test.go");
        expect(testPathFor("/a/x.rs", "rust")).toBeUndefined();
        expect(testPathFor("/a/Makefile", "typescript")).toBeUndefined();
        expect(testPathFor("/a/x.ts", "toString")).toBeUndefined();
    });
});
