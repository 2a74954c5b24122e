/**
 * Falcon 7B (one key/value head), 40B and 180B (groups, two norms before a layer), Falcon2 11B. The fused projections lie group by
 * group. Source: conversion/falcon.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { GPT_PREFIXES, regroupQkv } from "./gptNames";

const HEADS = ["num_attention_heads", "n_head"];

/**
 * Without groups a model has one for all heads when it says `multi_query`, whatever `num_kv_heads` says (71 in 7B's files, and what
 * transformers fills in), and one per head else; the reference takes the number. The first files (RefinedWeb) say `n_head_kv`.
 */
function keyValueHeads(values: Record<string, unknown>): number {
    const nHeads = needCount(values, ...HEADS);
    const first = pickNumber(values, "n_head_kv");
    if (first !== undefined) return first;
    if (values["new_decoder_architecture"] === true)
        return pickNumber(values, "num_kv_heads") ?? nHeads;
    return values["multi_query"] === false ? nHeads : 1;
}

export const falcon: Family = {
    id: "falcon",
    title: "Falcon",
    architectures: ["FalconForCausalLM", "RWForCausalLM"],
    arch: "falcon",
    names: {
        word_embeddings: "token_embd",
        ln_f: "output_norm",
        lm_head: "output",
        "h.#.input_layernorm": "blk.#.attn_norm",
        "h.#.ln_mlp": "blk.#.attn_norm",
        "h.#.ln_attn": "blk.#.attn_norm_2",
        "h.#.post_attention_layernorm": "blk.#.ffn_norm",
        "h.#.self_attention.query_key_value": "blk.#.attn_qkv",
        "h.#.self_attention.dense": "blk.#.attn_output",
        "h.#.mlp.dense_h_to_4h": "blk.#.ffn_up",
        "h.#.mlp.dense_4h_to_h": "blk.#.ffn_down",
    },
    prefixes: GPT_PREFIXES,
    transforms: ({ values }) => ({
        attn_qkv: regroupQkv(needCount(values, ...HEADS), keyValueHeads(values)),
    }),
    commonKeys: "none",
    addsRopeBase: true,
    metadata: (keys, values) => {
        keys.uint32("falcon.context_length", 2048)
            .string("falcon.tensor_data_layout", "jploski")
            .uint32("falcon.embedding_length", needCount(values, "hidden_size"))
            .uint32("falcon.feed_forward_length", 4 * needCount(values, "hidden_size"))
            .uint32("falcon.block_count", needCount(values, "num_hidden_layers", "n_layer"))
            .uint32("falcon.attention.head_count", needCount(values, ...HEADS))
            .uint32("falcon.attention.head_count_kv", keyValueHeads(values))
            .float32(
                "falcon.attention.layer_norm_epsilon",
                pickNumber(values, "layer_norm_epsilon"),
            )
            .uint32("general.file_type", 0);
    },
    vocab: ["bpe"],
};
