/** Files in pieces: symbols whole with their comments, containers without members, texts by headings. */

import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { piecesOf } from "../../../src/codebase/pieces";
import { FileGrammars } from "../../../src/node/grammars";
import { TreeSyntax } from "../../../src/syntax/syntax";

const wasm = join(import.meta.dirname, "../../../node_modules/@vscode/tree-sitter-wasm/wasm");
const syntax = new TreeSyntax(new FileGrammars(wasm, silentLog), {
    log: silentLog,
    budgetMs: 1000,
    now: () => performance.now(),
    later: setImmediate,
});

async function pieces(languageId: string, text: string) {
    const lines = text.split("\n");
    const symbols = await syntax.outline({ languageId, text });
    return piecesOf({ languageId, lines, symbols }, 100);
}

describe("piecesOf", () => {
    it("takes symbols whole, with the comment above, and a class without its methods", async () => {
        const found = await pieces(
            "typescript",
            `import { a } from "./a";
const LIMIT = 12; // most items in a basket

/**
 * Goods that a person wants.
 */
export class Basket {
    private items: Item[] = [];

    /** Without taxes. */
    total(): number {
        return sum(this.items);
    }
}

// Adds up.
function sum(items: Item[]): number {
    return items.length;
}`,
        );
        expect(found.map(({ first, last, name }) => [first, last, name])).toEqual([
            [1, 1, undefined],
            [3, 13, "Basket"],
            [9, 12, "Basket.total"],
            [15, 18, "sum"],
        ]);
        const [values, basket, total, sum] = found;
        expect(values?.names).toBe("LIMIT");
        expect(basket?.comment).toContain("Goods that a person wants");
        expect(basket?.code).toContain("private items");
        expect(basket?.code).not.toContain("return sum");
        expect(total?.comment).toBe("    /** Without taxes. */");
        expect(total?.code).toContain("return sum");
        expect(sum?.comment).toBe("// Adds up.");
    });

    it("leaves out imports and what says nothing", async () => {
        expect(await pieces("typescript", 'import { a } from "./a";\n\n;\n')).toEqual([]);
        expect(await pieces("python", "import os\nfrom a import b\n")).toEqual([]);
    });

    it("cuts what is too long, and every part bears the name", async () => {
        const body = Array.from({ length: 200 }, (_, i) => `    call${i}(value);`).join("\n");
        const found = await pieces("typescript", `function long() {\n${body}\n}`);
        expect(found.map(({ first, last, name }) => [first, last, name])).toEqual([
            [0, 79, "long"],
            [80, 159, "long"],
            [160, 201, "long"],
        ]);
    });

    it("takes a text by its headings, not those in code", async () => {
        const found = await pieces(
            "markdown",
            "What this is about.\n\n# Setup\nRun the program.\n```\n# no heading at all\n```\n## Use it\nPress the button.",
        );
        expect(found.map(({ first, last, name }) => [first, last, name])).toEqual([
            [0, 0, undefined],
            [2, 6, "Setup"],
            [7, 8, "Use it"],
        ]);
    });

    it("takes parts where there is no grammar, and no more than allowed", async () => {
        const text = Array.from({ length: 300 }, (_, i) => `name${i}: some value here`).join("\n");
        const lines = text.split("\n");
        const all = piecesOf({ languageId: "yaml", lines, symbols: undefined }, 100);
        expect(all.at(0)?.first).toBe(0);
        expect(all.at(-1)?.last).toBe(299);
        expect(all.length).toBe(4);
        expect(piecesOf({ languageId: "yaml", lines, symbols: undefined }, 2).length).toBe(2);
    });
});
