/** Files that a file imports, and those that belong to it by their names. */

import { describe, expect, it } from "vitest";
import { importedPaths } from "../../../../src/host/context/imports";
import { companions, neighbours } from "../../../../src/host/context/related";

describe("importedPaths", () => {
    const paths = (languageId: string, text: string, path = "/shop/src/a.x") =>
        importedPaths(languageId, text, path);

    it("takes those of TypeScript and Python from what reads their names as well", () => {
        const text = 'import { a } from "./price";\nimport fs from "node:fs";\n';
        const found = paths("typescript", text);
        expect(found.map(([first]) => first)).toEqual(["/shop/src/price"]);
        expect(found[0]).toContain("/shop/src/price.ts");
        const [python] = paths("python", "from .price import total\n");
        expect(python?.[0]).toBe("/shop/src/price.py");
    });

    it.each([
        ["c", '#include "tea.h"\n#include <stdio.h>', "/shop/src/tea.h"],
        ["rust", "pub mod tea;\nuse std::fs;", "/shop/src/tea.rs"],
        ["ruby", "require_relative '../tea'\nrequire 'json'", "/shop/tea.rb"],
        ["php", "require_once __DIR__ . '/tea.php';", "/shop/src/tea.php"],
        ["scss", '@use "./tea";', "/shop/src/tea"],
        ["shellscript", ". ./tea.sh", "/shop/src/tea.sh"],
    ])("finds those of %s", (languageId, text, expected) => {
        expect(paths(languageId, text).map(([first]) => first)).toEqual([expected]);
    });

    it("finds each once, and nothing in a language that names no files", () => {
        expect(paths("typescript", 'import a from "./a"; import { b } from "./a";')).toHaveLength(
            1,
        );
        expect(paths("plaintext", 'import a from "./a"')).toEqual([]);
    });
});

describe("companions", () => {
    const all = (path: string) => companions(path).flat();

    it("of a source are its tests, beside it and in a tree of their own", () => {
        const found = all("/shop/src/cart/price.ts");
        expect(found).toContain("/shop/src/cart/price.test.ts");
        expect(found).toContain("/shop/src/cart/__tests__/price.test.ts");
        expect(found).toContain("/shop/test/cart/price.test.ts");
        expect(all("/shop/price.py")).toContain("/shop/tests/test_price.py");
        expect(all("/shop/price.go")).toContain("/shop/price_test.go");
        expect(all("/j/src/main/java/Tea.java")).toContain("/j/src/test/java/TeaTest.java");
    });

    it("of a test is what it tests", () => {
        expect(all("/shop/src/price.test.ts")).toContain("/shop/src/price.ts");
        expect(all("/shop/test/cart/price.test.ts")).toContain("/shop/src/cart/price.ts");
        expect(all("/shop/tests/test_price.py")).toContain("/shop/price.py");
        expect(all("/shop/src/__tests__/price.ts")).toContain("/shop/src/price.ts");
    });

    it("of a header is its source, and the other way round", () => {
        expect(all("/c/tea.h")).toEqual(expect.arrayContaining(["/c/tea.c", "/c/tea.cpp"]));
        expect(all("/c/tea.cpp")).toEqual(expect.arrayContaining(["/c/tea.h", "/c/tea.hpp"]));
    });

    it("are never the file itself", () => {
        for (const path of ["/a/price.test.ts", "/a/test/price.ts", "/a/tea.h"])
            expect(all(path)).not.toContain(path);
    });
});

describe("neighbours", () => {
    it("share the ending, and words of the name where they can", () => {
        const names = ["zeta.ts", "orderItem.ts", "order.test.ts", "alpha.ts", "b.py", "order.ts"];
        expect(neighbours("/a/order.ts", names, 2)).toEqual(["/a/orderItem.ts", "/a/alpha.ts"]);
    });
});
