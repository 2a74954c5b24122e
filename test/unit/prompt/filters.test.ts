// Each rule under its name: what it takes off, when it is told while the answer is written, and what it leaves alone. `|` marks the cursor.
import { describe, expect, it } from "vitest";
import { cutSoFar, reasonOf, trimAnswer } from "../../../src/prompt/filters";
import { marked, trimmed } from "./marked";

const soFar = (document: string, text: string, languageId = "typescript") =>
    cutSoFar(text, { ...marked(document), languageId }, text.endsWith("\n"));

// Put together here: a scanner of repositories would take a whole one for a leak.
const GITHUB = `ghp_${"aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cD3fG6".slice(0, 36)}`;
const AWS = `AKIA${"IOSFODNN7EXAMPLQ"}`;
const RANDOM = ["Zx9Q", "mK2v", "B7nT", "p4Wc", "Y8rL", "d3Hs"].join("");

describe("control tokens and fences", () => {
    it.each([
        ["a chat's turn", "a = |\n", "1<|im_end|>\n<|im_start|>user", "1", "control-tokens"],
        ["an instruction's mark", "a = |\n", "1;\n### Response:\nHere", "1;", "control-tokens"],
        ["another instruction's mark", "a = |\n", "1; [/INST] b", "1;", "control-tokens"],
        ["a fence", "a = |\n", "1;\n```\nThis code", "1;", "fence"],
        ["a tilde fence", "a\n|\n", "b();\n~~~\n", "b();", "fence"],
    ])("end before %s", (_, document, answer, text, filter) => {
        expect(trimmed(document, answer)).toEqual({ text, filter });
        expect(soFar(document, answer)?.filter).toBe(filter);
    });

    it.each([
        ["where the document has them too", "f('[INST]');\ng(|)\n", "'[/INST]'"],
        ["in a comment", "/**\n * ```ts\n * a\n|\n", " * ```"],
    ])("do not count %s", (_, document, answer) => {
        expect(trimmed(document, answer)).toEqual({ text: answer, filter: undefined });
    });

    it("a fence belongs into a text", () => {
        const text = "Run:\n```sh";
        expect(trimmed("# T\n|\n", text, "markdown")).toMatchObject({ text });
    });

    it("a fence at the cursor leaves nothing", () => {
        expect(trimmed("a\n|\n", "```\nb", "python")).toEqual({ reason: "fence", filter: "fence" });
    });
});

describe("secrets", () => {
    it.each([
        ["a key of AWS", `const id = "${AWS}";`],
        ["a token of GitHub", `token: ${GITHUB}`],
        ["a private key", `const key = "-----BEGIN RSA PRIVATE KEY-----`],
        ["a password in an address", `url = "postgres://admin:hunter2x@db.example.com/app"`],
        ["random text under a telling name", `const apiKey = "${RANDOM}";`],
        ["random hex under a telling name", `secret = "${"9f86d081884c7d659a2feaa0c55ad015"}"`],
    ])("are never suggested: %s", (_, answer) => {
        expect(trimmed("|\n", answer)).toEqual({ reason: "secret", filter: "secret" });
        expect(soFar("|\n", answer)).toEqual({ filter: "secret", length: 0 });
    });

    it("nor when their beginning is typed, or who asks asks for it", () => {
        const document = marked(`const id = "${AWS.slice(0, 8)}|\n`);
        const context = { ...document, languageId: "typescript", trigger: "explicit" } as const;
        expect(trimAnswer(`${AWS.slice(8)}";`, context)).toMatchObject({ reason: "secret" });
    });

    it("the lines before them stay", () => {
        expect(trimmed("|\n", `const a = 1;\nconst id = "${AWS}";`)).toEqual({
            text: "const a = 1;",
            filter: "secret",
        });
    });

    it.each([
        ["a name", `const accessToken = process.env["INGOT_ACCESS_TOKEN_OF_TESTS"];`],
        ["a long identifier", `const secretName = "projects.settings.repository.name";`],
        ["a checksum", `"integrity": "sha512-${RANDOM}${RANDOM}=="`],
        ["an address with a variable", "url = `postgres://admin:${password}@localhost/app`"],
    ])("are not %s", (_, answer) => {
        expect(trimmed("|\n", answer)).toMatchObject({ text: answer });
    });
});

describe("licences", () => {
    const header = "// Copyright (c) 2015 The Authors\n// Licensed under the Apache License";
    it("are not suggested, in line and block comments", () => {
        const nothing = { reason: "licence", filter: "licence" };
        expect(trimmed("|\n", header)).toEqual(nothing);
        expect(trimmed("|\n", "/*\n * Copyright 2015 The Authors\n */")).toEqual(nothing);
        expect(trimmed("#!/bin/sh\n# |\n", "Copyright (C) 2011 X", "shellscript")).toEqual(nothing);
        expect(soFar("|\n", "// Copyright 20")).toBeUndefined();
        expect(soFar("|\n", "// Copyright 2015")).toEqual({ filter: "licence", length: 0 });
    });
    it("but the one that a person is writing goes on", () => {
        const document = "// Copyright 2026 Me\n// |\n";
        expect(trimmed(document, "Licensed under the MIT license")).toMatchObject({
            text: "Licensed under the MIT license",
        });
    });
    it("are told from code about licences", () => {
        const text = 'if (line.includes("SPDX-License-Identifier")) return;';
        expect(trimmed("|\n", text)).toMatchObject({ text });
    });
});

describe("comments", () => {
    it.each([
        ["one line at a comment's end", "// adds |\n", "two numbers\n// and more\n// and more"],
        ["one line at a comment behind code", "a(); // adds |\n", "two numbers\nb();"],
        ["one line of a block comment", "/**\n * Adds |\n */\n", "two numbers\n * @since 1"],
    ])("get %s", (_, document, answer) => {
        expect(trimmed(document, answer)).toEqual({ text: "two numbers", filter: "comment" });
        expect(soFar(document, "two numbers\n")).toEqual({ filter: "comment", length: 11 });
    });

    it.each([
        ["a line of a block comment says all", "/**\n * Adds.|\n */\na();\n", "\n * @since 1"],
        ["an empty line is enough", "a();\n|\nb();\n", "\nc();"],
        ["an indented empty line is enough", "{\n  a();\n  |\n  b();\n}\n", "\n  c();"],
    ])("%s: nothing comes below it by itself, but on demand", (_, document, answer) => {
        const context = { ...marked(document), languageId: "typescript" };
        expect(trimAnswer(answer, context)).toHaveProperty("reason");
        expect(cutSoFar("\n", context, true)?.length).toBe(0);
        const asked = trimAnswer(answer, { ...context, trigger: "explicit" });
        expect(asked).toMatchObject({ text: answer });
    });

    it.each([
        ["a block comment that has just begun", "/**|\n */\na();\n", "\n * Adds."],
        ["code behind a block comment", "/* a */ function f() {|\n", "\n  b();\n}"],
        ["an empty line at the end of a file", "a();\n|\n", "\nb();"],
    ])("%s goes on below", (_, document, answer) => {
        expect(trimmed(document, answer, "typescript")).toEqual({
            text: answer,
            filter: undefined,
        });
    });

    it("one line goes on below a comment", () => {
        expect(trimmed("// adds\n|\n", "// two numbers\n// and more")).toEqual({
            text: "// two numbers",
            filter: "comment",
        });
    });

    it("several lines of nothing else after code are dropped, before they are all written", () => {
        const answer = "# a\n# b\n# c\n";
        expect(trimmed("x = 1\n|\n", answer, "python")).toMatchObject({ reason: "comment" });
        expect(soFar("x = 1\n|\n", "# a\n# b\n", "python")).toBeUndefined();
        expect(soFar("x = 1\n|\n", answer, "python")).toEqual({ filter: "comment", length: 0 });
    });

    it.each([
        ["a comment before code", "a();\n|\n", "// b\n// c\nb();"],
        ["a line of a comment", "a();\n|\n", "// b"],
        ["an address in a string", 'a("http://x|\n', '/y");\nb("//z");'],
        ["a preprocessor's lines in C", "|\n", "#include <a.h>\n#include <b.h>"],
    ])("leave %s alone", (name, document, answer) => {
        const languageId = name.endsWith("C") ? "c" : "typescript";
        expect(trimmed(document, answer, languageId)).toMatchObject({ text: answer });
    });

    it("are all there for who asks for them", () => {
        const context = { ...marked("// a |\n"), languageId: "go", trigger: "explicit" } as const;
        expect(trimAnswer("b\n// c", context)).toMatchObject({ text: "b\n// c" });
    });
});

describe("repetition", () => {
    it.each([
        ["the last lines above", "  a.push(first);\n  b.push(second);\n|\n"],
        ["the line above", "  b.push(second);\n|\n"],
    ])("of %s leaves nothing", (name, document) => {
        const answer = `${name.includes("lines") ? "  a.push(first);\n" : ""}  b.push(second);\n`;
        expect(trimmed(document, answer)).toEqual({ reason: "repetition", filter: "repetition" });
        expect(soFar(document, answer)).toEqual({ filter: "repetition", length: 0 });
    });

    it("across lines is cut after its first round, as soon as it is one", () => {
        const round = "if (a) {\n  b();\n} else {\n  c(d);\n}\n";
        expect(trimmed("|\n", round.repeat(3))).toMatchObject({ filter: "repetition" });
        expect(soFar("|\n", round)).toBeUndefined();
        const cut = soFar("|\n", round.repeat(3));
        expect(cut?.filter).toBe("repetition");
        expect(cut?.length).toBeLessThanOrEqual(round.length * 2);
    });

    it("counts the line that begins at the cursor", () => {
        expect(trimmed("{\n    |\n}\n", "let maxSize = 0;\n    let maxSize = 0;")).toEqual({
            text: "let maxSize = 0;",
            filter: "repetition",
        });
    });

    it.each([
        ["pieces in a line", "x = |\n", "foo.bar.".repeat(5), 0],
        ["blanks at the cursor", "|\n", " ".repeat(60), 0],
        ["blanks of a further line", "|\n", `a(\n${" ".repeat(160)}`, 2],
    ])("ends at once: %s", (_, document, text, length) => {
        expect(soFar(document, text)).toEqual({ filter: "repetition", length });
    });

    it.each([
        ["deep indentation", `a(\n${" ".repeat(60)}`],
        ["numbers that count", "a[0] = 0;\na[1] = 1;\na[2] = 2;\na[3] = 3;\n"],
        ["a ruler", `// ${"-".repeat(60)}`],
        ["a short table", "[0, 0, 0, 0],\n[0, 1, 0, 0],\n"],
    ])("is not %s", (_, text) => {
        expect(soFar("|\n", text)).toBeUndefined();
    });
});

describe("what the document has already", () => {
    it.each([
        ["a closer", "f(|)\n", "a, b)", 4],
        ["nothing but a closer", "f(a|)\n", ")", 0],
        ["a quote", 'f("|")\n', 'a"', 1],
    ])("ends the answer: %s", (_, document, text, length) => {
        expect(soFar(document, text)).toEqual({ filter: "closers", length });
    });
    it.each([
        ["a closer of its own", "f(|)\n", "g(a)"],
        ["no closer", "f(|)\n", "a, b"],
        ["nothing to close", "f(|\n", "a)"],
    ])("goes on: %s", (_, document, text) => {
        expect(soFar(document, text)).toBeUndefined();
    });
    it("ends at the next line as soon as that is written", () => {
        const document = "  a();\n  |\n  return total;\n";
        expect(soFar(document, "return total;")).toBeUndefined();
        expect(soFar(document, "return total;\n")).toMatchObject({ filter: "following-lines" });
    });
});

it("a rule can be left out for a measurement", () => {
    const context = { ...marked("f(|)\n"), withoutFilters: ["closers"] };
    expect(trimAnswer("a)", context)).toEqual({ text: "a)", filter: undefined });
    expect(cutSoFar("a)", context, false)).toBeUndefined();
});

it("what a rule leaves nothing of has its reason", () => {
    expect(reasonOf("closers")).toBe("only-repeats-suffix");
    expect(reasonOf("secret")).toBe("secret");
});
