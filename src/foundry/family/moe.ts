/**
 * GLM-4.5 (with its prediction layers) and Mellum 2: experts stacked, further keys. Sources: conversion/glm.py and mellum.py of
 * llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { EXPERT_NAMES, EXPERT_ORDER, LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";
import { addedEnds } from "./glm";

const SIGMOID = 2;

/** Layers at the end that predict tokens further ahead; llama.cpp counts them as blocks. */
const countPredictors = (values: JsonObject) => pickNumber(values, "num_nextn_predict_layers") ?? 0;

export const glm4moe: Family = {
    id: "glm4moe",
    title: "GLM-4.5",
    architectures: ["Glm4MoeForCausalLM"],
    arch: "glm4moe",
    names: {
        ...LLAMA_STYLE_NAMES,
        ...EXPERT_NAMES,
        ...QK_NORM_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
        "layers.#.mlp.gate.e_score_correction_bias": "blk.#.exp_probs_b.bias",
        "layers.#.mlp.shared_experts.gate_proj": "blk.#.ffn_gate_shexp",
        "layers.#.mlp.shared_experts.up_proj": "blk.#.ffn_up_shexp",
        "layers.#.mlp.shared_experts.down_proj": "blk.#.ffn_down_shexp",
        "layers.#.eh_proj": "blk.#.nextn.eh_proj",
        "layers.#.enorm": "blk.#.nextn.enorm",
        "layers.#.hnorm": "blk.#.nextn.hnorm",
        "layers.#.embed_tokens": "blk.#.nextn.embed_tokens",
        "layers.#.shared_head.head": "blk.#.nextn.shared_head_head",
        "layers.#.shared_head.norm": "blk.#.nextn.shared_head_norm",
    },
    blocks: (values) => needCount(values, "num_hidden_layers") + countPredictors(values),
    experts: { count: "n_routed_experts", order: EXPERT_ORDER },
    metadata: (keys, values, { rope }) => {
        const count = (key: string, from: string) =>
            keys.uint32(`glm4moe.${key}`, pickNumber(values, from));
        const usual = Math.floor(
            needCount(values, "hidden_size") / needCount(values, "num_attention_heads"),
        );
        const share = pickNumber(rope, "partial_rotary_factor") ?? 0.5;
        const size = pickNumber(values, "head_dim") ?? usual;
        keys.uint32("glm4moe.rope.dimension_count", Math.trunc(size * share));
        count("expert_feed_forward_length", "moe_intermediate_size");
        count("expert_shared_count", "n_shared_experts");
        count("leading_dense_block_count", "first_k_dense_replace");
        keys.uint32("glm4moe.expert_gating_func", SIGMOID);
        keys.float32("glm4moe.expert_weights_scale", pickNumber(values, "routed_scaling_factor"));
        const normalize = values["norm_topk_prob"];
        if (typeof normalize === "boolean") keys.bool("glm4moe.expert_weights_norm", normalize);
        count("nextn_predict_layers", "num_nextn_predict_layers");
    },
    vocab: ["bpe"],
    // EOS as the end of a turn would make it answer without end.
    specialTokens: addedEnds(
        ["bos", "[gMASK]"],
        ["eot", "<|user|>"],
        ["unk", "<|endoftext|>"],
        ["eom", "<|observation|>"],
    ),
};

export const mellum: Family = {
    id: "mellum",
    title: "Mellum 2",
    architectures: ["MellumForCausalLM"],
    arch: "mellum",
    names: { ...LLAMA_STYLE_NAMES, ...EXPERT_NAMES, ...QK_NORM_NAMES },
    experts: {
        count: (values) => pickNumber(values, "num_local_experts", "num_experts") ?? 0,
        order: EXPERT_ORDER,
    },
    metadata: (keys, values) => {
        keys.uint32(
            "mellum.expert_feed_forward_length",
            pickNumber(values, "moe_intermediate_size"),
        );
        const uses = values["use_sliding_window"];
        const window = pickNumber(values, "sliding_window");
        const types = values["layer_types"];
        if (window === undefined || !(uses === true || uses === undefined || uses === null)) return;
        keys.uint32("mellum.attention.sliding_window", window);
        if (Array.isArray(types))
            keys.set("mellum.attention.sliding_window_pattern", {
                type: "array[bool]",
                value: types.map((type) => type === "sliding_attention"),
            });
    },
    vocab: ["bpe"],
};
