/** Texts as vectors from the real engine, with a tiny BERT that is converted here; models for the wrong purpose are refused. */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeFloats } from "../../src/node/floats";
import type { EmbedKind } from "../../src/protocol/embeddings";
import { makeTempFolder, runConvert } from "../goldens/runConvert";
import { dot } from "../support/bertReference";
import { modelSpec, startEngine, STARTER, type TestEngine } from "../support/engineProcess";

const folder = makeTempFolder();
const model = join(folder.path, "small-bert.gguf");
let engine: TestEngine;
beforeAll(async () => {
    const checkpoint = join(import.meta.dirname, "../golden/conversion/small-bert");
    await runConvert({ folder: checkpoint, type: "F32", via: "f32", out: model });
    engine = await startEngine({ chat: modelSpec(model) });
});
afterAll(async () => {
    await engine.dispose();
    folder.remove();
});

async function embed(
    texts: string[],
    kind: EmbedKind = "piece",
    path = model,
): Promise<number[][]> {
    const request = { model: path, kind, texts };
    const { dimensions, vectors } = await engine.client.request("embed", request);
    const values = decodeFloats(vectors);
    expect(values).toHaveLength(texts.length * dimensions);
    return texts.map((_, i) => Array.from(values.slice(i * dimensions, (i + 1) * dimensions)));
}

describe("embed", () => {
    it("gives each text its vector, in their order, also when they need several batches", async () => {
        const texts = Array.from({ length: 40 }, (_, i) =>
            "abcdefghij".slice(i % 10, (i % 10) + 3),
        );
        const vectors = await embed(texts);
        expect(vectors).toHaveLength(40);
        for (const [i, vector] of vectors.entries()) {
            expect(dot(vector, vector)).toBeCloseTo(1, 5);
            expect(dot(vector, vectors[i % 10] ?? [])).toBeGreaterThan(0.99999);
        }
        const [alone = []] = await embed([String(texts[3])], "question");
        expect(dot(alone, vectors[3] ?? [])).toBeGreaterThan(0.99999);
        const others = vectors.slice(0, 10).filter((vector) => dot(vector, alone) < 0.999);
        expect(others.length).toBeGreaterThan(5);
    });

    it("reads the beginning of a text that is longer than the model reads, and copes with none", async () => {
        const long = "a b c d e f ".repeat(2000);
        const [whole = [], start = [], none = []] = await embed([long, long.slice(0, 3000), ""]);
        expect(dot(whole, start)).toBeGreaterThan(0.99999);
        expect(dot(none, none)).toBeCloseTo(1, 5);
    });

    it("tells models apart by a key, keeps the others' memory as it is, and says when it is cancelled", async () => {
        const request = { model, kind: "piece" as const, texts: ["a"] };
        const first = await engine.client.request("embed", request);
        const again = await engine.client.request("embed", { ...request, texts: ["b"] });
        expect(again.key).toBe(first.key);
        const { models } = await engine.client.request("engine/status", undefined);
        expect(models).toEqual([]);
        const stop = new AbortController();
        const texts = Array.from({ length: 500 }, () => "a b c d e f g h");
        const running = engine.client.request(
            "embed",
            { ...request, texts },
            { signal: stop.signal },
        );
        stop.abort();
        await expect(running).rejects.toMatchObject({ code: "cancelled" });
    });

    it("refuses models that were made for something else, in both directions", async () => {
        await expect(embed(["a"], "piece", STARTER)).rejects.toMatchObject({
            code: "data/unsupported",
            message: expect.stringContaining("makes no embeddings") as string,
        });
        const chat = engine.client.request("chat", {
            conversation: "c",
            messages: [{ role: "user", content: "Hi" }],
            maxTokens: 4,
            temperature: 0,
            seed: 1,
        });
        await expect(chat).rejects.toMatchObject({
            code: "data/unsupported",
            message: expect.stringContaining("makes embeddings and cannot write text") as string,
        });
        await expect(embed(["a"], "piece", join(folder.path, "no.gguf"))).rejects.toThrow();
        expect(await embed(["a"])).toHaveLength(1);
    });
});
