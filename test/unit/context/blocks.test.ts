/** Whole symbols out of lines, by indentation. */

import { describe, expect, it } from "vitest";
import {
    blockAt,
    containerOf,
    outlineOf,
    symbolText,
    textOf,
    withDecoration,
} from "../../../src/context/blocks";

const SHOP = `import { Tea } from "./tea";

/** Sells. */
@sealed
export class Shop {
    private readonly teas: Tea[] = [];

    /** The cheapest. */
    cheapest(
        within: number,
    ): Tea | undefined {
        const found = this.teas.filter((tea) => tea.price < within);
        return found[0];
    }

    get size(): number {
        return this.teas.length;
    }
}

export const LIMIT = 3;
`.split("\n");
const at = (text: string) => SHOP.findIndex((line) => line.includes(text));

describe("blockAt", () => {
    it("ends with the line that closes the block, also when the header has several lines", () => {
        expect(blockAt(SHOP, at("cheapest("))).toEqual({ first: 8, last: 13 });
        expect(blockAt(SHOP, at("class"))).toEqual({ first: 4, last: 18 });
        expect(blockAt(SHOP, at("LIMIT"))).toEqual({ first: 20, last: 20 });
    });

    it("needs no brackets", () => {
        const lines = [
            "def f(a):",
            "    if a:",
            "        return 1",
            "",
            "    return 2",
            "",
            "x = 1",
        ];
        expect(blockAt(lines, 0)).toEqual({ first: 0, last: 4 });
    });

    it("goes on behind a closer that something follows", () => {
        const lines = ["if (a) {", "    b();", "} else {", "    c();", "}", "d();"];
        expect(blockAt(lines, 0)).toEqual({ first: 0, last: 4 });
    });
});

describe("withDecoration and containerOf", () => {
    it("find what stands above a symbol and the class around it", () => {
        expect(withDecoration(SHOP, { first: 4, last: 18 })).toEqual({ first: 2, last: 18 });
        expect(containerOf(SHOP, at("get size"))).toBe(4);
        expect(containerOf(SHOP, at("LIMIT"))).toBeUndefined();
    });
});

describe("symbolText", () => {
    it("is all of a symbol that fits, without its margin", () => {
        const range = blockAt(SHOP, at("get size"));
        const whole = "get size(): number {\n    return this.teas.length;\n}";
        expect(symbolText(SHOP, range, 100)).toBe(whole);
    });

    it("is the members of a long class without their bodies", () => {
        expect(symbolText(SHOP, blockAt(SHOP, at("class")), 200)).toBe(
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
        const range = blockAt(SHOP, at("cheapest("));
        const header = "cheapest(\n    within: number,\n): Tea | undefined { ... }";
        expect(symbolText(SHOP, range, 80)).toBe(header);
        expect(symbolText(SHOP, range, 20)).toBeUndefined();
    });

    it("does the same for Python", () => {
        const lines = ["class A:", "    def f(self):", "        return 1", "    def g(self):"];
        lines.push("        return 2");
        const short = "class A:\n    def f(self): ...\n    def g(self): ...";
        expect(symbolText(lines, { first: 0, last: 4 }, 60)).toBe(short);
    });
});

describe("outlineOf", () => {
    it("is a small file as it is, and of a large one the declarations", () => {
        expect(outlineOf(SHOP, 10_000)).toBe(SHOP.join("\n").trim());
        const outline = outlineOf(SHOP, 300);
        expect(outline.split("\n")[0]).toBe("@sealed");
        expect(outline).toContain("get size(): number { ... }");
        expect(outline).toContain("export const LIMIT = 3;");
        expect(outline).not.toMatch(/import|filter|return/);
    });

    it("is cut after whole declarations", () => {
        const lines = Array.from({ length: 50 }, (_, i) => `export const value${i} = ${i};`);
        const outline = outlineOf(lines, 100);
        expect(outline.length).toBeLessThanOrEqual(100);
        expect(outline.split("\n")).toEqual(lines.slice(0, 4));
    });
});

describe("textOf", () => {
    it("takes away the indentation that all lines share", () => {
        expect(textOf(["  a", "", "    b  "], { first: 0, last: 2 })).toBe("a\n\n  b");
    });
});
