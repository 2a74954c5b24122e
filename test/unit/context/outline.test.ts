// Outlines of files: whole symbols, or what is shown of long ones; by a grammar and by indentation.
import { beforeAll, describe, expect, it } from "vitest";
import { Outline } from "../../../src/context/outline";
import { Outlines } from "../../../src/context/outlines";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { syntaxFor } from "../syntax/setUp";
import { at, SHOP } from "./shop";

let syntax: TreeSyntax;
const OUTLINES: Record<string, Outline> = { indentation: new Outline(SHOP) };
beforeAll(async () => {
    syntax = await syntaxFor("typescript", "python", "java", "c");
    OUTLINES["grammar"] = await new Outlines(syntax).of({ path: "shop.ts", lines: SHOP });
}, 60_000);
const outlined = (path: string, text: string) =>
    new Outlines(syntax).of({ path, lines: text.split("\n") });

describe.each(["indentation", "grammar"])("a symbol as text, by %s", (how) => {
    let shop: Outline;
    beforeAll(() => {
        shop = OUTLINES[how]!;
    });

    it("is all of a symbol that fits, without its margin", () => {
        const range = shop.at(at("get size"));
        const whole = "get size(): number {\n    return this.teas.length;\n}";
        expect(shop.textOf(range, 100)).toBe(whole);
    });

    it("is the members of a long class without their bodies", () => {
        const text = shop.textOf(shop.at(at("class")), 200);
        // A grammar knows that the decorator belongs to it.
        expect(text?.replace("@sealed\n", "")).toBe(
            [
                "export class Shop {",
                "    private readonly teas: Tea[] = [];",
                "    cheapest(",
                "        within: number,",
                "    ): Tea | undefined { ... }",
                "    get size(): number { ... }",
                "}",
            ].join("\n"),
        );
    });

    it("is the header of a long function, and nothing when even that is too long", () => {
        const range = shop.at(at("cheapest("));
        const header = "cheapest(\n    within: number,\n): Tea | undefined { ... }";
        expect(shop.textOf(range, 80)).toBe(header);
        expect(shop.textOf(range, 20)).toBeUndefined();
    });

    it("does the same for Python", () => {
        const lines = ["class A:", "    def f(self):", "        return 1", "    def g(self):"];
        lines.push("        return 2");
        const short = "class A:\n    def f(self): ...\n    def g(self): ...";
        expect(new Outline(lines).textOf({ first: 0, last: 4 }, 60)).toBe(short);
    });
});

describe.each(["indentation", "grammar"])("an outline, by %s", (how) => {
    let shop: Outline;
    beforeAll(() => {
        shop = OUTLINES[how]!;
    });

    it("is a small file as it is, and of a large one the declarations", () => {
        expect(shop.text(10_000)).toBe(SHOP.join("\n").trim());
        const outline = shop.text(300);
        expect(outline.split("\n")[0]).toBe("@sealed");
        expect(outline).toContain("get size(): number { ... }");
        expect(outline).toContain("export const LIMIT = 3;");
        expect(outline).not.toMatch(/import|filter|return/);
    });

    it("is cut after whole declarations", () => {
        const lines = Array.from({ length: 50 }, (_, i) => `export const value${i} = ${i};`);
        const outline = new Outline(lines).text(100);
        expect(outline.length).toBeLessThanOrEqual(100);
        expect(outline.split("\n")).toEqual(lines.slice(0, 4));
    });
});

describe("what only a grammar tells", () => {
    const HELP = [
        "export function help(): string {",
        "    return `",
        "usage: tea [name]",
        "`;",
        "}",
        "",
        "export function price(): number {",
        "    return 3;",
        "}",
    ].join("\n");

    it("is that text at the margin ends no symbol", async () => {
        const lines = HELP.split("\n");
        expect(new Outline(lines).at(0)).toEqual({ first: 0, last: 1 });
        const outline = await outlined("help.ts", HELP);
        expect(outline.at(0)).toMatchObject({ first: 0, last: 4 });
        expect(outline.piece(outline.at(0), 1000)).toBe(lines.slice(0, 5).join("\n"));
    });

    it("are the names of languages whose declarations begin with a type", async () => {
        const java = "class A {\n    private List<B> all(int n) {\n        return n;\n    }\n}\n";
        expect([...(await outlined("A.java", java)).names.keys()]).toEqual(["A", "all"]);
        const c = "static int add(int a) {\n    return a;\n}\n";
        expect([...(await outlined("a.c", c)).names]).toEqual([["add", [0]]]);
        expect(new Outline(c.split("\n")).names.size).toBe(0);
    });

    it("is where a long header ends", async () => {
        const header =
            "export function area(\n    width: number,\n    height = {\n        of: 3,\n    },\n)";
        const outline = await outlined("a.ts", `${header} {\n${"    f();\n".repeat(200)}}\n`);
        expect(outline.textOf(outline.at(0), 300)).toBe(`${header} { ... }`);
    });
});

describe("a piece", () => {
    it("has its comment, and the line of the class that it is in", async () => {
        const outline = await outlined("shop.ts", SHOP.join("\n"));
        expect(outline.piece(outline.at(at("cheapest(")), 1000)).toBe(
            [
                "export class Shop {",
                "    /** The cheapest. */",
                "    cheapest(",
                "        within: number,",
                "    ): Tea | undefined {",
                "        const found = this.teas.filter((tea) => tea.price < within);",
                "        return found[0];",
                "    }",
            ].join("\n"),
        );
    });

    it("is its own line when nothing else fits", () => {
        const outline = new Outline(SHOP);
        expect(outline.piece(outline.at(at("LIMIT")), 1)).toBe("export const LIMIT = 3;");
    });
});

describe("parts", () => {
    const file = [10, 10, 10].flatMap((nLines, i) => [
        `function f${i}() {`,
        ...Array.from({ length: nLines - 2 }, () => "    a();"),
        "}",
    ]);

    it("begin where symbols begin, and cover the file", async () => {
        for (const outline of [new Outline(file), await outlined("a.ts", file.join("\n"))])
            expect(outline.parts(24)).toEqual([
                { first: 0, last: 19 },
                { first: 20, last: 29 },
            ]);
    });

    it("are as long as they may be in one that is longer", () => {
        const long = ["function f() {", ..."    a();\n".repeat(30).split("\n")];
        expect(new Outline(long).parts(24).map(({ first }) => first)).toEqual([0, 24]);
    });
});

describe("whole symbols around a line", () => {
    const file = [
        "import a;",
        "function f() {",
        "    a();",
        "}",
        "const b = 1;",
        "function g() {",
        ...Array.from({ length: 20 }, () => "    a();"),
        "}",
    ];
    const whole = async (first: number, last: number) =>
        (await outlined("a.ts", file.join("\n"))).wholeIn({ first, last });

    it("are those that stand in the part", async () => {
        expect(await whole(0, 6)).toEqual({ first: 1, last: 4 });
    });
    it("reach beyond it for the one in the middle, but grow no longer than it", async () => {
        expect(await whole(2, 4)).toEqual({ first: 1, last: 3 });
    });
    it("are the part itself inside of a long one, or without a grammar", async () => {
        expect(await whole(8, 14)).toEqual({ first: 8, last: 14 });
        expect(new Outline(file).wholeIn({ first: 0, last: 6 })).toEqual({ first: 0, last: 6 });
    });
});
