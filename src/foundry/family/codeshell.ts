/** CodeShell: GPT-2's names with key/value groups and a rotation. Source: conversion/codeshell.py of llama.cpp v0.5.0. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { GPT_PREFIXES, GPT_STYLE_NAMES } from "./gptNames";

export const codeshell: Family = {
    id: "codeshell",
    title: "CodeShell",
    architectures: ["CodeShellForCausalLM"],
    arch: "codeshell",
    names: GPT_STYLE_NAMES,
    prefixes: GPT_PREFIXES,
    commonKeys: "none",
    metadata: (keys, values) =>
        keys
            .uint32("codeshell.context_length", needCount(values, "n_positions"))
            .uint32("codeshell.embedding_length", needCount(values, "n_embd"))
            .uint32("codeshell.feed_forward_length", 4 * needCount(values, "n_embd"))
            .uint32("codeshell.block_count", needCount(values, "n_layer"))
            .uint32("codeshell.attention.head_count", needCount(values, "n_head"))
            .uint32("codeshell.attention.head_count_kv", needCount(values, "num_query_groups"))
            .float32(
                "codeshell.attention.layer_norm_epsilon",
                pickNumber(values, "layer_norm_epsilon"),
            )
            .uint32("general.file_type", 0)
            .float32("codeshell.rope.freq_base", 10000)
            .string("codeshell.rope.scaling.type", "linear")
            .float32("codeshell.rope.scaling.factor", 1),
    vocab: ["bpe"],
};
