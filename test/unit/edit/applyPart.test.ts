/** Answers that show only a part of what they are about, or break off: the rest stays, or they are refused. */

import { describe, expect, it } from "vitest";
import { apply, FILE, result } from "./applying";

describe("only a part of what is there", () => {
    const RUST = `use std::fmt;

pub struct Point {
    pub x: f64,
}
`;
    const IMPL = `
impl Point {
    pub fn new(x: f64) -> Self {
        Self { x }
    }

    pub fn norm(&self) -> f64 {
        self.x
    }
}
`;
    const MAIN = "\nfn main() {}\n";
    const scale =
        "impl Point {\n    pub fn scale(&self, k: f64) -> f64 {\n        self.x * k\n    }\n}";
    const display =
        "impl fmt::Display for Point {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n        Ok(())\n    }\n}";
    const rust = { language: "rust" };

    it("is no reason to lose a struct, or another block, to an impl block of it", () => {
        const file = RUST + MAIN;
        expect(result(apply(file, scale, rust))).toBe(`${RUST}\n${scale}\n${MAIN}`);
        expect(result(apply(RUST + IMPL + MAIN, display, rust))).toBe(
            `${RUST}${IMPL}\n${display}\n${MAIN}`,
        );
        const file2 = `${RUST}\n${display}\n${MAIN}`;
        const changed = display.replace("Ok(())", 'f.write_str("")');
        expect(result(apply(file2, changed, rust))).toBe(`${RUST}\n${changed}\n${MAIN}`);
    });

    it("adds a method to an impl block of which it shows nothing else", () => {
        const method = scale.split("\n").slice(1, -1).join("\n");
        expect(result(apply(RUST + IMPL, scale, rust))).toBe(
            RUST + IMPL.replace(/\}\n$/, `\n${method}\n}\n`),
        );
    });

    it.each([
        ["half of a class", "class A {\n    int a() {\n        return 5;\n    }\n}"],
        [
            "a class with a sentence",
            "class A {\n    int a() {\n        return 5;\n    }\n\n    // other methods remain unchanged\n}",
        ],
        ["a class with dots", "class A {\n    int a() {\n        return 5;\n    }\n    ...\n}"],
    ])("keeps the other half: %s", (_name, code) => {
        const file =
            "class A {\n    int a() {\n        return 1;\n    }\n\n    int b() {\n        return 2;\n    }\n}\n";
        expect(result(apply(file, code, { language: "java" }))).toBe(
            file.replace("return 1", "return 5"),
        );
        // Where that is all that it is about, it goes.
        const only = "class A {\n    int a() {\n        return 1;\n    }\n}";
        expect(result(apply(file, only, { language: "java" }))).toBe(`${only}\n`);
    });

    it("that a console shows goes without its prompts", () => {
        const file =
            'def f():\n    """Ones.\n\n    >>> f()\n    1\n    """\n    return 1\n\n\nf()\n';
        const python = { language: "python" };
        const code = ">>> def f():\n...     return 2\n...\n>>> f()\n2";
        expect(result(apply("def f():\n    return 1\n\nf()\n", code, python))).toBe(
            "def f():\n    return 2\n\nf()\n",
        );
        const doctest = { ...python, selection: { start: 3, end: 5 } };
        expect(result(apply(file, ">>> f()\n2", doctest))).toBe(file.replace("    1\n", "    2\n"));
    });

    it("takes renamed methods for the old ones", () => {
        const file =
            "class A:\n    def load(self):\n        x = self.read()\n        return x.strip()\n";
        const code = file.replace("load", "load_all").trimEnd();
        expect(result(apply(file, code, { language: "python" }))).toBe(
            file.replace("load", "load_all"),
        );
    });

    it.each([
        [
            "typescript",
            "export function add(x: number, y: number): number {\n    if (x > 1) {\n        return",
        ],
        [
            "typescript",
            "export class Counter {\n    private n = 0;\n\n    next(): number {\n        this.n++;\n",
        ],
        ["python", "def add(x, y):\n    if x > 1:\n        return 3\n    for i in range(y):"],
    ])("is refused when it breaks off (%s)", (language, code) => {
        const file =
            language === "python" ? "def add(x, y):\n    return x + y\n\n\nadd(1, 2)\n" : FILE;
        expect(result(apply(file, code, { language }))).toBe(
            "refused: the code breaks off before its end",
        );
    });

    it("keeps the end of the file where lines are left out", () => {
        const file =
            "<html>\n<head>\n  <title>A</title>\n</head>\n<body>\n  <p>B</p>\n  <p>C</p>\n</body>\n</html>\n";
        const code = "<html>\n<head>\n  <title>Z</title>\n</head>\n<body>\n  ...\n</body>\n</html>";
        expect(result(apply(file, code, { language: "html" }))).toBe(file.replace("A", "Z"));
        const sentence = code.replace("...", "<!-- rest of the body -->");
        expect(result(apply(file, sentence, { language: "html" }))).toBe(file.replace("A", "Z"));
    });

    it("keeps dots that are a body in Python", () => {
        const code =
            'class P(Protocol):\n    def f(self) -> int:\n        """F."""\n        ...\n\n    def g(self) -> int:\n        ...';
        expect(result(apply("x = 1\n\n", code, { language: "python", cursor: 2 }))).toContain(code);
    });

    it("is refused where it would take the other keys of an object", () => {
        const file =
            '{\n  "name": "x",\n  "scripts": {\n    "build": "a",\n    "test": "b"\n  }\n}\n';
        const code = '{\n  "scripts": {\n    "build": "a",\n    "test": "c"\n  }\n}';
        const short = file.replace(
            '"x",',
            '"x",\n  "v": 1,\n  "w": {\n    "a": 1,\n    "b": 2\n  },',
        );
        expect(result(apply(short, code, { language: "json" }))).toContain(
            "refused: it leaves out keys",
        );
    });

    it("goes to the lines that look like it though it declares something", () => {
        const file =
            "import os\n\n\ndef main():\n    s = Store('a.txt')\n    s.load()\n    print(len(s.items))\n";
        const code = "    s = Store('b.txt')\n    s.load()\n    print(len(s.items))";
        expect(result(apply(file, code, { language: "python" }))).toBe(
            file.replace("a.txt", "b.txt"),
        );
    });

    it("stands behind the class that the cursor is in when it is another class", () => {
        const file = "class A:\n    x = 1\n\n    y = 2\n\n\nz = 3\n";
        const code = "class B:\n    def f(self):\n        pass";
        expect(result(apply(file, code, { language: "python", cursor: 2 }))).toBe(
            file.replace("y = 2\n", `y = 2\n\n${code}\n`),
        );
    });

    it("does not take minutes for an import of very many names", () => {
        const file = `import { ${"a, ".repeat(20_000)}b } from "m";\nexport function f() {}\n`;
        const code = `import { ${"c, ".repeat(20_000)}d } from "m";\nexport function f() {\n    d();\n}`;
        expect(apply(file, code).kind).toBe("change");
    });
});
