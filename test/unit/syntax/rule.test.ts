// What the cursor is in, and how many lines are wanted there, language by language.
import { beforeAll, describe, expect, it } from "vitest";
import type { SyntaxRule } from "../../../src/protocol/completion";
import type { TreeSyntax } from "../../../src/syntax/syntax";
import { place, syntaxFor } from "./setUp";

const LANGUAGES = [
    "typescript",
    "typescriptreact",
    "javascript",
    "python",
    "go",
    "rust",
    "java",
    "c",
    "cpp",
    "csharp",
    "php",
    "ruby",
    "css",
    "shellscript",
];
let syntax: TreeSyntax;
beforeAll(async () => {
    syntax = await syntaxFor(...LANGUAGES);
}, 60_000);

const CONTEXTS: [string, SyntaxRule["at"], string][] = [
    ["typescript", "code", "const a = |;\n"],
    ["typescript", "string", 'const a = "he|llo";\n'],
    ["typescript", "string", 'const a = "hel|\nconst b = 1;\n'],
    ["typescript", "string", "const a = `one\n  t|wo`;\n"],
    ["typescript", "code", "const a = `one ${b|} two`;\n"],
    ["typescript", "code", 'const a = "hello"|;\n'],
    ["typescript", "comment", "foo(); // the sum|\nbar();\n"],
    ["typescript", "comment", "/** Adds|. */\nfunction f() {}\n"],
    ["typescript", "code", "/** Adds. */|\nfunction f() {}\n"],
    ["typescript", "after-statement", "function f() {\n    foo();|\n}\n"],
    ["typescript", "after-statement", "const a = 1;|\n"],
    ["typescript", "code", "for (let i = 0;|\n"],
    ["typescript", "code", "for (let i = 0;| i < 3; i++) {}\n"],
    ["typescriptreact", "string", 'const a = <p className="wi|de">x</p>;\n'],
    ["javascript", "comment", "// one|"],
    ["python", "string", 'def f():\n    """Adds |\n    two."""\n'],
    ["python", "comment", "x = 1  # one|\n"],
    ["python", "code", "def f():\n    return |\n"],
    ["python", "code", 'a = f"{b|}"\n'],
    ["go", "string", 'package a\n\nvar s = "h|"\n'],
    ["go", "comment", "package a\n\n// Add adds|\nfunc Add() {}\n"],
    ["rust", "string", 'fn f() {\n    let s = "h|";\n}\n'],
    ["rust", "after-statement", "fn f() {\n    let s = 1;|\n}\n"],
    ["rust", "comment", "/// Adds|\nfn f() {}\n"],
    ["java", "string", 'class A {\n    String s = "h|";\n}\n'],
    ["java", "after-statement", "class A {\n    int a = 1;|\n}\n"],
    ["java", "comment", "class A {\n    /* a | b */\n}\n"],
    ["c", "after-statement", "int main(void) {\n    int a = 1;|\n}\n"],
    ["c", "code", "int main(void) {\n    for (int i = 0;|\n}\n"],
    ["cpp", "string", 'auto s = R"(a|b)";\n'],
    ["csharp", "string", 'class A {\n    string s = @"h|";\n}\n'],
    ["csharp", "code", 'class A {\n    string s = $"{b|}";\n}\n'],
    ["php", "string", '<?php\n$a = "h|";\n'],
    ["php", "after-statement", "<?php\n$a = 1;|\n"],
    ["ruby", "string", "a = 'h|'\n"],
    ["ruby", "comment", "a = 1 # one|\n"],
    ["ruby", "code", 'a = "#{b|}"\n'],
    ["css", "comment", "/* wide| */\na { color: red; }\n"],
    ["shellscript", "string", 'echo "h|"\n'],
    ["shellscript", "comment", "# one|\necho\n"],
];

describe("what the cursor is in", () => {
    it.each(CONTEXTS)("%s: %s at %j", (languageId, at, text) => {
        expect(syntax.rule(place(languageId, text))?.at).toBe(at);
    });
});

const LINES: [string, SyntaxRule["lines"], string][] = [
    ["typescript", "several", "function f() {|}\n"],
    ["typescript", "several", "function f() {\n    |\n}\n"],
    ["typescript", "several", "if (a) {|\n"],
    ["typescript", "several", "const f = () => {|};\n"],
    ["typescript", "several", "switch (a) {\n    case 1:|\n}\n"],
    ["typescript", "one", "foo(|);\n"],
    ["typescript", "one", "const a = [|];\n"],
    ["typescript", "one", "import {|} from 'a';\n"],
    ["typescript", "one", "// a {|\nfoo();\n"],
    ["typescript", "one", 'const a = "|";\n'],
    ["typescript", undefined, "const a = |;\n"],
    ["typescript", undefined, "function f() {\n    foo();\n\n    |\n}\n"],
    ["python", "several", "def f(a):|\n"],
    ["python", "several", "def f(a):\n    |\n"],
    ["python", "one", "foo(|)\n"],
    ["python", "one", '"""\n|\n"""\n'],
    ["go", "several", "package a\n\nfunc f() {|}\n"],
    ["rust", "several", "fn f() {|}\n"],
    ["java", "several", "class A {\n    void f() {|}\n}\n"],
    ["cpp", "several", "int f() {|}\n"],
    ["csharp", "several", "class A {|}\n"],
    ["php", "several", "<?php\nfunction f() {|}\n"],
    ["ruby", "several", "def f|\nend\n"],
    ["ruby", "several", "a.each do |x|" + "\u0001\nend\n"],
    ["shellscript", "several", "if true; then|\nfi\n"],
    ["css", "several", "a {|}\n"],
];

describe("how many lines are wanted", () => {
    it.each(LINES)("%s: %s at %j", (languageId, lines, text) => {
        const at = text.includes("\u0001")
            ? {
                  uri: "a",
                  languageId,
                  prefix: text.slice(0, text.indexOf("\u0001")),
                  suffix: text.slice(text.indexOf("\u0001") + 1),
              }
            : place(languageId, text);
        expect(syntax.rule(at)?.lines).toBe(lines);
    });
});

describe("without a grammar", () => {
    it("says nothing, and has nothing to load", async () => {
        expect(syntax.rule(place("markdown", "a|"))).toBeUndefined();
        expect(syntax.check(place("toString", "a|"), "b")).toBeUndefined();
        expect(await syntax.prepare("markdown")).toBe(false);
    });
});
