/**
 * Refact 1.6B: one key/value head, stored as one matrix; gate and up as another; ALiBi instead of a rotation. Source:
 * conversion/refact.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { GPT_PREFIXES, GPT_STYLE_NAMES } from "./gptNames";
import { takeShares } from "./rows";

const MULTIPLE_OF = 256;

/** Two thirds of the usual width, rounded up; config.json does not say it. */
function feedForward(values: Record<string, unknown>): number {
    const width = Math.floor((2 * 4 * needCount(values, "n_embd")) / 3);
    return Math.ceil(width / MULTIPLE_OF) * MULTIPLE_OF;
}

export const refact: Family = {
    id: "refact",
    title: "Refact",
    architectures: ["GPTRefactForCausalLM"],
    arch: "refact",
    names: {
        ...GPT_STYLE_NAMES,
        "h.#.attn.q": "blk.#.attn_q",
        "h.#.attn.kv": ["blk.#.attn_k", "blk.#.attn_v"],
        "h.#.mlp.gate_up_proj": ["blk.#.ffn_gate", "blk.#.ffn_up"],
    },
    prefixes: GPT_PREFIXES,
    transforms: () => ({
        attn_k: takeShares(1, 2, 0),
        attn_v: takeShares(1, 2, 1),
        ffn_gate: takeShares(1, 2, 0),
        ffn_up: takeShares(1, 2, 1),
    }),
    commonKeys: "none",
    metadata: (keys, values) =>
        keys
            .uint32("refact.context_length", needCount(values, "n_positions"))
            .uint32("refact.embedding_length", needCount(values, "n_embd"))
            .uint32("refact.feed_forward_length", feedForward(values))
            .uint32("refact.block_count", needCount(values, "n_layer"))
            .uint32("refact.attention.head_count", needCount(values, "n_head"))
            .uint32("refact.attention.head_count_kv", 1)
            .float32(
                "refact.attention.layer_norm_rms_epsilon",
                pickNumber(values, "layer_norm_epsilon"),
            )
            .uint32("general.file_type", 0),
    vocab: ["bpe"],
};
