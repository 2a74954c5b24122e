/**
 * StarCoder 1, SantaCoder and Granite Code 20B/34B (one key/value head, fused projections as llama.cpp wants them), and
 * StarCoder2 (biases, Llama-style names). Source: conversion/starcoder.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { GPT_PREFIXES, GPT_STYLE_NAMES, regroupQkv } from "./gptNames";
import type { RowTransform } from "./rows";

/** False only for models that were trained so; their projections lie head by head. */
const isMultiQuery = (values: Record<string, unknown>) => values["multi_query"] !== false;

export const starcoder: Family = {
    id: "starcoder",
    title: "StarCoder, SantaCoder, Granite Code 20B and 34B",
    architectures: ["GPTBigCodeForCausalLM"],
    arch: "starcoder",
    names: GPT_STYLE_NAMES,
    prefixes: GPT_PREFIXES,
    transforms: ({ values }): Record<string, RowTransform> => {
        if (isMultiQuery(values)) return {};
        const nHeads = needCount(values, "n_head");
        return { attn_qkv: regroupQkv(nHeads, nHeads) };
    },
    commonKeys: "none",
    metadata: (keys, values) => {
        const nHeads = needCount(values, "n_head");
        keys.uint32("starcoder.context_length", needCount(values, "n_positions"))
            .uint32("starcoder.embedding_length", needCount(values, "n_embd"))
            .uint32("starcoder.feed_forward_length", 4 * needCount(values, "n_embd"))
            .uint32("starcoder.block_count", needCount(values, "n_layer"))
            .uint32("starcoder.attention.head_count", nHeads)
            .uint32("starcoder.attention.head_count_kv", isMultiQuery(values) ? 1 : nHeads)
            .float32(
                "starcoder.attention.layer_norm_epsilon",
                pickNumber(values, "layer_norm_epsilon"),
            )
            .uint32("general.file_type", 0);
    },
    vocab: ["bpe"],
};

export const starcoder2: Family = {
    id: "starcoder2",
    title: "StarCoder2",
    architectures: ["Starcoder2ForCausalLM"],
    arch: "starcoder2",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.mlp.c_fc": "blk.#.ffn_up",
        "layers.#.mlp.c_proj": "blk.#.ffn_down",
    },
    vocab: ["bpe"],
};
