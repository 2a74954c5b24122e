/**
 * ERNIE 4.5, dense and with experts: fused projections are split, the rotary layout is llama.cpp's already. Source:
 * conversion/ernie.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import { EXPERT_NAMES, LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { takeShares } from "./rows";

/** Queries, keys and values are one below the other, by heads; gate and up are halves. */
function splitFused({ values }: ModelConfig) {
    const nHeads = needCount(values, "num_attention_heads");
    const nKeyHeads = pickNumber(values, "num_key_value_heads") ?? nHeads;
    const heads = (first: number, count: number) =>
        takeShares(1, nHeads + 2 * nKeyHeads, first, count);
    return {
        "share:attn_q": heads(0, nHeads),
        "share:attn_k": heads(nHeads, nKeyHeads),
        "share:attn_v": heads(nHeads + nKeyHeads, nKeyHeads),
        "share:ffn_gate": takeShares(1, 2, 0),
        "share:ffn_up": takeShares(1, 2, 1),
    };
}

export const ernie: Family = {
    id: "ernie4_5",
    title: "ERNIE 4.5",
    architectures: ["Ernie4_5ForCausalLM", "Ernie4_5_ForCausalLM"],
    arch: "ernie4_5",
    prefixes: ["model.", "ernie."],
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.self_attn.qkv_proj": ["blk.#.attn_q", "blk.#.attn_k", "blk.#.attn_v"],
        "layers.#.mlp.up_gate_proj": ["blk.#.ffn_gate", "blk.#.ffn_up"],
    },
    transforms: splitFused,
    vocab: ["sentencepiece"],
    afterVocab: (keys, { tokenizerConfig }) => {
        const prefix = tokenizerConfig?.["add_prefix_space"];
        if (typeof prefix === "boolean") keys.bool("tokenizer.ggml.add_space_prefix", prefix);
    },
};

export const ernieMoe: Family = {
    ...ernie,
    id: "ernie4_5-moe",
    title: "ERNIE 4.5 MoE",
    architectures: ["Ernie4_5_MoeForCausalLM"],
    arch: "ernie4_5-moe",
    names: {
        ...LLAMA_STYLE_NAMES,
        ...EXPERT_NAMES,
        "layers.#.mlp.moe_statics.e_score_correction_bias": "blk.#.exp_probs_b.bias",
        "layers.#.mlp.shared_experts.gate_proj": "blk.#.ffn_gate_shexp",
        "layers.#.mlp.shared_experts.up_proj": "blk.#.ffn_up_shexp",
        "layers.#.mlp.shared_experts.down_proj": "blk.#.ffn_down_shexp",
    },
    transforms: () => ({}),
    drops: (name) => /^model\.mtp_(block|emb_norm|hidden_norm|linear_proj)\.\d/.test(name),
    experts: {
        count: "moe_num_experts",
        order: ["ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"],
    },
    metadata: (keys, values) => {
        const count = (key: string, from: string) =>
            keys.uint32(`ernie4_5-moe.${key}`, pickNumber(values, from));
        count("expert_count", "moe_num_experts");
        count("expert_used_count", "moe_k");
        count("interleave_moe_layer_step", "moe_layer_interval");
        count("leading_dense_block_count", "moe_layer_start_index");
        count("expert_feed_forward_length", "moe_intermediate_size");
        count("expert_shared_count", "moe_num_shared_experts");
        const width = pickNumber(values, "intermediate_size");
        const nKeyHeads = pickNumber(values, "num_key_value_heads");
        // As the reference computes it; the width of its shared experts is this in the models there are.
        if ((pickNumber(values, "moe_num_shared_experts") ?? 0) > 0 && width && nKeyHeads)
            keys.uint32(
                "ernie4_5-moe.expert_shared_feed_forward_length",
                Math.floor(width / nKeyHeads),
            );
    },
};
