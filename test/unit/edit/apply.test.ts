/** Code of answers put into files: whole symbols, members, new ones, imports, pieces, whole files, the cursor; by grammar and without. */

import { describe, expect, it } from "vitest";
import { applyCode } from "../../../src/edit/apply";
import { apply, codeParts, FILE, parts, result } from "./applying";

describe("whole symbols", () => {
    it.each(["typescript", "none"])("replace those of the file (%s)", (language) => {
        const code = "export function add(x: number, y: number): number {\n    return y + x;\n}";
        const applied = apply(FILE, code, { language });
        expect(applied).toMatchObject({ kind: "change", how: "symbols", notes: [] });
        expect(result(applied)).toBe(FILE.replace("return x + y", "return y + x"));
    });

    it("keep the export, the comment and the indentation that the answer leaves out", () => {
        const code = "function add(x: number, y: number): number {\n  return y + x;\n}";
        expect(result(apply(FILE, code))).toBe(FILE.replace("return x + y", "return y + x"));
    });

    it("bring their own comment", () => {
        const code =
            "/** Adds two. */\nexport function add(x: number, y: number): number {\n    return x + y;\n}";
        expect(result(apply(FILE, code))).toBe(FILE.replace("Adds.", "Adds two."));
    });

    it("replace a member of a class of which little is shown, and add a new one at its end", () => {
        const code = "class Counter {\n    reset(): void {\n        this.n = -1;\n    }\n}";
        expect(result(apply(FILE, code))).toBe(
            FILE.replace("this.n = 0;\n    }", "this.n = -1;\n    }"),
        );
        const added = "class Counter {\n    twice(): void {\n        this.next();\n    }\n}";
        expect(result(apply(FILE, added))).toBe(
            FILE.replace(
                "return this.n;\n    }\n}",
                "return this.n;\n    }\n\n    twice(): void {\n        this.next();\n    }\n}",
            ),
        );
    });

    it("fill what the answer leaves out", () => {
        const code =
            "export class Counter {\n    private n = 1;\n\n    // ... existing code ...\n}";
        expect(result(apply(FILE, code))).toBe(FILE.replace("private n = 0", "private n = 1"));
    });

    it("that are new stand behind the known one before them", () => {
        const code =
            "function add(x: number, y: number): number {\n    return x + y;\n}\n\nfunction subtract(x: number, y: number): number {\n    return x - y;\n}";
        expect(result(apply(FILE, code))).toBe(
            FILE.replace(
                "return x + y;\n}\n",
                "return x + y;\n}\n\nfunction subtract(x: number, y: number): number {\n    return x - y;\n}\n",
            ),
        );
    });

    it("that are new stand before the known one after them", () => {
        const code = "function first(): void {}\n\nfunction last(): void {\n    a();\n}";
        expect(result(apply(FILE, code))).toBe(
            FILE.replace("function last", "function first(): void {}\n\nfunction last"),
        );
    });

    const B = 'import { b } from "./b";\n';
    const LONG_B = 'import {\n    b,\n    c,\n} from "./b";\n';
    it.each([
        ["the imports that are missing", `import { a } from "./a";\n${B}`, "{ a }", B],
        [
            "more names into the import that is there",
            `import { a, d } from "./a";\n${B}`,
            "{ a, d }",
            B,
        ],
        [
            "imports of several lines whole, and none that is there in another form",
            `import {\n    a,\n} from "./a";\n${LONG_B}`,
            "{ a }",
            LONG_B,
        ],
    ])("bring %s", (_name, imports, names, added) => {
        const code = `${imports}\nfunction last(): void {\n    b();\n}`;
        const applied = apply(FILE, code);
        expect(applied).toMatchObject({ notes: [] });
        expect(result(applied)).toBe(
            FILE.replace('{ a } from "./a";\n', `${names} from "./a";\n${added}`).replace(
                "    a();",
                "    b();",
            ),
        );
    });

    it("say what of the code was not used", () => {
        const code = "function last(): void {\n    b();\n}\n\n// Use it:\nlast();";
        expect(apply(FILE, code)).toMatchObject({
            how: "symbols",
            notes: ["1 line of the code outside of its functions was not used."],
        });
    });

    const TWO =
        "class A {\n    run() {\n        x();\n    }\n}\n\nclass B {\n    run() {\n        y();\n    }\n\n    last() {}\n}\n";

    it.each([
        ["typescript", "    async run(): Promise<number> {\n        return 1;\n    }"],
        ["typescript", "/** Runs. */\nrun(\n    n: number,\n): number {\n    return 1;\n}"],
        ["java", "int run() {\n    return 1;\n}"],
    ])("that two classes have are that at the cursor, else are refused (%s)", (language, code) => {
        for (const cursor of [0, 6, 12])
            expect(apply(TWO, code, { language, cursor })).toEqual({
                kind: "refused",
                reason: "the file defines run more than once; put the cursor into the one that is meant",
            });
        const first = apply(TWO, code, { language, cursor: 2 });
        expect(result(first)).toContain(
            "        return 1;\n    }\n}\n\nclass B {\n    run() {\n        y();",
        );
        const selection = { start: 8, end: 9 };
        const second = apply(TWO, code, { language, selection });
        expect(result(second)).toContain("        x();\n    }\n}\n\nclass B {");
        expect(result(second)).toContain("        return 1;\n    }\n\n    last");
    });

    it("that are methods without their class go over that of their name, and new ones behind the one at the cursor", () => {
        expect(result(apply(TWO, "last() {\n    z();\n}"))).toBe(
            TWO.replace("last() {}", "last() {\n        z();\n    }"),
        );
        expect(result(apply(TWO, "first() {\n    z();\n}", { cursor: 2 }))).toBe(
            TWO.replace("x();\n    }\n", "x();\n    }\n\n    first() {\n        z();\n    }\n"),
        );
        const named = `function last() {}\n\n${TWO}`;
        expect(result(apply(named, "last() {\n    z();\n}"))).toBe(
            named.replace("    last() {}", "    last() {\n        z();\n    }"),
        );
    });

    it("is no method what only begins like one", () => {
        for (const code of ["run();", "if (a) {\n    b();\n}", "run() {\n}\nb();"])
            expect(codeParts("typescript", code)).toEqual(parts("typescript", code));
    });

    const BARE = "function add(x: number, y: number): number {\n    return x + y;\n}";
    const OTHER = "export function more(): void {}";
    it.each([
        ["an answer without it changes nothing else", BARE, false],
        ["the answer exports others", `${BARE.replace("x + y", "y + x")}\n\n${OTHER}`, false],
        ["the answer exports none", BARE.replace("x + y", "y + x"), true],
    ])("lose their export when %s: %#", (_name, code, isKept) => {
        const now = result(apply(FILE, code));
        expect(now.includes("export function add")).toBe(isKept);
        expect(now).toContain("function add");
    });

    it("keep it where only what is inside of them has it", () => {
        const file = "pub struct A {\n    pub n: i32,\n}\n\npub fn f() -> i32 {\n    1\n}\n";
        const code = "struct A {\n    pub n: i64,\n}";
        expect(result(apply(file, code, { language: "rust" }))).toBe(file.replace("i32", "i64"));
    });

    const DECORATED = '# One.\n@app.get(\n    "/x",\n)\n@auth\ndef top(a):\n    return a\n';
    it.each([
        ["def top(a):\n    return b\n", DECORATED.replace("return a", "return b")],
        ["async def top(a):\n    return a\n", DECORATED.replace("def", "async def")],
        ["# Two.\ndef top(a):\n    return a\n", DECORATED.replace("One", "Two")],
        ["@no\ndef top(a):\n    return a\n", "# One.\n@no\ndef top(a):\n    return a\n"],
        ["def top(a):\n    return a\n", "# One.\ndef top(a):\n    return a\n"],
    ])(
        "keep decorators, unless the answer has others or changes nothing else: %j",
        (code, wanted) => {
            for (const rest of ["", "\n\nx = 1\ny = 2\nz = 3\n\n\ndef rest():\n    pass\n"])
                expect(result(apply(DECORATED + rest, code, { language: "python" }))).toBe(
                    rest === "" && code.includes("# Two") ? wanted : wanted + rest,
                );
        },
    );

    it.each([
        [
            "java",
            'class A {\n    @Override\n    @Named("a")\n    String f() {\n        return 1;\n    }\n\n    int g;\n    int h;\n}\n',
            "String f() {\n    return 2;\n}",
        ],
        [
            "typescript",
            "class A {\n    @Input() x = 1;\n    @Host('a')\n    f() {\n        return 1;\n    }\n}\n",
            "f() {\n    return 2;\n}",
        ],
        [
            "rust",
            "struct B;\n\n#[test]\nfn f() {\n    return 1;\n}\n",
            "fn f() {\n    return 2;\n}",
        ],
    ])("keep annotations and attributes (%s)", (language, file, code) => {
        for (const comment of ["", "// More.\n"]) {
            const now = result(apply(file, comment + code, { language }));
            expect(now.replace(/ *\/\/ More.\n/, "")).toBe(file.replace("return 1", "return 2"));
        }
    });

    it("of Python keep decorators and indentation", () => {
        const file =
            "class A:\n    @property\n    def x(self):\n        return self._x\n\n    def y(self):\n        return 1\n\n    def z(self):\n        return 2\n";
        const code = "class A:\n  def y(self):\n    return 3\n";
        expect(result(apply(file, code, { language: "python" }))).toBe(
            file.replace("return 1", "return 3"),
        );
    });

    it("of Rust find the right impl block", () => {
        const file =
            "struct A;\n\nimpl A {\n    fn f(&self) -> i32 {\n        1\n    }\n}\n\nimpl Clone for A {\n    fn clone(&self) -> A {\n        A\n    }\n}\n";
        const code = "impl A {\n    fn f(&self) -> i32 {\n        2\n    }\n}\n";
        expect(result(apply(file, code, { language: "rust" }))).toBe(
            file.replace("        1", "        2"),
        );
    });

    it("of Go and Java", () => {
        const go = "package a\n\nfunc F() int {\n\treturn 1\n}\n\nfunc G() int {\n\treturn 2\n}\n";
        expect(result(apply(go, "func G() int {\n    return 3\n}", { language: "go" }))).toBe(
            go.replace("return 2", "return 3"),
        );
        const imported = go.replace("package a\n", 'package a\n\nimport (\n\t"fmt"\n)\n');
        const more =
            'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc G() int {\n\treturn 3\n}\n';
        expect(result(apply(imported, more, { language: "go" }))).toBe(
            imported.replace("return 2", "return 3").replace('"fmt"\n', '"fmt"\n\t"os"\n'),
        );
        const java =
            "class A {\n    int f() {\n        return 1;\n    }\n\n    int g() {\n        return 2;\n    }\n\n    int h() {\n        return 3;\n    }\n}\n";
        const code = "class A {\n    int g() {\n        return 9;\n    }\n}";
        expect(result(apply(java, code, { language: "java" }))).toBe(
            java.replace("return 2", "return 9"),
        );
    });
});

describe("other code", () => {
    it("with search and replace blocks goes where they say", () => {
        const code =
            "<<<<<<< SEARCH\n    return x + y;\n=======\n    return y + x;\n>>>>>>> REPLACE";
        expect(apply(FILE, code)).toMatchObject({ how: "blocks" });
        expect(result(apply(FILE, code))).toBe(FILE.replace("return x + y", "return y + x"));
    });

    it("that is a diff changes what its hunks quote, wherever their numbers say", () => {
        const code =
            "--- a/file.ts\n+++ b/file.ts\n@@ -90,3 +90,3 @@\n export function add(x: number, y: number): number {\n-    return x + y;\n+    return y + x;\n }\n@@ -1 +1,2 @@\n     reset(): void {\n+        log();\n         this.n = 0;";
        const wanted = FILE.replace("return x + y", "return y + x").replace(
            "reset(): void {\n",
            "reset(): void {\n        log();\n",
        );
        for (const selection of [undefined, { start: 3, end: 6 }]) {
            const applied = apply(FILE, code, { selection });
            expect(applied).toMatchObject({ how: "blocks" });
            expect(result(applied)).toBe(wanted);
        }
    });

    it("that is a diff of a list does not take the place of the file", () => {
        const file = "on: push\nsteps:\n- run: a\n- run: b\n";
        const code = " on: push\n steps:\n-- run: a\n+- run: z\n - run: b";
        for (const fence of ["diff", "yaml"])
            expect(result(apply(file, code, { language: "yaml", fence }))).toBe(
                file.replace("run: a", "run: z"),
            );
        const list = "- a\n- b\n- c\n";
        const added = "- a\n+- x\n- b\n- c";
        expect(result(apply(list, added, { language: "markdown", fence: "diff" }))).toBe(
            "- a\n- x\n- b\n- c\n",
        );
    });

    it("that is a diff is refused whole when a hunk's lines are nowhere", () => {
        const code =
            "@@ -1 +1 @@\n-    return x + y;\n+    return y + x;\n@@ -9 +9 @@\n-    nowhere(to, be, seen);\n+    b();";
        expect(apply(FILE, code)).toEqual({
            kind: "refused",
            reason: 'hunk 2: the file has no lines like "nowhere(to, be, seen);"',
        });
    });

    it("that quotes what stands in several places means the one in the selection", () => {
        const code =
            "<<<<<<< SEARCH\n        return this.n;\n=======\n        return 1;\n>>>>>>> REPLACE";
        expect(apply(FILE, code)).toMatchObject({ kind: "refused" });
        expect(result(apply(FILE, code, { selection: { start: 10, end: 14 } }))).toBe(
            FILE.replace("return this.n", "return 1"),
        );
    });

    it.each([
        ["comments only", "// Add the numbers here.\n// ..."],
        ["a block comment", "/*\n * Adds the numbers.\n */"],
    ])("of %s does not replace selected code", (_, code) => {
        expect(apply(FILE, code, { selection: { start: 3, end: 6 } })).toEqual({
            kind: "refused",
            reason: "the answer has no code, only comments",
        });
    });

    it("of comments replaces comments, and the code that is commented out", () => {
        expect(result(apply(FILE, "/** Sums. */", { selection: { start: 2, end: 3 } }))).toBe(
            FILE.replace("Adds.", "Sums."),
        );
        expect(result(apply(FILE, "// this.n++;", { selection: { start: 11, end: 12 } }))).toBe(
            FILE.replace("this.n++;", "// this.n++;"),
        );
    });

    it("that has all of the file is the file, and keeps its end", () => {
        const code = FILE.replace("return x + y", "return y + x").trimEnd();
        expect(apply(FILE, code)).toMatchObject({ how: "file" });
        expect(result(apply(FILE, code))).toBe(FILE.replace("return x + y", "return y + x"));
        const noEnd = FILE.trimEnd();
        expect(result(apply(noEnd, `${FILE}\n\n`))).toBe(noEnd);
    });

    it.each([
        ["import x\n\n", "def f(a):\n    return a\n", "\nprint(f(1))\n"],
        ["@cached\n", "def f(a):\n    return a\n", ""],
    ])("that has all symbols of the file, and nothing else, leaves %j", (above, symbol, below) => {
        const more = symbol.replace(
            "return a",
            "a += 1\n    a += 2\n    b(a)\n    c(a)\n    d(a)\n    return a",
        );
        const now = more.replace("+= 1", "+= 3");
        expect(result(apply(above + more + below, now, { language: "python" }))).toBe(
            above + now + below,
        );
    });

    it("fills an empty file", () => {
        expect(result(apply("", "const a = 1;\n"))).toBe("const a = 1;");
        expect(result(apply("\n", "const a = 1;\n"))).toBe("const a = 1;\n");
    });

    it("that repeats some lines goes over them", () => {
        const code =
            "        this.n++;\n        log(this.n);\n        return this.n;\n    }\n\n    reset(): void {";
        expect(apply(FILE, code)).toMatchObject({ how: "piece" });
        expect(result(apply(FILE, code))).toBe(
            FILE.replace("this.n++;\n", "this.n++;\n        log(this.n);\n"),
        );
    });

    it("with parts left out is filled in", () => {
        const code = "// ...\nfunction last() {\n    a(2);\n// ...";
        const file = "x();\n\nfunction last() {\n    a(1);\n}\n";
        const target = {
            lines: file.split("\n"),
            languageId: "none",
            parts: [],
            cursor: 0,
            unit: "    ",
        };
        expect(result(applyCode(target, { text: code, parts: [] }))).toBe(
            file.replace("a(1)", "a(2)"),
        );
    });

    it("replaces the selected lines", () => {
        const applied = apply(FILE, "this.n += 2;", { selection: { start: 11, end: 12 } });
        expect(applied).toMatchObject({ how: "selection" });
        expect(result(applied)).toBe(FILE.replace("this.n++;", "this.n += 2;"));
    });

    it("goes below the cursor's line, or in place of an empty one", () => {
        expect(result(apply(FILE, "log();", { cursor: 11 }))).toBe(
            FILE.replace("this.n++;\n", "this.n++;\n        log();\n"),
        );
        expect(result(apply("a();\n", "b();", { cursor: 1 }))).toBe("a();\nb();\n");
    });

    describe("that looks like some lines far more than like any others", () => {
        const config = '{\n    "strict": false,\n    "target": "ES2020"\n}\n';

        it("goes over them, indented as they are", () => {
            const applied = apply(config, '"strict": true,', { language: "json" });
            expect(applied).toMatchObject({ kind: "change", how: "piece" });
            expect(result(applied)).toBe(config.replace("false", "true"));
            const file = "def f(a):\n    b = read(a)\n    c = b.strip()\n    return c\n";
            const code = "b = read(a, 10)\nc = b.strip().lower()";
            expect(result(apply(file, code, { language: "none" }))).toBe(
                "def f(a):\n    b = read(a, 10)\n    c = b.strip().lower()\n    return c\n",
            );
        });

        it("stays at the cursor on an empty line, which was made for it", () => {
            const file = `\n${config}`;
            expect(result(apply(file, '"strict": true,', { language: "json" }))).toBe(
                `"strict": true,\n${config}`,
            );
        });

        it.each([
            ["two places are as alike", "a(1, x);\nb();\na(2, x);\n", "a(3, x);"],
            ["it brings something in", "#include <vector>\nint n;\n", "#include <utility>"],
            ["it has no word in common with them", "a();\nlog();\n", "b();"],
            ["too little is alike", "open(path, mode);\nb();\n", "close(path, force, wait, log);"],
        ])("does not when %s", (_, file, code) => {
            const [first = "", ...rest] = file.split("\n");
            const applied = apply(file, code, { language: "none" });
            expect(applied).toMatchObject({ how: "cursor" });
            expect(result(applied)).toBe([first, code, ...rest].join("\n"));
        });
    });

    it("that defines something new stands behind what the cursor is in", () => {
        expect(result(apply(FILE, "function neu(): void {}", { cursor: 4 }))).toBe(
            FILE.replace("return x + y;\n}\n", "return x + y;\n}\n\nfunction neu(): void {}\n"),
        );
    });

    it("that is empty is refused", () => {
        expect(apply(FILE, " \n")).toEqual({ kind: "refused", reason: "the answer has no code" });
    });
});
