/**
 * Files on which llama.cpp v0.5.0 ends the process while it builds or runs its graph. Every case was seen to do so (SIGABRT or
 * SIGSEGV) with the starter model's header changed in the same way.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readGguf, type GgufFile } from "../../../src/gguf/read";
import { validateModel } from "../../../src/gguf/validate";
import type { GgmlTypeName } from "../../../src/gguf/types";
import type { GgufWriteValue } from "../../../src/gguf/write";
import { failure } from "../../support/failure";
import { TINY_TENSORS, tinyGguf, type TinyOptions } from "../../support/tinyGguf";

const uint32 = (value: number): GgufWriteValue => ({ type: "uint32", value });
const float32 = (value: number): GgufWriteValue => ({ type: "float32", value });

function parse(bytes: Uint8Array): Promise<GgufFile> {
    const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
    return readGguf({ size: bytes.length, read });
}
async function validate(options: TinyOptions): Promise<void> {
    const file = await parse(tinyGguf(options));
    validateModel([file]);
}
async function refusal(options: TinyOptions): Promise<string> {
    const file = await parse(tinyGguf(options));
    const error = failure(() => validateModel([file]));
    expect(error.code).toBe("data/gguf");
    return error.message;
}
const retyped = (name: string, type: GgmlTypeName) =>
    TINY_TENSORS.map((tensor) => (tensor.name === name ? { ...tensor, type } : tensor));

describe("valid files", () => {
    it("pass: the tiny one, and the starter model", async () => {
        await expect(validate({})).resolves.toBeUndefined();
        const url = new URL("../../../models/starter/starter-q8_0.gguf", import.meta.url);
        const file = await parse(readFileSync(url));
        expect(() => validateModel([file])).not.toThrow();
    });

    it.each(["F16", "BF16", "Q4_0", "MXFP4", "IQ4_NL"] as const)("pass with %s", async (type) => {
        const tensors = retyped("blk.0.attn_q.weight", type);
        await expect(validate({ tensors })).resolves.toBeUndefined();
    });

    it("pass with a table of whole numbers where there is one", async () => {
        const table = {
            name: "blk.0.ffn_gate_tid2eid.weight",
            shape: [4, 4],
            type: "I32",
        } as const;
        await expect(validate({ tensors: [...TINY_TENSORS, table] })).resolves.toBeUndefined();
    });

    it("pass with grouped keys and values", async () => {
        const tensors = TINY_TENSORS.map((tensor) =>
            /attn_[kv]\.weight/.test(tensor.name) ? { ...tensor, shape: [32, 16] } : tensor,
        );
        const keys = { "llama.attention.head_count_kv": uint32(2) };
        await expect(validate({ tensors, keys })).resolves.toBeUndefined();
    });
});

describe("types of tensors", () => {
    it.each(["I8", "I32", "F64", "Q8_1"] as const)("refuses a matrix of %s", async (type) => {
        const message = await refusal({ tensors: retyped("blk.0.ffn_up.weight", type) });
        expect(message).toContain(`blk.0.ffn_up.weight is of the type ${type}`);
    });

    it.each(["F16", "BF16", "Q8_0", "I32"] as const)("refuses a norm of %s", async (type) => {
        expect(await refusal({ tensors: retyped("output_norm.weight", type) })).toContain(type);
    });

    it("refuses a bias of F16", async () => {
        const bias = { name: "blk.0.attn_q.bias", shape: [32], type: "F16" } as const;
        expect(await refusal({ tensors: [...TINY_TENSORS, bias] })).toContain("attn_q.bias");
    });
});

describe("numbers", () => {
    it.each([-1, NaN, Infinity, 1e38])("refuses an epsilon of %d", async (value) => {
        const key = "llama.attention.layer_norm_rms_epsilon";
        expect(await refusal({ keys: { [key]: float32(value) } })).toContain(key);
    });

    it.each([
        ["attention.head_count", 1],
        ["attention.head_count", 3],
        ["attention.head_count", 64],
        ["attention.head_count_kv", 3],
        ["attention.head_count_kv", 2],
        ["attention.key_length", 0],
        ["attention.key_length", 16],
        ["attention.value_length", 4],
        ["rope.dimension_count", 0],
        ["rope.dimension_count", 4],
        ["feed_forward_length", 0],
        ["feed_forward_length", 32],
    ])("refuses %s = %i", async (key, value) => {
        expect(await refusal({ keys: { [`llama.${key}`]: uint32(value) } })).toMatch(
            /do not fit together|rows where its metadata asks for/,
        );
    });

    it("refuses experts that differ from layer to layer", async () => {
        const keys = {
            "llama.expert_count": uint32(8),
            "llama.expert_used_count": { type: "array[uint32]", value: [2, 1] } as const,
        };
        expect(await refusal({ keys })).toContain("llama.expert_used_count");
        const same = { ...keys["llama.expert_used_count"], value: [2, 2] };
        await expect(
            validate({ keys: { ...keys, "llama.expert_used_count": same } }),
        ).resolves.toBeUndefined();
    });

    it("refuses byte tokens in a WordPiece vocabulary", async () => {
        const keys: TinyOptions["keys"] = {
            "tokenizer.ggml.model": { type: "string", value: "bert" },
            "tokenizer.ggml.token_type": { type: "array[int32]", value: [1, 1, 6, 1] },
        };
        expect(await refusal({ keys })).toContain("byte tokens");
    });

    it("leaves architectures alone whose heads have several sizes", async () => {
        const keys: TinyOptions["keys"] = {
            "general.architecture": { type: "string", value: "phi2" },
        };
        for (const [key, value] of [
            ["block_count", 1],
            ["context_length", 128],
            ["embedding_length", 32],
            ["attention.head_count", 4],
            ["attention.head_count_kv", 4],
            ["rope.dimension_count", 4],
        ] as const)
            keys[`phi2.${key}`] = uint32(value);
        await expect(validate({ keys })).resolves.toBeUndefined();
    });
});
