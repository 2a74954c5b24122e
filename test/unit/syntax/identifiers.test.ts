// The names on lines of code, as the grammar knows them.
import { beforeAll, describe, expect, it } from "vitest";
import { linesOf, namesAround } from "../../../src/context/names";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { place, syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "python", "go", "ruby", "php");
}, 60_000);

function names(languageId: string, text: string, lines: number[]): string[] {
    const found = syntax.identifiers(place(languageId, text), lines);
    if (!found) throw new Error("no tree");
    return found.map(({ name, line, character }) => `${name} ${line}:${character}`);
}

describe("names on lines", () => {
    it("are told with their places, on the lines that were asked for, in their order", () => {
        const text = "import { Store } from './store';\nconst a = new Store(b.load());\n|c();\n";
        expect(names("typescript", text, [2, 1])).toEqual([
            "c 2:0",
            "a 1:6",
            "Store 1:14",
            "b 1:20",
            "load 1:22",
        ]);
        expect(names("typescript", text, [7])).toEqual([]);
    });

    it.each([
        ["typescript", "f(`a ${b} c`, 'd'); // e\n/* g\nh */ i();|", [0, 1, 2], "f b i"],
        [
            "python",
            'def f(a: T):\n    """One\n    two."""\n    g(f"{b} c")|',
            [0, 1, 2, 3],
            "f a T g b",
        ],
        ["go", "package p\n\nfunc f() {\n\tfmt.Println(`a`)|\n}", [3], "fmt Println"],
        ["ruby", "def f\n  Load.from(:a, value)|\nend", [1], "Load from value"],
        ["php", "<?php\n$a = f($b, 'c');|", [1], "a f b"],
    ])("in %s are no words of strings and comments: %j", (languageId, text, lines, expected) => {
        const found = names(languageId, text, lines).map((name) => name.split(" ")[0]);
        expect(found.join(" ")).toBe(expected);
    });
});

describe("names around a cursor", () => {
    it("are the grammar's where there is one, in the order of the words", () => {
        const at = place("python", 'x = """\nnever seen\n"""\nrun(first, second, |)\n');
        const cursor = { line: 3, character: 19 };
        const lines = linesOf((at.prefix + at.suffix).split("\n"));
        const read = (wanted: readonly number[]) => syntax.identifiers(at, wanted);
        const found = (reader?: typeof read) =>
            namesAround(lines, cursor, 9, reader).map(({ name }) => name);
        expect(found(read)).toEqual(["second", "first", "run"]);
        expect(found()).toEqual(["second", "first", "run", "never", "seen"]);
        expect(found(() => undefined)).toEqual(found());
    });
});
