/** The search in the workspace, with files on the disk and a fake editor; the indexer runs in this process. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { silentLog } from "../../../../src/base/log";
import { Codebase } from "../../../../src/host/codebase/codebase";
import type { IndexerClient } from "../../../../src/host/codebase/indexerClient";
import { SourceFiles } from "../../../../src/host/context/sourceFiles";
import { Indexer } from "../../../../src/indexer/indexer";
import type { IndexedFile } from "../../../../src/protocol/codebase";
import { editor } from "../../../support/watchingEditor";

interface Params {
    files: IndexedFile[];
    removed: string[];
    question: string;
    limit: number;
}

vi.mock("vscode", async () => (await import("../../../support/watchingEditor")).vscode);
const { Uri } = await import("vscode");

let home: string;
let exclude: Record<string, boolean>;
let codebase: Codebase;
let requests: string[];
let isRunning: boolean;

beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "ingot-codebase-")));
    mkdirSync(join(home, ".git"));
    exclude = {};
    requests = [];
    isRunning = false;
    editor.startOver();
    editor.folders = [{ name: "w", uri: Uri.file(home) }];
    const settings = { for: () => ({ contextExclude: exclude }) };
    const files = new SourceFiles(
        settings as unknown as ConstructorParameters<typeof SourceFiles>[0],
    );
    const indexer = new Indexer({
        build: "test",
        outliner: { outline: async () => undefined },
        log: silentLog,
    });
    const client = {
        get isRunning() {
            return isRunning;
        },
        async request(method: string, params: never, work: never) {
            requests.push(method);
            isRunning = true;
            const { files, removed, question, limit } = params as Params;
            const { signal, onProgress } = work as { signal: AbortSignal; onProgress: never };
            if (method === "index/sync")
                return indexer.sync(files, { signal, progress: onProgress });
            if (method === "index/update") return indexer.update(files, removed, { signal });
            return indexer.search(question, limit);
        },
    } as unknown as IndexerClient;
    codebase = new Codebase({ client, files, log: silentLog });
    write("src/sums.ts", "export function roundPrice(value) {\n    return Math.round(value);\n}\n");
    write("docs/guide.md", "# Greetings\nHow a visitor is greeted in the lobby.\n");
});
afterEach(() => {
    vi.restoreAllMocks();
    codebase.dispose();
    rmSync(home, { recursive: true, force: true });
});

function write(name: string, text: string): void {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
}
function changed(...names: string[]): void {
    for (const name of names) editor.fire("**/* change", Uri.file(join(home, name)));
}
const find = async (question: string, signal = new AbortController().signal) =>
    (await codebase.search(question, { limit: 5, signal })).map(({ name }) => name);

describe("Codebase", () => {
    it("does nothing before it is asked, then makes the index once and tells of it", async () => {
        expect(requests).toEqual([]);
        expect(editor.listened).toEqual(["configuration"]);
        const activities: string[] = [];
        const { signal } = new AbortController();
        const onActivity = (text: string) => activities.push(text);
        const found = await codebase.search("round a price", { limit: 5, signal, onActivity });
        expect(found).toMatchObject([{ name: "src/sums.ts", first: 0, last: 2 }]);
        expect(found[0]?.lines[0]).toBe("export function roundPrice(value) {");
        expect(activities).toEqual([
            "Looking through the workspace",
            "Indexing the workspace, 0 of 2 files",
        ]);
        expect(editor.messages).toEqual(["Indexing the workspace, 0 of 2 files"]);
        expect(await find("visitor greetings")).toEqual(["docs/guide.md"]);
        expect(requests).toEqual(["index/sync", "index/search", "index/search"]);
    });

    it("follows what is written, made and deleted", async () => {
        await find("price");
        write("src/sums.ts", "export function convertCurrency() {}\n");
        write("src/new.ts", "export function chargeCustomer() {}\n");
        rmSync(join(home, "docs/guide.md"));
        changed("src/sums.ts", "src/new.ts", "docs/guide.md");
        expect(await find("convert currency")).toEqual(["src/sums.ts"]);
        expect(await find("charge customer")).toEqual(["src/new.ts"]);
        expect(await find("visitor greetings")).toEqual([]);
        expect(requests.filter((method) => method === "index/sync")).toHaveLength(1);
        expect(requests.filter((method) => method === "index/update")).toHaveLength(1);
    });

    it("never finds ignored, excluded, secret, generated and linked-in files", async () => {
        exclude = { "**/excluded/**": true };
        write(".gitignore", "ignored/\n*.log\n");
        for (const name of [
            "ignored/a.ts",
            "excluded/b.ts",
            "node_modules/c/index.js",
            "trace.log",
            ".env",
            "package-lock.json",
        ])
            write(name, "const hiddenTreasure = 'here';\n");
        const outside = mkdtempSync(join(tmpdir(), "ingot-outside-"));
        writeFileSync(join(outside, "x.ts"), "const hiddenTreasure = 'outside';\n");
        symlinkSync(join(outside, "x.ts"), join(home, "src/link.ts"));
        symlinkSync(outside, join(home, "src/linked"));
        try {
            expect(await find("hidden treasure")).toEqual([]);
            write("src/open.ts", "const hiddenTreasure = 'found';\n");
            changed(
                "src/open.ts",
                "ignored/a.ts",
                ".env",
                "node_modules/c/index.js",
                "src/link.ts",
            );
            expect(await find("hidden treasure")).toEqual(["src/open.ts"]);
        } finally {
            rmSync(outside, { recursive: true, force: true });
        }
    });

    it("lets go of a file that becomes ignored, at once and for good", async () => {
        expect(await find("round price")).toEqual(["src/sums.ts"]);
        write(".ingotignore", "src/\n");
        changed(".ingotignore");
        expect(await find("round price")).toEqual([]);
        expect(requests.filter((method) => method === "index/sync")).toHaveLength(2);
    });

    it("shows no file by an old index: every place is asked for when it is given away", async () => {
        await find("price");
        // The watcher is late: nothing was told.
        write(".gitignore", "sums.ts\n");
        const laterMs = performance.now() + 60_000;
        vi.spyOn(performance, "now").mockReturnValue(laterMs);
        expect(await find("round price")).toEqual([]);
        expect(requests.filter((method) => method === "index/sync")).toHaveLength(1);
    });

    it("finds text as it stands in an editor, and keys in it are left out", async () => {
        await find("price");
        const key = `ghp_${"a1B2".repeat(10)}`;
        const text = `function paintFence() {\n    return "${key}";\n}\n`;
        const uri = Uri.file(join(home, "src/sums.ts"));
        const document = { uri, isDirty: true, isClosed: false, version: 2, getText: () => text };
        editor.documents.push(document);
        const { signal } = new AbortController();
        const [place] = await codebase.search("paint a fence", { limit: 5, signal });
        expect(place).toMatchObject({ name: "src/sums.ts" });
        expect(place?.lines.join("\n")).not.toContain(key);
        expect(await find(key)).toEqual([]);
        editor.documents = [];
        expect(await find("paint a fence")).toEqual([]);
        expect(await find("round price")).toEqual(["src/sums.ts"]);
    });

    it("looks through everything again when the indexer has started anew", async () => {
        await find("price");
        isRunning = false;
        expect(await find("round price")).toEqual(["src/sums.ts"]);
        expect(requests.filter((method) => method === "index/sync")).toHaveLength(2);
    });

    it("can be stopped, and is whole afterwards", async () => {
        const controller = new AbortController();
        const stopped = find("round price", controller.signal);
        controller.abort();
        await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
        expect(await find("round price")).toEqual(["src/sums.ts"]);
    });

    it("says when there is nothing to search", async () => {
        editor.folders = [];
        await expect(find("price")).rejects.toThrow(/No folder is open/);
        expect(requests).toEqual([]);
    });
});
