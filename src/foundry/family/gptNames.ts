/**
 * What the descendants of GPT-2 share (StarCoder, Refact, CodeShell, Falcon, Bloom, GPT-NeoX): names of tensors, fused projections that
 * are regrouped. Facts: gguf-py tensor_mapping.py of llama.cpp v0.5.0.
 */

import { stackRows, takeShares, type RowTransform } from "./rows";

/** Names in the style of GPT-2; a leading `transformer.` does not matter (`GPT_PREFIXES`). */
export const GPT_STYLE_NAMES = {
    wte: "token_embd",
    wpe: "position_embd",
    ln_f: "output_norm",
    "h.#.ln_1": "blk.#.attn_norm",
    "h.#.attn.c_attn": "blk.#.attn_qkv",
    "h.#.attn.c_proj": "blk.#.attn_output",
    "h.#.ln_2": "blk.#.ffn_norm",
    "h.#.mlp.c_fc": "blk.#.ffn_up",
    "h.#.mlp.c_proj": "blk.#.ffn_down",
    lm_head: "output",
} as const;

export const GPT_PREFIXES = ["transformer."];

/**
 * Fused projections that lie group by group as [queries of the group, key, value] become [all queries, all keys, all values]. One query
 * per group is the layout of GPT-NeoX and Bloom, several that of Falcon.
 */
export function regroupQkv(nHeads: number, nGroups: number): RowTransform {
    const nQueries = nHeads / nGroups;
    const nShares = nQueries + 2;
    return stackRows(
        takeShares(nGroups, nShares, 0, nQueries),
        takeShares(nGroups, nShares, nQueries),
        takeShares(nGroups, nShares, nQueries + 1),
    );
}
