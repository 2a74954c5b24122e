// Prompts on disk: what is written, who can read it, and that nothing else stays behind.
import {
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createLog, silentLog } from "../../../src/base/log";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import { SavedPrompts, type SavedPrompt } from "../../../src/engine/savedPrompts";
import { temporaryFolder } from "../../support/temporaryFolder";

const MODEL = { release: "r", fingerprint: "f" } as LoadedModel;
const URI = "file:///a.ts";
const PROMPT: SavedPrompt = {
    windows: {
        prefix: { offset: 3, text: "abc" },
        suffix: "}",
        budget: { maxPrefixTokens: 256, maxSuffixTokens: 64 },
        pieces: [],
    },
    languageId: "typescript",
    tokens: Array.from({ length: 100 }, (_, i) => i),
    state: Uint8Array.from([1, 2, 3]),
};

const home = temporaryFolder("kv");
let folder: string;
let saved: SavedPrompts;
beforeEach(() => {
    folder = join(home(), "kv");
    saved = new SavedPrompts(folder, silentLog);
});

describe("SavedPrompts", () => {
    it("gives back what was saved, to this document and model only", async () => {
        await saved.save(MODEL, URI, PROMPT);
        const found = await saved.load(MODEL, URI);
        expect(found).toMatchObject({ tokens: PROMPT.tokens, windows: PROMPT.windows });
        expect([...(found?.state ?? [])]).toEqual([1, 2, 3]);
        expect(await saved.load(MODEL, "file:///b.ts")).toBeUndefined();
        expect(await saved.load({ ...MODEL, fingerprint: "g" }, URI)).toBeUndefined();
    });

    it("lists whose they are and removes those of a document, for every model", async () => {
        const other = "file:///b.py";
        await saved.save(MODEL, URI, PROMPT);
        await saved.save({ ...MODEL, fingerprint: "g" }, URI, PROMPT);
        await saved.save(MODEL, other, { ...PROMPT, languageId: "python" });
        writeFileSync(join(folder, "damaged.kv"), "no head at all");
        const listed = await saved.list();
        expect(
            listed.map(({ document, languageId }) => `${document} ${languageId}`).sort(),
        ).toEqual([`${URI} typescript`, `${URI} typescript`, `${other} python`]);
        await saved.forget([URI]);
        expect((await saved.list()).map(({ document }) => document)).toEqual([other]);
        expect(readdirSync(folder)).toHaveLength(1);
    });

    it("says which files a saved prompt shows, once each", async () => {
        const pieces = ["file:///b.ts", "file:///b.ts", "file:///c.ts", undefined].map(
            (file) => ({ kind: "definition", path: "p", text: "t", file }) as const,
        );
        await saved.save(MODEL, URI, { ...PROMPT, windows: { ...PROMPT.windows, pieces } });
        expect(await saved.list()).toEqual([
            { document: URI, languageId: "typescript", files: ["file:///b.ts", "file:///c.ts"] },
        ]);
    });

    it("removes what an earlier version has saved: nobody can say what it shows", async () => {
        await saved.save(MODEL, URI, PROMPT);
        const [name = ""] = readdirSync(folder);
        const bytes = readFileSync(join(folder, name));
        bytes.write("ingot-kv/2\n", "latin1");
        writeFileSync(join(folder, name), bytes);
        expect(await saved.list()).toEqual([]);
        expect(readdirSync(folder)).toEqual([]);
    });

    it("leaves nothing of what is being written when its document is forgotten", async () => {
        const writing = saved.save(MODEL, URI, PROMPT);
        await saved.forget([URI]);
        await writing;
        expect(readdirSync(folder)).toEqual([]);
    });

    it("may be used once somebody has looked through it, where somebody does", async () => {
        expect(saved.isOpen).toBe(false);
        saved.configure({ vetsSaved: true });
        expect(saved.isOpen).toBe(false);
        await saved.forget([]);
        expect(saved.isOpen).toBe(true);
        saved.configure({ vetsSaved: true });
        expect(saved.isOpen).toBe(true);
        const other = new SavedPrompts(folder, silentLog);
        other.configure({});
        expect(other.isOpen).toBe(true);
    });

    it.skipIf(process.platform === "win32")("only lets its owner read", async () => {
        await saved.save(MODEL, URI, PROMPT);
        const [name = ""] = readdirSync(folder);
        expect(statSync(folder).mode & 0o777).toBe(0o700);
        expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    });

    it("writes nothing of a document that its author has not saved", async () => {
        await saved.save(MODEL, "untitled:Untitled-1", PROMPT);
        await saved.save(MODEL, "vscode-notebook-cell:Untitled-1.ipynb#W0s", PROMPT);
        expect(await saved.load(MODEL, "untitled:Untitled-1")).toBeUndefined();
        await saved.save(MODEL, "vscode-notebook-cell:/home/a.ipynb#W0s", PROMPT);
        expect(readdirSync(folder)).toHaveLength(1);
    });

    it("leaves nothing half-written when it cannot be finished", async () => {
        await saved.save(MODEL, URI, PROMPT);
        const [name = ""] = readdirSync(folder);
        rmSync(join(folder, name));
        // A folder in its place: the file is written and cannot get its name.
        mkdirSync(join(folder, name, "taken"), { recursive: true });
        await saved.save(MODEL, URI, PROMPT);
        expect(readdirSync(folder)).toEqual([name]);
    });

    it("removes what a process that was ended left half-written, not what another one writes", async () => {
        mkdirSync(folder, { recursive: true });
        const [old, fresh] = ["a.kv.11.part", "b.kv.12.part"].map((name) => join(folder, name));
        for (const path of [old, fresh]) writeFileSync(path ?? "", "text");
        utimesSync(old ?? "", new Date(0), new Date(0));
        await saved.save(MODEL, URI, PROMPT);
        const names = readdirSync(folder);
        expect(names).toHaveLength(2);
        expect(names).toContain("b.kv.12.part");
    });

    it("is whole at every moment while two windows save the same document at once", async () => {
        const size = 500_000;
        const whole = (value: number) => ({ ...PROMPT, state: new Uint8Array(size).fill(value) });
        const failures: string[] = [];
        const log = createLog("test", ({ message }) => failures.push(message));
        await saved.save(MODEL, URI, whole(10));
        const pid = vi.spyOn(process, "pid", "get");
        const found = new Set<number>();
        try {
            for (let round = 0; round < 5; round++) {
                // Each window has an engine of its own, which asks for its number when it writes.
                const windows = [11, 12].map((id) => {
                    pid.mockReturnValueOnce(id);
                    return new SavedPrompts(folder, log).save(MODEL, URI, whole(id));
                });
                const writing = { isOver: false };
                const written = Promise.all(windows).then(() => (writing.isOver = true));
                do {
                    const state = (await saved.load(MODEL, URI))?.state ?? new Uint8Array();
                    const [first = 0] = state;
                    expect(Buffer.from(state).equals(Buffer.alloc(size, first))).toBe(true);
                    found.add(first);
                } while (!writing.isOver);
                await written;
            }
        } finally {
            pid.mockRestore();
        }
        expect(failures).toEqual([]);
        expect([10, 11, 12]).toEqual(expect.arrayContaining([...found]));
        expect(found.size).toBeGreaterThan(1);
        expect(readdirSync(folder)).toHaveLength(1);
    });

    it("never rejects", async () => {
        writeFileSync(folder, "a file where the folder should be");
        await saved.save(MODEL, URI, PROMPT);
        expect(await saved.load(MODEL, URI)).toBeUndefined();
    });
});
