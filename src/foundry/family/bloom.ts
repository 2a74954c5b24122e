/** Bloom: fused projections lie head by head, the embedding has a norm, ALiBi. Source: conversion/bloom.py of llama.cpp v0.5.0. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { GPT_PREFIXES, regroupQkv } from "./gptNames";

const HEADS = ["n_head", "num_attention_heads"];
const EMBEDDING = ["hidden_size", "n_embed"];

export const bloom: Family = {
    id: "bloom",
    title: "Bloom",
    architectures: ["BloomForCausalLM", "BloomModel"],
    arch: "bloom",
    names: {
        word_embeddings: "token_embd",
        word_embeddings_layernorm: "token_embd_norm",
        ln_f: "output_norm",
        lm_head: "output",
        "h.#.input_layernorm": "blk.#.attn_norm",
        "h.#.self_attention.query_key_value": "blk.#.attn_qkv",
        "h.#.self_attention.dense": "blk.#.attn_output",
        "h.#.post_attention_layernorm": "blk.#.ffn_norm",
        "h.#.mlp.dense_h_to_4h": "blk.#.ffn_up",
        "h.#.mlp.dense_4h_to_h": "blk.#.ffn_down",
    },
    prefixes: GPT_PREFIXES,
    transforms: ({ values }) => {
        const nHeads = needCount(values, ...HEADS);
        return { attn_qkv: regroupQkv(nHeads, nHeads) };
    },
    commonKeys: "none",
    metadata: (keys, values) => {
        const width = needCount(values, ...EMBEDDING);
        const nHeads = needCount(values, ...HEADS);
        keys.uint32("bloom.context_length", pickNumber(values, "seq_length") ?? width)
            .uint32("bloom.embedding_length", width)
            .uint32("bloom.feed_forward_length", 4 * width)
            .uint32("bloom.block_count", needCount(values, "n_layer", "num_hidden_layers"))
            .uint32("bloom.attention.head_count", nHeads)
            .uint32("bloom.attention.head_count_kv", nHeads)
            .float32("bloom.attention.layer_norm_epsilon", pickNumber(values, "layer_norm_epsilon"))
            .uint32("general.file_type", 0);
    },
    vocab: ["bpe"],
};
