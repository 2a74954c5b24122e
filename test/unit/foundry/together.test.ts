// Small files and headers are asked for at the same time: nothing comes before all of them are asked for, in bounded numbers.
import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import type { CheckpointSource } from "../../../src/foundry/checkpoint/source";
import { readTokenizerFiles } from "../../../src/foundry/tokenizer/files";
import { memorySource, safetensors, type FileContent } from "./memorySource";

/** Gives no file before `n` of them are open; tells how many were open at most. */
function waitingSource(files: Record<string, FileContent>, n: number) {
    const memory = memorySource(files);
    const all = new Deferred<void>();
    const count = { nOpen: 0, most: 0, nOpened: 0 };
    const source: CheckpointSource = {
        ...memory,
        open: async (file) => {
            count.most = Math.max(count.most, ++count.nOpen);
            if (++count.nOpened === n) all.resolve();
            await all.promise;
            const reader = await memory.open(file);
            return {
                ...reader,
                close: async () => {
                    count.nOpen--;
                },
            };
        },
    };
    return { source, count };
}

describe("at the same time", () => {
    it("come the files of a tokenizer", async () => {
        const { source, count } = waitingSource(
            {
                "tokenizer.json": { model: 1 },
                "tokenizer_config.json": { model: 2 },
                "added_tokens.json": { model: 3 },
                "merges.txt": "a b",
                "chat_template.jinja": "x\r\ny",
                "tekken.json": { model: 4 },
            },
            5,
        );
        expect(await readTokenizerFiles(source, { model: 5 })).toEqual({
            tokenizer: { model: 1 },
            config: { model: 2 },
            modelConfig: { model: 5 },
            addedTokens: { model: 3 },
            merges: "a b",
            chatTemplate: "x\ny",
        });
        expect(count).toEqual({ nOpen: 0, most: 5, nOpened: 5 });
    });

    it("come the headers of eight shards, in the order of their names", async () => {
        const names = Array.from({ length: 20 }, (_, i) => `w${String(i).padStart(2, "0")}`);
        const shards = names.map((name) => [
            `model-${name}.safetensors`,
            safetensors({ [name]: { dtype: "F32", shape: [1] } }),
        ]);
        const { source, count } = waitingSource(
            Object.fromEntries(shards) as Record<string, Uint8Array>,
            8,
        );
        const tensors = await readTensorIndex(source);
        expect(tensors.map(({ name }) => name)).toEqual(names);
        expect(count).toEqual({ nOpen: 0, most: 8, nOpened: 20 });
    });
});
