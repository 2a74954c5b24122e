/** Answers as small models write them: a part as if it were a whole, without the end, or in another form than the file has it. */

import { describe, expect, it } from "vitest";
import { apply, FILE, result } from "./applying";

const HTML =
    '<!DOCTYPE html>\n<html>\n<head>\n    <title>A</title>\n</head>\n<body>\n    <main id="app">\n        <p>Text</p>\n    </main>\n    <script src="a.js"></script>\n</body>\n</html>\n';
const JSON_FILE =
    '{\n    "name": "a",\n    "scripts": {\n        "build": "tsc",\n        "test": "vitest"\n    },\n    "private": true\n}\n';
const YAML =
    "name: ci\njobs:\n  build:\n    steps:\n      - run: a\n  lint:\n    steps:\n      - run: b\n";
const TEXT = "# T\n\nA tool.\n\n## Use\n\nRun it.\n\n- one\n\n## End\n\nBye.\n";

describe("a part of a file", () => {
    it("of markup leaves out what is around it", () => {
        const code =
            '<body>\n    <!-- ... existing code ... -->\n    <main id="app">\n        <b>New</b>\n        <!-- ... -->\n    </main>\n    <!-- ... existing code ... -->\n</body>';
        expect(result(apply(HTML, code, { language: "html" }))).toBe(
            HTML.replace("        <p>", "        <b>New</b>\n        <p>"),
        );
    });

    it("of a text keeps its headings where they are", () => {
        const code = "# T\n\n...\n\n## Use\n\nCall it.\n\n...";
        const now = result(apply(TEXT, code, { language: "markdown" }));
        expect(now.match(/## Use/g)).toHaveLength(1);
        expect(now).toContain("## Use\n\nCall it.\n\nRun it.\n\n- one\n\n## End");
    });

    it("goes over all that it closes, and keeps the comma", () => {
        const code =
            '"scripts": {\n    "build": "tsc",\n    "test": "vitest run",\n    "lint": "eslint ."\n}';
        expect(result(apply(JSON_FILE, code, { language: "json" }))).toBe(
            JSON_FILE.replace('"vitest"', '"vitest run",\n        "lint": "eslint ."'),
        );
    });

    it("of YAML is refused where it would stand beside the whole", () => {
        const code = "jobs:\n  deploy:\n    needs: [x, y]\n    if: z";
        expect(result(apply(YAML, code, { language: "yaml" }))).toBe(
            "refused: the file has its keys already; select the lines that it is to replace",
        );
        const other = "env: x";
        expect(result(apply(YAML, other, { language: "yaml", cursor: 8 }))).toBe(
            `${YAML}${other}\n`,
        );
    });
});

describe("a changed statement beside what is left out", () => {
    const file =
        "function f(a) {\n    check(a);\n    n++;\n    log(a);\n    save(a);\n    return a;\n}\n\nfunction last() {}\n";
    const REST = "    // ... existing code ...\n";
    it.each([
        ["a step that was one up", `${REST}    n += 2;\n${REST}`, "n++", "n += 2"],
        [
            "another call between two lines that stay",
            `${REST}    n++;\n    print(a);\n    save(a);\n${REST}`,
            "log(a)",
            "print(a)",
        ],
        [
            "a run of lines between two that stay",
            `    check(a);\n    m = 1;\n    print(a);\n    save(a);\n${REST}`,
            "n++;\n    log(a)",
            "m = 1;\n    print(a)",
        ],
        [
            "another call beside it, where the old one may stay",
            `${REST}    print(a);\n    save(a);\n`,
            "log(a);",
            "log(a);\n    print(a);",
        ],
    ])("is %s", (_name, body, from, to) => {
        expect(result(apply(file, `function f(a) {\n${body}}`))).toBe(file.replace(from, to));
    });
});

describe("nearly all of a file", () => {
    const apply1 = (file: string, code: string, language: string) =>
        result(apply(file, code, { language }));

    it("without its end or its beginning keeps those", () => {
        const changed = TEXT.replace("A tool.", "A better tool.");
        const without = changed.replace("\n## End\n\nBye.\n", "");
        expect(apply1(TEXT, without, "markdown")).toBe(changed);
        const yaml = `# Of the project.\n${YAML}`;
        const code = YAML.replace("run: a", "run: c");
        expect(apply1(yaml, code, "yaml")).toBe(yaml.replace("run: a", "run: c"));
    });

    it("loses them where that is all that changes", () => {
        const without = TEXT.replace("\n## End\n\nBye.\n", "");
        expect(apply1(TEXT, without, "markdown")).toBe(without);
    });

    it("keeps the line that says what runs it", () => {
        const file = "#!/bin/sh\nset -e\n\na() {\n    run\n}\n\na\n";
        const code = "set -eu\n\na() {\n    run\n}\n\na";
        expect(apply1(file, code, "shellscript")).toBe(file.replace("-e", "-eu"));
        expect(apply1(file, `#!/bin/bash\n${code}`, "shellscript")).toBe(
            file.replace("-e", "-eu").replace("/sh", "/bash"),
        );
    });
});

describe("a type or a function that is written anew with less", () => {
    it.each([
        [
            "typescript",
            "export function f(type: string) {\n    const a = 1;\n    const b = 2;\n    return use(a, b);\n}\n",
            "export function f(type: string) {\n    return g(type);\n}\n",
        ],
        [
            "typescript",
            "enum S {\n    Open,\n    Closed,\n    Gone,\n}\n",
            'enum S {\n    Open = "OPEN",\n    Closed = "CLOSED",\n}\n',
        ],
        [
            "go",
            "type S struct {\n\tname string\n\tsize int\n\tmode int\n}\n",
            "type S struct {\n\tname *string\n}\n",
        ],
        [
            "typescript",
            "interface P {\n    x: number;\n    y: number;\n}\n",
            "interface P {\n    lat: number;\n}\n",
        ],
    ])("loses what it leaves out (%s %#)", (language, file, code) => {
        expect(result(apply(file, code.trimEnd(), { language }))).toBe(code);
    });
});

describe("a function that is only declared", () => {
    const file = "class P {\npublic:\n    void run();\n    int n;\n};\n";
    const cpp = (code: string) => result(apply(file, code, { language: "cpp", cursor: 2 }));
    it("does not take the place of another one", () => {
        expect(cpp("void stop();")).toBe(file.replace("run();", "run();\n    void stop();"));
        expect(cpp("void run() const;")).toBe(file.replace("run()", "run() const"));
    });
});

describe("a method as a function", () => {
    it("becomes one again", () => {
        const code = "function reset(): void {\n    this.n = 1;\n}";
        const wanted = FILE.replace("this.n = 0;\n    }", "this.n = 1;\n    }");
        for (const prefix of ["", "export "])
            expect(result(apply(FILE, prefix + code))).toBe(wanted);
        const go = "package a\n\nfunc (s *S) Get(k int) int {\n\treturn k\n}\n";
        const method = "func Get(k int) int {\n\treturn k + 1\n}";
        expect(result(apply(go, method, { language: "go" }))).toBe(
            go.replace("return k", "return k + 1"),
        );
    });

    it("stays one where it was one", () => {
        const file = "const a = async () => {\n    run();\n};\n";
        const code = "async function a() {\n    walk();\n}";
        expect(result(apply(file, code))).toBe(`${code}\n`);
    });
});
