/**
 * Qwen 2 and 3 with experts (Qwen3-Coder): experts one by one or fused, a shared one with its own gate in Qwen2. Source:
 * conversion/qwen.py of llama.cpp v0.5.0.
 */

import { pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { EXPERT_NAMES, EXPERT_ORDER, LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";
import { takeShares } from "./rows";

const countExperts = (values: JsonObject) =>
    pickNumber(values, "num_local_experts", "num_experts") ?? 0;

/** `experts.gate_up_proj` is [experts, 2 x ff, hidden]. */
function splitFusedExperts({ values }: ModelConfig) {
    const nExperts = countExperts(values);
    return {
        ffn_gate_exps: takeShares(nExperts, 2, 0),
        ffn_up_exps: takeShares(nExperts, 2, 1),
    };
}

function writeExpertKeys(arch: string) {
    return (keys: KeyValues, values: JsonObject): void => {
        const width = (key: string, from: string) =>
            keys.uint32(`${arch}.${key}`, pickNumber(values, from));
        width("expert_feed_forward_length", "moe_intermediate_size");
        width("expert_shared_feed_forward_length", "shared_expert_intermediate_size");
    };
}

export const qwen2moe: Family = {
    id: "qwen2moe",
    title: "Qwen1.5-MoE, Qwen2-MoE",
    architectures: ["Qwen2MoeForCausalLM"],
    arch: "qwen2moe",
    names: {
        ...LLAMA_STYLE_NAMES,
        ...EXPERT_NAMES,
        "layers.#.mlp.shared_expert.gate_proj": "blk.#.ffn_gate_shexp",
        "layers.#.mlp.shared_expert.up_proj": "blk.#.ffn_up_shexp",
        "layers.#.mlp.shared_expert.down_proj": "blk.#.ffn_down_shexp",
        "layers.#.mlp.shared_expert_gate": "blk.#.ffn_gate_inp_shexp",
    },
    transforms: splitFusedExperts,
    experts: { count: countExperts, order: EXPERT_ORDER },
    metadata: writeExpertKeys("qwen2moe"),
    vocab: ["bpe"],
};

export const qwen3moe: Family = {
    ...qwen2moe,
    id: "qwen3moe",
    title: "Qwen3-MoE, Qwen3-Coder",
    architectures: ["Qwen3MoeForCausalLM"],
    arch: "qwen3moe",
    names: { ...LLAMA_STYLE_NAMES, ...EXPERT_NAMES, ...QK_NORM_NAMES },
    metadata: writeExpertKeys("qwen3moe"),
};
