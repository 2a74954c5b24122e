/** MPT and Replit Code: fused projections as llama.cpp wants them, ALiBi. Source: conversion/mpt.py of llama.cpp v0.5.0 (no file type there). */

import { needCount, pickNumber } from "../checkpoint/config";
import { isObject } from "../checkpoint/source";
import type { Family } from "./family";
import { GPT_PREFIXES } from "./gptNames";

/** `attn_config` with what the class fills in. */
function attention(values: Record<string, unknown>): Record<string, unknown> {
    const given = isObject(values["attn_config"]) ? values["attn_config"] : {};
    return { alibi: true, alibi_bias_max: 8, ...given };
}

/** Undefined: as many as queries. */
function keyValueHeads(details: Record<string, unknown>): number | undefined {
    switch (details["attn_type"] ?? "multihead_attention") {
        case "multihead_attention":
            return undefined;
        case "multiquery_attention":
            return 1;
        default:
            return pickNumber(details, "kv_n_heads");
    }
}

export const mpt: Family = {
    id: "mpt",
    title: "MPT, Replit Code",
    architectures: ["MPTForCausalLM"],
    arch: "mpt",
    names: {
        wte: "token_embd",
        wpe: "position_embd",
        norm_f: "output_norm",
        lm_head: "output",
        "blocks.#.norm_1": "blk.#.attn_norm",
        "blocks.#.attn.Wqkv": "blk.#.attn_qkv",
        "blocks.#.attn.out_proj": "blk.#.attn_output",
        "blocks.#.attn.q_ln": "blk.#.attn_q_norm",
        "blocks.#.attn.k_ln": "blk.#.attn_k_norm",
        "blocks.#.norm_2": "blk.#.ffn_norm",
        "blocks.#.ffn.up_proj": "blk.#.ffn_up",
        "blocks.#.ffn.down_proj": "blk.#.ffn_down",
    },
    prefixes: GPT_PREFIXES,
    commonKeys: "none",
    metadata: (keys, values) => {
        const details = attention(values);
        keys.uint32("mpt.context_length", needCount(values, "max_seq_len"))
            .uint32("mpt.embedding_length", needCount(values, "d_model"))
            .uint32("mpt.block_count", needCount(values, "n_layers"))
            .uint32("mpt.feed_forward_length", 4 * needCount(values, "d_model"))
            .uint32("mpt.attention.head_count", needCount(values, "n_heads"));
        keys.uint32("mpt.attention.head_count_kv", keyValueHeads(details));
        keys.float32("mpt.attention.layer_norm_epsilon", 1e-5)
            .float32("mpt.attention.clamp_kqv", pickNumber(details, "clip_qkv"))
            .float32(
                "mpt.attention.max_alibi_bias",
                details["alibi"] ? pickNumber(details, "alibi_bias_max") : 0,
            );
    },
    vocab: ["bpe", "sentencepiece"],
    /** SEA-LION is the only one with a SentencePiece vocabulary. */
    afterVocab: (keys, { route }) => {
        if (route !== "sentencepiece") return;
        keys.bool("tokenizer.ggml.add_bos_token", false)
            .uint32("tokenizer.ggml.padding_token_id", 3)
            .uint32("tokenizer.ggml.eos_token_id", 1)
            .uint32("tokenizer.ggml.unknown_token_id", 0);
    },
};
