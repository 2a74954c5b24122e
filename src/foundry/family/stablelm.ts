/**
 * StableLM, StableCode, StableLM 2 (1.6B and 12B): layer norms, part of a head is rotated, 12B has a norm per head. The reference fails
 * on those norms and forgets the rotation's base; both are right here. Source: conversion/stablelm.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";

export const stablelm: Family = {
    id: "stablelm",
    title: "StableLM, StableCode",
    architectures: ["StableLmForCausalLM", "StableLMEpochForCausalLM"],
    arch: "stablelm",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.self_attn.q_layernorm.norms.*": "blk.#.attn_q_norm",
        "layers.#.self_attn.k_layernorm.norms.*": "blk.#.attn_k_norm",
    },
    experts: [
        {
            count: (values) => needCount(values, "num_attention_heads"),
            order: ["attn_q_norm"],
        },
        {
            count: (values) => needCount(values, "num_key_value_heads", "num_attention_heads"),
            order: ["attn_k_norm"],
        },
    ],
    commonKeys: "none",
    addsRopeBase: true,
    metadata: (keys, values, config) => {
        const nHeads = needCount(values, "num_attention_heads");
        const headSize = Math.floor(needCount(values, "hidden_size") / nHeads);
        const rotated = pickNumber(config.rope, "partial_rotary_factor") ?? 0.25;
        keys.uint32("stablelm.context_length", needCount(values, "max_position_embeddings"))
            .uint32("stablelm.embedding_length", needCount(values, "hidden_size"))
            .uint32("stablelm.block_count", needCount(values, "num_hidden_layers"))
            .uint32("stablelm.feed_forward_length", needCount(values, "intermediate_size"))
            .uint32("stablelm.rope.dimension_count", Math.floor(rotated * headSize))
            .uint32("stablelm.attention.head_count", nHeads)
            .uint32("stablelm.attention.head_count_kv", needCount(values, "num_key_value_heads"))
            .bool(
                "stablelm.use_parallel_residual",
                (values["use_parallel_residual"] ?? true) === true,
            )
            .float32(
                "stablelm.attention.layer_norm_epsilon",
                pickNumber(values, "layer_norm_eps", "norm_eps"),
            )
            .uint32("general.file_type", 0);
    },
    vocab: ["bpe"],
};
