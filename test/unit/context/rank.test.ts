// Which pieces come first, and that they are whole.
import { describe, expect, it } from "vitest";
import { Outlines } from "../../../src/context/outlines";
import { jaccard, ranked as rankedBy, type Around } from "../../../src/context/rank";
import { definedIn } from "../../../src/context/symbols";
import type { Place } from "../../../src/context/snippet";
import { marked } from "../prompt/marked";

const place = (text: string, languageId = "typescript") => ({
    uri: "file:///own.ts",
    path: "own.ts",
    languageId,
    version: 1,
    ...marked(text),
});
const file = (path: string, text: string) => ({ path, lines: text.split("\n") });
const ranked = (at: Place, around: Around) =>
    rankedBy(at, around, { outlines: new Outlines(undefined) });
const NOTHING: Around = { imported: [], visited: [], related: [] };

const SHELF = file(
    "shelf.ts",
    `export const LIMIT = 20;

/** How many more fit. */
export function freePlaces(shelf: Shelf): number {
    const used = shelf.volumes.length;
    return LIMIT - used;
}

export class Shelf {
    volumes: string[] = [];

    add(volume: string): void {
        this.volumes.push(volume);
    }
}
`,
);

describe("ranked", async () => {
    it("begins with the whole definitions of imported names at the cursor, nearest first", async () => {
        const names = ["Shelf", "freePlaces"];
        const found = await ranked(
            place("const shelf = new Shelf();\nconst n = freePlaces(|);\n"),
            {
                ...NOTHING,
                imported: [{ source: SHELF, names }],
            },
        );
        expect(found.map(({ symbols }) => symbols)).toEqual([["freePlaces"], ["Shelf"]]);
        expect(found[0]).toMatchObject({ kind: "definition", path: "shelf.ts" });
        expect(found[0]?.text).toMatch(/^\/\*\* How many[^]*return LIMIT - used;\n\}$/);
        expect(found[1]?.text).toMatch(/^export class Shelf \{[^]*\n\}$/);
    });

    it("shows heads of what is imported, what is not used yet first", async () => {
        const found = await ranked(
            place("\n".repeat(40) + "|\n" + "\n".repeat(40) + "f(LIMIT);\n"),
            {
                ...NOTHING,
                imported: [{ source: SHELF, names: ["LIMIT", "freePlaces"] }],
            },
        );
        expect(found.map(({ kind, symbols }) => [kind, symbols])).toEqual([
            ["import", ["freePlaces"]],
            ["import", ["LIMIT"]],
        ]);
        expect(found[0]?.text).toContain("export function freePlaces(shelf: Shelf): number {");
    });

    it("outlines a file that is imported as a whole", async () => {
        const long = file("long.ts", SHELF.lines.join("\n") + "// more\n".repeat(200));
        const [only] = await ranked(place("|"), {
            ...NOTHING,
            imported: [{ source: long, names: [] }],
        });
        expect(only?.kind).toBe("import");
        expect(only?.text).toContain("add(volume: string): void");
        expect(only?.text).not.toContain("return LIMIT");
    });

    it("shows members that stand behind a dot, and no variables that are called the same", async () => {
        const source = file(
            "a.ts",
            "export class A {\n    run(x) {\n        const count = x;\n        return count;\n    }\n}\n",
        );
        const found = await ranked(place("const count = 1;\nthing.run(count|);\n"), {
            ...NOTHING,
            imported: [{ source, names: ["A"] }],
        });
        const definitions = found.filter(({ kind }) => kind === "definition");
        expect(definitions.map(({ symbols }) => symbols)).toEqual([["run"]]);
        expect(definitions[0]?.text).toMatch(/^export class A \{\n {4}run\(x\) \{/);
    });

    it("looks into files beside where a language does not say what it imports", async () => {
        const source = file("util.go", "package x\n\nfunc Helper(a int) int {\n\treturn a\n}\n");
        const found = await ranked(place("x := Helper(|)\n", "go"), {
            ...NOTHING,
            related: [source],
        });
        expect(found[0]).toMatchObject({ kind: "definition", symbols: ["Helper"] });
    });

    it("shows what is defined here from nowhere else", async () => {
        const found = await ranked(place("function freePlaces() {\n}\nfreePlaces(|);\n"), {
            ...NOTHING,
            visited: [SHELF],
        });
        expect(found.filter(({ kind }) => kind === "definition")).toEqual([]);
    });

    it("compares places that were looked at with the lines around the cursor", async () => {
        const alike = file("alike.ts", "registerRoute(server, handler);\nstartServer(options);\n");
        const other = file("other.ts", "paint(brush, colour);\n");
        const found = await ranked(place("registerRoute(server, other);\n|startServer(x)\n"), {
            ...NOTHING,
            visited: [other, alike],
        });
        expect(found.map(({ kind, path }) => [kind, path])).toEqual([["visited", "alike.ts"]]);
    });
});

describe("jaccard", () => {
    it.each([
        [["a", "b"], ["b", "c"], 1 / 3],
        [["a"], ["a"], 1],
        [[], [], 0],
    ])("%j %j", (a, b, expected) => {
        expect(jaccard(new Set<string>(a), new Set<string>(b))).toBeCloseTo(expected);
    });
});

describe("definedIn", () => {
    it.each([
        ["export default async function a() {", "a"],
        ["    async *b(x) {", "b"],
        ["def c(self):", "c"],
        ["pub(crate) fn d<T>() -> T {", "d"],
        ["func (s *Server) e(x int) {", "e"],
        ["exports.f = function () {", "f"],
        ["G = 1", "G"],
        ["interface H {", "H"],
    ])("%s", (line, name) => {
        expect([...definedIn([line]).keys()]).toEqual([name]);
    });

    it.each([
        "    if (a) {",
        "    const local = 1;",
        "a == b",
        "call(x) {;",
        "return function (x) {",
    ])("not in: %s", (line) => {
        expect([...definedIn([line]).keys()]).toEqual([]);
    });
});
