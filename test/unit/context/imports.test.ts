// What a file imports from files of its own project.
import { describe, expect, it } from "vitest";
import { importsOf } from "../../../src/context/imports";

const of = (languageId: string, text: string, path: string) =>
    importsOf(languageId, text, path).map(({ candidates, names }) => ({
        first: candidates[0],
        names,
    }));

describe("importsOf", () => {
    it("reads ES imports, with the other file's names", () => {
        const text = [
            'import fs from "node:fs";',
            'import { type A, b as c } from "./one";',
            "import {\n    d,\n    e,\n} from '../two.js';",
            'import * as all from "./three.ts";',
            'export { f } from "./four";',
        ].join("\n");
        expect(of("typescript", text, "src/a/own.ts")).toEqual([
            { first: "src/a/one", names: ["A", "b"] },
            { first: "src/two.ts", names: ["d", "e"] },
            { first: "src/a/three.ts", names: [] },
            { first: "src/a/four", names: ["f"] },
        ]);
    });

    it("tries what TypeScript and bundlers would", () => {
        const [found] = importsOf("typescript", 'import { a } from "./one";', "src/own.ts");
        expect(found?.candidates).toEqual(
            expect.arrayContaining(["src/one.ts", "src/one/index.ts"]),
        );
    });

    it("reads require", () => {
        const text = "const { a, b: other } = require('./one')\nconst util = require('../util')\n";
        expect(of("javascript", text, "lib/own.js")).toEqual([
            { first: "lib/one", names: ["a", "b"] },
            { first: "util", names: [] },
        ]);
    });

    it("reads Python's", () => {
        const text = [
            "import os",
            "from .one import a, b as c  # why",
            "from ..two import (\n    d,  # why\n    e,\n)",
            "from . import three",
        ].join("\n");
        expect(of("python", text, "package/inner/own.py")).toEqual([
            { first: "package/inner/one.py", names: ["a", "b"] },
            { first: "package/two.py", names: ["d", "e"] },
            { first: "package/inner/three.py", names: [] },
        ]);
        const [absolute] = importsOf("python", "from package.one import a", "package/own.py");
        expect(absolute?.candidates).toContain("package/one.py");
    });

    it("knows nothing of other languages", () => {
        expect(importsOf("go", 'import "fmt"', "a.go")).toEqual([]);
    });
});
