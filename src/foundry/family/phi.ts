/** Phi-1, Phi-1.5 and Phi-2: one norm per layer, biases everywhere, part of a head is rotated. Source: conversion/phi.py of llama.cpp v0.5.0. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";

const HEADS = ["num_attention_heads", "n_head"];
const EMBEDDING = ["hidden_size", "n_embd"];

export const phi2: Family = {
    id: "phi2",
    title: "Phi-1, Phi-1.5, Phi-2",
    architectures: ["PhiForCausalLM"],
    arch: "phi2",
    names: {
        embed_tokens: "token_embd",
        final_layernorm: "output_norm",
        lm_head: "output",
        "layers.#.input_layernorm": "blk.#.attn_norm",
        "layers.#.self_attn.q_proj": "blk.#.attn_q",
        "layers.#.self_attn.k_proj": "blk.#.attn_k",
        "layers.#.self_attn.v_proj": "blk.#.attn_v",
        "layers.#.self_attn.query_key_value": "blk.#.attn_qkv",
        "layers.#.self_attn.dense": "blk.#.attn_output",
        "layers.#.mlp.fc1": "blk.#.ffn_up",
        "layers.#.mlp.fc2": "blk.#.ffn_down",
    },
    commonKeys: "none",
    addsRopeBase: true,
    metadata: (keys, values, config) => {
        const width = needCount(values, ...EMBEDDING);
        const nHeads = needCount(values, ...HEADS);
        keys.uint32(
            "phi2.context_length",
            needCount(values, "n_positions", "max_position_embeddings"),
        )
            .uint32("phi2.embedding_length", width)
            .uint32("phi2.feed_forward_length", 4 * width)
            .uint32("phi2.block_count", needCount(values, "num_hidden_layers", "n_layer"))
            .uint32("phi2.attention.head_count", nHeads)
            .uint32("phi2.attention.head_count_kv", nHeads)
            .float32(
                "phi2.attention.layer_norm_epsilon",
                pickNumber(values, "layer_norm_epsilon", "layer_norm_eps"),
            )
            .uint32("phi2.rope.dimension_count", rotatedSize(config.rope, width, nHeads))
            .uint32("general.file_type", 0);
        keys.bool("tokenizer.ggml.add_bos_token", false);
    },
    vocab: ["bpe"],
};

/** Of a head, how many values are rotated. In this order of steps, as the reference rounds. */
export function rotatedSize(
    rope: Record<string, unknown>,
    width: number,
    nHeads: number,
    fallback = 0.5,
): number {
    const part = pickNumber(rope, "partial_rotary_factor") ?? fallback;
    return Math.floor(Math.floor(part * width) / nHeads);
}
