/**
 * Granite 3 and 4 (dense and with experts): a Llama with four multipliers; gate and up are fused where there are experts. Source:
 * conversion/granite.py of llama.cpp v0.5.0.
 */

import { pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { LLAMA_BASE, llamaKeys, permuteQueryAndKey } from "./llama";
import { takeShares } from "./rows";

/** The reference ignores `head_dim` for this family. */
function withoutHeadDim(values: JsonObject): JsonObject {
    const rest = { ...values };
    delete rest["head_dim"];
    return rest;
}

function graniteKeys(arch: string) {
    return (keys: KeyValues, values: JsonObject): void => {
        llamaKeys(arch)(keys, withoutHeadDim(values));
        const scale = (key: string, from: string) => {
            const value = pickNumber(values, from);
            if (value) keys.float32(`${arch}.${key}`, value);
        };
        scale("attention.scale", "attention_multiplier");
        scale("embedding_scale", "embedding_multiplier");
        scale("residual_scale", "residual_multiplier");
        scale("logit_scale", "logits_scaling");
        const shared = pickNumber(values, "shared_intermediate_size");
        if (shared && arch === "granitemoe")
            keys.uint32(`${arch}.expert_shared_feed_forward_length`, shared);
    };
}

export const granite: Family = {
    ...LLAMA_BASE,
    id: "granite",
    title: "Granite",
    architectures: ["GraniteForCausalLM"],
    arch: "granite",
    keyValues: withoutHeadDim,
    metadata: graniteKeys("granite"),
};

const countExperts = ({ values }: ModelConfig) => pickNumber(values, "num_local_experts") ?? 0;

export const granitemoe: Family = {
    ...granite,
    id: "granitemoe",
    title: "Granite MoE",
    architectures: ["GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM"],
    arch: "granitemoe",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.block_sparse_moe.router.layer": "blk.#.ffn_gate_inp",
        "layers.#.block_sparse_moe.input_linear": ["blk.#.ffn_gate_exps", "blk.#.ffn_up_exps"],
        "layers.#.block_sparse_moe.output_linear": "blk.#.ffn_down_exps",
        "layers.#.shared_mlp.input_linear": ["blk.#.ffn_gate_shexp", "blk.#.ffn_up_shexp"],
        "layers.#.shared_mlp.output_linear": "blk.#.ffn_down_shexp",
    },
    transforms: (config) => ({
        ...permuteQueryAndKey(config),
        ffn_gate_exps: takeShares(countExperts(config), 2, 0),
        ffn_up_exps: takeShares(countExperts(config), 2, 1),
        ffn_gate_shexp: takeShares(1, 2, 0),
        ffn_up_shexp: takeShares(1, 2, 1),
    }),
    metadata: graniteKeys("granitemoe"),
};
