/** GPT-NeoX and Pythia: fused projections lie head by head. Source: conversion/gptneox.py of llama.cpp v0.5.0 (no file type there). */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { regroupQkv } from "./gptNames";

export const gptneox: Family = {
    id: "gptneox",
    title: "GPT-NeoX, Pythia",
    architectures: ["GPTNeoXForCausalLM"],
    arch: "gptneox",
    names: {
        embed_in: "token_embd",
        final_layer_norm: "output_norm",
        embed_out: "output",
        "layers.#.input_layernorm": "blk.#.attn_norm",
        "layers.#.attention.query_key_value": "blk.#.attn_qkv",
        "layers.#.attention.dense": "blk.#.attn_output",
        "layers.#.post_attention_layernorm": "blk.#.ffn_norm",
        "layers.#.mlp.dense_h_to_4h": "blk.#.ffn_up",
        "layers.#.mlp.dense_4h_to_h": "blk.#.ffn_down",
    },
    prefixes: ["gpt_neox."],
    transforms: ({ values }) => {
        const nHeads = needCount(values, "num_attention_heads");
        return { attn_qkv: regroupQkv(nHeads, nHeads) };
    },
    commonKeys: "none",
    addsRopeBase: true,
    metadata: (keys, values) => {
        const nHeads = needCount(values, "num_attention_heads");
        const headSize = Math.floor(needCount(values, "hidden_size") / nHeads);
        const rotated = pickNumber(values, "rotary_pct") ?? 0.25;
        keys.uint32("gptneox.context_length", needCount(values, "max_position_embeddings"))
            .uint32("gptneox.embedding_length", needCount(values, "hidden_size"))
            .uint32("gptneox.block_count", needCount(values, "num_hidden_layers"))
            .uint32("gptneox.feed_forward_length", needCount(values, "intermediate_size"))
            .uint32("gptneox.rope.dimension_count", Math.floor(rotated * headSize))
            .uint32("gptneox.attention.head_count", nHeads)
            .bool("gptneox.use_parallel_residual", values["use_parallel_residual"] !== false)
            .float32("gptneox.attention.layer_norm_epsilon", pickNumber(values, "layer_norm_eps"));
    },
    vocab: ["bpe"],
};
