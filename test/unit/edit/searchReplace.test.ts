/** Search and replace blocks: reading them, placing them although they are quoted badly, refusing what is not clear. */

import { describe, expect, it, vi } from "vitest";
import { AnchoredLines } from "../../../src/edit/anchor";
import { applyBlocks, parseBlocks } from "../../../src/edit/searchReplace";
import { randomFrom, SEEDS } from "./random";

const file = [
    "class Store {",
    "    read(key: string) {",
    "        const value = this.map.get(key);",
    "        return value ?? this.fallback;",
    "    }",
    "",
    "    write(key: string, value: string) {",
    "        this.map.set(key, value);",
    "        this.changed = true;",
    "    }",
    "}",
    "",
];

const block = (search: string, replace: string) =>
    `<<<<<<< SEARCH\n${search}\n=======\n${replace}\n>>>>>>> REPLACE`;

function apply(text: string, lines: readonly string[] = file) {
    const parsed = parseBlocks(text);
    return "reason" in parsed ? parsed : applyBlocks(lines, parsed.blocks);
}

const changed = (line: number, ...texts: string[]) => {
    const lines = [...file];
    lines.splice(line, 1, ...texts);
    return { lines };
};

describe("a block", () => {
    it.each([
        ["quoted as it is", block(file[7] ?? "", "        this.map.delete(key);")],
        ["without indentation", block("this.map.set(key, value);", "this.map.delete(key);")],
        ["with other indentation", block("  this.map.set(key, value);", "  this.map.delete(key);")],
        [
            "with other spaces",
            block(
                "this.map.set( key,  value );".replace("( ", "(").replace(" )", ")"),
                "this.map.delete(key);",
            ),
        ],
        ["with a small mistake", block("this.map.set(key, valeu);", "this.map.delete(key);")],
        [
            "with empty lines around",
            block("\nthis.map.set(key, value);\n", "\nthis.map.delete(key);\n"),
        ],
        [
            "with windows line ends",
            block("this.map.set(key, value);", "this.map.delete(key);").replaceAll("\n", "\r\n"),
        ],
        [
            "in a sentence",
            `Change this:\n${block("this.map.set(key, value);", "this.map.delete(key);")}\nDone.`,
        ],
        [
            "with short markers",
            "<<<<< SEARCH\nthis.map.set(key, value);\n=====\nthis.map.delete(key);\n>>>>> REPLACE",
        ],
        [
            "with ORIGINAL and UPDATED",
            "<<<<<<< ORIGINAL\nthis.map.set(key, value);\n=======\nthis.map.delete(key);\n>>>>>>> UPDATED",
        ],
    ])("%s", (_name, text) => {
        expect(apply(text)).toEqual(changed(7, "        this.map.delete(key);"));
    });

    it("quoted with mistakes changes only what its halves differ in", () => {
        const search =
            "read(key: string) {\n    const valeu = this.map.get(key);\n    return value ?? this.fallback;";
        const replace = search.replace("return value ??", "return value ||");
        expect(apply(block(search, replace))).toEqual(
            changed(3, "        return value || this.fallback;"),
        );
    });

    it("takes the steps of the document's indentation", () => {
        const tabs = ["function f() {", "\tif (a) {", "\t\tb();", "\t}", "}"];
        const search = "if (a) {\n  b();\n}";
        const replace = "if (a) {\n  b();\n  if (c) {\n    d();\n  }\n}";
        expect(apply(block(search, replace), tabs)).toEqual({
            lines: [
                "function f() {",
                "\tif (a) {",
                "\t\tb();",
                "\t\tif (c) {",
                "\t\t\td();",
                "\t\t}",
                "\t}",
                "}",
            ],
        });
    });

    it("quoted with blank lines elsewhere is replaced whole", () => {
        const lines = ["function one() {", "    two();", "", "    three();", "}"];
        const search = "function one() {\n\n    two();\n    three();\n}";
        const found = apply(block(search, search.replace("two()", "four()")), lines);
        expect(found).toEqual({
            lines: ["function one() {", "", "    four();", "    three();", "}"],
        });
    });

    it("quoted without indentation leaves that of the document", () => {
        const lines = ["def f(x):", "    if x:", "        return 1", "    return 0"];
        const found = apply(block("if x:\nreturn 1", "if x:\nreturn 2"), lines);
        expect(found).toEqual({
            lines: [...lines.slice(0, 2), "        return 2", "    return 0"],
        });
    });

    it.each([
        ["    b()\n    log()\n    c()", ["b()", "log()", "c()"]],
        ["    b2()\n    b3()\n    c2()", ["b2()", "b3()", "c2()"]],
    ])("quoted flat takes more lines, as deep as those around them: %j", (_, inner) => {
        const lines = ["def f():", "    if a:", "        b()", "        c()"];
        const found = apply(block("if a:\nb()\nc()", ["if a:", ...inner].join("\n")), lines);
        expect(found).toEqual({
            lines: ["def f():", "    if a:", ...inner.map((line) => `        ${line}`)],
        });
    });

    it.each([
        ["Title\n=======", "Title 2\n======="],
        ["<<<<<<< HEAD\na", "b"],
    ])("is refused where %j has the marks itself", (search, replace) => {
        expect(apply(block(search, replace))).toHaveProperty("reason");
    });

    it("with nothing to replace by removes the lines", () => {
        expect(apply(block("this.changed = true;", ""))).toEqual(changed(8));
    });

    it("without a search text fills an empty document, else is put at the end", () => {
        expect(apply(block("", "a"), [""])).toEqual({ lines: ["a"] });
        expect(apply(block("", "a"), ["b", ""])).toEqual({ lines: ["b", "", "a", ""] });
    });

    it("can build on the one before it", () => {
        const both = `${block("this.changed = true;", "this.dirty = true;")}\n${block("this.dirty = true;", "this.touch();")}`;
        expect(apply(both)).toEqual(changed(8, "        this.touch();"));
    });
});

describe("what is refused", () => {
    it.each([
        ["lines that stand there twice", block("    }", ""), /more than once \(lines 5, 10\)/],
        [
            "lines that are nowhere",
            block("this.map.clear();\nthis.size = 0;", ""),
            /no lines like "this.map.clear\(\);"/,
        ],
        ["a block that is cut off", "<<<<<<< SEARCH\na\n=======\nb", /not complete/],
        ["a block without its second half", "<<<<<<< SEARCH\na\n", /not complete/],
        [
            "the second of two",
            `${block("this.changed = true;", "x")}\n${block("nowhere to be seen", "y")}`,
            /^block 2: /,
        ],
    ])("%s", (_name, text, reason) => {
        expect(apply(text)).toEqual({ reason: expect.stringMatching(reason) as string });
    });

    it("mistakes that fit two places about as well", () => {
        const lines = ["rowA = load(1, 2);", "x();", "rowB = load(1, 2);"];
        expect(new AnchoredLines(lines).find(["rowC = load(1, 2);"])).toMatchObject({
            kind: "refused",
        });
    });
});

it("unchanged lines are found again in any document, or are refused as ambiguous", () => {
    const words = ["alpha", "beta", "gamma", "delta"];
    for (const seed of SEEDS) {
        const next = randomFrom(seed);
        const lines = Array.from(
            { length: 15 },
            () => `${"    ".repeat(next(3))}${words[next(4)]}(${words[next(4)]});`,
        );
        const start = next(12);
        const end = start + 1 + next(3);
        const quoted = lines.slice(start, end).map((line) => (next(2) === 0 ? line : line.trim()));
        const present = new AnchoredLines(lines);
        const anchor = present.find(quoted);
        if (anchor.kind === "refused")
            expect(anchor.reason, `seed ${seed}`).toMatch(/more than once/);
        else
            expect(
                present.between(anchor.first, anchor.last).map((line) => line.trim()),
                `seed ${seed}`,
            ).toEqual(quoted.map((line) => line.trim()));
    }
});

it("many blocks in a long file do not each read all of it", () => {
    const lines = Array.from({ length: 2_000 }, (_line, i) => `    row(${i});`);
    const blocks = lines
        .filter((_line, i) => i % 10 === 0)
        .map((line) => ({ search: [line.trim()], replace: [line.trim().replace("row", "line")] }));
    const trim = vi.spyOn(String.prototype, "trim");
    const applied = applyBlocks(lines, blocks);
    const nTrimmed = trim.mock.calls.length;
    trim.mockRestore();
    expect(applied).toEqual({
        lines: lines.map((line, i) => (i % 10 === 0 ? line.replace("row", "line") : line)),
    });
    expect(nTrimmed).toBeLessThan(20 * lines.length);
});

it("lines are found as in the whole text, whatever was replaced before", () => {
    for (const seed of SEEDS) {
        const next = randomFrom(seed);
        const make = (n: number) =>
            Array.from({ length: n }, () => ["", "a", " b", "c "][next(4)] ?? "");
        let lines = make(12);
        const present = new AnchoredLines(lines);
        for (let i = 0; i < 8; i++) {
            const quoted = make(2 + next(2));
            const anchor = present.find(quoted);
            expect(anchor.kind, `seed ${seed}`).toBe(new AnchoredLines(lines).find(quoted).kind);
            if (anchor.kind === "refused") continue;
            const instead = make(next(3));
            present.replace(anchor.first, anchor.last, instead);
            const other = new AnchoredLines(lines);
            const same = other.find(quoted);
            if (same.kind === "found") other.replace(same.first, same.last, instead);
            lines = other.lines;
            expect(present.lines, `seed ${seed}`).toEqual(lines);
        }
    }
});
