// Holes that other files decide.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cutCross } from "../../../bench/quality/crossFile.mjs";

const FILLER = Array.from({ length: 100 }, (_, i) => `// filler line ${i} of it\n`).join("");
const OTHER = "const hidden = 1;\n\nexport function openShelf(name, size) {\n    return name;\n}\n";
const OWN = `import { openShelf, unused } from "./other.js";
import fs from "node:fs";

// openShelf opens a shelf
export function run() {
    const shelf = openShelf("first", 12);
    return openShelf("second", 13);
}
${FILLER}`;

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-cross-"));
    mkdirSync(join(home, "thing/lib"), { recursive: true });
    const files = {
        "other.js": OTHER,
        "one.js": OWN,
        "two.js": OWN,
        "three.js": OWN,
        "four.js": OWN,
    };
    for (const [name, text] of Object.entries(files))
        writeFileSync(join(home, "thing/lib", name), text);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe("cutCross", () => {
    it("cuts at the first use of what another file defines, and says where that is", () => {
        const holes = cutCross([join(home, "thing/lib")], 8, 1);
        const [before] = holes.filter(({ kind }) => kind === "before");
        const [behind] = holes.filter(({ kind }) => kind === "behind");
        expect(before).toMatchObject({
            truth: 'openShelf("first", 12);',
            symbol: "openShelf",
            repository: "thing",
            languageId: "javascript",
        });
        expect(before?.before.endsWith("    const shelf = ")).toBe(true);
        expect(behind?.truth).toBe('("first", 12);');
        for (const { before: start, truth, after } of holes)
            expect(start + truth + after).toBe(OWN);
        const [visit] = before?.visited ?? [];
        expect(visit?.path).toBe("lib/other.js");
        expect(visit?.text.slice(visit.cursor).trimStart()).toMatch(/^export function openShelf/);
    });

    it("takes one of a kind from a file, and not most of them from one project", () => {
        const holes = cutCross([join(home, "thing/lib")], 8, 1);
        const paths = holes.filter(({ kind }) => kind === "before").map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths.length).toBe(2);
    });

    it("cuts the same for the same seed", () => {
        const cut = (seed: number) => cutCross([join(home, "thing/lib")], 8, seed);
        expect(cut(3)).toEqual(cut(3));
    });

    it("leaves out lines that stand in the file twice", () => {
        const twice = OWN.replace(
            "return openShelf",
            '    const shelf = openShelf("first", 12);\n    return openShelf',
        );
        for (const name of ["one.js", "two.js", "three.js", "four.js"])
            writeFileSync(join(home, "thing/lib", name), twice);
        expect(cutCross([join(home, "thing/lib")], 8, 1)).toEqual([]);
    });
});
