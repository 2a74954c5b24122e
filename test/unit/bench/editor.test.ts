// Holes about what only an editor knows: edits of a commit, and what a compiler says.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git, lineChangeOf, readDiff } from "../../../bench/quality/changes.mjs";
import { cutDiagnosed } from "../../../bench/quality/diagnosed.mjs";
import { cutEdits, diffOf } from "../../../bench/quality/edits.mjs";
import { isReached, reachReport } from "../../../bench/quality/reach.mjs";
import type { Product } from "../../../bench/quality/editorPieces.mjs";
import * as folderSource from "../../../src/cli/folderSource";
import * as gates from "../../../src/completion/gates";
import { Outlines } from "../../../src/context/outlines";
import * as sourceText from "../../../src/context/sourceText";
import * as diagnostics from "../../../src/host/context/diagnostics";
import * as editRing from "../../../src/host/context/editRing";
import * as merge from "../../../src/host/context/merge";
import * as regions from "../../../src/host/context/regions";

const product: Product = {
    ...folderSource,
    ...gates,
    ...sourceText,
    ...diagnostics,
    ...editRing,
    ...merge,
    ...regions,
    outlines: new Outlines(undefined),
    syntax: undefined,
};

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "ingot-editor-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(home, path)), { recursive: true });
        writeFileSync(join(home, path), text);
    }
}

function commit(files: Record<string, string>): string {
    write(files);
    const who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"];
    git(home, ["add", "-A"]);
    git(home, [...who, "commit", "-q", "--no-verify", "-m", "one"]);
    return git(home, ["rev-parse", "HEAD"]).trim();
}

const FILLER = Array.from({ length: 30 }, (_, i) => `// line ${i} says nothing`).join("\n");
const shelf = (more = "") => `${FILLER}\nexport function openShelf(${more}name) {\n}\n`;
const caller = (lines: string[]) => ["run(() => {", ...lines, "});", FILLER, ""].join("\n");

describe("readDiff", () => {
    it("knows where each hunk lies in the new file, whatever its lines look like", () => {
        const changes = readDiff(
            [
                "diff --git a/x y.js b/x y.js",
                "--- a/x y.js\t",
                "+++ b/x y.js\t",
                "@@ -3,2 +3 @@ function a() {",
                "--- a comment",
                "-@@ -1 +1 @@",
                "+++ b/of.js",
                "@@ -9,0 +9,2 @@",
                "+one",
                "+",
                "@@ -20 +21,0 @@",
                "-gone",
                "diff --git a/gone.js b/gone.js",
                "--- a/gone.js",
                "+++ /dev/null",
                "@@ -1 +0,0 @@",
                "-all",
                "",
            ].join("\n"),
        );
        expect(changes).toEqual([
            {
                path: "x y.js",
                isNew: false,
                hunks: [
                    { first: 2, removed: ["-- a comment", "@@ -1 +1 @@"], added: ["++ b/of.js"] },
                    { first: 8, removed: [], added: ["one", ""] },
                    { first: 21, removed: ["gone"], added: [] },
                ],
            },
        ]);
    });
});

describe("lineChangeOf", () => {
    it.each([
        [
            { first: 4, removed: ["a", "b"], added: ["c"] },
            { first: 4, last: 5, nLines: 1 },
        ],
        [
            { first: 4, removed: [], added: ["c", "d"] },
            { first: 3, last: 3, nLines: 3 },
        ],
        [
            { first: 0, removed: [], added: ["c"] },
            { first: 0, last: 0, nLines: 2 },
        ],
        [
            { first: 4, removed: ["a", "b"], added: [] },
            { first: 4, last: 6, nLines: 1 },
        ],
    ])("%j", (hunk, change) => {
        expect(lineChangeOf(hunk)).toEqual(change);
    });
});

describe("diffOf", () => {
    it("has what went, what came and three lines around", () => {
        const lines = ["a", "b", "c", "d", "new", "e", "f", "g", "h"];
        const hunks = [{ first: 4, removed: ["old"], added: ["new"] }];
        expect(diffOf(hunks, lines, { first: 4, last: 4 }).split("\n")).toEqual([
            " b",
            " c",
            " d",
            "-old",
            "+new",
            " e",
            " f",
            " g",
        ]);
    });
});

describe("cutEdits", () => {
    beforeEach(() => {
        git(home, ["init", "-q"]);
    });
    const before = () => ({
        "a.js": caller(["    const first = openShelf(1);"]),
        "b.js": shelf(),
        "package-lock.json": "{}\n",
    });
    const edited = [
        '    const first = openShelf("red", 1);',
        '    const second = openShelf("blue", 2);',
        "    const third = first + second;",
    ];

    it("cuts an added line, with the rest of its hunk not yet there and the other files' changes as pieces", async () => {
        commit(before());
        const id = commit({
            "a.js": caller(edited),
            "b.js": shelf("color, "),
            "package-lock.json": '{ "lockfileVersion": 3 }\n',
        });
        for (let seed = 1; seed <= 8; seed++) {
            const holes = await cutEdits(product, home, 4, seed);
            const [hole] = holes;
            expect(holes.map(({ commit }) => commit)).toEqual([id]);
            if (hole?.path !== "a.js") continue;
            const at = hole.before.split("\n").length - 1;
            expect(`${hole.before.split("\n").at(-1)}${hole.truth}`).toBe(edited[at - 1]);
            expect(hole.after).toBe(["", "});", FILLER, ""].join("\n"));
            expect(hole.truth.length).toBeGreaterThanOrEqual(6);
            const own = (list: typeof hole.pieces) => list.filter(({ kind }) => kind === "edit");
            expect(own(hole.pieces)).toHaveLength(1);
            expect(own(hole.pieces)[0]).toMatchObject({ path: "b.js" });
            expect(own(hole.pieces)[0]?.text).toContain("export function openShelf(color, name) {");
            expect(own(hole.diffs)[0]?.text).toContain("\n-export function openShelf(name) {\n+");
            const paths = [...hole.pieces, ...hole.diffs].map(({ path }) => path);
            expect(paths).not.toContain("package-lock.json");
            return;
        }
        expect.unreachable("no seed cut the hole in a.js");
    });

    it("leaves out commits that change one file, only spaces, or nothing that is shown", async () => {
        commit(before());
        const all = { ...before(), "a.js": caller(edited) };
        commit({ "a.js": all["a.js"] });
        commit({ "a.js": all["a.js"].replaceAll("    ", "\t"), "b.js": `${shelf()}\n` });
        commit({ "a.js": `${all["a.js"]}const more = shelves.length;\n`, ".env": "A=1\n" });
        expect(await cutEdits(product, home, 4, 1)).toEqual([]);
    });

    it("begins with the same ones when there are more", async () => {
        commit(before());
        commit({ "a.js": caller(edited), "b.js": shelf("color, ") });
        commit({ "a.js": caller([]), "b.js": shelf("size, ") });
        commit({ "a.js": caller(edited), "b.js": shelf("size, color, ") });
        const two = await cutEdits(product, home, 2, 1);
        expect(two).toHaveLength(2);
        expect((await cutEdits(product, home, 1, 1))[0]).toEqual(two[0]);
    });
});

describe("cutDiagnosed", () => {
    it("cuts where TypeScript then reports something on other lines", async () => {
        write({
            "tsconfig.json": '{ "compilerOptions": { "noLib": true, "types": [] } }',
            "src/one.ts": "export const shelves = 12 + 13;\nexport const rooms = shelves + 14;\n",
            "src/two.ts": "export const nothing = 12 + 13;\n",
        });
        const found = new Set<string>();
        for (let seed = 1; seed <= 6; seed++) {
            const where = { project: home, below: "src" };
            const holes = await cutDiagnosed(product, where, 4, seed);
            for (const hole of holes) {
                expect(hole.path).toBe("src/one.ts");
                const [piece] = hole.pieces.filter(({ kind }) => kind === "diagnostic");
                expect(piece?.path).toBe("src/one.ts");
                found.add(piece?.text ?? "");
            }
        }
        expect([...found].join("\n")).toContain("Cannot find name 'shelves'.");
    });
});

describe("reach", () => {
    const piece = (kind: string, text: string) => ({ kind, path: "b.js", text });

    it("is about the names that the window lacks, all of them", () => {
        const pieces = [piece("edit", "open(red)"), piece("import", "blue;")];
        expect(isReached("open(near);", "near = open;", [])).toBeUndefined();
        expect(isReached("red + blue + near;", "near", pieces)).toBe(true);
        expect(isReached("red + green;", "near", pieces)).toBe(false);
        // Part of another name.
        expect(isReached("ope;", "", pieces)).toBe(false);
    });

    it("counts by kind and size what each column's pieces have", () => {
        const all = [piece("edit", "red"), piece("import", "blue")];
        const hole = (truth: string) => ({
            ...{ kind: "edit", path: "a.js", languageId: "javascript", before: "", after: "" },
            truth,
            variants: [all, all.slice(1)].map((snippets) => ({ snippets, maxPieceTokens: 20 })),
        });
        const text = reachReport({
            cases: [hole("red"), hole("blue"), hole("green"), hole("near")],
            labels: ["all", "without it"],
            kinds: ["edit", "diagnostic"],
            sizes: [30, 10],
            // A piece takes ten tokens.
            choose: (_, { snippets, maxPieceTokens }) => ({
                pieces: snippets.slice(0, maxPieceTokens / 10),
                window: "near",
            }),
        });
        const cells = text.split("\n").map((line) => line.trim().split(/ {2,}/));
        expect(cells).toEqual([
            ["30 tokens", "all", "without it"],
            ["edit: names reached, of 3", "2", "1"],
            ["won, lost against all", "0, 0", "0, 1"],
            ["such a piece in the prompt, of 4", "4", "0"],
            [""],
            ["10 tokens", "all", "without it"],
            ["edit: names reached, of 3", "1", "1"],
            ["won, lost against all", "0, 0", "1, 1"],
            ["such a piece in the prompt, of 4", "4", "0"],
        ]);
    });
});
