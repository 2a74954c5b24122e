// Outlines: names, kinds, whole symbols and their signatures, language by language, on the samples.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { syntaxFor } from "./setUp";

let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor(
        ...["typescript", "typescriptreact", "python", "go", "rust", "java", "c", "cpp"],
        ...["csharp", "php", "ruby", "shellscript"],
    );
}, 60_000);

/** `kind Container.name`, in order. */
function outline(languageId: string, text: string): string[] {
    const symbols = syntax.symbols({ uri: "a", languageId, text });
    if (!symbols) throw new Error("no tree");
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
    ])("%s", (languageId, name, expected) => {
        expect(outline(languageId, sample(name)).filter((line) => expected.includes(line))).toEqual(
            expected,
        );
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
    const symbols = () => syntax.symbols({ uri: "s", languageId: "typescript", text }) ?? [];

    it("is found once, without what is inside of functions", () => {
        expect(outline("typescript", text)).toEqual([
            "function add",
            "function twice",
            "class Sum",
            "value Sum.total",
            "method Sum.add",
            "type Pair",
            "enum Color",
        ]);
    });

    it("has whole lines and a signature without its body", () => {
        const signatures = symbols().map(({ start, signatureEnd }) =>
            text.slice(start, signatureEnd),
        );
        expect(signatures).toEqual([
            "export function add(a: number, b: number): number",
            "export const twice = (n: number) =>",
            "export class Sum extends Base",
            "total = 0",
            "add(n: number): void",
            "export type Pair = [number, number];",
            "enum Color",
        ]);
        expect(symbols().map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
            [2, 5],
            [6, 8],
            [9, 14],
            [10, 10],
            [11, 13],
            [15, 15],
            [16, 18],
        ]);
    });

    it("keeps decorators", () => {
        const python = "@cache\ndef f(a):\n    return a\n";
        const [symbol] = syntax.symbols({ uri: "p", languageId: "python", text: python }) ?? [];
        expect(symbol && python.slice(symbol.start, symbol.signatureEnd)).toBe("@cache\ndef f(a):");
    });

    it("is found in code that is broken elsewhere", () => {
        expect(outline("typescript", `const a = (;\n${text}`)).toContain("class Sum");
    });
});
