/** The names around a cursor, nearest first. `|` marks the cursor. */

import { describe, expect, it } from "vitest";
import { namesAround } from "../../../src/context/names";

function names(marked: string, max = 20): string[] {
    const line = marked.slice(0, marked.indexOf("|")).split("\n").length - 1;
    const lines = marked.replace("|", "").split("\n");
    const character = marked.split("\n")[line]?.indexOf("|") ?? 0;
    const document = {
        lineCount: lines.length,
        lineAt: (at: number) => ({ text: lines[at] ?? "" }),
    };
    return namesAround(document, { line, character }, max).map(({ name }) => name);
}

describe("namesAround", () => {
    it("begins with those of the cursor's line, the nearest first, then goes up and down", () => {
        const code = "const basket = new Basket();\nbasket.add(tea, |sugar + salt);\npriceOf(x2);";
        expect(names(code)).toEqual(["tea", "add", "basket", "salt", "Basket", "priceOf", "x2"]);
    });

    it("leaves out the word that is being written, keywords, strings and comments", () => {
        expect(names('return total(ba|, "quoted name") // a remark')).toEqual(["total"]);
        expect(names("# python remark\nprint(x1, |)")).toEqual(["x1", "print"]);
    });

    it("says where each is, for the editor to look it up", () => {
        const document = { lineCount: 1, lineAt: () => ({ text: "  area(width, )" }) };
        expect(namesAround(document, { line: 0, character: 14 }, 9)).toEqual([
            { name: "width", line: 0, character: 7 },
            { name: "area", line: 0, character: 2 },
        ]);
    });

    it("reaches the headers of the blocks that the cursor is in, however far above", () => {
        const filler = "        1;\n".repeat(40);
        const code = `class Shop extends Store {\n    sell(item: Goods) {\n${filler}        |\n    }\n}`;
        expect(names(code)).toEqual(["sell", "item", "Goods", "Shop", "Store"]);
    });

    it("stops at as many as were asked for", () => {
        expect(names("f1(f2, f3, f4, |)", 2)).toEqual(["f4", "f3"]);
    });
});
