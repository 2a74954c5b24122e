/** Who is embedded first, what stands back for whom, and which model is in memory; the model is a fake one. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deferred } from "../../../../src/base/async";
import { AppError } from "../../../../src/base/errors";
import { silentLog } from "../../../../src/base/log";
import { Embeddings } from "../../../../src/engine/embeddings/embeddings";
import {
    batches,
    computeBatch,
    type EmbedModel,
} from "../../../../src/engine/embeddings/embedModel";
import { Foreground } from "../../../../src/engine/embeddings/foreground";
import type { Backend } from "../../../../src/engine/loadedModel";
import { decodeFloats } from "../../../../src/node/floats";

const { signal } = new AbortController();
let foreground: Foreground;
let embeddings: Embeddings;
let happened: string[];

/** Waits its turn as the real one, then says what it did. */
function fakeModel(name: string): EmbedModel {
    return {
        name,
        key: `key of ${name}`,
        dimensions: 2,
        async embed(texts, kind, { turn, onInterrupt }) {
            await turn();
            const interrupt = onInterrupt(() => happened.push(`${kind} interrupted`));
            happened.push(`${kind} ${texts.join(" ")}`);
            await Promise.resolve();
            interrupt.dispose();
            return Float32Array.from(texts.flatMap((_, i) => [i, 1]));
        },
        close: async () => void happened.push(`closed ${name}`),
    };
}

beforeEach(() => {
    vi.useFakeTimers();
    happened = [];
    foreground = new Foreground();
    embeddings = new Embeddings({
        backend: async () => ({}) as Backend,
        log: silentLog,
        foreground,
        load: async (path) => {
            happened.push(`load ${path}`);
            if (path === "broken") throw new AppError("data/gguf", "The file is damaged");
            return fakeModel(path);
        },
    });
});
afterEach(() => vi.useRealTimers());

const ask = (kind: "question" | "piece", text: string, model = "m") =>
    embeddings.embed({ model, kind, texts: [text] }, signal);

describe("Embeddings", () => {
    it("loads a model once, gives its vectors, and frees it after a minute without a request", async () => {
        const both = await embeddings.embed(
            { model: "m", kind: "piece", texts: ["a", "b"] },
            signal,
        );
        expect(both).toMatchObject({ key: "key of m", dimensions: 2 });
        expect([...decodeFloats(both.vectors)]).toEqual([0, 1, 1, 1]);
        await vi.advanceTimersByTimeAsync(59_000);
        await ask("question", "c");
        await vi.advanceTimersByTimeAsync(59_000);
        expect(happened).toEqual(["load m", "piece a b", "question c"]);
        await vi.advanceTimersByTimeAsync(2000);
        expect(happened.at(-1)).toBe("closed m");
        await ask("piece", "d");
        expect(happened.slice(-2)).toEqual(["load m", "piece d"]);
    });

    it("lets pieces wait while a person waits, but no question", async () => {
        const typing = new Deferred<void>();
        const waited = foreground.during(() => typing.promise);
        const piece = ask("piece", "a");
        await ask("question", "b");
        expect(happened).toEqual(["load m", "question b"]);
        typing.resolve();
        await Promise.all([waited, piece]);
        expect(happened.at(-1)).toBe("piece a");
    });

    it("has one model at a time, and tries one that failed again", async () => {
        await ask("question", "a", "one");
        await ask("question", "b", "two");
        expect(happened).toEqual([
            "load one",
            "question a",
            "closed one",
            "load two",
            "question b",
        ]);
        for (let i = 0; i < 2; i++)
            await expect(ask("question", "c", "broken")).rejects.toThrow("The file is damaged");
        expect(happened.filter((one) => one === "load broken")).toHaveLength(2);
    });
});

describe("computeBatch", () => {
    const begin = () => {
        const tasks: Deferred<Float32Array | undefined>[] = [];
        const aborted: number[] = [];
        const embedder = {
            embed: () => {
                const task = new Deferred<Float32Array | undefined>();
                const at = tasks.push(task) - 1;
                const abort = () => {
                    aborted.push(at);
                    task.resolve(undefined);
                };
                return { done: task.promise, abort };
            },
        };
        const stop = new AbortController();
        const done = computeBatch(embedder, [[1]], {
            signal: stop.signal,
            turn: () => foreground.idle(stop.signal),
            onInterrupt: foreground.onBegin,
        });
        return { tasks, aborted, stop, done };
    };
    const settle = () => vi.advanceTimersByTimeAsync(0);

    it("stops for a keystroke, and begins anew when that is answered", async () => {
        const { tasks, aborted, done } = begin();
        await settle();
        const typing = new Deferred<void>();
        const waited = foreground.during(() => typing.promise);
        await settle();
        expect([tasks.length, aborted]).toEqual([1, [0]]);
        typing.resolve();
        await waited;
        await settle();
        expect(tasks).toHaveLength(2);
        const vector = Float32Array.of(1);
        tasks[1]?.resolve(vector);
        expect(await done).toBe(vector);
        // What comes later stops nothing that is done.
        await foreground.during(async () => undefined);
        expect(aborted).toEqual([0]);
    });

    it("ends when it is cancelled, while it computes and while it waits for its turn", async () => {
        const running = begin();
        await settle();
        running.stop.abort();
        await expect(running.done).rejects.toMatchObject({ code: "cancelled" });
        expect(running.aborted).toEqual([0]);
        void foreground.during(() => new Promise(() => undefined));
        const waiting = begin();
        await settle();
        waiting.stop.abort();
        await expect(waiting.done).rejects.toMatchObject({ code: "cancelled" });
        expect(waiting.tasks).toHaveLength(0);
    });
});

describe("batches", () => {
    const text = (n: number) => Array.from({ length: n }, () => 1);
    const sizes = (texts: number[][], maxTokens: number, maxTexts?: number) =>
        [...batches(texts, maxTokens, maxTexts)].map(({ first, batch }) => [first, batch.length]);

    it("takes texts in their order, as many as have room", () => {
        expect(sizes([text(3), text(4), text(5), text(9), text(1)], 8)).toEqual([
            [0, 2],
            [2, 1],
            [3, 1],
            [4, 1],
        ]);
        expect(sizes([text(1), text(1), text(1)], 8, 2)).toEqual([
            [0, 2],
            [2, 1],
        ]);
        expect(sizes([], 8)).toEqual([]);
    });
});
