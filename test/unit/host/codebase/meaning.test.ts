/** Questions and pieces as vectors, between an engine and an indexer that are both fakes here. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { Deferred } from "../../../../src/base/async";
import { cancelled } from "../../../../src/base/errors";
import { silentLog } from "../../../../src/base/log";
import { Meaning } from "../../../../src/host/codebase/meaning";
import type { EmbedKind } from "../../../../src/protocol/embeddings";

const messages = vi.hoisted(() => [] as string[]);
vi.mock("vscode", () => ({
    ProgressLocation: { Window: 10 },
    window: {
        withProgress: (_: unknown, work: (progress: unknown) => unknown) =>
            work({ report: ({ message }: { message: string }) => messages.push(message) }),
    },
}));

const { signal } = new AbortController();
let model: string | undefined;
let key: string;
let missing: string[];
let asked: { kind: EmbedKind; texts: readonly string[] }[];
let put: string[];
let embed: (kind: EmbedKind) => Promise<void>;
let meaning: Meaning;

beforeEach(() => {
    model = "/models/m.gguf";
    key = "one";
    missing = [];
    asked = [];
    put = [];
    messages.length = 0;
    embed = async () => undefined;
    meaning = new Meaning({
        findModel: async () => model,
        async embed({ kind, texts }, stop) {
            asked.push({ kind, texts });
            await embed(kind);
            if (stop?.aborted) throw cancelled();
            return { key, dimensions: 2, vectors: texts.join("+") };
        },
        client: {
            async request(method: string, params: never) {
                const { limit, hashes } = params as { limit: number; hashes: string[] };
                if (method === "vectors/put") {
                    put.push(...hashes);
                    missing = missing.filter((hash) => !hashes.includes(hash));
                    return undefined;
                }
                const texts = missing.slice(0, limit).map((hash) => ({ hash, text: hash }));
                return { texts, nMissing: missing.length };
            },
        } as never,
        log: silentLog,
    });
});

const pieces = (n: number) => Array.from({ length: n }, (_, i) => `piece${i}`);

describe("Meaning", () => {
    it("does nothing without a model, and nothing before a question", async () => {
        missing = pieces(3);
        await meaning.follow();
        expect(asked).toEqual([]);
        model = undefined;
        expect(await meaning.question("where?", signal)).toBeUndefined();
        await meaning.follow();
        expect(asked).toEqual([]);
    });

    it("asks nothing for a question that is given up already", async () => {
        expect(await meaning.question("where?", AbortSignal.abort())).toBeUndefined();
        expect(asked).toEqual([]);
    });

    it("gives a question its vector, then every piece, some at a time", async () => {
        missing = pieces(20);
        expect(await meaning.question("where?", signal)).toEqual({ key: "one", vector: "where?" });
        await meaning.follow();
        expect(put).toEqual(pieces(20));
        expect(asked.map(({ kind, texts }) => `${kind} ${texts.length}`)).toEqual([
            "question 1",
            "piece 8",
            "piece 8",
            "piece 4",
        ]);
        expect(messages).toEqual([]);
        await meaning.follow();
        expect(asked).toHaveLength(4);
    });

    it("gives the pieces theirs also when the question's vector comes after the search", async () => {
        missing = pieces(3);
        const vector = new Deferred<void>();
        embed = () => vector.promise;
        const question = meaning.question("where?", signal);
        await meaning.follow();
        expect(put).toEqual([]);
        vector.resolve();
        await question;
        await vi.waitFor(() => expect(put).toEqual(pieces(3)));
    });

    it("tells how far it is when it takes long", async () => {
        missing = pieces(130);
        await meaning.question("where?", signal);
        await meaning.follow();
        expect(messages[0]).toBe("Embedding the workspace, 0 of 130 pieces");
        expect(messages.at(-1)).toBe("Embedding the workspace, 128 of 130 pieces");
    });

    it("lets a question go by its words when its vector does not come or fails", async () => {
        vi.useFakeTimers();
        try {
            const never = new Deferred<void>();
            embed = () => never.promise;
            const late = meaning.question("where?", signal);
            await vi.advanceTimersByTimeAsync(2500);
            expect(await late).toBeUndefined();
            const stop = new AbortController();
            const stopped = meaning.question("where?", stop.signal);
            stop.abort();
            expect(await stopped).toBeUndefined();
            embed = () => Promise.reject(new Error("no memory"));
            expect(await meaning.question("where?", signal)).toBeUndefined();
        } finally {
            vi.useRealTimers();
        }
    });

    it("stops when the model becomes another one, and goes on with that after the next question", async () => {
        missing = pieces(20);
        await meaning.question("where?", signal);
        embed = async (kind) => {
            if (kind === "piece") key = "two";
        };
        await meaning.follow();
        expect(put).toEqual([]);
        await meaning.question("where?", signal);
        await meaning.follow();
        expect(put).toHaveLength(20);
    });

    it("runs once at a time, looks again when the index changed meanwhile, and ends with the window", async () => {
        missing = pieces(2);
        await meaning.question("where?", signal);
        const piece = new Deferred<void>();
        embed = () => piece.promise;
        const running = meaning.follow();
        await meaning.follow();
        missing.push("late");
        piece.resolve();
        await running;
        expect(put).toEqual(["piece0", "piece1", "late"]);
        missing = pieces(3);
        meaning.dispose();
        await meaning.follow();
        expect(put).toHaveLength(3);
    });
});
