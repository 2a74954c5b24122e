/** What a model takes in memory: the figures of src/library's formula, by context and by layers on a card. */

import { describe, expect, it } from "vitest";
import { needsOf } from "../../../src/lab/inspect/needs";
import { tinyGguf, TINY_TENSORS, type TinyOptions } from "../../support/tinyGguf";
import { openBytes } from "./inspected";

const tiny = (options?: TinyOptions) => openBytes(tinyGguf(options));
const layers = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
        name: `blk.${i}.ffn_up.weight`,
        shape: [32, 32],
        type: "F32" as const,
    }));
const EACH = 32 * 32 * 4;

describe("memory", () => {
    it("grows with the context by the keys and values of each token, up to what was trained", async () => {
        const context = { "llama.context_length": { type: "uint32", value: 20_000 } } as const;
        const { contexts, weights, overhead, trainedTokens } = needsOf(
            await tiny({ keys: context }),
        );
        expect(trainedTokens).toBe(20_000);
        expect(contexts.map(({ tokens }) => tokens)).toEqual([2048, 4096, 8192, 16_384, 20_000]);
        // 4 heads of 8 values, keys and values, half precision, one layer.
        for (const { tokens, cache, total } of contexts) {
            expect(cache).toBe(tokens * 4 * 8 * 2 * 2);
            expect(total).toBe(weights + cache + overhead);
        }
    });

    it("says that the cache is not known where the file does not say", async () => {
        const view = needsOf(await tiny({ keys: { "llama.attention.head_count": undefined } }));
        expect(view.knowsCache).toBe(false);
        expect(view.contexts.every(({ cache }) => cache === 0)).toBe(true);
    });

    it("moves with the layers; the embedding stays, the output comes last", async () => {
        const keys = { "llama.block_count": { type: "uint32", value: 4 } } as const;
        const embedding = { name: "token_embd.weight", shape: [32, 64], type: "F32" } as const;
        const output = { ...embedding, name: "output.weight" };
        const model = await tiny({ keys, tensors: [embedding, ...layers(4), output] });
        const { offload, weights } = needsOf(model, 128);
        expect(offload.map(({ layers: n }) => n)).toEqual([0, 1, 2, 3, 4, 5]);
        const cacheOfLayer = 128 * 4 * 8 * 2 * 2;
        const [none, one, , , all, whole] = offload;
        expect(none?.card).toBe(0);
        expect(none?.main).toBe(weights + 4 * cacheOfLayer);
        expect(one?.card).toBe(EACH + cacheOfLayer);
        expect(all?.card).toBe(4 * (EACH + cacheOfLayer));
        expect(whole).toMatchObject({
            isWhole: true,
            card: (all?.card ?? 0) + 64 * 32 * 4,
            main: 64 * 32 * 4,
        });
    });

    it("has an embedding that is the output too on both sides", async () => {
        const model = await tiny({ tensors: TINY_TENSORS });
        const whole = needsOf(model).offload.at(-1);
        const embedding = 32 * 4 * 2;
        expect(whole?.main).toBeGreaterThanOrEqual(embedding);
        const sum = (whole?.card ?? 0) + (whole?.main ?? 0);
        const parts = needsOf(model).offload[0];
        expect(sum).toBe((parts?.card ?? 0) + (parts?.main ?? 0) + embedding);
    });
});
