/**
 * Qwen3-Next: most layers are linear attention (kept under `ssm_*`), every norm but theirs is applied as `1 + weight`, and layers that
 * predict further tokens come last. Source: conversion/qwen.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { QK_NORM_NAMES } from "./common";
import type { Family } from "./family";
import { qwen2moe } from "./qwenMoe";
import { stackRows, takeShares, type TensorChange } from "./rows";
import { negativeExp, plusOne } from "./values";

const NORM: TensorChange = { value: plusOne };
const NORMS = Object.fromEntries(
    ["attn_norm", "post_attention_norm", "output_norm", "attn_q_norm", "attn_k_norm"]
        .concat(["nextn.enorm", "nextn.hnorm", "nextn.shared_head_norm"])
        .map((name) => [name, NORM]),
);

/** `in_proj_qkvz` holds, for each key head, its q, k, values and gates. */
function splitProjection({ values }: ModelConfig) {
    const nKeys = needCount(values, "linear_num_key_heads");
    const key = needCount(values, "linear_key_head_dim");
    const perKey = needCount(values, "linear_num_value_heads") / nKeys;
    const value = perKey * needCount(values, "linear_value_head_dim");
    const take = (first: number, count: number) =>
        takeShares(nKeys, 2 * key + 2 * value, first, count);
    return {
        "share:attn_qkv": stackRows(take(0, key), take(key, key), take(2 * key, value)),
        "share:attn_gate": take(2 * key + value, value),
    };
}

const PREDICTOR_NAMES: Readonly<Record<string, string>> = {
    fc: "eh_proj",
    pre_fc_norm_embedding: "enorm",
    pre_fc_norm_hidden: "hnorm",
    norm: "shared_head.norm",
};

/** `mtp.*` as further layers. */
function asLayer(name: string, { values }: ModelConfig): string {
    const match = /^(?:model\.)?mtp\.(?:layers\.(\d{1,6})\.(.+)|(\w+)\.(weight|bias))$/.exec(name);
    if (!match) return name;
    const [, index, rest, part = "", suffix] = match;
    const nLayers = needCount(values, "num_hidden_layers");
    if (index !== undefined) return `model.layers.${nLayers + Number(index)}.${rest}`;
    return `model.layers.${nLayers}.${PREDICTOR_NAMES[part] ?? part}.${suffix}`;
}

const nPredictors = (values: JsonObject) => pickNumber(values, "mtp_num_hidden_layers") ?? 0;

export const qwen3next: Family = {
    ...qwen2moe,
    id: "qwen3next",
    title: "Qwen3-Next",
    architectures: ["Qwen3NextForCausalLM"],
    arch: "qwen3next",
    names: {
        ...qwen2moe.names,
        ...QK_NORM_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
        "layers.#.linear_attn.A_log": "blk.#.ssm_a",
        "layers.#.linear_attn.dt_bias": "blk.#.ssm_dt.bias",
        "layers.#.linear_attn.conv1d": "blk.#.ssm_conv1d",
        "layers.#.linear_attn.in_proj_ba": "blk.#.ssm_ba",
        "layers.#.linear_attn.in_proj_qkvz": ["blk.#.attn_qkv", "blk.#.attn_gate"],
        "layers.#.linear_attn.norm": "blk.#.ssm_norm",
        "layers.#.linear_attn.out_proj": "blk.#.ssm_out",
        "layers.#.eh_proj": "blk.#.nextn.eh_proj",
        "layers.#.enorm": "blk.#.nextn.enorm",
        "layers.#.hnorm": "blk.#.nextn.hnorm",
        "layers.#.shared_head.norm": "blk.#.nextn.shared_head_norm",
    },
    // config.json does not say how many prediction layers there are.
    prepare: (config, names) => {
        const found = names.flatMap(
            (name) => /^(?:model\.)?mtp\.layers\.(\d{1,4})\./.exec(name)?.[1] ?? [],
        );
        const count = found.reduce((most, index) => Math.max(most, Number(index) + 1), 0);
        return { ...config, values: { ...config.values, mtp_num_hidden_layers: count } };
    },
    rename: asLayer,
    blocks: (values) => needCount(values, "num_hidden_layers") + nPredictors(values),
    transforms: (config, tokenizer) => ({
        ...qwen2moe.transforms?.(config, tokenizer),
        ...NORMS,
        ...splitProjection(config),
        ssm_a: { value: negativeExp },
        ssm_conv1d: { shape: (shape) => shape.filter((size) => size !== 1) },
    }),
    metadata: (keys, values, { rope }) => {
        const count = (key: string, ...from: string[]) =>
            keys.uint32(`qwen3next.${key}`, pickNumber(values, ...from));
        count("expert_feed_forward_length", "moe_intermediate_size");
        count("expert_shared_feed_forward_length", "shared_expert_intermediate_size");
        if (nPredictors(values) > 0)
            keys.uint32("qwen3next.nextn_predict_layers", nPredictors(values));
        count("ssm.conv_kernel", "linear_conv_kernel_dim");
        count("ssm.state_size", "linear_key_head_dim");
        count("ssm.group_count", "linear_num_key_heads");
        count("ssm.time_step_rank", "linear_num_value_heads");
        const inner =
            needCount(values, "linear_value_head_dim") *
            needCount(values, "linear_num_value_heads");
        keys.uint32("qwen3next.ssm.inner_size", inner);
        keys.set("qwen3next.attention.recurrent_layers", {
            type: "array[bool]",
            value: recurrentLayers(values),
        });
        keys.uint32(
            "qwen3next.full_attention_interval",
            pickNumber(values, "full_attention_interval") ?? 4,
        );
        const usual = Math.floor(
            needCount(values, "hidden_size") / needCount(values, "num_attention_heads"),
        );
        const size = pickNumber(values, "head_dim") ?? usual;
        const share = pickNumber(rope, "partial_rotary_factor") ?? 0.25;
        keys.uint32("qwen3next.rope.dimension_count", Math.trunc(size * share));
    },
};

/** By the configuration's list, or all but every so many. */
function recurrentLayers(values: JsonObject): boolean[] {
    const nLayers = Math.min(needCount(values, "num_hidden_layers"), MAX_LAYERS);
    const types = values["layer_types"];
    const every = pickNumber(values, "full_attention_interval") ?? 4;
    return Array.from({ length: nLayers + nPredictors(values) }, (_, layer) => {
        if (layer >= nLayers) return false;
        if (Array.isArray(types)) return types[layer] === "linear_attention";
        return (layer + 1) % every !== 0;
    });
}
const MAX_LAYERS = 10_000;
