/** Answers that leave parts out beside what is new or changed: nothing of the file is lost, and nothing stands in it twice. */

import { describe, expect, it } from "vitest";
import { apply, result } from "./applying";

interface Example {
    name: string;
    language: string;
    file: string;
    code: string;
    /** What becomes of the file: this text of it is that one. */
    from: string;
    to: string;
}

const JAVA =
    "class A {\n    int get() {\n        return a;\n    }\n\n    void put(int b) {\n        a = b;\n    }\n}\n";
const TS =
    "class A {\n    get() {\n        return this.a;\n    }\n\n    put(b) {\n        this.a = b;\n    }\n}\n";
const RUST =
    "struct A {\n    a: i32,\n}\n\nimpl A {\n    fn get(&self) -> i32 {\n        self.a\n    }\n\n    fn put(&mut self, b: i32) {\n        self.a = b;\n    }\n}\n";
const PYTHON =
    "class A:\n    def get(self):\n        return self.a\n\n    def put(self, b):\n        self.a = b\n";
const STORE = `class UserStore {
    private users: User[] = [];

    add(user: User) {
        this.users.push(user);
    }

    findByName(name: string) {
        return this.users.find((user) => user.name === name);
    }

    count() {
        return this.users.length;
    }
}
`;
const OLD_FIND = "return this.users.find((user) => user.name === name);";
const NEW_FIND =
    "const wanted = name.toLowerCase();\n        return this.users.find((user) => user.name.toLowerCase() === wanted);";
const FIND = `    findByName(name: string) {\n        ${NEW_FIND}\n    }\n`;
const PY_STORE =
    "class Store:\n    def add(self, user):\n        self.users.append(user)\n\n    def find(self, name):\n        return self.users.get(name)\n\n    def count(self):\n        return len(self.users)\n";
const CSS =
    ".header {\n    color: red;\n}\n\n.main {\n    margin: 0;\n    padding: 4px;\n}\n\n.footer {\n    color: blue;\n}\n";
const CI =
    "name: CI\non: push\njobs:\n  lint:\n    runs-on: ubuntu\n    steps:\n      - run: lint\n  build:\n    runs-on: ubuntu\n    steps:\n      - run: make\n  test:\n    runs-on: ubuntu\n";
const BODY =
    "function f(x: number) {\n    const y = x + 1;\n    if (y > 3) {\n        log(y);\n    }\n    store(y);\n    return y;\n}\n";
const SPEC =
    'describe("a", () => {\n    it("adds", () => {\n        expect(add(1, 2)).toBe(3);\n    });\n\n    it("takes", () => {\n        expect(take(2, 1)).toBe(1);\n    });\n});\n';
const SWITCH =
    'function f(x: string) {\n    switch (x) {\n        case "a":\n            return 1;\n        case "b":\n            return 2;\n    }\n}\n';

const BRACES = ["    twice(): void {\n        this.put(2 * this.get());\n    }"];
const twice: Record<string, { file: string; head: string; end: string; text: string }> = {
    java: {
        file: JAVA,
        head: "class A {",
        end: "}",
        text: "    void twice() {\n        put(2 * get());\n    }",
    },
    typescript: { file: TS, head: "class A {", end: "}", text: BRACES.join("") },
    rust: {
        file: RUST,
        head: "impl A {",
        end: "}",
        text: "    fn twice(&mut self) {\n        self.a *= 2;\n    }",
    },
    python: {
        file: PYTHON,
        head: "class A:",
        end: "",
        text: "    def twice(self):\n        self.put(2 * self.get())",
    },
};

describe("something new beside what is left out", () => {
    const places = Object.entries(twice).flatMap(([language, one]) =>
        ["before", "behind", "around"].map((place) => ({ language, place, ...one })),
    );
    it.each(places)("is added to a class ($language, $place)", (one) => {
        const { language, place, file, head, end, text } = one;
        const marker = `    ${language === "python" ? "#" : "//"} ... existing methods ...`;
        const code = [
            head,
            ...(place === "behind" ? [] : [marker, ""]),
            text,
            ...(place === "before" ? [] : ["", marker]),
            ...(end ? [end] : []),
        ].join("\n");
        const tail = end ? `${end}\n` : "";
        const expected = `${file.slice(0, file.length - tail.length)}\n${text}\n${tail}`;
        expect(result(apply(file, code, { language }))).toBe(expected);
    });

    const examples: Example[] = [
        {
            name: "an item of an array",
            language: "typescript",
            file: "const items = [\n    { id: 1 },\n    { id: 2 },\n];\nrun(items);\n",
            code: "const items = [\n    // ... existing items\n    { id: 3 },\n];",
            from: "    { id: 2 },\n",
            to: "    { id: 2 },\n    { id: 3 },\n",
        },
        {
            name: "an item behind one without a comma",
            language: "typescript",
            file: "const items = [\n    { id: 1 },\n    { id: 2 }\n];\nrun(items);\n",
            code: "const items = [\n    // ... existing items\n    { id: 3 }\n];",
            from: "    { id: 2 }\n",
            to: "    { id: 2 },\n    { id: 3 }\n",
        },
        {
            name: "an object over several lines",
            language: "typescript",
            file: "const items = [\n    {\n        id: 1,\n        name: 'a',\n    },\n    {\n        id: 2,\n        name: 'b',\n    },\n];\n",
            code: "const items = [\n    // ... existing items\n    {\n        id: 3,\n        name: 'c',\n    },\n];",
            from: "'b',\n    },\n",
            to: "'b',\n    },\n    {\n        id: 3,\n        name: 'c',\n    },\n",
        },
        {
            name: "an effect",
            language: "typescript",
            file: "function App() {\n    useEffect(() => {\n        a();\n    }, []);\n    return null;\n}\n",
            code: "function App() {\n    // ... existing code ...\n    useEffect(() => {\n        b();\n    }, []);\n    return null;\n}",
            from: "a();\n    }, []);\n",
            to: "a();\n    }, []);\n    useEffect(() => {\n        b();\n    }, []);\n",
        },
        {
            name: "a test",
            language: "typescript",
            file: SPEC,
            code: 'describe("a", () => {\n    // ... existing tests\n\n    it("doubles", () => {\n        expect(twice(1)).toBe(2);\n    });\n});',
            from: "toBe(1);\n    });\n",
            to: 'toBe(1);\n    });\n\n    it("doubles", () => {\n        expect(twice(1)).toBe(2);\n    });\n',
        },
        {
            name: "a case in its function",
            language: "typescript",
            file: SWITCH,
            code: 'function f(x: string) {\n    switch (x) {\n        // ... existing cases\n        case "c":\n            return 3;\n    }\n}',
            from: "return 2;\n",
            to: 'return 2;\n        case "c":\n            return 3;\n',
        },
        {
            name: "a case in Go",
            language: "go",
            file: 'package a\n\nfunc f(x string) int {\n\tswitch x {\n\tcase "a":\n\t\treturn 1\n\tcase "b":\n\t\treturn 2\n\t}\n\treturn 0\n}\n',
            code: 'func f(x string) int {\n\tswitch x {\n\t// ... existing cases\n\tcase "c":\n\t\treturn 3\n\t}\n\treturn 0\n}',
            from: "return 2\n",
            to: 'return 2\n\tcase "c":\n\t\treturn 3\n',
        },
        {
            name: "a field in Go",
            language: "go",
            file: "package a\n\ntype User struct {\n\tName string\n\tMail string\n}\n\nfunc f() {}\n",
            code: "type User struct {\n\t// ... existing fields\n\tRole string\n}",
            from: "\tMail string\n",
            to: "\tMail string\n\tRole string\n",
        },
        {
            name: "a field in Rust",
            language: "rust",
            file: RUST,
            code: "struct A {\n    // ... existing fields\n    b: i32,\n}",
            from: "    a: i32,\n",
            to: "    a: i32,\n    b: i32,\n",
        },
        {
            name: "a dependency in YAML",
            language: "yaml",
            file: "name: x\ndependencies:\n  - numpy\n  - pandas\nchannels:\n  - main\n",
            code: "dependencies:\n  # ... existing dependencies\n  - polars",
            from: "  - pandas\n",
            to: "  - pandas\n  - polars\n",
        },
        {
            name: "a key in YAML",
            language: "yaml",
            file: "dependencies:\n  http: ^1.0.0\n  path: ^1.8.0\ndev:\n  lints: ^2.0.0\n",
            code: "dependencies:\n  # ... existing dependencies\n  yaml: ^1.1.0",
            from: "  path: ^1.8.0\n",
            to: "  path: ^1.8.0\n  yaml: ^1.1.0\n",
        },
        {
            name: "a rule of CSS",
            language: "css",
            file: CSS,
            code: "/* ... existing rules ... */\n\n.aside {\n    color: green;\n}",
            from: "blue;\n}\n",
            to: "blue;\n}\n\n.aside {\n    color: green;\n}\n",
        },
        {
            name: "an import",
            language: "typescript",
            file: 'import { a } from "./a";\nimport { b } from "./b";\n\nrun(a, b);\n',
            code: '// ... existing imports\nimport { c } from "./c";',
            from: '"./b";\n',
            to: '"./b";\nimport { c } from "./c";\n',
        },
        {
            name: "an import before the rest",
            language: "python",
            file: "import os\nimport re\n\nprint(os.name)\n",
            code: "# ... existing imports ...\nimport sys\n\n# ... rest of the code ...",
            from: "import re\n",
            to: "import re\nimport sys\n",
        },
        {
            name: "a statement of a function",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    // ... existing code ...\n    stare(y);\n    return y;\n}",
            from: "    store(y);\n",
            to: "    store(y);\n    stare(y);\n",
        },
        {
            name: "a statement before the rest",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    const z = 3;\n    // ... existing code ...\n}",
            from: "    const y",
            to: "    const z = 3;\n    const y",
        },
        {
            name: "a statement behind the rest, not where it is never reached",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    // ... existing code ...\n    stare(y);\n}",
            from: "    return y;\n",
            to: "    stare(y);\n    return y;\n",
        },
        {
            name: "the second key of a value without commas",
            language: "typescript",
            file: "export const config = {\n    a: {\n        b: 2\n    }\n};\n\nrun();\n",
            code: "export const config = {\n    a: {\n        // ... existing\n        c: 3\n    }\n};",
            from: "b: 2\n",
            to: "b: 2,\n        c: 3\n",
        },
        {
            name: "a route between the others",
            language: "typescript",
            file: 'const app = express();\n\napp.get("/a", (req, res) => {\n    res.send("a");\n});\n\napp.listen(3000);\n',
            code: '// ... existing code ...\n\napp.get("/b", (req, res) => {\n    res.send("b");\n});\n\n// ... existing code ...',
            from: "\n\napp.listen",
            to: '\n\napp.get("/b", (req, res) => {\n    res.send("b");\n});\n\napp.listen',
        },
        {
            name: "a function below a text with a bracket",
            language: "python",
            file: 'def f():\n    """One.\n\n    Two (of three.\n    """\n    return 1\n\n\nif x:\n    f()\n',
            code: "# ... existing code ...\n\ndef g():\n    return 2\n\n# ... existing code ...",
            from: "return 1\n",
            to: "return 1\n\n\ndef g():\n    return 2\n",
        },
        {
            name: "a field and a method of a class with others of both",
            language: "java",
            file: "class A {\n    int a = 1;\n\n    int get() {\n        return a;\n    }\n}\n",
            code: "class A {\n    // ... existing fields ...\n    int b = 2;\n\n    // ... existing methods ...\n\n    int put() {\n        return b;\n    }\n}",
            from: "\n\n    int get() {\n        return a;\n    }\n",
            to: "\n    int b = 2;\n\n    int get() {\n        return a;\n    }\n\n    int put() {\n        return b;\n    }\n",
        },
        {
            name: "a method of C++ without a grammar",
            language: "cpp",
            file: "class A {\npublic:\n    int get();\n    void put(int b);\nprivate:\n    int a;\n};\n",
            code: "class A {\npublic:\n    // ... existing methods\n    void twice();\nprivate:\n    int a;\n};",
            from: "    void put(int b);\n",
            to: "    void put(int b);\n    void twice();\n",
        },
        {
            name: "a method of Ruby",
            language: "ruby",
            file: "class A\n  def get\n    @a\n  end\n\n  def put(b)\n    @a = b\n  end\nend\n",
            code: "class A\n  # ... existing methods\n\n  def twice\n    put(get * 2)\n  end\nend",
            from: "@a = b\n  end\n",
            to: "@a = b\n  end\n\n  def twice\n    put(get * 2)\n  end\n",
        },
        {
            name: "a key of JSON",
            language: "json",
            file: '{\n  "name": "x",\n  "scripts": {\n    "a": "1",\n    "b": "2"\n  }\n}\n',
            code: '{\n  // ... existing keys ...\n  "scripts": {\n    // ... existing scripts ...\n    "c": "3"\n  }\n}',
            from: '"b": "2"\n',
            to: '"b": "2",\n    "c": "3"\n',
        },
    ];
    it.each(examples)("is added: $name", ({ language, file, code, from, to }) => {
        expect(result(apply(file, code, { language }))).toBe(file.replace(from, () => to));
    });
});

describe("something changed beside what is left out", () => {
    const examples: Example[] = [
        {
            name: "a method behind it",
            language: "typescript",
            file: STORE,
            code: `class UserStore {\n    // ... other methods\n\n${FIND}}`,
            from: OLD_FIND,
            to: NEW_FIND,
        },
        {
            name: "a method before it",
            language: "typescript",
            file: STORE,
            code: `class UserStore {\n${FIND}\n    // ... other methods\n}`,
            from: OLD_FIND,
            to: NEW_FIND,
        },
        {
            name: "a method and a field",
            language: "typescript",
            file: STORE,
            code: `class UserStore {\n    private users: User[] = [];\n\n    // ... other methods\n\n${FIND}}`,
            from: OLD_FIND,
            to: NEW_FIND,
        },
        {
            name: "a method of Java",
            language: "java",
            file: JAVA,
            code: "class A {\n    // ... other methods\n\n    int get() {\n        check();\n        return 2 * a;\n    }\n}",
            from: "return a;",
            to: "check();\n        return 2 * a;",
        },
        ...[true, false].map((isBehind) => ({
            name: `a method of Python ${isBehind ? "behind" : "before"} it`,
            language: "python",
            file: PY_STORE,
            code: isBehind
                ? "class Store:\n    # ... other methods\n\n    def find(self, name):\n        key = name.lower()\n        return self.users.get(key)"
                : "class Store:\n    def find(self, name):\n        key = name.lower()\n        return self.users.get(key)\n\n    # ... other methods",
            from: "return self.users.get(name)",
            to: "key = name.lower()\n        return self.users.get(key)",
        })),
        {
            name: "two of three methods of Python",
            language: "python",
            file: PY_STORE,
            code: "class Store:\n    def add(self, user):\n        self.users.append(user)\n\n    def find(self, name):\n        return None\n\n    # ... rest of the class",
            from: "return self.users.get(name)",
            to: "return None",
        },
        {
            name: "a rule of CSS",
            language: "css",
            file: CSS,
            code: "/* ... existing rules ... */\n\n.main {\n    margin: 8px;\n    padding: 4px;\n    border: none;\n}",
            from: "    margin: 0;\n    padding: 4px;\n",
            to: "    margin: 8px;\n    padding: 4px;\n    border: none;\n",
        },
        {
            name: "a part of a rule of CSS",
            language: "css",
            file: CSS,
            code: ".main {\n    /* ... existing properties ... */\n    padding: 8px;\n}",
            from: "padding: 4px",
            to: "padding: 8px",
        },
        {
            name: "a key of YAML",
            language: "yaml",
            file: CI,
            code: "jobs:\n  # ... other jobs\n  build:\n    runs-on: macos\n    steps:\n      - run: make all",
            from: "  build:\n    runs-on: ubuntu\n    steps:\n      - run: make\n",
            to: "  build:\n    runs-on: macos\n    steps:\n      - run: make all\n",
        },
        {
            name: "a condition behind it",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    // ... existing code ...\n    if (y > 5) {\n        log(y, x);\n    }\n    // ... existing code ...\n}",
            from: "if (y > 3) {\n        log(y)",
            to: "if (y > 5) {\n        log(y, x)",
        },
        {
            name: "a condition before it",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    const y = x + 1;\n    if (y > 5 && x < 9) {\n        log(y);\n    }\n    // ... rest of the function\n}",
            from: "if (y > 3) {",
            to: "if (y > 5 && x < 9) {",
        },
        {
            name: "a condition that only has it before",
            language: "typescript",
            file: BODY,
            code: "function f(x: number) {\n    // ... existing code ...\n    if (y > 5) {\n        log(x);\n    }\n}",
            from: "if (y > 3) {\n        log(y)",
            to: "if (y > 5) {\n        log(x)",
        },
        {
            name: "the end of a function of Python",
            language: "python",
            file: "def f(x):\n    y = x + 1\n    log(y)\n    return y\n\n\ndef g():\n    pass\n",
            code: "def f(x):\n    y = x + 2\n    # ... rest of the function",
            from: "x + 1",
            to: "x + 2",
        },
        {
            name: "a test",
            language: "typescript",
            file: SPEC,
            code: 'describe("a", () => {\n    it("adds", () => {\n        expect(add(2, 2)).toBe(4);\n    });\n\n    // ... existing tests\n});',
            from: "add(1, 2)).toBe(3)",
            to: "add(2, 2)).toBe(4)",
        },
        {
            name: "one of two conditions alike",
            language: "typescript",
            file: "function f(x) {\n    if (!x) {\n        a();\n    }\n    b();\n    if (!x) {\n        c();\n    }\n    end();\n}\n",
            code: "function f(x) {\n    // ... existing code\n    if (!x) {\n        d();\n    }\n    end();\n}",
            from: "c()",
            to: "d()",
        },
        {
            name: "the first of two that only their insides tell apart",
            language: "typescript",
            file: "function f(x) {\n    try {\n        a();\n        b();\n    } catch {\n        c();\n    }\n    d();\n    try {\n        e();\n    } catch {\n        g();\n    }\n}\n",
            code: "function f(x) {\n    // ... existing code\n    try {\n        a(1);\n        b();\n    } catch {\n        c();\n    }\n}",
            from: "a()",
            to: "a(1)",
        },
        {
            name: "the other branch of a condition",
            language: "typescript",
            file: "function f(x) {\n    if (x) {\n        a();\n    } else {\n        b();\n    }\n    c();\n}\n",
            code: "function f(x) {\n    if (x) {\n        // ... existing code\n    } else {\n        d();\n    }\n    // ... existing code\n}",
            from: "b()",
            to: "d()",
        },
        {
            name: "the inside of one method of several",
            language: "typescript",
            file: STORE,
            code: "class UserStore {\n    add(user: User) {\n        check(user);\n        // ... existing code ...\n    }\n}",
            from: "        this.users.push",
            to: "        check(user);\n        this.users.push",
        },
        {
            name: "two in another order",
            language: "yaml",
            file: "a:\n  x: 1\nb:\n  x: 2\nc:\n  x: 3\n",
            code: "c:\n  x: 4\n# ... existing code ...\na:\n  x: 1",
            from: "x: 3",
            to: "x: 4",
        },
    ];
    it.each(examples)("stands where it was: $name", ({ language, file, code, from, to }) => {
        expect(result(apply(file, code, { language }))).toBe(file.replace(from, () => to));
    });
});

describe("an answer whose parts are not found", () => {
    const ROUTE = "app.use(json());\n\nrun(() => {\n    a();\n    b();\n});\n";
    it.each([
        [
            "none of its lines stand there",
            "/* ... existing rules ... */\n\n@page {\n    margin: 0;\n}",
        ],
        ["a bracket is missing", "run(() => {\n    // ... existing code ...\n    b();\n"],
        ["a bracket is missing", "run(() => {\n    // ... existing code ...\n    c();\n"],
        ["a bracket is too many", "// ... existing code ...\n    b();\n});\n});"],
    ])("is refused: %s", (_name, code) => {
        expect(result(apply(ROUTE, code, { language: "css" }))).toMatch(
            /^refused: it leaves parts out/,
        );
    });
});
