/** A valid GGUF file of some kilobytes: the smallest that passes every check, to be changed by tests. */

import { layoutGguf, type GgufWriteTensor, type GgufWriteValue } from "../../src/gguf/write";

export interface TinyOptions {
    /** Metadata beside or instead of the usual; undefined removes a key. */
    keys?: Record<string, GgufWriteValue | undefined>;
    tensors?: readonly GgufWriteTensor[];
    tokens?: readonly string[];
}

export const TINY_TENSORS: readonly GgufWriteTensor[] = [
    { name: "token_embd.weight", shape: [32, 4], type: "F16" },
    { name: "blk.0.attn_norm.weight", shape: [32], type: "F32" },
    { name: "blk.0.attn_q.weight", shape: [32, 32], type: "Q8_0" },
    { name: "blk.0.attn_k.weight", shape: [32, 32], type: "Q8_0" },
    { name: "blk.0.attn_v.weight", shape: [32, 32], type: "Q8_0" },
    { name: "blk.0.attn_output.weight", shape: [32, 32], type: "Q8_0" },
    { name: "blk.0.ffn_up.weight", shape: [32, 64], type: "Q8_0" },
    { name: "blk.0.ffn_down.weight", shape: [64, 32], type: "Q8_0" },
    { name: "output_norm.weight", shape: [32], type: "F32" },
];

/** Header and zeros for the data. */
export function tinyGguf(options: TinyOptions = {}): Uint8Array {
    const tokens = options.tokens ?? ["<s>", "</s>", "a", "b"];
    const uint32 = (value: number) => ({ type: "uint32", value }) as const;
    const keys: Record<string, GgufWriteValue | undefined> = {
        "general.architecture": { type: "string", value: "llama" },
        "general.type": { type: "string", value: "model" },
        "general.name": { type: "string", value: "Tiny" },
        "llama.block_count": uint32(1),
        "llama.context_length": uint32(128),
        "llama.embedding_length": uint32(32),
        "llama.feed_forward_length": uint32(64),
        "llama.attention.head_count": uint32(4),
        "llama.attention.head_count_kv": uint32(4),
        "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
        "general.file_type": uint32(7),
        "tokenizer.ggml.model": { type: "string", value: "llama" },
        "tokenizer.ggml.tokens": { type: "array[string]", value: tokens },
        "tokenizer.ggml.scores": { type: "array[float32]", value: tokens.map(() => 0) },
        "tokenizer.ggml.token_type": { type: "array[int32]", value: tokens.map(() => 1) },
        "tokenizer.ggml.bos_token_id": uint32(0),
        "tokenizer.ggml.eos_token_id": uint32(1),
        ...options.keys,
    };
    const given = Object.entries(keys).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, value] as const],
    );
    const { header, fileBytes } = layoutGguf(given, options.tensors ?? TINY_TENSORS);
    const file = new Uint8Array(fileBytes);
    file.set(header);
    return file;
}

/** The same model in `nParts` files, as llama-gguf-split cuts it: all keys in the first. `change`: keys of each part instead of the usual. */
export function tinyParts(
    nParts: number,
    change: (index: number) => NonNullable<TinyOptions["keys"]> = () => ({}),
): Uint8Array[] {
    const each = Math.ceil(TINY_TENSORS.length / nParts);
    return Array.from({ length: nParts }, (_, index) => {
        const tensors = TINY_TENSORS.slice(index * each, (index + 1) * each);
        const places: Record<string, GgufWriteValue> = {
            "split.no": { type: "uint16", value: index },
            "split.tensors.count": { type: "int32", value: TINY_TENSORS.length },
            "split.count": { type: "uint16", value: nParts },
        };
        const keys = { ...places, ...change(index) };
        if (index === 0) return tinyGguf({ keys, tensors });
        const given = Object.entries(keys).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, value] as const],
        );
        const { header, fileBytes } = layoutGguf(given, tensors);
        const file = new Uint8Array(fileBytes);
        file.set(header);
        return file;
    });
}
