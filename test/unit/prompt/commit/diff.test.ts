// Diffs taken apart, and what of them a model is shown.
import { describe, expect, it } from "vitest";
import { diffSections, parseDiff, type FileDiff } from "../../../../src/prompt/commit/diff";
import { digest, type DigestOptions } from "../../../../src/prompt/commit/digest";

const DIFF = [
    "diff --git a/src/a.ts b/src/a.ts",
    "index 1..2 100644",
    "--- a/src/a.ts",
    "+++ b/src/a.ts",
    "@@ -1,3 +1,3 @@ function total() {",
    " one",
    "-two",
    "+--- two",
    "+++ three",
    "@@ -9 +9,0 @@",
    "-nine",
    "\\ No newline at end of file",
    "diff --git a/old name.md b/new name.md",
    "similarity index 90%",
    "rename from old name.md",
    "rename to new name.md",
    "diff --git a/gone.py b/gone.py",
    "deleted file mode 100644",
    "--- a/gone.py",
    "+++ /dev/null",
    "@@ -1 +0,0 @@",
    "-x = 1",
    "diff --git a/empty.txt b/empty.txt",
    "new file mode 100644",
    "index 000..111",
    "diff --git a/p.png b/p.png",
    "new file mode 100644",
    "Binary files /dev/null and b/p.png differ",
    'diff --git "a/\\303\\244 \\"x\\".ts" "b/\\303\\244 \\"x\\".ts"',
    '--- "a/\\303\\244 \\"x\\".ts"',
    '+++ "b/\\303\\244 \\"x\\".ts"',
    "@@ -1 +1 @@",
    "-a",
    "+b",
    "",
].join("\n");

describe("diffSections", () => {
    it("holds the text of one file each, with all names that it has and had", () => {
        const sections = diffSections(`warning\n${DIFF}`);
        expect(sections.map(({ paths }) => paths)).toEqual([
            ["src/a.ts"],
            ["new name.md", "old name.md"],
            ["gone.py"],
            ["empty.txt"],
            ["p.png"],
            ['ä "x".ts'],
        ]);
        expect(sections.map(({ text }) => text).join("\n")).toBe(DIFF.trimEnd());
    });

    it("knows files with a conflict", () => {
        const merged = "diff --cc .env\nindex 1,2..3\n@@@ -1,1 -1,1 +1,5 @@@\n++KEY=1\n";
        expect(diffSections(merged + DIFF)[0]).toEqual({
            text: merged.trimEnd(),
            paths: [".env"],
        });
    });
});

describe("parseDiff", () => {
    it("knows files, their kinds and their lines", () => {
        const files = parseDiff(DIFF);
        const short = files.map(({ path, kind, nAdded, nRemoved, hunks, isBinary }) =>
            [path, kind, nAdded, nRemoved, hunks.length, isBinary].join(" "),
        );
        expect(short).toEqual([
            "src/a.ts modified 2 2 2 false",
            "new name.md renamed 0 0 0 false",
            "gone.py deleted 0 1 1 false",
            "empty.txt added 0 0 0 false",
            "p.png added 0 0 0 true",
            'ä "x".ts modified 1 1 1 false',
        ]);
        expect(files[0]?.hunks[0]?.text.split("\n")).toHaveLength(5);
        expect(files[0]?.hunks[1]?.text).toBe("@@ -9 +9,0 @@\n-nine");
        expect(files[1]?.oldPath).toBe("old name.md");
    });

    it("reads paths with other prefixes and with none", () => {
        const one = (from: string, to: string, body = `--- ${from}\n+++ ${to}\n`) =>
            parseDiff(`diff --git ${from} ${to}\n${body}@@ -1 +1 @@\n-a\n+b`)[0]?.path;
        expect(one("i/src/x.ts", "w/src/x.ts")).toBe("src/x.ts");
        expect(one("src/x.ts", "src/x.ts")).toBe("src/x.ts");
        expect(one("a/x.ts", "a/x.ts")).toBe("a/x.ts");
        expect(one("a/x.ts", "b/x.ts", "")).toBe("x.ts");
    });

    it("makes nothing of what is no diff", () => {
        for (const text of ["", "hello", "@@ -1 +1 @@\n+a", "--- a\n+++ b"])
            expect(parseDiff(text)).toEqual([]);
        expect(parseDiff("diff --git ")).toHaveLength(1);
    });
});

const options: DigestOptions = {
    maxCharacters: 6000,
    isSecretFile: (path) => path.endsWith(".env"),
    holdsSecret: (text) => text.includes("TOKEN"),
    isMadeByTools: (path) => path.endsWith("lock.json"),
};
const file = (path: string, hunks: string[], more: Partial<FileDiff> = {}): FileDiff => ({
    path,
    kind: "modified",
    isBinary: false,
    hunks: hunks.map((text) => ({ text })),
    nAdded: 1,
    nRemoved: 0,
    ...more,
});

describe("digest", () => {
    it("shows a line for every file and its hunks below", () => {
        const { text, paths, nHunksLeftOut } = digest(parseDiff(DIFF), options);
        expect(text.split("\n\n")[0]?.split("\n")).toEqual([
            "Changed files:",
            "- src/a.ts (+2 -2)",
            "- new name.md (renamed from old name.md, +0 -0)",
            "- gone.py (deleted, +0 -1)",
            "- empty.txt (added, +0 -0)",
            "- p.png (added, binary)",
            '- ä "x".ts (+1 -1)',
        ]);
        expect(text).toContain("src/a.ts:\n@@ -1,3 +1,3 @@ function total() {\n one\n-two");
        expect(paths).toHaveLength(6);
        expect(nHunksLeftOut).toBe(0);
    });

    it("has nothing of secret files, not their names either, and no hunk with a secret", () => {
        const files = [
            file("a/.env", ["@@\n+PASSWORD=1"]),
            file("env.txt", ["@@\n+x"], { kind: "renamed", oldPath: ".env" }),
            file("b.ts", ["@@\n+TOKEN", "@@\n+fine"]),
        ];
        const { text, nSecretFiles, paths } = digest(files, options);
        expect(text).not.toMatch(/env|PASSWORD|TOKEN/);
        expect(text).toContain("+fine");
        expect([nSecretFiles, paths]).toEqual([2, ["b.ts"]]);
    });

    it("names files of tools without their lines", () => {
        const { text } = digest([file("package-lock.json", ["@@\n+long"])], options);
        expect(text).toBe("Changed files:\n- package-lock.json (+1 -0)");
    });

    it("takes the first hunk of each file before the second of any, whole ones only", () => {
        const big = (n: number) => `@@ ${n} @@\n${`+${"x".repeat(98)}\n`.repeat(10)}`.trim();
        const files = [file("a.ts", [big(1), big(2), big(3)]), file("b.ts", [big(4), "@@ 5 @@"])];
        const { text, nHunksLeftOut } = digest(files, { ...options, maxCharacters: 2300 });
        expect(text.match(/@@ \d @@/g)).toEqual(["@@ 1 @@", "@@ 4 @@", "@@ 5 @@"]);
        expect(nHunksLeftOut).toBe(2);
        expect(text.endsWith("(2 more pieces of the change not shown)")).toBe(true);
    });

    it.each([300, 1000, 4000])("keeps to %i characters with a thousand files", (maxCharacters) => {
        const files = Array.from({ length: 1000 }, (_, i) => file(`src/f${i}.ts`, ["@@\n+line"]));
        const { text } = digest(files, { ...options, maxCharacters });
        expect(text.length).toBeLessThan(maxCharacters + 80);
        expect(text).toMatch(/and \d+ more/);
    });

    it("shows code before prose", () => {
        const files = [file("README.md", ["@@\n+words"]), file("a.ts", ["@@\n+code"])];
        const { text } = digest(files, options);
        expect(text.indexOf("+code")).toBeLessThan(text.indexOf("+words"));
        expect(text.indexOf("- README.md")).toBeLessThan(text.indexOf("- a.ts"));
    });

    it("cuts lines that no one reads", () => {
        const { text } = digest([file("a.ts", [`@@\n+${"x".repeat(5000)}`])], options);
        expect(text.length).toBeLessThan(500);
    });
});
