// What a model takes in memory: weights, the KV cache of the context that the engine makes, an allowance for buffers.
import { describe, expect, it } from "vitest";
import {
    contextSizes,
    fitsMemory,
    neededMemory,
    readCacheShape,
} from "../../../src/library/memory";
import type { CacheShape } from "../../../src/protocol/hub";

const GB = 2 ** 30;
/** Keys of Qwen2.5-Coder 1.5B. */
const CODER = {
    block_count: 28,
    embedding_length: 1536,
    context_length: 32_768,
    "attention.head_count": 12,
    "attention.head_count_kv": 2,
};
const shape = (keys: Readonly<Record<string, number | number[]>>) =>
    readCacheShape((key) => keys[key]);

describe("contextSizes", () => {
    const wanted = { completion: 32_768, chat: 8192 };

    it("gives completions no more than their windows need, and chat what was asked for", () => {
        const sizes = contextSizes(wanted, 32_768);
        expect(sizes.completion).toBe(3840);
        expect(sizes.chat).toBe(8192);
        expect(sizes.total).toBeGreaterThanOrEqual(2 * 3840 + 8192);
        expect(sizes.total % 256).toBe(0);
    });

    it("never goes beyond what the model was trained on", () => {
        expect(contextSizes(wanted, 2048)).toMatchObject({ completion: 2048, chat: 2048 });
    });
});

describe("readCacheShape", () => {
    it.each<[string, Record<string, number | number[]>, number]>([
        // 224 MiB for 8192 tokens, as llama.cpp prints it.
        ["heads of the usual size", CODER, (224 * 2 ** 20) / 8192],
        [
            "heads of another size",
            { ...CODER, "attention.key_length": 64, "attention.value_length": 32 },
            28 * 2 * 96 * 2,
        ],
        [
            "heads that differ between layers, some without any",
            { ...CODER, block_count: 3, "attention.head_count_kv": [2, 0, 4] },
            6 * 256 * 2,
        ],
        [
            "attention in every fourth layer",
            { ...CODER, full_attention_interval: 4 },
            7 * 2 * 256 * 2,
        ],
        [
            "latent attention, whose values are in its keys",
            {
                ...CODER,
                block_count: 27,
                "attention.head_count_kv": 1,
                "attention.key_length": 576,
                "attention.value_length": 512,
                "attention.key_length_mla": 192,
            },
            27 * 576 * 2,
        ],
    ])("%s", (_, keys, bytesPerToken) => {
        expect(shape(keys)).toEqual({ bytesPerToken, trainedTokens: 32_768 });
    });

    it("as many heads for keys as for queries when it says no other number", () => {
        const keys = new Map(Object.entries(CODER));
        keys.delete("attention.head_count_kv");
        expect(readCacheShape((key) => keys.get(key))?.bytesPerToken).toBe(28 * 12 * 256 * 2);
    });

    it("is nothing when the file does not say", () => {
        expect(shape({ context_length: 4096 })).toBeUndefined();
    });
});

describe("neededMemory", () => {
    const cache: CacheShape = { bytesPerToken: 1e6, trainedTokens: 0 };

    it("is weights, cache and an allowance; a longer context needs more, up to what was trained", () => {
        const sizeBytes = 1e9;
        const base = neededMemory({ sizeBytes, cache: { bytesPerToken: 0, trainedTokens: 0 } });
        expect(base).toBe(1.5e9);
        const at = (tokens: number, trainedTokens = 0) =>
            neededMemory({ sizeBytes, cache: { ...cache, trainedTokens } }, tokens) - base;
        // Twice a completion, the chat, and slack, in whole steps of 256 cells.
        expect(at(8192)).toBe(16_128e6);
        expect(at(32_768)).toBe(40_704e6);
        expect(at(32_768, 1024)).toBe(3328e6);
    });
});

describe("fitsMemory", () => {
    it("leaves room for the system and the context", () => {
        const seven = { sizeBytes: 4.68e9 };
        expect(fitsMemory(seven, { ramBytes: 8 * GB })).toBe(true);
        expect(fitsMemory(seven, { ramBytes: 6 * GB })).toBe(false);
        expect(fitsMemory({ sizeBytes: 8.99e9 }, { ramBytes: 8 * GB, gpuBytes: 16 * GB })).toBe(
            true,
        );
    });

    it("depends on the context that the person chose", () => {
        const needs = { sizeBytes: 1e9, cache: { bytesPerToken: 100_000, trainedTokens: 131_072 } };
        const ramBytes = 8 * GB;
        expect(fitsMemory(needs, { ramBytes })).toBe(true);
        expect(fitsMemory(needs, { ramBytes, contextTokens: 131_072 })).toBe(false);
    });
});
