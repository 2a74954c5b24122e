// What a model file is for, by its keys.
import { describe, expect, it } from "vitest";
import { namedPooling, purposeOf } from "../../../src/gguf/purpose";
import type { GgufEntry } from "../../../src/gguf/read";

const file = (architecture: string, keys: Record<string, number | string> = {}) => {
    const entries = Object.entries({ "general.architecture": architecture, ...keys });
    return {
        metadata: new Map(
            entries.map(([key, value]): [string, GgufEntry] => [
                key,
                { type: typeof value === "string" ? "string" : "uint32", value },
            ]),
        ),
    };
};

describe("purposeOf", () => {
    it.each([
        ["llama", {}, "text", undefined],
        ["qwen3", {}, "text", undefined],
        ["qwen3", { "qwen3.pooling_type": 3 }, "embeddings", "last"],
        ["qwen3", { "qwen3.pooling_type": 4 }, "ranks", undefined],
        ["qwen3", { "bert.pooling_type": 3 }, "text", undefined],
        ["bert", {}, "embeddings", undefined],
        ["bert", { "bert.pooling_type": 0 }, "embeddings", undefined],
        ["bert", { "bert.pooling_type": 1 }, "embeddings", "mean"],
        ["nomic-bert", { "nomic-bert.pooling_type": 1 }, "embeddings", "mean"],
        ["jina-bert-v2", { "jina-bert-v2.pooling_type": 2 }, "embeddings", "cls"],
        ["gemma-embedding", { "gemma-embedding.pooling_type": 1 }, "embeddings", "mean"],
        ["bert", { "bert.pooling_type": 4 }, "ranks", undefined],
        ["bert", { "bert.classifier.output_labels": "yes" }, "ranks", undefined],
        ["llama", { "llama.pooling_type": 77 }, "text", undefined],
        ["llama", { "llama.pooling_type": "mean" }, "text", undefined],
    ] as const)("%s with %j", (architecture, keys, purpose, pooling) => {
        const model = file(architecture, keys);
        expect(purposeOf(model)).toBe(purpose);
        expect(namedPooling(model)).toBe(pooling);
    });

    it("takes a file that says nothing for one that writes", () => {
        expect(purposeOf({ metadata: new Map() })).toBe("text");
    });
});
