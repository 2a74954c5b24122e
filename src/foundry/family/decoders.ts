/**
 * Families that need little beyond the common names and keys: SmolLM3, Seed-OSS, MiniCPM, Baichuan, Nemotron, Maincoder, Arcee.
 * Sources: conversion/llama.py, olmo.py, minicpm.py, baichuan.py, nemotron.py, maincoder.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { ComputedTensor, Family } from "./family";
import { LLAMA_BASE, llamaKeys, permuteQueryAndKey } from "./llama";
import { permuteHeads, takeShares, thenRows } from "./rows";
import { plusOne } from "./values";

export const smollm3: Family = {
    ...LLAMA_BASE,
    id: "smollm3",
    title: "SmolLM3",
    architectures: ["SmolLM3ForCausalLM"],
    arch: "smollm3",
    metadata: llamaKeys("smollm3"),
};

export const arcee: Family = {
    ...LLAMA_BASE,
    id: "arcee",
    title: "Arcee AFM",
    architectures: ["ArceeForCausalLM"],
    arch: "arcee",
    metadata: llamaKeys("arcee"),
};

export const seedOss: Family = {
    id: "seed_oss",
    title: "Seed-OSS",
    architectures: ["SeedOssForCausalLM"],
    arch: "seed_oss",
    // The second norm of a block has another name in this architecture.
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
    },
    vocab: ["bpe"],
};

export const maincoder: Family = {
    id: "maincoder",
    title: "Maincoder",
    architectures: ["MaincoderForCausalLM"],
    arch: "maincoder",
    names: { ...LLAMA_STYLE_NAMES, ...QK_NORM_NAMES },
    metadata: (keys, values) =>
        keys.uint32("maincoder.rope.dimension_count", pickNumber(values, "head_dim")),
    vocab: ["bpe"],
};

const perHead = (values: JsonObject) =>
    Math.floor(needCount(values, "hidden_size") / needCount(values, "num_attention_heads"));

export const minicpm: Family = {
    id: "minicpm",
    title: "MiniCPM",
    architectures: ["MiniCPMForCausalLM"],
    arch: "minicpm",
    names: LLAMA_STYLE_NAMES,
    transforms: permuteQueryAndKey,
    computed: longRopeFactors,
    metadata: (keys, values) => {
        const real = (name: string) => pickNumber(values, name) ?? 1;
        keys.float32("minicpm.embedding_scale", real("scale_emb"));
        const depth = Math.sqrt(needCount(values, "num_hidden_layers"));
        keys.float32("minicpm.residual_scale", real("scale_depth") / depth);
        keys.float32("minicpm.logit_scale", real("hidden_size") / real("dim_model_base"));
    },
    vocab: ["sentencepiece"],
};

/** Factors that config.json lists, one for each pair of a head's values. */
function longRopeFactors({ values, rope }: ModelConfig): ComputedTensor[] {
    const lists = [rope["long_factor"], rope["short_factor"]];
    if (lists.every((list) => list === undefined || list === null)) return [];
    return lists.map((list, index) => {
        if (!Array.isArray(list) || list.length !== perHead(values) / 2)
            throw new AppError(
                "data/checkpoint",
                "config.json has RoPE factors that do not fit its attention heads; download it again",
            );
        return {
            name: index === 0 ? "rope_factors_long.weight" : "rope_factors_short.weight",
            values: Float32Array.from(list, Number),
        };
    });
}

export const baichuan: Family = {
    id: "baichuan",
    title: "Baichuan, Baichuan2",
    architectures: ["BaichuanForCausalLM", "BaiChuanForCausalLM"],
    arch: "baichuan",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.self_attn.W_pack": ["blk.#.attn_q", "blk.#.attn_k", "blk.#.attn_v"],
    },
    // The reference means this and recurses for ever instead.
    transforms: ({ values }) => {
        const permute = permuteHeads(needCount(values, "num_attention_heads"));
        return {
            attn_q: thenRows(takeShares(1, 3, 0), permute),
            attn_k: thenRows(takeShares(1, 3, 1), permute),
            attn_v: takeShares(1, 3, 2),
        };
    },
    metadata: (keys, values) => {
        keys.string("baichuan.tensor_data_layout", "Meta AI original pth");
        keys.uint32("baichuan.rope.dimension_count", perHead(values));
    },
    vocab: ["sentencepiece"],
};

const NORM = { value: plusOne };

export const nemotron: Family = {
    id: "nemotron",
    title: "Nemotron, Minitron",
    architectures: ["NemotronForCausalLM"],
    arch: "nemotron",
    names: LLAMA_STYLE_NAMES,
    transforms: () => ({
        "attn_norm.weight": NORM,
        "ffn_norm.weight": NORM,
        "output_norm.weight": NORM,
    }),
    metadata: (keys, values, { rope }) => {
        keys.uint32("nemotron.vocab_size", needCount(values, "vocab_size"));
        keys.float32(
            "nemotron.attention.layer_norm_epsilon",
            pickNumber(values, "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps"),
        );
        const rotated = pickNumber(rope, "partial_rotary_factor") ?? 0.5;
        const nHeads = needCount(values, "num_attention_heads", "n_head");
        keys.uint32(
            "nemotron.rope.dimension_count",
            Math.floor(Math.trunc(rotated * needCount(values, "hidden_size", "n_embd")) / nHeads),
        );
        const factor = pickNumber(values, "factor") || pickNumber(rope, "factor");
        keys.string("nemotron.rope.scaling.type", factor === undefined ? "none" : "linear");
        keys.float32("nemotron.rope.scaling.factor", factor);
    },
    vocab: ["sentencepiece"],
    afterVocab: (keys) =>
        keys
            .uint32("tokenizer.ggml.padding_token_id", 0)
            .uint32("tokenizer.ggml.unknown_token_id", 1),
};
