/** Members beside others of their name, those that an answer leaves out, and where new ones go. */

import { describe, expect, it } from "vitest";
import { apply, result } from "./applying";

const PROPERTY = "    @property\n    def v(self):\n        return self._v\n";
const SETTER = "    @v.setter\n    def v(self, n):\n        self._v = n\n";
const DELETER = "    @v.deleter\n    def v(self):\n        del self._v\n";
const python = (...members: string[]) => `class A:\n${members.join("\n")}`;
const PLAIN = "    def a(self):\n        return 1\n";

const GET = "    get v(): number {\n        return this.n;\n    }\n";
const SET = "    set v(n: number) {\n        this.n = n;\n    }\n";
const LAST = "    last(): void {}\n";
const type = (...members: string[]) => `class A {\n${members.join("\n")}}\n`;

const ADD = "    void add(int a) {\n        n += a;\n    }\n";
const ADD_TEXT = "    void add(String a) {\n        n += a.length();\n    }\n";
const EMPTY = "    A() {\n        n = 1;\n    }\n";
const FILLED = "    A(int n) {\n        this.n = n;\n    }\n";
const OTHER = "    int get() {\n        return n;\n    }\n";

const without = (text: string) => text.replace(/^ {4}/gm, "");

describe("a member beside another of its name", () => {
    it.each([
        ["python", python(PROPERTY, PLAIN), [SETTER], python(PROPERTY, SETTER, PLAIN)],
        ["python", python(PROPERTY), [SETTER], python(PROPERTY, SETTER)],
        ["python", python(PROPERTY, SETTER), [DELETER], python(PROPERTY, SETTER, DELETER)],
        ["typescript", type(GET, LAST), [SET], type(GET, SET, LAST)],
        ["typescript", type(SET), [GET], type(SET, GET)],
        ["java", type(ADD, OTHER), [ADD_TEXT], type(ADD, ADD_TEXT, OTHER)],
        ["java", type(ADD), [ADD_TEXT], type(ADD, ADD_TEXT)],
    ])("is new, in its class or bare (%s %#)", (language, file, members, wanted) => {
        const inClass = language === "python" ? python(...members) : type(...members);
        expect(result(apply(file, inClass, { language }))).toBe(wanted);
        const bare = members.map(without).join("\n");
        expect(result(apply(file, bare, { language }))).toBe(wanted);
    });

    it.each([
        ["a constructor", type(EMPTY), type(FILLED), type(EMPTY, FILLED)],
        [
            "one of three",
            type(EMPTY, FILLED),
            type("    A(String s) {}\n"),
            type(EMPTY, FILLED, "    A(String s) {}\n"),
        ],
        [
            "a constructor where all else is shown",
            type(EMPTY, OTHER),
            type(FILLED, OTHER),
            type(EMPTY, FILLED, OTHER),
        ],
    ])("is new in Java: %s", (_name, file, code, wanted) => {
        expect(result(apply(file, code, { language: "java" }))).toBe(wanted);
    });

    const STUB = "    @overload\n    def f(self, a: int) -> int: ...\n";
    const BODY = "    def f(self, a):\n        return a\n";
    it("stands before the one that the code has below", () => {
        const changed = BODY.replace("return a", "return b");
        const wanted = python(STUB, changed, PLAIN);
        const apply1 = (code: string) =>
            result(apply(python(BODY, PLAIN), code, { language: "python" }));
        expect(apply1(python(STUB, changed))).toBe(wanted);
        expect(apply1(without(`${STUB}\n${changed}`))).toBe(wanted);
    });

    it("is asked for where two classes have its name, unless the cursor is in one", () => {
        const file = `${python(PROPERTY)}\n\n${python(PROPERTY).replace("A", "B")}`;
        const at = (cursor: number) =>
            result(apply(file, without(SETTER), { language: "python", cursor }));
        expect(at(5)).toMatch(/^refused: the file defines v more than once/);
        expect(at(1)).toBe(file.replace(PROPERTY, `${PROPERTY}\n${SETTER}`));
    });

    it.each([
        ["typescript", type("    f(a: number) {}\n", LAST), type("    f(a: string) {}\n")],
        [
            "python",
            python("    def f(self, a):\n        pass\n", PLAIN),
            python("    def f(self, b):\n        pass\n"),
        ],
        [
            "java",
            type("    void f(List<A> a) {}\n", OTHER),
            type("    void f(final java.util.List<B> b) {}\n"),
        ],
        ["typescript", type("    v = 1;\n", LAST), type(SET)],
        ["python", python("    def v(self):\n        return 1\n", PLAIN), python(PROPERTY)],
        ["python", python(PROPERTY, PLAIN), python("    def v(self):\n        return 2\n")],
    ])("takes its place where there cannot be two (%s %#)", (language, file, code) => {
        const now = result(apply(file, code, { language }));
        expect(now.match(/\b[fv]\b(?= ?[(=])/g)).toHaveLength(1);
        expect(now).not.toBe(file);
    });

    it("takes the place of the one that is selected", () => {
        const selection = { start: 1, end: 4 };
        expect(
            result(apply(type(ADD, OTHER), without(ADD_TEXT), { language: "java", selection })),
        ).toBe(type(ADD_TEXT, OTHER));
    });
});

describe("a new member without its class", () => {
    const NEW = "    int put() {\n        return 0;\n    }\n";
    const FIELD = "    int n;\n";
    const file = `package a;\n\n${type(FIELD, ADD, OTHER)}`;
    const java = (cursor: number, code = without(NEW), text = file) =>
        result(apply(text, code, { language: "java", cursor }));

    it.each([0, 2])("stands behind all of the only class (cursor in line %i)", (cursor) => {
        expect(java(cursor)).toBe(`package a;\n\n${type(FIELD, ADD, OTHER, NEW)}`);
    });

    it("stands behind the one that the cursor is in, or where there is room at the cursor", () => {
        for (const cursor of [6, 8])
            expect(java(cursor)).toBe(`package a;\n\n${type(FIELD, ADD, NEW, OTHER)}`);
    });

    it("goes to the fields, with what needs it", () => {
        const code = `private int m;\n\n${without(NEW)}`;
        expect(java(0, code)).toBe(
            `package a;\n\n${type(`${FIELD}    private int m;\n`, ADD, OTHER, NEW)}`,
        );
    });

    it("goes to the class at the cursor where there are several, in Python and Rust too", () => {
        const two = `${python(PLAIN)}\n\n${python(PLAIN).replace("A", "B")}`;
        const code = "def g(self):\n    return 1\n";
        const member = "    def g(self):\n        return 1\n";
        expect(result(apply(python(PLAIN), code, { language: "python" }))).toBe(
            python(PLAIN, member),
        );
        expect(result(apply(two, code, { language: "python", cursor: 6 }))).toBe(
            `${two}\n${member}`,
        );
        const plain = "def g(a):\n    return 1\n";
        expect(result(apply(`${python(PLAIN)}\n`, plain, { language: "python", cursor: 3 }))).toBe(
            `${python(PLAIN)}${plain}`,
        );
        const rust =
            "struct A {\n    n: u8,\n}\n\nimpl A {\n    fn a(&self) {}\n}\n\nimpl B for A {\n    fn b(&self) {}\n}\n";
        const self = "fn c(&mut self) {}";
        expect(result(apply(rust, self, { language: "rust" }))).toBe(
            rust.replace("fn a(&self) {}\n", `fn a(&self) {}\n\n    ${self}\n`),
        );
    });

    it("is none where the cursor is in a member and it stands by itself", () => {
        const code = "function top(): void {}";
        expect(result(apply(type(LAST), code, { cursor: 1 }))).toBe(`${type(LAST)}\n${code}\n`);
    });
});

describe("members of a class that has none", () => {
    it.each([
        ["class A {}\n", "class A {}\n"],
        ["class A extends B {}\n", "class A {}\n"],
        ["class A extends B {\n}\n", "class A extends B {}\n"],
        ["class A {\n    // TODO\n}\n", "class A {\n    // TODO\n\n}\n"],
    ])("stand in it: %j", (file, wanted) => {
        const after = "\nfunction g() {}\n";
        const opened = wanted.replace("{}", "{\n}");
        const header = /.*/.exec(file)?.[0].replace(/ ?\{.*/, "") ?? "";
        const code = `class A {\n${LAST}}`;
        expect(result(apply(file + after, code))).toBe(
            opened.replace(/.*/, `${header} {`).replace(/\}\n$/, `${LAST}}\n`) + after,
        );
    });

    it.each(["class A(B):\n    pass\n", "class A(B): ...\n"])("stand in it: %j", (file) => {
        const code = `class A:\n${PLAIN}`;
        const after = "\n\ndef g():\n    pass\n";
        expect(result(apply(file + after, code, { language: "python" }))).toBe(
            `class A(B):\n${PLAIN}${after}`,
        );
    });

    it("leave what describes it", () => {
        const file = 'class A:\n    """Does."""\n';
        expect(result(apply(file, `class A:\n${PLAIN}`, { language: "python" }))).toBe(
            `${file}\n${PLAIN}`,
        );
    });
});

describe("a class that is shown without some functions", () => {
    const methods = (...names: string[]) =>
        names.map((name) => `    def ${name}(self):\n        return "${name}"\n`);
    const FILE = python(...methods("a", "b", "c", "d", "e"));

    it.each(["", "import os\n\n\n"])("keeps them, and says so (%j)", (above) => {
        const code = above + python(...methods("a", "b", "c")).replace('"a"', '"z"');
        const applied = apply(above + FILE, code, { language: "python" });
        expect(result(applied)).toBe(above + FILE.replace('"a"', '"z"'));
        expect(applied).toMatchObject({ notes: ["Not in the code, and kept: d, e."] });
    });

    it.each(["", "import os\n\n\n"])(
        "loses them where that is all that it is about (%j)",
        (above) => {
            const code = above + python(...methods("a", "b", "c"));
            expect(result(apply(above + FILE, code, { language: "python" }))).toBe(code);
        },
    );

    it("has one under another name in its place", () => {
        const code = FILE.replace("def e", "def other").replace('"a"', '"z"');
        expect(result(apply(FILE, code, { language: "python" }))).toBe(code);
    });

    it("takes one with other types for the old one where its lines are the same", () => {
        const code = type(ADD.replace("int", "long"), OTHER.replace("n;", "n + 1;"));
        expect(result(apply(type(ADD, OTHER), code, { language: "java" }))).toBe(code);
    });

    it("keeps them, and the type, where it is an impl block", () => {
        const fn = (name: string, n: number) =>
            `    fn ${name}(&self) -> i32 {\n        ${n}\n    }\n`;
        const block = (...members: string[]) => `impl A {\n${members.join("\n")}}\n`;
        const file = `struct A;\n\n${block(fn("f", 1), fn("g", 2), fn("h", 3))}`;
        const code = block(fn("f", 5), fn("g", 6));
        expect(result(apply(file, code, { language: "rust" }))).toBe(
            file.replace("  1", "  5").replace("  2", "  6"),
        );
    });

    it("is not one of two impl blocks that the code both has", () => {
        const block = (name: string, n: number) =>
            `impl A {\n    fn ${name}(&self) -> i32 {\n        ${n}\n    }\n}\n`;
        const file = `struct A;\n\n${block("f", 1)}\n${block("g", 2)}`;
        const code = file.replace("  1", "  5");
        expect(result(apply(file, code, { language: "rust" }))).toBe(code);
    });

    it("does not take signatures for functions", () => {
        const file = type(
            "    f(a: number): void;\n    f(a: string): void;\n    f(a: any) {}\n",
            GET,
            LAST,
        );
        const code = type("    f(a: any) {}\n", GET.replace("this.n", "1"), LAST);
        expect(result(apply(file, code))).toBe(code);
    });
});

describe("new members of a class of which little is shown", () => {
    const FILE = type("    a = 1;\n    b = 2;\n", "    f() {}\n", "    g() {}\n", "    h() {}\n");

    it.each([
        ["a field", "    c = 3;\n", "    b = 2;\n", "    b = 2;\n    c = 3;\n"],
        [
            "two fields",
            "    c = 3;\n    d = 4;\n",
            "    b = 2;\n",
            "    b = 2;\n    c = 3;\n    d = 4;\n",
        ],
        [
            "a field behind another",
            "    a = 1;\n    c = 3;\n",
            "    a = 1;\n",
            "    a = 1;\n    c = 3;\n",
        ],
        ["a function", "    x() {}\n", "    h() {}\n", "    h() {}\n\n    x() {}\n"],
        [
            "a function behind another",
            "    f() {}\n\n    x() {}\n",
            "    f() {}\n",
            "    f() {}\n\n    x() {}\n",
        ],
        [
            "a function before another",
            "    x() {}\n\n    g() {}\n",
            "    g() {}\n",
            "    x() {}\n\n    g() {}\n",
        ],
    ])("stand where they belong: %s", (_name, code, old, now) => {
        expect(result(apply(FILE, type(code)))).toBe(FILE.replace(old, now));
    });

    it("that are fields stand before all functions", () => {
        const file = python(
            '    """Text."""\n',
            PLAIN,
            "    def b(self):\n        pass\n",
            "    def c(self):\n        pass\n",
        );
        const code = python(
            "    x: int = 1\n    y = 2\n",
            "    def b(self):\n        return self.x\n",
        );
        expect(result(apply(file, code, { language: "python" }))).toBe(
            file
                .replace(PLAIN, `    x: int = 1\n    y = 2\n\n${PLAIN}`)
                .replace("pass", "return self.x"),
        );
    });
});

describe("in C#", () => {
    const CLASS =
        "class P\n    {\n        void A() { a(); }\n\n        void B() { b(); }\n\n        void C() { c(); }\n    }";
    it("a class inside of its namespace keeps the methods that are not shown", () => {
        const file = `namespace App\n{\n    ${CLASS}\n}\n`;
        const code = "namespace App\n{\n    class P\n    {\n        void B() { bb(); }\n    }\n}\n";
        expect(result(apply(file, code, { language: "csharp" }))).toBe(
            file.replace("b();", "bb();"),
        );
    });

    it("a property goes to the one of its name, with its body", () => {
        const file =
            "class N\n{\n    private string _name;\n    public string Name { get; set; }\n    int X() { return 1; }\n}\n";
        const code = "public string Name\n{\n    get => _name;\n    set => _name = value;\n}\n";
        expect(result(apply(file, code, { language: "csharp" }))).toBe(
            file.replace(
                "public string Name { get; set; }",
                "public string Name\n    {\n        get => _name;\n        set => _name = value;\n    }",
            ),
        );
    });
});
