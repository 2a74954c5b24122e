// Documents and the sequences that hold their prompts: against a model that only counts characters.
import { beforeEach, describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { FilePrompts } from "../../../src/engine/filePrompts";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { SavedPrompt } from "../../../src/engine/savedPrompts";
import type { ResolvedFim } from "../../../src/prompt/families";
import { settle } from "../../support/fakeClock";
import type { PrefillRequest, Snippet } from "../../../src/protocol/completion";

const FIM: ResolvedFim = {
    family: "test",
    tokens: { PRE: 1, SUF: 2, MID: 3 },
    layouts: {
        append: ["context", "file", "heading", "PRE", "SUF", "suffix", "MID", "prefix"],
        psm: ["context", "file", "heading", "PRE", "prefix", "SUF", "suffix", "MID"],
    },
    repository: {
        name: 4,
        nameEnd: "\n",
        before: 5,
        after: undefined,
        mark: "",
        end: "",
        stopText: undefined,
    },
    stopTokens: [],
};
const text = (word: string) => `${word} `.repeat(30);

/** What each sequence holds, and what was put back there. */
let held: Map<number, number[]>;
let restored: number[];
let disk: Map<string, SavedPrompt>;
let loads: Map<string, Deferred<void>>;
let prompts: FilePrompts;
/** Whether what lies on the disk may be used. */
let isOpen: boolean;
/** What restoring a sequence waits for. */
let restoring: Deferred<void> | undefined;
let model: LoadedModel;

function fakeModel(): LoadedModel {
    return {
        native: {
            tokenize: (from: string) => [...from].map((c) => c.codePointAt(0) ?? 0),
            piece: (token: number) => String.fromCodePoint(token),
            info: { addBos: false, special: {} },
        },
        context: {
            clearSequence: (sequence: number) => held.delete(sequence),
            saveSequence: (sequence: number) => {
                const tokens = held.get(sequence);
                return Promise.resolve(tokens && { tokens, state: new Uint8Array(1) });
            },
            restoreSequence: async (sequence: number, tokens: number[]) => {
                await restoring?.promise;
                held.set(sequence, tokens);
                restored.push(sequence);
                return true;
            },
        },
        sizes: { completion: 3840 },
        speed: { promptTokensPerSecond: 1000 },
    } as unknown as LoadedModel;
}

beforeEach(() => {
    held = new Map();
    restored = [];
    disk = new Map();
    loads = new Map();
    isOpen = true;
    restoring = undefined;
    model = fakeModel();
    prompts = new FilePrompts({
        layouts: { of: () => "append" },
        saved: {
            get isOpen() {
                return isOpen;
            },
            load: async (_model, document) => {
                await loads.get(document)?.promise;
                return disk.get(document);
            },
            save: (_model, document, prompt) => {
                disk.set(document, prompt);
                return Promise.resolve();
            },
        },
    });
});

const requestAt = (document: string, prefix: string) => ({
    document,
    path: document,
    languageId: "text",
    prefix,
    suffix: "",
    maxTokens: 64,
});
const place = (document: string, prefix: string) =>
    prompts.place(model, FIM, requestAt(document, prefix));
/** Places a prompt and evaluates it. */
async function read(document: string, prefix = text(document)) {
    const { sequence, tokens } = await place(document, prefix);
    held.set(sequence, tokens);
    return { sequence, tokens };
}

describe("FilePrompts", () => {
    it("gives each of four documents a sequence, and the oldest one's to a fifth", async () => {
        const taken = [];
        for (const name of ["a", "b", "c", "d"]) taken.push((await read(name)).sequence);
        expect(new Set(taken).size).toBe(4);
        expect((await read("b")).sequence).toBe(taken[1]);
        expect((await read("e")).sequence).toBe(taken[0]);
    });

    it("lets go of the oldest document when all together would take the chat's cells", async () => {
        Object.assign(model.speed, { promptTokensPerSecond: 2000 });
        const long = (name: string) => text(name).repeat(20);
        for (const name of ["a", "b", "c", "d"]) await read(name, long(name));
        const before = [...held.keys()];
        model.sizes.completion = 1400;
        const { sequence } = await read("d", `${long("d")}x`);
        expect([...held.keys()].length).toBeLessThan(before.length);
        expect(held.has(sequence)).toBe(true);
        const nHeld = [...held.values()].reduce((sum, tokens) => sum + tokens.length, 0);
        expect(nHeld).toBeLessThanOrEqual(2800);
        expect(nHeld).toBeGreaterThan(1400);
    });

    it("saves what has changed, also where the number of tokens has not", async () => {
        await read("a", text("one"));
        await prompts.save(model);
        disk.delete("a");
        await prompts.save(model);
        expect(disk.size).toBe(0);
        const { tokens } = await read("a", text("two"));
        await prompts.save(model);
        expect(disk.get("a")?.tokens).toEqual(tokens);
    });

    it("does not save one document's tokens as another's", async () => {
        for (const name of ["a", "b", "c", "d"]) await read(name);
        const { tokens } = await read("e");
        await prompts.save(model);
        for (const name of ["b", "c", "d"]) await read(name);
        // Looked at, and left before anything of it was evaluated.
        await place("a", text("a"));
        await prompts.save(model);
        expect(disk.get("a")).toBeUndefined();
        expect(disk.get("e")?.tokens).toEqual(tokens);
    });

    it("forgets a document that is not to be completed any more", async () => {
        const { sequence } = await read("a");
        await read("b");
        expect(prompts.documents().map(({ document }) => document)).toEqual(["a", "b"]);
        prompts.forget(["a"]);
        expect(held.has(sequence)).toBe(false);
        expect(prompts.documents()).toEqual([{ document: "b", languageId: "text", files: [] }]);
        await prompts.save(model);
        expect([...disk.keys()]).toEqual(["b"]);
    });

    it("puts back what was saved, into the sequence of its document", async () => {
        const { tokens } = await read("a");
        await prompts.save(model);
        model = fakeModel();
        held.clear();
        const { sequence } = await place("a", text("a"));
        expect(restored).toEqual([sequence]);
        expect(held.get(sequence)).toEqual(tokens);
    });

    it("puts it back at the place where the person was, although the file was opened elsewhere", async () => {
        const { tokens } = await read("a");
        await prompts.save(model);
        model = fakeModel();
        held.clear();
        await read("a", "another place");
        expect(restored).toEqual([]);
        const { sequence } = await read("a", `${text("a")}x`);
        expect(restored).toEqual([sequence]);
        expect(tokens.length).toBeGreaterThan(30);
        await read("a", "another place");
        await read("a");
        expect(restored).toEqual([sequence]);
    });

    it("puts nothing back into a sequence that another document has taken meanwhile", async () => {
        await read("a");
        await prompts.save(model);
        model = fakeModel();
        held.clear();
        const gate = new Deferred<void>();
        loads.set("a", gate);
        const late = place("a", text("a"));
        const others = new Map<number, number[]>();
        for (const name of ["b", "c", "d", "e"]) {
            const { sequence, tokens } = await read(name);
            others.set(sequence, tokens);
        }
        gate.resolve();
        const { sequence, tokens } = await late;
        // It has the sequence of the oldest by then.
        expect(restored).toEqual([sequence]);
        others.set(sequence, tokens);
        expect(held).toEqual(others);
    });

    it("uses nothing that was saved before somebody has looked through it, and uses it then", async () => {
        await read("a");
        await prompts.save(model);
        model = fakeModel();
        held.clear();
        isOpen = false;
        await place("a", text("a"));
        expect(restored).toEqual([]);
        isOpen = true;
        await place("a", `${text("a")}x`);
        expect(restored).toEqual([]);
        await place("b", text("b"));
        isOpen = false;
        model = fakeModel();
        await place("a", "another place");
        isOpen = true;
        const { sequence } = await place("a", text("a"));
        expect(restored).toEqual([sequence]);
    });

    it("places nothing of a model that was changed while a prompt was put back", async () => {
        await read("a");
        await prompts.save(model);
        const old = (model = fakeModel());
        held.clear();
        restoring = new Deferred<void>();
        const late = place("a", text("a"));
        await settle();
        model = fakeModel();
        disk.clear();
        const { sequence, tokens } = await place("b", text("b"));
        restoring.resolve();
        await expect(late).rejects.toMatchObject({ code: "cancelled" });
        // Each model has its own sequences; here there is one list.
        held = new Map([[sequence, tokens]]);
        expect(old).not.toBe(model);
        expect(prompts.documents().map(({ document }) => document)).toEqual(["b"]);
        await prompts.save(model);
        expect([...disk.keys()]).toEqual(["b"]);
        expect(disk.get("b")?.tokens).toEqual(tokens);
    });

    it("places nothing of a document that was forgotten while it was put back, and leaves nothing of it", async () => {
        await read("a");
        await prompts.save(model);
        model = fakeModel();
        held.clear();
        restoring = new Deferred<void>();
        const late = place("a", text("a"));
        await settle();
        prompts.forget(["a"]);
        disk.clear();
        restoring.resolve();
        await expect(late).rejects.toMatchObject({ code: "cancelled" });
        expect([...held.keys()]).toEqual([]);
        expect(prompts.documents()).toEqual([]);
        await prompts.save(model);
        expect(disk.size).toBe(0);
    });

    it("gives larger windows to nobody when their document has lost its sequence", async () => {
        const request = requestAt("a", "line\n".repeat(400));
        Object.assign(model.speed, { promptTokensPerSecond: 10 });
        await prompts.place(model, FIM, request);
        Object.assign(model.speed, { promptTokensPerSecond: 1000 });
        const larger = prompts.larger(model, FIM, request);
        expect(larger).toBeDefined();
        const before = [];
        for (const name of ["b", "c", "d", "e"]) before.push((await read(name)).sequence);
        larger?.adopt();
        const after = [];
        for (const name of ["b", "c", "d", "e"]) after.push((await read(name)).sequence);
        expect(after).toEqual(before);
    });

    it("grows again as more can be read, and not when all is read that can be", async () => {
        const request = { ...requestAt("a", "line\n".repeat(2000)), idle: "long" as const };
        Object.assign(model.speed, { promptTokensPerSecond: 100 });
        let { length } = (await prompts.place(model, FIM, { ...request, idle: undefined })).tokens;
        for (const promptTokensPerSecond of [50, 1000]) {
            Object.assign(model.speed, { promptTokensPerSecond });
            const larger = prompts.larger(model, FIM, request);
            expect(larger?.tokens.length).toBeGreaterThan(1.3 * length);
            length = larger?.tokens.length ?? 0;
            larger?.adopt();
            expect(prompts.larger(model, FIM, request)).toBeUndefined();
        }
    });

    describe("between keystrokes", () => {
        const lines = (n: number) => "line\n".repeat(n);
        const typing = { ...requestAt("a", ""), idle: "typing" as const };
        const larger = () => prompts.larger(model, FIM, typing);
        beforeEach(() => Object.assign(model.speed, { promptTokensPerSecond: 100 }));

        it("grows beyond the first small windows, once", async () => {
            const first = await place("a", lines(400));
            const next = larger();
            expect(next?.tokens.length).toBeGreaterThan(2 * first.tokens.length);
            expect((await place("a", lines(400))).tokens).toEqual(first.tokens);
            expect(next?.adopt()).toBe(true);
            const after = await place("a", `${lines(400)}x`);
            expect(after.sequence).toBe(next?.sequence);
            expect(after.tokens.slice(0, next?.tokens.length)).toEqual(next?.tokens);
            expect(larger()).toBeUndefined();
        });

        it("reads what was typed meanwhile before it is taken", async () => {
            await place("a", lines(400));
            const next = larger();
            const typed = `${lines(400)}something new`;
            await place("a", typed);
            expect(next?.adopt()).toBe(false);
            const again = larger();
            expect(again?.sequence).toBe(next?.sequence);
            expect(again?.tokens.slice(0, next?.tokens.length)).toEqual(next?.tokens);
            await place("a", `${typed}, a bit`);
            expect(again?.adopt()).toBe(true);
        });

        it("moves no window for want of room in mid-typing", async () => {
            const first = await place("a", "x".repeat(90));
            const { tokens } = await prompts.place(model, FIM, {
                ...typing,
                prefix: "x".repeat(91),
            });
            expect(tokens.slice(0, first.tokens.length)).toEqual(first.tokens);
        });

        it("keeps what is held while a fuller window is renewed beside it", async () => {
            Object.assign(model.speed, { promptTokensPerSecond: 400 });
            await place("a", lines(400));
            larger()?.adopt();
            const typed = `${lines(400)}${"y".repeat(200)}`;
            const full = await place("a", typed);
            const idle = { ...requestAt("a", `${typed}y`), idle: "short" as const };
            const { tokens } = await prompts.place(model, FIM, idle);
            expect(tokens.slice(0, full.tokens.length)).toEqual(full.tokens);
            const renewed = prompts.larger(model, FIM, idle);
            expect(renewed?.tokens.length).toBeLessThan(full.tokens.length);
        });

        it("is nobody's when another document's larger windows were begun meanwhile", async () => {
            await place("a", lines(400));
            const { sequence } = await place("b", lines(300));
            const next = larger();
            const other = prompts.larger(model, FIM, { ...typing, document: "b" });
            next?.adopt();
            other?.adopt();
            expect((await place("a", lines(400))).sequence).not.toBe(sequence);
            const places = [await place("a", lines(400)), await place("b", lines(300))];
            expect(new Set(places.map((one) => one.sequence)).size).toBe(2);
            expect(places[1]?.sequence).toBe(other?.sequence);
        });
    });

    describe("with pieces of other files", () => {
        const definition: Snippet = {
            kind: "definition",
            path: "other.ts",
            file: "file:///other.ts",
            text: "export function helper(value) {\n    return value;\n}",
        };
        const shown = (tokens: readonly number[]) => String.fromCodePoint(...tokens);
        const request = (snippets: Snippet[], more: Partial<PrefillRequest> = {}) => ({
            document: "a",
            path: "a.ts",
            languageId: "typescript",
            prefix: "line\n".repeat(20),
            suffix: "",
            maxTokens: 64,
            snippets,
            ...more,
        });
        const setPace = (promptTokensPerSecond: number) =>
            Object.assign(model.speed, { promptTokensPerSecond });

        it("shows them at once where they are read in time", async () => {
            const { tokens } = await prompts.place(model, FIM, request([definition]));
            expect(shown(tokens)).toContain("other.ts\nexport function helper");
            expect(shown(tokens)).toContain("a.ts\n");
        });

        it("shows none to a cold file on a slow computer, and reads them in a long pause", async () => {
            setPace(100);
            const before = await prompts.place(model, FIM, request([definition]));
            expect(shown(before.tokens)).not.toContain("helper");
            expect(shown(before.tokens)).not.toContain("a.ts");
            const short = prompts.larger(model, FIM, request([definition], { idle: "short" }));
            expect(shown(short?.tokens ?? [])).not.toContain("helper");
            const long = prompts.larger(model, FIM, request([definition], { idle: "long" }));
            expect(long?.sequence).not.toBe(before.sequence);
            expect(shown(long?.tokens ?? [])).toContain("helper");
        });

        it("changes no token in mid-typing, whatever else is wanted", async () => {
            const first = await prompts.place(model, FIM, request([definition]));
            const other: Snippet = { ...definition, path: "new.ts", text: "export const n = 1;" };
            for (const snippets of [[other], [], [other, definition]]) {
                const { prefix } = request([]);
                const next = request(snippets, { prefix: `${prefix}x` });
                const { tokens } = await prompts.place(model, FIM, next);
                // Healing takes the last token back.
                expect(tokens.slice(0, first.tokens.length)).toEqual(first.tokens);
            }
        });

        it("adds what is new behind what was there, once it is read", async () => {
            setPace(5000);
            await prompts.place(model, FIM, request([definition]));
            const other: Snippet = { ...definition, path: "new.ts", text: "export const n = 1;" };
            const idle = request([other, definition], { idle: "short" });
            const larger = prompts.larger(model, FIM, idle);
            const text = shown(larger?.tokens ?? []);
            expect(text.indexOf("other.ts")).toBeGreaterThan(-1);
            expect(text.indexOf("new.ts")).toBeGreaterThan(text.indexOf("other.ts"));
            const meanwhile = await prompts.place(model, FIM, request([other]));
            expect(shown(meanwhile.tokens)).not.toContain("new.ts");
            larger?.adopt();
            const after = await prompts.place(model, FIM, request([other]));
            expect(after.sequence).toBe(larger?.sequence);
            expect(shown(after.tokens)).toContain("new.ts");
            expect(prompts.larger(model, FIM, idle)).toBeUndefined();
        });

        it("reads nothing more of a document that was forgotten in mid-growth", async () => {
            setPace(100);
            await prompts.place(model, FIM, request([definition]));
            const long = prompts.larger(model, FIM, request([definition], { idle: "long" }));
            expect(shown(long?.tokens ?? [])).toContain("helper");
            prompts.forget(["a"]);
            await prompts.place(model, FIM, request([]));
            const again = prompts.larger(model, FIM, request([], { idle: "long" }));
            expect(shown(again?.tokens ?? [])).not.toContain("helper");
            expect(long?.adopt()).toBe(true);
            const { tokens } = await prompts.place(model, FIM, request([]));
            expect(shown(tokens)).not.toContain("helper");
        });

        it("writes nothing copied to disk", async () => {
            const copied: Snippet = { ...definition, kind: "clipboard", file: undefined };
            const { sequence, tokens } = await prompts.place(model, FIM, request([copied]));
            held.set(sequence, tokens);
            await prompts.save(model);
            expect(shown(tokens)).toContain("helper");
            expect(disk.size).toBe(0);
        });

        it("says which files a prompt shows, also where its document has lost its sequence", async () => {
            const other: Snippet = { ...definition, path: "n.ts", file: "file:///n.ts" };
            const { sequence, tokens } = await prompts.place(model, FIM, request([definition]));
            held.set(sequence, tokens);
            await prompts.place(model, FIM, request([other, { ...definition, file: undefined }]));
            const files = () => prompts.documents().find(({ document }) => document === "a")?.files;
            expect(files()?.sort()).toEqual(["file:///n.ts", "file:///other.ts"]);
            for (const name of ["b", "c", "d", "e"]) await read(name);
            expect(files()).toEqual(["file:///other.ts"]);
            prompts.forget(["a"]);
            expect(files()).toBeUndefined();
            const again = await prompts.place(model, FIM, request([]));
            expect(shown(again.tokens)).not.toContain("helper");
        });

        it("writes no prompt to disk that shows a file which nobody has named", async () => {
            const unnamed: Snippet = { ...definition, file: undefined };
            const { sequence, tokens } = await prompts.place(model, FIM, request([unnamed]));
            held.set(sequence, tokens);
            await prompts.save(model);
            expect(disk.size).toBe(0);
        });
    });
});
