/** Command-R and Command-R7B: one norm before attention and feed-forward, a scale of the logits. Source: conversion/command_r.py. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";

/** max_position_embeddings of Command-R is 8192, though it was trained on more. */
function realContext(values: JsonObject): JsonObject {
    const context = pickNumber(values, "model_max_length", "max_position_embeddings");
    return { ...values, max_position_embeddings: context ?? null };
}

export const commandR: Family = {
    id: "command-r",
    title: "Command-R, Aya",
    architectures: ["CohereForCausalLM"],
    arch: "command-r",
    names: { ...LLAMA_STYLE_NAMES, ...QK_NORM_NAMES },
    keyValues: realContext,
    metadata: (keys, values) => {
        keys.float32("command-r.logit_scale", pickNumber(values, "logit_scale"));
        keys.string("command-r.rope.scaling.type", "none");
    },
    vocab: ["bpe"],
};

export const cohere2: Family = {
    id: "cohere2",
    title: "Command-R7B, Command-A",
    architectures: ["Cohere2ForCausalLM"],
    arch: "cohere2",
    names: LLAMA_STYLE_NAMES,
    // llama.cpp has no place for biases here; those that checkpoints carry are zero.
    drops: (name) => name.endsWith(".bias"),
    metadata: (keys, values) => {
        keys.float32("cohere2.logit_scale", pickNumber(values, "logit_scale"));
        keys.uint32("cohere2.attention.sliding_window", pickNumber(values, "sliding_window"));
        keys.uint32("cohere2.vocab_size", needCount(values, "vocab_size"));
        const headSize = Math.floor(
            needCount(values, "hidden_size") / needCount(values, "num_attention_heads"),
        );
        const share = pickNumber(values, "rotary_pct") ?? 1;
        keys.uint32("cohere2.rope.dimension_count", Math.trunc(share * headSize));
        keys.string("cohere2.rope.scaling.type", "none");
    },
    vocab: ["bpe"],
};
