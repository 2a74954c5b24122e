/** OLMo 1 to 3 and OLMoE. Source: conversion/olmo.py of llama.cpp v0.5.0. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { EXPERT_NAMES, EXPERT_ORDER, LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";
import { permuteQueryAndKey } from "./llama";

/** Layer norms without parameters, so their epsilon is a constant of the model. */
const EPSILON = 1e-5;

export const olmo: Family = {
    id: "olmo",
    title: "OLMo",
    architectures: ["OlmoForCausalLM", "OLMoForCausalLM"],
    arch: "olmo",
    names: LLAMA_STYLE_NAMES,
    transforms: permuteQueryAndKey,
    metadata: (keys, values) => {
        keys.float32("olmo.attention.layer_norm_epsilon", EPSILON);
        keys.float32("olmo.attention.clamp_kqv", pickNumber(values, "clip_qkv"));
    },
    vocab: ["bpe"],
};

export const olmo2: Family = {
    id: "olmo2",
    title: "OLMo 2, OLMo 3",
    architectures: ["Olmo2ForCausalLM", "Olmo3ForCausalLM"],
    arch: "olmo2",
    names: {
        ...LLAMA_STYLE_NAMES,
        ...QK_NORM_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
        "layers.#.post_feedforward_layernorm": "blk.#.post_ffw_norm",
    },
    metadata: (keys, values) => {
        if (!("sliding_window" in values)) return;
        keys.uint32("olmo2.attention.sliding_window", pickNumber(values, "sliding_window"));
        keys.set("olmo2.attention.sliding_window_pattern", {
            type: "array[bool]",
            value: slidingLayers(values),
        });
    },
    vocab: ["bpe"],
};

/** Every fourth layer sees everything, unless the configuration lists the layers. */
function slidingLayers(values: JsonObject): boolean[] {
    const types = values["layer_types"];
    if (Array.isArray(types)) return types.map((type) => type === "sliding_attention");
    const nLayers = Math.min(needCount(values, "num_hidden_layers"), MAX_LAYERS);
    return Array.from({ length: nLayers }, (_, layer) => (layer + 1) % 4 !== 0);
}
const MAX_LAYERS = 10_000;

export const olmoe: Family = {
    id: "olmoe",
    title: "OLMoE",
    architectures: ["OlmoeForCausalLM"],
    arch: "olmoe",
    names: { ...LLAMA_STYLE_NAMES, ...EXPERT_NAMES, ...QK_NORM_NAMES },
    experts: {
        count: (values) => pickNumber(values, "num_local_experts", "num_experts") ?? 0,
        order: EXPERT_ORDER,
    },
    metadata: (keys) => keys.float32("olmoe.attention.layer_norm_rms_epsilon", EPSILON),
    vocab: ["bpe"],
};
