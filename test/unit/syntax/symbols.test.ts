// Outlines: names, kinds, whole symbols and their signatures, language by language, on the samples.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../../src/base/log";
import { TreeSyntax } from "../../../src/syntax/syntax";
import type { CodeSymbol } from "../../../src/syntax/symbols";
import { settle } from "../../support/fakeClock";
import { grammars, syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor(
        ...["typescript", "typescriptreact", "python", "go", "rust", "java", "c", "cpp"],
        ...["javascript", "csharp", "php", "ruby", "shellscript"],
    );
}, 60_000);

async function symbolsOf(languageId: string, text: string): Promise<CodeSymbol[]> {
    const symbols = await syntax.outline({ languageId, text });
    // The same as of a document that is open.
    expect(syntax.symbols({ uri: "a", languageId, prefix: text, suffix: "" })).toEqual(symbols);
    if (!symbols) throw new Error("no tree");
    return symbols;
}

/** `kind Container.name`, in order. */
async function outline(languageId: string, text: string): Promise<string[]> {
    const symbols = await symbolsOf(languageId, text);
    return symbols.map(
        ({ kind, container, name }) => `${kind} ${[container, name].filter(Boolean).join(".")}`,
    );
}

function sample(name: string): string {
    return readFileSync(join("test", "fixtures", "syntax", name), "utf8");
}

describe("the outline of a sample", () => {
    it.each([
        [
            "python",
            "sample.py",
            [
                "class Words",
                "method Words.__init__",
                "method Words.add",
                "method Words.top",
                "function read",
            ],
        ],
        ["go", "sample.go", ["type Counter", "function NewCounter", "method Read"]],
        [
            "rust",
            "sample.rs",
            [
                "class Counter",
                "interface Count",
                "method Count.count",
                "module Counter",
                "method Counter.new",
                "method Counter.add",
                "module Counter",
                "method Counter.count",
            ],
        ],
        [
            "java",
            "sample.java",
            [
                "class Counter",
                "value Counter.minimum",
                "value Counter.counts",
                "method Counter.Counter",
                "method Counter.add",
                "method Counter.toString",
            ],
        ],
        ["c", "sample.c", ["class counter", "function is_long", "function add"]],
        [
            "cpp",
            "sample.cpp",
            [
                "module words",
                "class words.Counter",
                "method words.Counter.Counter",
                "method words.Counter.add",
                "method words.Counter.count",
            ],
        ],
        [
            "php",
            "sample.php",
            ["class Counter", "method Counter.__construct", "method Counter.add"],
        ],
        [
            "ruby",
            "sample.rb",
            [
                "module Words",
                "class Words.Counter",
                "method Words.Counter.initialize",
                "method Words.Counter.add",
                "method Words.Counter.read",
            ],
        ],
        ["shellscript", "sample.sh", ["function count"]],
        ["typescriptreact", "sample.tsx", ["interface Props", "function Words"]],
    ])("%s", async (languageId, name, expected) => {
        const found = await outline(languageId, sample(name));
        expect(found.filter((line) => expected.includes(line))).toEqual(expected);
    });
});

describe("a symbol", () => {
    const text = [
        'import { a } from "a";',
        "/** Adds. */",
        "export function add(a: number, b: number): number {",
        "    const inner = () => a;",
        "    return a + b;",
        "}",
        "export const twice = (n: number) => {",
        "    return add(n, n);",
        "};",
        "export class Sum extends Base {",
        "    total = 0;",
        "    add(n: number): void {",
        "        this.total += n;",
        "    }",
        "}",
        "export type Pair = [number, number];",
        "enum Color {",
        "    Red,",
        "}",
    ].join("\n");
    it("is found once, without what is inside of functions", async () => {
        expect(await outline("typescript", text)).toEqual([
            "function add",
            "function twice",
            "class Sum",
            "value Sum.total",
            "method Sum.add",
            "type Pair",
            "enum Color",
        ]);
    });

    it("has whole lines, and a header without its body", async () => {
        const lines = text.split("\n");
        const found = (await symbolsOf("typescript", text)).map((one) => [
            ...[one.first, one.header, one.last],
            lines[one.line]?.includes(one.name),
        ]);
        expect(found).toEqual([
            [2, 2, 5, true],
            [6, 6, 8, true],
            [9, 9, 14, true],
            [10, 10, 10, true],
            [11, 11, 13, true],
            [15, 15, 15, true],
            [16, 16, 18, true],
        ]);
    });

    it("keeps decorators, and a header of several lines", async () => {
        const python = "@cache\ndef f(\n    a,\n):\n    return a\n";
        expect(await symbolsOf("python", python)).toMatchObject([
            { name: "f", first: 0, line: 1, header: 3, last: 4 },
        ]);
    });

    it("is what CommonJS exports, and a method of a prototype, but nothing else that is assigned", async () => {
        const script = [
            "exports.a = function () {};",
            "module.exports.b = 1;",
            "A.prototype.c = () => {\n};",
            "own = 2;",
            "this.d = 3;",
        ].join("\n");
        expect(await outline("javascript", script)).toEqual([
            "function a",
            "value b",
            "function c",
        ]);
    });

    it("is found in code that is broken elsewhere", async () => {
        expect(await outline("typescript", `const a = (;\n${text}`)).toContain("class Sum");
    });
});

describe("an outline", () => {
    it("is made in slices between other work, and leaves the trees of documents alone", async () => {
        let nowMs = 0;
        const later: (() => void)[] = [];
        const slow = new TreeSyntax(grammars, {
            log: silentLog,
            budgetMs: 2,
            now: () => nowMs++,
            later: (work) => later.push(work),
        });
        await slow.prepare("typescript");
        const file = { languageId: "typescript", text: "f(a);\n".repeat(3000) + "class A {}\n" };
        const [first, second] = [slow.outline(file), slow.outline(file)];
        let nSlices = 0;
        for (let isDone = false; !isDone;) {
            void Promise.all([first, second]).then(() => (isDone = true));
            await settle();
            const [work, ...more] = later.splice(0);
            expect(more).toEqual([]);
            if (work) nSlices++;
            work?.();
        }
        expect(nSlices).toBeGreaterThan(4);
        expect((await first)?.map(({ name }) => name)).toEqual(["A"]);
        expect(await second).toEqual(await first);
    });

    it("is none of a file without a grammar, or one that is too large", async () => {
        expect(await syntax.outline({ languageId: "markdown", text: "# a" })).toBeUndefined();
        const text = "a();\n".repeat(50_000);
        expect(await syntax.outline({ languageId: "typescript", text })).toBeUndefined();
    });
});
