/**
 * gpt-oss: experts with biases and in MXFP4 (checkpoint/mxfp4.ts; some finetunes have them in bf16, transposed), their gate and up rows
 * alternate; attention has sinks. Source: conversion/gpt_oss.py of llama.cpp v0.5.0.
 */

import { needCount } from "../checkpoint/config";
import { isObject } from "../checkpoint/source";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { everyRow, type TensorChange } from "./rows";

const GATE_AND_UP = (suffix: string) => [
    `blk.#.ffn_gate_exps${suffix}`,
    `blk.#.ffn_up_exps${suffix}`,
];

/** Of [experts, 2 * width] every other number of the row. */
function everyOtherElement(first: number): TensorChange {
    return {
        elements: true,
        rows: everyRow(first, 2),
        shape: ([nExperts = 0, width = 0]) => [nExperts, width / 2],
    };
}

/** Rows that alternate; in bf16 they are columns, so the matrix is turned first. */
function everyOtherRow(first: number, isPacked: boolean): TensorChange {
    const rows = everyRow(first, 2);
    return isPacked
        ? { rows, shape: ([nExperts = 0, width = 0, nIn = 0]) => [nExperts, width / 2, nIn] }
        : {
              transpose: true,
              afterTranspose: rows,
              shape: ([nExperts = 0, nIn = 0, width = 0]) => [nExperts, width / 2, nIn],
          };
}

export const gptOss: Family = {
    id: "gpt-oss",
    title: "gpt-oss",
    architectures: ["GptOssForCausalLM"],
    arch: "gpt-oss",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
        "layers.#.self_attn.sinks": "blk.#.attn_sinks.weight",
        "layers.#.mlp.router": "blk.#.ffn_gate_inp",
        "layers.#.mlp.experts.down_proj": "blk.#.ffn_down_exps.weight",
        "layers.#.mlp.experts.down_proj_bias": "blk.#.ffn_down_exps.bias",
        "layers.#.mlp.experts.gate_up_proj": GATE_AND_UP(".weight"),
        "layers.#.mlp.experts.gate_up_proj_bias": GATE_AND_UP(".bias"),
    },
    transforms: ({ raw }) => {
        const isPacked = isObject(raw["quantization_config"]);
        return {
            ...(isPacked ? {} : { "ffn_down_exps.weight": { transpose: true } }),
            "ffn_gate_exps.weight": everyOtherRow(0, isPacked),
            "ffn_up_exps.weight": everyOtherRow(1, isPacked),
            "ffn_gate_exps.bias": everyOtherElement(0),
            "ffn_up_exps.bias": everyOtherElement(1),
        };
    },
    metadata: (keys, values) =>
        keys
            .uint32("gpt-oss.attention.sliding_window", needCount(values, "sliding_window"))
            .uint32("gpt-oss.expert_feed_forward_length", needCount(values, "intermediate_size")),
    vocab: ["bpe"],
};
