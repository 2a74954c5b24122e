/** Functions that are told by their types, and constructors, shown without their class. */

import { describe, expect, it } from "vitest";
import { apply, result } from "./applying";

const CONSTRUCTOR = "    public P(int x) {\n        this.x = x;\n    }\n";
const ADD = "    void add(int a) {\n        x += a;\n    }\n";
const ADD_TEXT = "    void add(String a) {\n        x += a.length();\n    }\n";
const type = (...members: string[]) => `public class P {\n${members.join("\n")}}\n`;
const FIELD = "    private int x;\n";
const JAVA = type(FIELD, CONSTRUCTOR, ADD, ADD_TEXT);

const CSHARP =
    "namespace N\n{\n    public class P : B\n    {\n        private int x;\n\n        public P(int x) : base(x)\n        {\n            this.x = x;\n        }\n\n        void Add(int a) { }\n\n        void Add(string a) { }\n    }\n}\n";
const CPP =
    "class P {\npublic:\n    P(int x) : x_(x) {}\n\n    void add(int a) {\n        x_ += a;\n    }\n\n    void add(const std::string& a) {\n        x_ += a.size();\n    }\n\nprivate:\n    int x_;\n};\n";

const without = (text: string) => text.replace(/^ {4}/gm, "");
const applied = (language: string, file: string, code: string, cursor = 0) =>
    result(apply(file, code, { language, cursor }));

describe("a constructor without its class", () => {
    it.each([0, 4, 8])(
        "takes the place of the one with its types (cursor in line %i)",
        (cursor) => {
            const changed = CONSTRUCTOR.replace("x = x", "x = x + 1");
            expect(applied("java", JAVA, without(changed), cursor)).toBe(
                JAVA.replace(CONSTRUCTOR, changed),
            );
            const named = "public P(final int n) {\n    x = n;\n}";
            expect(applied("java", JAVA, named, cursor)).toBe(
                JAVA.replace("P(int x)", "P(final int n)").replace("this.x = x", "x = n"),
            );
        },
    );

    it("stands beside the others, with what comes with it", () => {
        const other = "    public P(P other) {\n        this(other.x);\n    }\n";
        const wanted = type(FIELD, CONSTRUCTOR, other, ADD, ADD_TEXT);
        expect(applied("java", JAVA, without(other))).toBe(wanted);
        const changed = wanted.replace("x += a;", "x -= a;");
        const both = `import a.B;\n\n${without(other)}\nvoid add(int a) {\n    x -= a;\n}`;
        expect(applied("java", JAVA, both)).toBe(`import a.B;\n\n${changed}`);
    });

    it("stands behind the fields of a class that has none, or in an empty one", () => {
        const bare = without(CONSTRUCTOR);
        expect(applied("java", type(FIELD, ADD), bare)).toBe(type(FIELD, CONSTRUCTOR, ADD));
        expect(applied("java", type(FIELD), bare)).toBe(type(FIELD, CONSTRUCTOR));
        expect(applied("java", type(), bare)).toBe(type(CONSTRUCTOR));
    });

    it("is one in C# and C++, with what it hands on", () => {
        const base = "public P(int x) : base(x + 1)\n{\n    this.x = x;\n}";
        expect(applied("csharp", CSHARP, base)).toBe(CSHARP.replace("base(x)", "base(x + 1)"));
        const other = "public P() : this(1) { }";
        expect(applied("csharp", CSHARP, other)).toBe(
            CSHARP.replace("        void Add(int", `        ${other}\n\n        void Add(int`),
        );
        const short = "public P(int x) => this.x = x;";
        expect(applied("csharp", CSHARP, short)).toContain(
            `        private int x;\n\n        ${short}\n\n        void`,
        );
        expect(applied("cpp", CPP, "P(int x) : x_(x + 1) {}")).toBe(
            CPP.replace("x_(x)", "x_(x + 1)"),
        );
        expect(applied("cpp", CPP, "P(int x, int y) : x_(x + y) {}")).toBe(
            CPP.replace("x_(x) {}\n", "x_(x) {}\n\n    P(int x, int y) : x_(x + y) {}\n"),
        );
    });
});

describe("an overload without its class", () => {
    const LONG = "    void add(long a) {\n        x += (int) a;\n    }\n";
    it.each([0, 7])("is new where its types are (cursor in line %i)", (cursor) => {
        expect(applied("java", JAVA, without(LONG), cursor)).toBe(
            type(FIELD, CONSTRUCTOR, ADD, ADD_TEXT, LONG),
        );
        expect(applied("csharp", CSHARP, "void Add(long a) { }", cursor)).toBe(
            CSHARP.replace("string a) { }\n", "string a) { }\n\n        void Add(long a) { }\n"),
        );
    });

    it("takes the place of the one with the same types, in whatever form", () => {
        expect(applied("cpp", CPP, "void add(std::string const& b) {\n    x_ = 0;\n}")).toContain(
            "a.size();",
        );
        expect(applied("cpp", CPP, "void add(string b) {\n    x_ = 0;\n}")).toBe(
            CPP.replace("const std::string& a", "string b").replace("x_ += a.size()", "x_ = 0"),
        );
    });

    it("is new beside one that is shown with it", () => {
        const code = without(`${ADD.replace("+=", "-=")}\n${LONG}`);
        expect(applied("java", JAVA, code)).toBe(
            type(FIELD, CONSTRUCTOR, ADD.replace("+=", "-="), ADD_TEXT, LONG),
        );
    });

    const FORMS = "export function f(a: string): number;\nexport function f(a: number): number;\n";
    const BODY = "export function f(a: unknown): number {\n    return 1;\n}\n";
    it("is one of the forms of a function in TypeScript", () => {
        const ts = (code: string, file = FORMS + BODY) => result(apply(file, code));
        const form = "export function f(a: boolean): number;\n";
        expect(ts(form)).toBe(FORMS + form + BODY);
        expect(ts(form, BODY)).toBe(form + BODY);
        const number = "export function f(n: number): number;\n";
        expect(ts(number)).toBe((FORMS + BODY).replace("a: number", "n: number"));
        const body = BODY.replace("unknown", "any").replace("1", "2");
        expect(ts(body)).toBe(FORMS + body);
        expect(ts(FORMS + form + body)).toBe(FORMS + form + body);
        const members = "class A {\n    g(a: string): void;\n    g(a: unknown): void {}\n}\n";
        expect(ts("g(a: number): void;", members)).toBe(
            members.replace("    g(a: unknown", "    g(a: number): void;\n    g(a: unknown"),
        );
    });

    it("is refused without the body that it has in the file", () => {
        expect(applied("java", JAVA, "void add(int a);")).toBe(
            "refused: the code shows add without its body",
        );
    });
});
