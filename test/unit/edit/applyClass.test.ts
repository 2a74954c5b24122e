/** A class of which an answer shows some members: what is around them, functions of the same name, and what was not used. */

import { describe, expect, it } from "vitest";
import { apply, result } from "./applying";

const PYTHON = `class A(Base):
    x = 1

    def a(self):
        return 1

    def b(self):
        return 2

    def c(self):
        return 3
`;
const JAVA = `/** Adds. */
public class A extends Base {
    private int n = 0;

    void add(int a) {
        n += a;
    }

    void add(String a) {
        n += a.length();
    }

    int get() {
        return n;
    }
}
`;
const python = (code: string, file = PYTHON) => result(apply(file, code, { language: "python" }));
const java = (code: string, cursor = 0) => result(apply(JAVA, code, { language: "java", cursor }));
const method = "\n    def a(self):\n        return 5\n";
const CHANGED = PYTHON.replace("return 1", "return 5");

describe("a part of a class", () => {
    it("brings its text", () => {
        const text = '    """New.\n\n    And more.\n    """\n';
        expect(python(`class A(Base):\n${text}${method}`)).toBe(
            CHANGED.replace("    x", `${text}\n    x`),
        );
        expect(python('class A(Base):\n    """New."""\n')).toBe(
            PYTHON.replace("    x", '    """New."""\n\n    x'),
        );
        const old = PYTHON.replace("    x", '    """Old."""\n\n    x');
        expect(python(`class A(Base):\n    """New."""\n${method}`, old)).toBe(
            CHANGED.replace("    x", '    """New."""\n\n    x'),
        );
        expect(python(`class A(Base):${method}`, old)).toBe(
            CHANGED.replace("    x", '    """Old."""\n\n    x'),
        );
    });

    it("brings its header, unless that only leaves out", () => {
        expect(python(`class A(Base, Other):${method}`)).toBe(
            CHANGED.replace("(Base)", "(Base, Other)"),
        );
        expect(python(`class A:${method}`)).toBe(CHANGED);
        const get = "    int get() {\n        return n + 1;\n    }\n}";
        const changed = JAVA.replace("return n;", "return n + 1;");
        expect(java(`class A {\n${get}`)).toBe(changed);
        expect(java(`/** Adds up. */\npublic class A extends Base implements B {\n${get}`)).toBe(
            changed.replace("Adds.", "Adds up.").replace("Base", "Base implements B"),
        );
        expect(java(`public class A\n    extends Other\n{\n${get}`)).toBe(
            changed.replace("A extends Base {", "A\n    extends Other\n{"),
        );
    });

    it("says what was not used, but not what the file has", () => {
        const code =
            "class A(Base):\n    x = 1\n    setup(A)\n\n    def a(self):\n        return 5\n\nimport os\nA()\n";
        expect(apply(`${PYTHON}\nA()\n`, code, { language: "python" })).toMatchObject({
            notes: ["1 line of the code outside of its functions was not used."],
        });
        const known = code.replace("    setup(A)\n", "");
        expect(apply(`${PYTHON}\nA()\n`, known, { language: "python" })).toMatchObject({
            notes: [],
        });
    });
});

describe("functions of the same name", () => {
    const length = (name: string) => `void add(String ${name}) {\n    n = ${name}.size();\n}`;
    const changed = (name: string) =>
        JAVA.replace("String a", `String ${name}`).replace("n += a.length()", `n = ${name}.size()`);

    it.each([0, 4])("are told by their parameters (cursor in line %i)", (cursor) => {
        expect(java(length("a"), cursor)).toBe(changed("a"));
        expect(java(length("text"), cursor)).toBe(changed("text"));
        expect(java(`class A {\n${length("text")}\n}`, cursor)).toBe(changed("text"));
    });

    it("are all replaced by as many", () => {
        const code = `class A {\n    void add(int a) {\n        n += 2 * a;\n    }\n\n    void add(CharSequence a) {\n        n += a.length();\n    }\n}`;
        expect(java(code)).toBe(
            JAVA.replace("n += a;", "n += 2 * a;").replace("String a", "CharSequence a"),
        );
    });

    it("are new where no types are the same, wherever the cursor is", () => {
        const two = JAVA.replace("String a", "String a, int b");
        const code = "void add(long a, long b) {\n    n += b;\n}";
        const added = "    void add(long a, long b) {\n        n += b;\n    }\n\n    int get";
        for (const file of [JAVA, two])
            for (const cursor of [0, 4])
                expect(result(apply(file, code, { language: "java", cursor }))).toBe(
                    file.replace("    int get", added),
                );
    });

    it("are told with types behind them, and as getters and setters", () => {
        const file =
            "class B {\n    get v(): number {\n        return 1;\n    }\n\n    set v(to: number) {\n        run(to);\n    }\n\n    a(): void {}\n\n    b(): void {}\n}\n";
        const code = "class B {\n    set v(value: number) {\n        log(value);\n    }\n}";
        expect(result(apply(file, code))).toBe(
            file.replace("set v(to", "set v(value").replace("run(to)", "log(value)"),
        );
    });
});
