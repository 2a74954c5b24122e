/** Blocks of lines by indentation. */

import { describe, expect, it } from "vitest";
import { blockAt, containerOf, textOf, withDecoration } from "../../../src/context/blocks";
import { at, SHOP } from "./shop";

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

describe("textOf", () => {
    it("takes away the indentation that all lines share", () => {
        expect(textOf(["  a", "", "    b  "], { first: 0, last: 2 })).toBe("a\n\n  b");
    });
});
