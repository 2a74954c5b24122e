// Where a statement is complete, by the grammar: only a new line can follow. `|` marks the cursor.
import { beforeAll, describe, expect, it } from "vitest";
import { endsStatement } from "../../../src/prompt/statement";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { place, syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor(
        ...["typescript", "javascript", "python", "go", "rust", "java", "c", "csharp", "php"],
        ...["ruby", "shellscript", "css"],
    );
}, 60_000);

const ends = (languageId: string, text: string) => {
    const at = place(languageId, text);
    return endsStatement(at, () => syntax.rule(at));
};

describe("a statement is complete", () => {
    it.each([
        ["typescript", "a();|\nb();\n"],
        ["typescript", "function f() {\n    render(props)|\n}\n"],
        ["typescript", "if (a) {\n    b();\n}|\nc();\n"],
        ["typescript", "f(() => {\n    a();\n});|\n"],
        ["typescript", "const a = [1, 2]|\n"],
        ["typescript", "class A {\n    f() {\n        a();\n    }|\n}\n"],
        ["typescript", "class A {\n    b = 1;|\n}\n"],
        ["typescript", "interface A {\n    b: string;|\n}\n"],
        ["typescript", "switch (a) {\n    case 1:\n        b(1)|\n}\n"],
        ["typescript", "export default function f() {\n}|\n"],
        ["typescript", "const f = (a: number) => g(a)|\nh();\n"],
        ["javascript", "do {\n    a();\n} while (b)|\n"],
        ["python", "def f():\n    run(a)|\n    b()\n"],
        ["python", "x = [1, 2]|\n"],
        ["python", "return_of = {1: 2}|\n"],
        ["go", "package a\n\nfunc f() {\n\tg(1)|\n}\n"],
        ["go", "package a\n\nfunc f() {\n\tg(1)\n}|\n"],
        ["rust", "fn f() {\n    g(1);|\n}\n"],
        ["rust", "fn f() -> i32 {\n    g(1)|\n}\n"],
        ["java", "class A {\n    void f() {\n        g(1);|\n    }\n}\n"],
        ["java", "class A {\n    void f() {\n    }|\n}\n"],
        ["c", "int f(void) {\n    g(1);|\n}\n"],
        ["csharp", "class A {\n    void F() {\n    }|\n}\n"],
        ["php", "<?php\nf(1);|\n"],
        ["ruby", "def f\n  g(1)|\nend\n"],
        ["shellscript", "a=$(b)|\nc\n"],
        ["css", "a {\n    color: red;|\n}\n"],
    ])("%s: %j", (languageId, text) => {
        expect(ends(languageId, text)).toBe(true);
    });
});

describe("a statement goes on", () => {
    it.each([
        ["in an element of a list", "typescript", "const a = [\n    f(1)|\n    f(2),\n];\n"],
        ["in an argument", "typescript", "f(\n    g(a)|\n);\n"],
        ["in a property", "typescript", "const a = {\n    b: c(1)|\n};\n"],
        ["in a chain", "typescript", "a\n    .b()|\n    .c();\n"],
        ["after a condition", "typescript", "if (a)|\n    b();\n"],
        ["after a condition that nothing follows", "typescript", "if (a)|\n"],
        ["after another branch's condition", "typescript", "if (a) {\n} else if (b)|\n"],
        ["after parameters", "typescript", "export function f(a: string)|\n"],
        ["after a method's parameters", "typescript", "class A {\n    f(a: string)|\n}\n"],
        ["after parameters without a name", "typescript", "const f = (a, b)|\n"],
        ["after async parameters", "typescript", "const f = async (a, b)|\n"],
        ["in the header of a loop", "typescript", "for (let i = 0;|\n"],
        ["after a decorator", "typescript", "@Component({})|\nclass A {}\n"],
        ["after a method in an object", "typescript", "const a = {\n    f() {\n    }|\n};\n"],
        ["after a function's parameters", "python", "def run(a)|\n"],
        ["after a base class", "python", "class A(B)|\n"],
        ["in a match", "python", "match (a)|\n"],
        ["in a list", "python", "a = [\n    f(1)|\n]\n"],
        ["in text", "python", 'def f():\n    """Adds (a)|\n    two."""\n'],
        [
            "where a semicolon is missing",
            "java",
            "class A {\n    void f() {\n        g(1)|\n    }\n}\n",
        ],
        ["where a semicolon is missing", "c", "int f(void) {\n    g(1)|\n}\n"],
        ["after a function's parameters", "go", "package a\n\nfunc f(a int)|\n"],
        ["after parameters", "rust", "fn f(a: i32)|\n"],
        ["after a method's parameters", "ruby", "def f(a)|\nend\n"],
        ["in the header of a loop", "c", "int f(void) {\n    for (int i = 0;|\n}\n"],
    ])("%s (%s): %j", (_, languageId, text) => {
        expect(ends(languageId, text)).toBe(false);
    });
});

describe("who is asked", () => {
    const asked = (text: string) => {
        let nAsked = 0;
        const rule = () => {
            nAsked++;
            return { at: "after-statement" } as const;
        };
        return { ends: endsStatement(place("typescript", text), rule), nAsked };
    };

    it("is the grammar, whatever the words look like, and only where a statement can end", () => {
        expect(asked("if (a)|\n")).toEqual({ ends: true, nAsked: 1 });
        expect(asked("a = b|\n")).toEqual({ ends: false, nAsked: 0 });
        expect(asked("a();| // why\n")).toEqual({ ends: false, nAsked: 0 });
        expect(asked("a() |\n")).toEqual({ ends: false, nAsked: 0 });
    });

    it("are the words where there is no tree, and where the code is broken", () => {
        expect(endsStatement(place("kotlin", "render(props)|\n"), () => undefined)).toBe(true);
        expect(ends("typescript", "]]}} x = {{{(\nrender(props)|\n")).toBe(true);
        expect(ends("typescript", "]]}} x = {{{(\nif (props)|\n")).toBe(false);
    });
});
