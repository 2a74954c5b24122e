/**
 * Qwen3-Next (also Qwen3-Coder-Next): three of four layers are linear attention, norms are stored less one, a layer that predicts one
 * more token becomes a block after the others. Source: conversion/qwen.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import { EXPERT_NAMES, EXPERT_ORDER, LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";
import { stackRows, takeShares, type RowTransform, type TensorChange } from "./rows";
import { negativeExp, plusOne } from "./values";

const PLUS_ONE: TensorChange = { value: plusOne };

/** How one key head's share of `in_proj_qkvz` is divided: query, key, its values, their gates. */
function shares(values: JsonObject): { nGroups: number; key: number; value: number } {
    const nGroups = needCount(values, "linear_num_key_heads");
    const perGroup = needCount(values, "linear_num_value_heads") / nGroups;
    const value = perGroup * needCount(values, "linear_value_head_dim");
    return { nGroups, key: needCount(values, "linear_key_head_dim"), value };
}

function linearRows(values: JsonObject): { qkv: RowTransform; gate: RowTransform } {
    const { nGroups, key, value } = shares(values);
    const total = 2 * key + 2 * value;
    const take = (first: number, count: number) => takeShares(nGroups, total, first, count);
    return {
        qkv: stackRows(take(0, key), take(key, key), take(2 * key, value)),
        gate: take(2 * key + value, value),
    };
}

const PREDICTION = /^(?:model\.)?mtp\.layers\.(\d+)\./;

export const qwen3next: Family = {
    id: "qwen3next",
    title: "Qwen3-Next, Qwen3-Coder-Next",
    architectures: ["Qwen3NextForCausalLM"],
    arch: "qwen3next",
    names: {
        ...LLAMA_STYLE_NAMES,
        ...EXPERT_NAMES,
        ...QK_NORM_NAMES,
        "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
        "layers.#.linear_attn.in_proj_qkvz": ["blk.#.attn_qkv", "blk.#.attn_gate"],
        "layers.#.linear_attn.in_proj_ba": "blk.#.ssm_ba",
        "layers.#.linear_attn.conv1d": "blk.#.ssm_conv1d",
        "layers.#.linear_attn.A_log": "blk.#.ssm_a",
        "layers.#.linear_attn.dt_bias": "blk.#.ssm_dt.bias",
        "layers.#.linear_attn.norm": "blk.#.ssm_norm",
        "layers.#.linear_attn.out_proj": "blk.#.ssm_out",
        "layers.#.mlp.shared_expert.gate_proj": "blk.#.ffn_gate_shexp",
        "layers.#.mlp.shared_expert.up_proj": "blk.#.ffn_up_shexp",
        "layers.#.mlp.shared_expert.down_proj": "blk.#.ffn_down_shexp",
        "layers.#.mlp.shared_expert_gate": "blk.#.ffn_gate_inp_shexp",
        "layers.#.eh_proj": "blk.#.nextn.eh_proj",
        "layers.#.enorm": "blk.#.nextn.enorm",
        "layers.#.hnorm": "blk.#.nextn.hnorm",
        "layers.#.shared_head.norm": "blk.#.nextn.shared_head_norm",
    },
    /** `mtp.layers.0.x` of a model with 48 layers is `layers.48.x`; what stands beside its layers belongs to it too. */
    rename: (name, { values }) => {
        const nLayers = needCount(values, "num_hidden_layers");
        const [, inLayer, rest = ""] =
            /^(?:model\.)?mtp\.(?:layers\.(\d+)\.)?(.+)$/.exec(name) ?? [];
        if (inLayer !== undefined) return `layers.${nLayers + Number(inLayer)}.${rest}`;
        const [prefix = "", suffix = ""] = rest.split(".");
        const known = BESIDE_PREDICTION[prefix];
        return known === undefined ? name : `layers.${nLayers}.${known}.${suffix}`;
    },
    complete: (values, names) => ({
        mtp_num_hidden_layers: Math.max(
            0,
            ...names.map((name) => Number(PREDICTION.exec(name)?.[1] ?? -1) + 1),
        ),
        layer_types: layerTypes(values),
    }),
    blocks: (values) =>
        needCount(values, "num_hidden_layers") + (pickNumber(values, "mtp_num_hidden_layers") ?? 0),
    transforms: ({ values }) => {
        const { qkv, gate } = linearRows(values);
        const nExperts = needCount(values, "num_experts");
        return {
            "share:ffn_gate_exps": takeShares(nExperts, 2, 0),
            "share:ffn_up_exps": takeShares(nExperts, 2, 1),
            attn_qkv: qkv,
            attn_gate: gate,
            attn_norm: PLUS_ONE,
            attn_q_norm: PLUS_ONE,
            attn_k_norm: PLUS_ONE,
            post_attention_norm: PLUS_ONE,
            output_norm: PLUS_ONE,
            "nextn.enorm": PLUS_ONE,
            "nextn.hnorm": PLUS_ONE,
            "nextn.shared_head_norm": PLUS_ONE,
            ssm_a: { value: negativeExp },
            ssm_conv1d: { shape: (shape) => shape.filter((size) => size !== 1) },
        };
    },
    experts: { count: "num_experts", order: EXPERT_ORDER },
    metadata: (keys, values, config) => {
        const count = (key: string, value: number | undefined) =>
            keys.uint32(`qwen3next.${key}`, value);
        count("expert_feed_forward_length", pickNumber(values, "moe_intermediate_size"));
        count(
            "expert_shared_feed_forward_length",
            pickNumber(values, "shared_expert_intermediate_size"),
        );
        const nPrediction = pickNumber(values, "mtp_num_hidden_layers") ?? 0;
        if (nPrediction > 0) count("nextn_predict_layers", nPrediction);
        count("ssm.conv_kernel", needCount(values, "linear_conv_kernel_dim"));
        count("ssm.state_size", needCount(values, "linear_key_head_dim"));
        count("ssm.group_count", needCount(values, "linear_num_key_heads"));
        count("ssm.time_step_rank", needCount(values, "linear_num_value_heads"));
        count(
            "ssm.inner_size",
            needCount(values, "linear_value_head_dim") *
                needCount(values, "linear_num_value_heads"),
        );
        const types = values["layer_types"];
        if (Array.isArray(types))
            keys.set("qwen3next.attention.recurrent_layers", {
                type: "array[bool]",
                value: [
                    ...types.map((type) => type === "linear_attention"),
                    ...Array.from({ length: nPrediction }, () => false),
                ],
            });
        count("full_attention_interval", pickNumber(values, "full_attention_interval") ?? 4);
        const headSize =
            pickNumber(values, "head_dim") ??
            Math.floor(needCount(values, "hidden_size") / needCount(values, "num_attention_heads"));
        const rotated = pickNumber(config.rope, "partial_rotary_factor") ?? 0.25;
        count("rope.dimension_count", Math.floor(headSize * rotated));
    },
    vocab: ["bpe"],
};

const BESIDE_PREDICTION: Readonly<Record<string, string>> = {
    fc: "eh_proj",
    pre_fc_norm_embedding: "enorm",
    pre_fc_norm_hidden: "hnorm",
    norm: "shared_head.norm",
};

/** As the class fills them in: every fourth layer has full attention. */
function layerTypes(values: JsonObject): unknown {
    if (Array.isArray(values["layer_types"])) return values["layer_types"];
    const interval = pickNumber(values, "full_attention_interval") ?? 4;
    return Array.from({ length: needCount(values, "num_hidden_layers") }, (_, layer) =>
        (layer + 1) % interval ? "linear_attention" : "full_attention",
    );
}
