/** Files that may not be shown any more: deleted, renamed, ignored or excluded after something of them was; on the disk, with a fake editor. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TextDocument, Uri } from "vscode";
import { Outlines } from "../../../../src/context/outlines";
import { Clipboard } from "../../../../src/host/context/clipboard";
import { Offered } from "../../../../src/host/context/offered";
import { Recent } from "../../../../src/host/context/recent";
import { SourceFiles } from "../../../../src/host/context/sourceFiles";
import { editor } from "../../../support/watchingEditor";

vi.mock("vscode", async () => (await import("../../../support/watchingEditor")).vscode);
const { Uri: AnyUri } = await import("vscode");

const fire = editor.fire;
let home: string;
let exclude: Record<string, boolean>;
let files: SourceFiles;
beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "ingot-withdrawn-")));
    mkdirSync(join(home, ".git"));
    exclude = {};
    editor.startOver();
    const settings = { for: () => ({ contextExclude: exclude }) };
    files = new SourceFiles(settings as unknown as ConstructorParameters<typeof SourceFiles>[0]);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (name: string): Uri => AnyUri.file(join(home, name));
function write(name: string, text: string): Uri {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
    return at(name);
}
function open(name: string, text: string): Uri {
    const uri = write(name, text);
    const document = { uri, isDirty: true, isClosed: false, version: 1, getText: () => text };
    editor.documents.push(document);
    return uri;
}
const remove = (name: string) => rmSync(join(home, name));

/** An edit of the first line. */
function edit(uri: Uri): void {
    const document = editor.documents.find((one) => (one as TextDocument).uri === uri);
    const range = { start: { line: 0 }, end: { line: 0 } };
    fire("change", { document, contentChanges: [{ range, text: "x" }] });
}
/** A look at the first line. */
function look(uri: Uri): void {
    const selection = { active: { line: 0 } };
    fire("selection", { textEditor: { document: { uri }, selection, visibleRanges: [] } });
}

describe("what was edited and looked at", () => {
    const pathOf = (uri: Uri) => uri.path.slice(home.length + 1);
    const shown = async (recent: Recent) => {
        const from = at("own.ts");
        const snippets = [...(await recent.edited(from)), ...(await recent.visited(from))];
        return snippets.map(({ kind, path }) => `${kind} ${path}`);
    };
    function remembered(...names: string[]): Recent {
        const recent = new Recent({ files, outlines: new Outlines(undefined), pathOf });
        for (const uri of names.map((name) => open(name, "const a = 1;\n"))) {
            edit(uri);
            look(uri);
        }
        return recent;
    }

    it("is shown while it may be", async () => {
        expect(await shown(remembered("a.ts"))).toEqual(["edit a.ts", "visited a.ts"]);
    });

    it("is gone with its file, however that went, though an editor still holds it", async () => {
        const recent = remembered("a.ts", "b.ts");
        remove("a.ts");
        expect(await shown(recent)).toEqual(["edit b.ts", "visited b.ts"]);
        fire("delete", { files: [at("a.ts")] });
        write("a.ts", "const other = 1;\n");
        expect(await shown(recent)).toEqual(["edit b.ts", "visited b.ts"]);
    });

    it("follows a file, and all files of a folder, to another name", async () => {
        const recent = remembered("old/a.ts", "older.ts");
        remove("old/a.ts");
        write("new/a.ts", "const a = 1;\n");
        fire("rename", { files: [{ oldUri: at("old"), newUri: at("new") }] });
        expect((await shown(recent)).sort()).toEqual([
            "edit new/a.ts",
            "edit older.ts",
            "visited new/a.ts",
            "visited older.ts",
        ]);
    });

    it("is not shown once a rule or the setting names its file, nor of a secret one", async () => {
        const recent = remembered("a.ts", "b.ts", "c.ts", ".env");
        expect(await shown(recent)).toHaveLength(6);
        write(".gitignore", "a.ts\n");
        files.rulesChanged();
        exclude["**/b.ts"] = true;
        fire("configuration", { affectsConfiguration: (key: string) => key === "ingot.context" });
        expect(await shown(recent)).toEqual(["edit c.ts", "visited c.ts"]);
    });
});

describe("what was given away", () => {
    function offered(...names: string[]) {
        const told: string[][] = [];
        const all = new Offered(files);
        all.onDidWithdraw((uris) =>
            told.push(uris.map((uri) => uri.slice(`file://${home}/`.length))),
        );
        for (const name of names) all.add(at(name));
        return told;
    }

    it("is withdrawn when its file, or the folder of it, is deleted or renamed", async () => {
        for (const name of ["a.ts", "in/b.ts", "c.ts"]) write(name, "1;\n");
        const told = offered("a.ts", "in/b.ts", "c.ts");
        remove("a.ts");
        fire("**/* delete", at("a.ts"));
        await vi.waitFor(() => expect(told).toEqual([["a.ts"]]));
        rmSync(join(home, "in"), { recursive: true });
        fire("rename", { files: [{ oldUri: at("in"), newUri: at("out") }] });
        await vi.waitFor(() => expect(told).toEqual([["a.ts"], ["in/b.ts"]]));
    });

    it("is withdrawn when an ignore file begins to name it", async () => {
        for (const name of ["a.ts", "b.ts"]) write(name, "1;\n");
        const told = offered("a.ts", "b.ts");
        expect(await files.mayShow(at("a.ts"))).toBe(true);
        write(".ingotignore", "a.ts\n");
        fire("**/{.gitignore,.ingotignore} create", at(".ingotignore"));
        await vi.waitFor(() => expect(told).toEqual([["a.ts"]]));
    });

    it("is withdrawn when the setting begins to name it", async () => {
        for (const name of ["a.ts", "b.ts"]) write(name, "1;\n");
        const told = offered("a.ts", "b.ts");
        expect(await files.mayShow(at("a.ts"))).toBe(true);
        exclude["**/a.ts"] = true;
        fire("configuration", { affectsConfiguration: (key: string) => key === "ingot.context" });
        await vi.waitFor(() => expect(told).toEqual([["a.ts"]]));
    });

    it("is told of rules that name nothing of it: earlier windows may have given that away", async () => {
        write("a.ts", "1;\n");
        const told = offered("a.ts");
        write(".gitignore", "b.ts\n");
        fire("**/{.gitignore,.ingotignore} create", at(".gitignore"));
        await vi.waitFor(() => expect(told).toEqual([[]]));
    });

    it("is not asked about for each file that a build deletes", () => {
        write("a.ts", "1;\n");
        const told = offered("a.ts");
        const asked = vi.spyOn(files, "mayShow");
        fire("**/* delete", at("dist/a.js"));
        fire("**/* delete", at("a.tsx"));
        expect(asked).not.toHaveBeenCalled();
        expect(told).toEqual([]);
    });
});

describe("copied text", () => {
    const CODE = "limit = read(1)\nname = read(2)\n";
    let nowMs: number;
    function made(): Clipboard {
        nowMs = 0;
        editor.clipboard = "";
        return new Clipboard({
            isOn: () => true,
            isHidden: (text, among) => files.hides(text, among),
            isKept: (document) => files.isKept(document),
            now: () => nowMs,
        });
    }
    async function copied(): Promise<string[]> {
        const clipboard = made();
        await clipboard.gather("own.py");
        editor.clipboard = CODE;
        nowMs += 5000;
        const first = await clipboard.gather("own.py");
        editor.documents = [];
        nowMs += 5000;
        const second = await clipboard.gather("own.py");
        return [...first, ...second].map(({ text }) => text);
    }

    it("is shown when it comes from a file that may be, or from nowhere", async () => {
        open("a.py", `def f():\n    ${CODE}`);
        expect(await copied()).toEqual([CODE, CODE]);
    });

    it.each([".env", "ignored.py", "excluded.py"])(
        "is not when it stands in %s, also after that is closed",
        async (name) => {
            write(".gitignore", "ignored.py\n");
            exclude["excluded.py"] = true;
            open(name, `def f():\n        ${CODE.replace("\n", "\n        ")}`);
            expect(await copied()).toEqual([]);
        },
    );

    /** Copied in a file that loses the front or is closed before anything was asked. */
    async function left(name: string, how: "front" | "close", text = CODE): Promise<number> {
        const clipboard = made();
        await clipboard.gather("own.py");
        open(name, text);
        const document = editor.documents[0];
        fire("front", { document });
        editor.clipboard = CODE;
        nowMs += 1000;
        editor.documents = [];
        fire(how, how === "front" ? undefined : document);
        const early = await clipboard.gather("own.py");
        nowMs += 5000;
        return early.length + (await clipboard.gather("own.py")).length;
    }

    it.each(["front", "close"] as const)(
        "is not when its secret file was left (%s) before the first look",
        async (how) => {
            expect(await left(".env", how)).toBe(0);
            expect(await left("a.py", how)).toBe(1);
        },
    );

    it("is not when it was cut out of a secret file", async () => {
        expect(await left(".env", "front", "")).toBe(0);
    });
});
