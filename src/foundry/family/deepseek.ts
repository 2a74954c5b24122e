/**
 * DeepSeek MoE 16B (v1), DeepSeek-V2, Coder-V2, V3 and R1. From V2 on, attention is compressed (MLA): the reference stores the two
 * halves of `kv_b_proj` apart, keys transposed head by head, and llama.cpp sees one key/value head. Layers that predict further tokens
 * are left out. Source: conversion/deepseek.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { EXPERT_NAMES, EXPERT_ORDER, LLAMA_STYLE_NAMES } from "./common";
import type { Experts, Family } from "./family";
import { permuteHeads, takeShares, type RowTransform } from "./rows";

const NAMES = {
    ...LLAMA_STYLE_NAMES,
    ...EXPERT_NAMES,
    "layers.#.mlp.shared_experts.gate_proj": "blk.#.ffn_gate_shexp",
    "layers.#.mlp.shared_experts.up_proj": "blk.#.ffn_up_shexp",
    "layers.#.mlp.shared_experts.down_proj": "blk.#.ffn_down_shexp",
} as const;

const EXPERTS: Experts = { count: "n_routed_experts", order: EXPERT_ORDER };

/** Newer tools store the experts of a layer as one tensor, gate above up. */
function fusedExperts(values: JsonObject): Record<string, RowTransform> {
    const nExperts = pickNumber(values, "n_routed_experts") ?? 0;
    return {
        "share:ffn_gate_exps": takeShares(nExperts, 2, 0),
        "share:ffn_up_exps": takeShares(nExperts, 2, 1),
    };
}

export const deepseek: Family = {
    id: "deepseek",
    title: "DeepSeek MoE",
    architectures: ["DeepseekForCausalLM"],
    arch: "deepseek",
    names: NAMES,
    transforms: ({ values }) => {
        const nHeads = needCount(values, "num_attention_heads");
        return {
            attn_q: permuteHeads(nHeads),
            attn_k: permuteHeads(pickNumber(values, "num_key_value_heads") ?? nHeads),
            ...fusedExperts(values),
        };
    },
    experts: EXPERTS,
    metadata: (keys, values) => {
        const headSize =
            pickNumber(values, "head_dim") ??
            Math.floor(needCount(values, "hidden_size") / needCount(values, "num_attention_heads"));
        keys.uint32("deepseek.rope.dimension_count", headSize)
            .string("deepseek.rope.scaling.type", "none")
            .uint32(
                "deepseek.leading_dense_block_count",
                pickNumber(values, "first_k_dense_replace"),
            )
            .uint32("deepseek.vocab_size", needCount(values, "vocab_size"))
            .uint32(
                "deepseek.expert_feed_forward_length",
                needCount(values, "moe_intermediate_size"),
            )
            .float32("deepseek.expert_weights_scale", 1)
            .uint32("deepseek.expert_count", needCount(values, "n_routed_experts"))
            .uint32("deepseek.expert_shared_count", pickNumber(values, "n_shared_experts"));
    },
    vocab: ["sentencepiece", "bpe"],
};

export const deepseek2: Family = {
    id: "deepseek2",
    title: "DeepSeek-V2, DeepSeek-Coder-V2, DeepSeek-V3, DeepSeek-R1",
    architectures: ["DeepseekV2ForCausalLM", "DeepseekV3ForCausalLM"],
    arch: "deepseek2",
    names: {
        ...NAMES,
        "layers.#.mlp.gate.e_score_correction_bias": "blk.#.exp_probs_b.bias",
        "layers.#.self_attn.q_a_proj": "blk.#.attn_q_a",
        "layers.#.self_attn.q_a_layernorm": "blk.#.attn_q_a_norm",
        "layers.#.self_attn.q_b_proj": "blk.#.attn_q_b",
        "layers.#.self_attn.kv_a_proj_with_mqa": "blk.#.attn_kv_a_mqa",
        "layers.#.self_attn.kv_a_layernorm": "blk.#.attn_kv_a_norm",
        "layers.#.self_attn.kv_b_proj": ["blk.#.attn_k_b", "blk.#.attn_v_b"],
    },
    drops: (name, { values }) =>
        isPredictionLayer(name, needCount(values, "num_hidden_layers")) ||
        (values["tie_word_embeddings"] === true && /^(model\.)?lm_head\.weight$/.test(name)),
    transforms: ({ values }) => {
        const nHeads = needCount(values, "num_key_value_heads", "num_attention_heads");
        const keySize = needCount(values, "qk_nope_head_dim");
        const valueSize = needCount(values, "v_head_dim");
        const share = (first: number, count: number): RowTransform =>
            takeShares(nHeads, keySize + valueSize, first, count);
        return {
            ...fusedExperts(values),
            attn_k_b: {
                rows: share(0, keySize),
                transpose: keySize,
                shape: ([, columns = 0]) => [nHeads, columns, keySize],
            },
            attn_v_b: {
                rows: share(keySize, valueSize),
                shape: ([, columns = 0]) => [nHeads, valueSize, columns],
            },
        };
    },
    experts: EXPERTS,
    keyValues: (values) => ({
        ...values,
        num_key_value_heads: 1,
        rms_norm_eps: values["rms_norm_eps"] ?? 1e-6,
    }),
    metadata: (keys, values, config) => {
        const count = (key: string, value: number | undefined) =>
            keys.uint32(`deepseek2.${key}`, value);
        const rotated = needCount(values, "qk_rope_head_dim");
        const rank = pickNumber(values, "kv_lora_rank") ?? 512;
        const nExperts = pickNumber(values, "n_routed_experts");
        count(
            "leading_dense_block_count",
            pickNumber(values, "first_k_dense_replace") ??
                (nExperts === undefined ? needCount(values, "num_hidden_layers") : 0),
        );
        count("vocab_size", needCount(values, "vocab_size"));
        count("attention.q_lora_rank", pickNumber(values, "q_lora_rank"));
        count("attention.kv_lora_rank", rank);
        count("attention.key_length", rank + rotated);
        count("attention.value_length", rank);
        count("attention.key_length_mla", needCount(values, "qk_nope_head_dim") + rotated);
        count("attention.value_length_mla", needCount(values, "v_head_dim"));
        count(
            "expert_feed_forward_length",
            needCount(values, "moe_intermediate_size", "intermediate_size"),
        );
        count("expert_count", nExperts);
        count("expert_shared_count", pickNumber(values, "n_shared_experts") ?? 0);
        keys.float32("deepseek2.expert_weights_scale", pickNumber(values, "routed_scaling_factor"));
        if (values["norm_topk_prob"] === true) keys.bool("deepseek2.expert_weights_norm", true);
        count("rope.dimension_count", rotated);
        const scale = pickNumber(config.rope, "mscale_all_dim");
        if (scale !== undefined)
            keys.float32("deepseek2.rope.scaling.yarn_log_multiplier", 0.1 * scale);
    },
    vocab: ["bpe"],
};

function isPredictionLayer(name: string, nLayers: number): boolean {
    const layer = /^(?:model\.)?layers\.(\d+)\./.exec(name)?.[1];
    return layer !== undefined && Number(layer) >= nLayers;
}
