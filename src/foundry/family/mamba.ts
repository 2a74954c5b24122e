/**
 * Mamba, FalconMamba and Mamba2 (Codestral Mamba): state space models without attention. config.json is read as it is, without a class's
 * defaults. Source: conversion/mamba.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import type { TensorChange } from "./rows";
import { negativeExp } from "./values";

type Values = Record<string, unknown>;

/** As the reference: absent, null and zero alike take the default. */
const orElse = (values: Values, fallback: number, ...keys: string[]) =>
    pickNumber(values, ...keys) || fallback;

/** Arbitrary, "for those who use the default"; a state has no longest context. */
const CONTEXT = 2 ** 20;

const EPSILON = ["layer_norm_epsilon", "rms_norm_eps"];

function roundUp(count: number, step: number): number {
    return Math.ceil(count / step) * step;
}

/** The convolution's dimension of one is dropped: (channels, 1, kernel) -> (channels, kernel). */
const CONVOLUTION: TensorChange = { shape: (shape) => shape.filter((size) => size !== 1) };

const LAYER_NAMES = {
    "backbone.layers.#.norm": "blk.#.attn_norm",
    "backbone.layers.#.mixer.in_proj": "blk.#.ssm_in",
    "backbone.layers.#.mixer.conv1d": "blk.#.ssm_conv1d",
    "backbone.layers.#.mixer.A_log": "blk.#.ssm_a",
    "backbone.layers.#.mixer.D": "blk.#.ssm_d",
    "backbone.layers.#.mixer.out_proj": "blk.#.ssm_out",
    "backbone.embeddings": "token_embd",
    "backbone.embedding": "token_embd",
    "backbone.norm_f": "output_norm",
    lm_head: "output",
} as const;

export const mamba: Family = {
    id: "mamba",
    title: "Mamba, FalconMamba",
    architectures: ["MambaForCausalLM", "MambaLMHeadModel", "FalconMambaForCausalLM"],
    arch: "mamba",
    names: {
        ...LAYER_NAMES,
        "backbone.layers.#.mixer.x_proj": "blk.#.ssm_x",
        "backbone.layers.#.mixer.dt_proj": "blk.#.ssm_dt",
    },
    transforms: () => ({ ssm_a: { value: negativeExp }, ssm_conv1d: CONVOLUTION }),
    omitEqual: ["output.weight", "token_embd.weight"],
    commonKeys: "none",
    metadata: (keys, values) => {
        const width = needCount(values, "hidden_size", "d_model");
        const inner = orElse(values, 2 * width, "intermediate_size", "d_inner");
        if (inner !== 2 * width)
            throw new AppError(
                "data/unsupported",
                `The model's inner width is ${inner} where llama.cpp has ${2 * width} only`,
            );
        keys.uint32("mamba.context_length", CONTEXT)
            .uint32("mamba.embedding_length", width)
            .uint32("mamba.feed_forward_length", 0)
            .uint32("mamba.attention.head_count", 0)
            .uint32("mamba.block_count", blockCount(values))
            .uint32("mamba.ssm.conv_kernel", orElse(values, 4, "conv_kernel", "d_conv"))
            .uint32("mamba.ssm.inner_size", inner)
            .uint32("mamba.ssm.state_size", orElse(values, 16, "state_size", "d_state"))
            .uint32(
                "mamba.ssm.time_step_rank",
                orElse(values, Math.ceil(width / 16), "time_step_rank", "dt_rank"),
            )
            .float32("mamba.attention.layer_norm_rms_epsilon", orElse(values, 1e-5, ...EPSILON))
            .bool("mamba.ssm.dt_b_c_rms", values["model_type"] === "falcon_mamba")
            .uint32("general.file_type", 0);
    },
    vocab: ["bpe", "sentencepiece"],
    vocabSize: (values) => paddedVocab(values, 8),
};

/** The vocabulary is filled up to a multiple. */
function paddedVocab(values: Values, usual: number): number {
    const multiple = pickNumber(values, "pad_vocab_size_multiple") ?? usual;
    return roundUp(needCount(values, "vocab_size"), multiple);
}

function blockCount(values: Values): number {
    return needCount(values, "n_layers", "num_hidden_layers", "n_layer", "num_layers");
}

const WIDTH2 = ["hidden_size", "d_model", "dim"];

function innerSize(values: Values): number {
    const expand = orElse(values, 2, "mamba_expand", "expand");
    const given = ["mamba_d_ssm", "intermediate_size", "d_inner"];
    return orElse(values, expand * needCount(values, ...WIDTH2), ...given);
}

function groupCount(values: Values): number {
    return orElse(values, 1, "n_groups");
}

/** A and D get a dimension of one, as in Mamba 1. */
const COLUMN: TensorChange = { shape: (shape) => [...shape, 1] };

export const mamba2: Family = {
    id: "mamba2",
    title: "Mamba2, Codestral Mamba",
    architectures: ["Mamba2ForCausalLM"],
    arch: "mamba2",
    names: {
        ...LAYER_NAMES,
        "backbone.layers.#.mixer.dt_bias": "blk.#.ssm_dt.bias",
        "backbone.layers.#.mixer.norm": "blk.#.ssm_norm",
    },
    transforms: ({ values }) => ({
        ssm_a: { ...COLUMN, value: negativeExp },
        ssm_d: COLUMN,
        ssm_conv1d: CONVOLUTION,
        ssm_norm: {
            shape: ([size = 0]) => [groupCount(values), size / groupCount(values)],
        },
    }),
    commonKeys: "none",
    metadata: (keys, values) => {
        const inner = innerSize(values);
        const headSize = orElse(values, 64, "mamba_d_head", "head_dim");
        keys.uint32("mamba2.context_length", CONTEXT)
            .uint32("mamba2.embedding_length", needCount(values, ...WIDTH2))
            .uint32("mamba2.feed_forward_length", 0)
            .uint32("mamba2.attention.head_count", 0)
            .uint32("mamba2.block_count", blockCount(values))
            .uint32("mamba2.ssm.conv_kernel", orElse(values, 4, "conv_kernel", "d_conv"))
            .uint32("mamba2.ssm.inner_size", inner)
            .uint32("mamba2.ssm.state_size", orElse(values, 128, "state_size", "d_state"))
            .uint32("mamba2.ssm.time_step_rank", Math.floor(inner / headSize))
            .uint32("mamba2.ssm.group_count", groupCount(values))
            .float32("mamba2.attention.layer_norm_rms_epsilon", orElse(values, 1e-5, ...EPSILON))
            .uint32("general.file_type", 0);
    },
    vocab: ["sentencepiece", "bpe"],
    vocabSize: (values) => paddedVocab(values, 16),
};
