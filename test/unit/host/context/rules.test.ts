/** What is never read: ignored files, excluded ones, binaries, secrets; over files in memory. */

import { describe, expect, it } from "vitest";
import { isUsefulCode } from "../../../../src/host/context/codeLike";
import { alternatives, Globs } from "../../../../src/host/context/globs";
import { IgnoreRules } from "../../../../src/context/ignoreRules";
import { holdsSecret } from "../../../../src/context/secretText";
import {
    decodeSource,
    isMadeByTools,
    MAX_SOURCE_BYTES,
    sourceLines,
} from "../../../../src/context/sourceText";

/** A key as services make them, put together here so that no scanner takes this file for a leak. */
const TOKEN = `ghp_${"a1B2".repeat(9)}`;

function rules(files: Record<string, string>) {
    const reads: string[] = [];
    let nowMs = 0;
    const ignored = new IgnoreRules({
        read: async (path) => {
            reads.push(path);
            return files[path];
        },
        exists: async (path) => path in files,
        home: "/home/me",
        now: () => nowMs,
    });
    return { ignored, reads, files, wait: (ms: number) => (nowMs += ms) };
}

describe("IgnoreRules", () => {
    const tree = {
        "/r/.git": "",
        "/r/.gitignore": "dist/\n*.log\n/top.ts\n",
        "/r/.git/info/exclude": "mine.ts\n",
        "/r/a/.gitignore": "!keep.log\nlocal.ts\n",
        "/r/a/.ingotignore": "private/\n",
        "/home/me/.gitconfig": '[core]\n\texcludesFile = "~/.ignored"\n',
        "/home/me/.ignored": "*.swp\n",
        "/.gitignore": "*\n",
    };

    it.each([
        ["/r/dist/x.ts", true],
        ["/r/a/dist/deep/x.ts", true],
        ["/r/x.log", true],
        ["/r/a/keep.log", false],
        ["/r/b/keep.log", true],
        ["/r/top.ts", true],
        ["/r/a/top.ts", false],
        ["/r/mine.ts", true],
        ["/r/a/local.ts", true],
        ["/r/local.ts", false],
        ["/r/a/private/x.ts", true],
        ["/r/b/private/x.ts", false],
        ["/r/a/x.swp", true],
        ["/r/a/x.ts", false],
    ])("%s: %s", async (path, expected) => {
        expect(await rules(tree).ignored.isIgnored(path)).toBe(expected);
    });

    it("of a drive end there: no rule is asked about the drive's name", async () => {
        const files = {
            "/.gitignore": "*",
            "/c:/.gitignore": "*.log",
            "/home/me/.config/git/ignore": "*.swp",
        };
        const { ignored, reads } = rules(files);
        expect(await ignored.isIgnored("/c:/p/a.log")).toBe(true);
        expect(await ignored.isIgnored("/c:/p/a.ts")).toBe(false);
        expect(reads).not.toContain("/.gitignore");
    });

    it("are not undone inside of an ignored folder", async () => {
        const files = { "/r/.git": "", "/r/.gitignore": "out/", "/r/out/.gitignore": "!*" };
        expect(await rules(files).ignored.isIgnored("/r/out/x.ts")).toBe(true);
    });

    it.each(["/r/.git/worktrees/w", "../r/.git/worktrees/w"])(
        "of the repository hold in its other work trees (%s)",
        async (link) => {
            const files = {
                "/w/.git": `gitdir: ${link}\n`,
                "/r/.git/worktrees/w/commondir": "../..\n",
                "/r/.git/info/exclude": "mine.ts\n",
            };
            expect(await rules(files).ignored.isIgnored("/w/a/mine.ts")).toBe(true);
            expect(await rules(files).ignored.isIgnored("/w/a/other.ts")).toBe(false);
        },
    );

    it("of a submodule are its own", async () => {
        const files = {
            "/r/sub/.git": "gitdir: ../.git/modules/sub\n",
            "/r/.git/modules/sub/info/exclude": "mine.ts\n",
        };
        expect(await rules(files).ignored.isIgnored("/r/sub/mine.ts")).toBe(true);
    });

    it("hold without a repository too", async () => {
        const files = { "/a/.gitignore": "x.ts" };
        expect(await rules(files).ignored.isIgnored("/a/b/x.ts")).toBe(true);
    });

    it("are read once for many files, and again after a while", async () => {
        const { ignored, reads, files, wait } = rules({ ...tree });
        await ignored.isIgnored("/r/a/x.ts");
        const nReads = reads.length;
        expect(await ignored.isIgnored("/r/a/y.ts")).toBe(false);
        expect(reads).toHaveLength(nReads);
        files["/r/a/.gitignore"] = "y.ts";
        wait(60_000);
        expect(await ignored.isIgnored("/r/a/y.ts")).toBe(true);
    });
});

describe("Globs", () => {
    it("know the patterns of VS Code's settings", () => {
        const globs = new Globs([
            { "**/node_modules": true, "**/*.{key,secret}": true, "private/**": true },
            { "notes.md": true, "**/*.js": { when: "$(basename).ts" }, "**/off": false },
        ]);
        const matched = ["node_modules/a.ts", "x/node_modules/a.ts", "a.key", "b/c.secret"];
        matched.push("private/a/b.ts", "notes.md");
        for (const path of matched) expect(globs.matches(path), path).toBe(true);
        for (const path of ["a.ts", "a.js", "off", "keys.ts", ""])
            expect(globs.matches(path), path).toBe(false);
    });

    it("take several alternatives apart, within each other too", () => {
        expect(alternatives("a.{b,c{d,e}}")).toEqual(["a.b", "a.cd", "a.ce"]);
        expect(alternatives("{a,b}{c,d}").sort()).toEqual(["ac", "ad", "bc", "bd"]);
        expect(alternatives("plain")).toEqual(["plain"]);
    });

    it("do not take a name that begins with ! or # for something else", () => {
        const globs = new Globs([{ "!x.ts": true, "#y.ts": true, "**/*.ts": true }]);
        expect(globs.matches("a/x.ts")).toBe(true);
        expect(new Globs([{ "#y.ts": true }]).matches("#y.ts")).toBe(true);
    });
});

describe("decodeSource", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);

    it("gives the lines of a text, with any line ends", () => {
        expect(decodeSource(bytes("a\r\nb\nc"))).toEqual(["a", "b", "c"]);
    });

    it("refuses binaries, other encodings, long lines and large files", () => {
        expect(decodeSource(new Uint8Array([97, 0, 98]))).toBeUndefined();
        expect(decodeSource(new Uint8Array([0xff, 0xfe, 0x41]))).toBeUndefined();
        expect(decodeSource(bytes("x".repeat(500)))).toBeUndefined();
        expect(decodeSource(bytes("x\n".repeat(MAX_SOURCE_BYTES)))).toBeUndefined();
        expect(sourceLines("a\0b")).toBeUndefined();
    });

    it("leaves what tools write for tools", () => {
        for (const path of ["/a/package-lock.json", "/a/yarn.lock", "/a/x.min.js", "/a/n.ipynb"])
            expect(isMadeByTools(path), path).toBe(true);
        for (const path of ["/a/package.json", "/a/lock.ts"])
            expect(isMadeByTools(path), path).toBe(false);
    });
});

describe("copied text", () => {
    it("is of use when it is code of a few lines", () => {
        expect(isUsefulCode("function f(a) {\n    return a;\n}")).toBe(true);
        expect(isUsefulCode("for x in y:\n    print(x)\n")).toBe(true);
    });

    it("is not when it is a list of variables as in .env files", () => {
        expect(isUsefulCode("DB_USER=me\nDB_PASS=hunter2(1)\n")).toBe(false);
        expect(isUsefulCode("export A=b\n# why\nC1=d;\n")).toBe(false);
        expect(isUsefulCode("LIMIT = 3\nNAME = read()\n")).toBe(true);
    });

    it("is not when it is prose, one line, long, or holds a secret", () => {
        expect(isUsefulCode("Dear all,\nsee you at noon.\nBest")).toBe(false);
        expect(isUsefulCode("hunter2")).toBe(false);
        expect(isUsefulCode("a = 1;\n".repeat(1000))).toBe(false);
        expect(isUsefulCode(`const a = 1;\nconst key = "${TOKEN}";`)).toBe(false);
    });
});

describe("holdsSecret", () => {
    it("knows private keys and the tokens of services", () => {
        expect(holdsSecret(["-----BEGIN RSA", "PRIVATE KEY-----"].join(" "))).toBe(true);
        expect(holdsSecret(`x = ${TOKEN}`)).toBe(true);
        expect(holdsSecret("const token = readToken();")).toBe(false);
    });

    it.each([
        ["-----BEGIN PGP", "PRIVATE KEY BLOCK-----"].join(" "),
        `sk_${"live"}_${"a1B2".repeat(6)}`,
        `npm_${"a1B2".repeat(9)}`,
        `SG.${"a1B2".repeat(5)}.${"a1B2".repeat(9)}`,
        `AccountKey=${"a1B2".repeat(20)}==`,
        `postgres://me:${"hunter22"}@db.example.org/x`,
        `xoxe-${"1234567890"}-abc`,
    ])("knows what an answer is cut at: %s", (text) => {
        expect(holdsSecret(`x = "${text}"`)).toBe(true);
    });

    it("knows a part of a private key, without its first line", () => {
        const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
        expect(holdsSecret(`${body}\n${body}\n`)).toBe(true);
        expect(holdsSecret(["abc=\n-----END RSA", "PRIVATE KEY-----"].join(" "))).toBe(true);
        expect(holdsSecret(`const hash =\n    "${body}";\nf();`)).toBe(false);
        expect(holdsSecret(`${"a".repeat(64)}\n${"b".repeat(64)}\n`)).toBe(false);
    });
});
