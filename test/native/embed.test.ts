/** Texts as vectors: equal to a BERT computed here from the same weights, whatever else is in the batch; refusals and ends. */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EmbedderOptions, NativeEmbedder, NativeModel } from "../../src/node/native";
import { makeTempFolder, runConvert } from "../goldens/runConvert";
import { bertStates, dot, mean, unit } from "../support/bertReference";
import { loadStarter, openAddon } from "./addon";

const checkpoint = join(import.meta.dirname, "../golden/conversion/small-bert");
const folder = makeTempFolder();
const path = join(folder.path, "small-bert.gguf");
const texts = [
    [2, 5, 9, 11, 3],
    [2, 7, 3],
    [2, 40, 41, 42, 43, 44, 45, 3],
];
const options: EmbedderOptions = { maxTokens: 64, maxTexts: 8, pooling: "mean" };
let model: NativeModel;

beforeAll(async () => {
    await runConvert({ folder: checkpoint, type: "F32", via: "f32", out: path });
    model = await openAddon().loadModel({ path, gpuLayers: 0 }).done;
});
afterAll(async () => {
    await model.close();
    folder.remove();
});

async function vectorsOf(embedder: NativeEmbedder, batch: number[][]): Promise<number[][]> {
    const values = await embedder.embed(batch).done;
    if (!values) throw new Error("aborted");
    return batch.map((_, i) =>
        Array.from(values.subarray(i * embedder.dimensions, (i + 1) * embedder.dimensions)),
    );
}
async function within<T>(
    more: Partial<EmbedderOptions>,
    use: (embedder: NativeEmbedder) => Promise<T>,
): Promise<T> {
    const embedder = model.createEmbedder({ ...options, ...more });
    try {
        return await use(embedder);
    } finally {
        await embedder.close();
    }
}

describe("an embedder", () => {
    it.each([
        ["mean", mean],
        ["cls", (states: number[][]) => states[0] ?? []],
        ["last", (states: number[][]) => states.at(-1) ?? []],
    ] as const)("pools by %s as BERT's own arithmetic does", async (pooling, pool) => {
        await within({ pooling }, async (embedder) => {
            expect(embedder.dimensions).toBe(32);
            const found = await vectorsOf(embedder, texts);
            for (const [i, tokens] of texts.entries()) {
                const wanted = unit(pool(bertStates(checkpoint, tokens)));
                const vector = found[i] ?? [];
                expect(dot(vector, vector)).toBeCloseTo(1, 5);
                expect(dot(vector, wanted)).toBeGreaterThan(0.99999);
            }
            // Different texts and ways have different vectors, so that the above could fail.
            expect(dot(found[0] ?? [], found[1] ?? [])).toBeLessThan(0.99);
        });
    });

    it("gives a text the same vector alone, in a batch and at another place of it", async () => {
        await within({}, async (embedder) => {
            const together = await vectorsOf(embedder, texts);
            const turned = (await vectorsOf(embedder, texts.toReversed())).reverse();
            for (const [i, text] of texts.entries()) {
                const [alone = []] = await vectorsOf(embedder, [text]);
                expect(dot(alone, together[i] ?? [])).toBeGreaterThan(0.999999);
                expect(dot(alone, turned[i] ?? [])).toBeGreaterThan(0.999999);
            }
        });
    });

    it("refuses what it has no room for, and texts that are none", async () => {
        const long = Array.from({ length: 65 }, () => 5);
        await within({ maxTexts: 2 }, async (embedder) => {
            for (const batch of [[], [[]], [[64]], [[-1]], [long], [[5], [5], [5]]])
                expect(() => embedder.embed(batch)).toThrowError(/tokens|texts|vocabulary/);
            expect(() => embedder.embed([long.slice(0, 40), long.slice(0, 40)])).toThrowError(
                "The texts of a batch have 64 tokens at most",
            );
            expect(await vectorsOf(embedder, [long.slice(0, 64)])).toHaveLength(1);
        });
        const odd = { ...options, pooling: "rank" as "mean" };
        expect(() => model.createEmbedder(odd)).toThrowError("pooling must be mean, cls or last");
    });

    it("ends what waits and what runs when it is told to, and when it closes", async () => {
        const embedder = model.createEmbedder(options);
        // A batch of this model takes less than a millisecond: so many that the rest still waits when it is told to end.
        const before = Array.from({ length: 3000 }, () => embedder.embed(texts).done);
        const tasks = Array.from({ length: 20 }, () => embedder.embed(texts));
        for (const task of tasks.slice(1)) task.abort();
        const found = await Promise.all(tasks.map(({ done }) => done));
        expect(found.slice(1).every((values) => values === undefined)).toBe(true);
        expect(found[0]).toHaveLength(3 * 32);
        expect((await Promise.all(before)).at(-1)).toHaveLength(3 * 32);
        const last = Array.from({ length: 3000 }, () => embedder.embed(texts).done);
        await embedder.close();
        expect((await Promise.all(last)).at(-1)).toBeUndefined();
        expect(() => embedder.embed(texts)).toThrowError("The context is closed");
    });

    it("takes vectors of a model that reads from left to right, and forgets the text before", async () => {
        const starter = await loadStarter();
        const tokens = starter.tokenize("def total(prices):\n    return sum(prices)\n");
        const embedder = starter.createEmbedder({ ...options, pooling: "last" });
        const [first = []] = await vectorsOf(embedder, [tokens]);
        await vectorsOf(embedder, [tokens.toReversed()]);
        const [again = []] = await vectorsOf(embedder, [tokens]);
        expect(dot(first, first)).toBeCloseTo(1, 5);
        expect(dot(first, again)).toBeGreaterThan(0.999999);
        // The last token alone decides where it ends, not where the text does.
        const [cut = []] = await vectorsOf(embedder, [tokens.slice(0, -3)]);
        expect(dot(first, cut)).toBeLessThan(0.999);
        await embedder.close();
        await starter.close();
    });
});
