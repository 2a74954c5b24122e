// What the package says of the software that others wrote: which packages are in the bundles, what a section holds, what is missing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
    bundledFolders,
    mitNotice,
    namesIn,
    noticesText,
    packageNotices,
    withoutNotice,
} from "../../../scripts/notices/notices.mjs";

function metafile(inputs: Record<string, number>): Metafile {
    const contributions = Object.entries(inputs).map(([path, bytesInOutput]) => [
        path,
        { bytesInOutput },
    ]);
    const output = {
        bytes: 1,
        imports: [],
        exports: [],
        inputs: Object.fromEntries(contributions) as Metafile["outputs"][string]["inputs"],
    };
    return { inputs: {}, outputs: { "dist/a.js": output } };
}

describe("the packages in the bundles", () => {
    it("are those that left something there, nested ones too", () => {
        const made = metafile({
            "src/a.ts": 10,
            "node_modules/plain/lib/a.js": 5,
            "node_modules/plain/lib/b.js": 7,
            "node_modules/@scope/one/index.js": 1,
            "node_modules/plain/node_modules/inner/index.js": 3,
            "node_modules/shaken-out/index.js": 0,
        });
        const other = metafile({ "node_modules/second/index.js": 1 });
        expect(bundledFolders([made, other])).toEqual([
            "node_modules/@scope/one",
            "node_modules/plain",
            "node_modules/plain/node_modules/inner",
            "node_modules/second",
        ]);
    });
});

describe("the notice of a package", () => {
    let folder = "";
    const put = (path: string, text: string) => {
        mkdirSync(join(folder, path, ".."), { recursive: true });
        writeFileSync(join(folder, path), text);
    };

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "ingot-notices-"));
        put("package.json", JSON.stringify({ name: "some", version: "1.2.3", license: "ISC" }));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("holds its licence files and those of code in it, not those of its dependencies", () => {
        put("LICENSE", "own terms\n");
        put("vendor/copied/license-mit", "terms of a copy\n");
        put("node_modules/other/LICENSE", "other terms\n");
        put("licenses.js", "code");
        expect(packageNotices(folder)).toEqual([
            { name: "some", about: "1.2.3, ISC", text: "own terms\n\nterms of a copy" },
        ]);
    });

    it("is the terms known for it where it brings none, and without those it is an error", () => {
        expect(() => packageNotices(folder)).toThrow(/^some brings no licence file: add/);
        put("package.json", JSON.stringify({ name: "simple-git", version: "1", license: "MIT" }));
        const [notice] = packageNotices(folder);
        expect(notice?.text).toMatch(/Copyright .* Steve King/);
        expect(notice?.text).toMatch(/without restriction/);
    });
});

describe("a package without a notice", () => {
    const files = [
        "dist/syntax/tree-sitter.wasm",
        "dist/syntax/tree-sitter-go.wasm",
        "node_modules/with-file/package.json",
        "node_modules/with-file/License",
        "node_modules/@scope/bare/package.json",
        "node_modules/@scope/bare/index.js",
    ];

    it("is found among grammars and packages", () => {
        const text = noticesText([mitNotice("tree-sitter")]);
        expect([...namesIn(text)]).toEqual(["tree-sitter"]);
        expect(withoutNotice(files, text)).toEqual(["tree-sitter-go", "@scope/bare"]);
    });

    it("is none that has a section", () => {
        const bare = { name: "@scope/bare", about: "1, MIT", text: "terms" };
        const text = noticesText([bare, mitNotice("tree-sitter"), mitNotice("tree-sitter-go")]);
        expect(withoutNotice(files, text)).toEqual([]);
    });
});
