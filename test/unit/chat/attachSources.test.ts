// What is added behind `#` without naming a file: nothing of files that may not be shown comes along.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { TextEditor, Uri } from "vscode";
import { changes } from "../../../src/host/chat/attach/changes";
import { Offers } from "../../../src/host/chat/attach/offers";
import { clipboard, problems } from "../../../src/host/chat/attach/sources";
import { TerminalLog } from "../../../src/host/chat/attach/terminalLog";

const editor = vi.hoisted(() => ({
    diffs: { staged: "", unstaged: "" },
    diagnostics: [] as unknown[],
    symbols: [] as unknown[],
    workspaceSymbols: [] as unknown[],
}));
vi.mock("vscode", () => {
    const uri = (scheme: string, path: string): unknown => ({
        scheme,
        path,
        fsPath: path,
        authority: "",
        toString: () => `${scheme}://${path}`,
    });
    const nothing = () => ({ dispose: () => undefined });
    const repository = {
        rootUri: uri("file", "/p"),
        diff: async (cached: boolean) => editor.diffs[cached ? "staged" : "unstaged"],
    };
    return {
        Uri: {
            file: (path: string) => uri("file", path),
            from: ({ scheme, path }: { scheme: string; path: string }) => uri(scheme, path),
            joinPath: (base: Uri, ...parts: string[]) =>
                uri(base.scheme, [base.path, ...parts].join("/")),
        },
        env: { clipboard: { readText: async () => "" } },
        window: {
            activeTextEditor: undefined,
            onDidStartTerminalShellExecution: nothing,
            onDidEndTerminalShellExecution: nothing,
            onDidCloseTerminal: nothing,
        },
        languages: { getDiagnostics: () => [...editor.diagnostics] },
        extensions: {
            getExtension: () => ({
                activate: async () => ({ getAPI: () => ({ repositories: [repository] }) }),
            }),
        },
        commands: {
            executeCommand: async (name: string) =>
                name.includes("Workspace") ? editor.workspaceSymbols : editor.symbols,
        },
        workspace: {
            textDocuments: [],
            notebookDocuments: [],
            findFiles: async () => [],
            getWorkspaceFolder: ({ path }: Uri) => (path.startsWith("/p/") ? {} : undefined),
            asRelativePath: ({ path }: Uri) => path.replace("/p/", ""),
        },
    };
});
const { Uri: Uris } = await import("vscode");

const hidden = (uri: Uri) => /\/(\.env|hidden\.ts)$/.test(uri.path);
const mayShow = async (uri: Uri) => uri.scheme === "file" && !hidden(uri);

const diffOf = (path: string, line: string) =>
    `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+${line}\n`;

beforeEach(() => {
    editor.diffs = { staged: "", unstaged: "" };
    editor.diagnostics = [];
    editor.symbols = [];
    editor.workspaceSymbols = [];
});

describe("#changes", () => {
    const resolve = () => changes(mayShow).resolve(5000);

    it("holds staged and other changes, and says how many files are not shown", async () => {
        editor.diffs.staged = diffOf("a.ts", "a = 1") + diffOf(".env", "KEY=never");
        editor.diffs.unstaged = diffOf("hidden.ts", "never") + diffOf("b.ts", "b = 2");
        const { text } = await resolve();
        expect(text).toMatch(/^Changes since the last commit \(2 files are not shown\):/);
        expect(text).toMatch(/\+a = 1\ndiff --git a\/b\.ts/);
        expect(text).toContain("+b = 2");
        expect(text).not.toMatch(/never|\.env|hidden/);
    });

    it("leaves a file out that was renamed from one which may not be shown", async () => {
        editor.diffs.staged =
            "diff --git a/.env b/env.txt\nsimilarity index 90%\nrename from .env\nrename to env.txt\n" +
            "--- a/.env\n+++ b/env.txt\n@@ -1 +1 @@\n-KEY=never\n+KEY=none\n" +
            diffOf("a.ts", "a = 1");
        const { text } = await resolve();
        expect(text).not.toContain("KEY");
        expect(text).toContain("(1 file is not shown)");
    });

    it("leaves keys out of files that may be shown", async () => {
        editor.diffs.staged = diffOf("a.ts", `t = "ghp_${"a".repeat(36)}"`);
        const { text } = await resolve();
        expect(text).toContain("left out: looks like a key");
        expect(text).not.toContain("ghp_");
    });

    it("says when there is nothing, and when there is nothing to show", async () => {
        await expect(resolve()).rejects.toThrow("Nothing is changed since the last commit");
        editor.diffs.unstaged = diffOf(".env", "KEY=never");
        await expect(resolve()).rejects.toThrow(/^Only files that are not shown to the model/);
    });
});

const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 1 } });

describe("#problems", () => {
    it("are those of files that may be shown", async () => {
        const problem = (message: string) => [{ severity: 0, message, range: at(2) }];
        editor.diagnostics = [
            [Uris.file("/p/.env"), problem("never: KEY=1")],
            [Uris.file("/p/a.ts"), problem("told")],
        ];
        const { text } = await problems(mayShow).resolve(5000);
        expect(text).toContain("a.ts:3: error: told");
        expect(text).not.toContain("never");
        editor.diagnostics = editor.diagnostics.slice(0, 1);
        await expect(problems(mayShow).resolve(5000)).rejects.toThrow(/no errors or warnings/);
    });
});

describe("#symbol", () => {
    function offers(open: Uri) {
        const document = { uri: open };
        return new Offers({
            lastEditor: () => ({ document, selection: { isEmpty: true } }) as unknown as TextEditor,
            mayShow,
            mayShowChange: mayShow,
            terminals: new TerminalLog(),
            codebase: clipboard(),
        });
    }
    const labels = async (open: Uri) =>
        (await offers(open).find("symbol:thing")).map(({ suggestion }) => suggestion.label);

    it("offers none of a file that may not be shown, open or found in the workspace", async () => {
        editor.symbols = [{ name: "thingOpen", range: at(0), children: [] }];
        editor.workspaceSymbols = ["hidden.ts", "a.ts"].map((file) => ({
            name: `thingOf ${file}`,
            location: { uri: Uris.file(`/p/${file}`), range: at(0) },
        }));
        expect(await labels(Uris.file("/p/.env"))).toEqual(["thingOf a.ts"]);
        expect((await labels(Uris.file("/p/b.ts"))).sort()).toEqual(["thingOf a.ts", "thingOpen"]);
        const untitled = Uris.from({ scheme: "untitled", path: "Untitled-1" });
        expect((await labels(untitled)).sort()).toEqual(["thingOf a.ts", "thingOpen"]);
    });

    it("gives nothing of a file that was ignored since it was chosen", async () => {
        editor.symbols = [{ name: "thing", range: at(0), children: [] }];
        let may = true;
        const chosen = new Offers({
            lastEditor: () =>
                ({
                    document: { uri: Uris.file("/p/a.ts") },
                    selection: { isEmpty: true },
                }) as unknown as TextEditor,
            mayShow: async () => may,
            mayShowChange: async () => may,
            terminals: new TerminalLog(),
            codebase: clipboard(),
        });
        const [found] = await chosen.find("symbol:thing");
        may = false;
        await expect(found?.attachment.resolve(5000)).rejects.toThrow(
            "a.ts is secret, ignored or excluded",
        );
    });
});
