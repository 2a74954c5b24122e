/** EXAONE 3 and 3.5: GPT-2-like names over a Llama-like decoder. Source: conversion/exaone.py of llama.cpp v0.5.0. */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { llama3RopeFactors } from "./llama";

export const exaone: Family = {
    id: "exaone",
    title: "EXAONE 3",
    architectures: ["ExaoneForCausalLM"],
    arch: "exaone",
    prefixes: ["transformer."],
    names: {
        wte: "token_embd",
        ln_f: "output_norm",
        lm_head: "output",
        "h.#.ln_1": "blk.#.attn_norm",
        "h.#.attn.attention.q_proj": "blk.#.attn_q",
        "h.#.attn.attention.k_proj": "blk.#.attn_k",
        "h.#.attn.attention.v_proj": "blk.#.attn_v",
        "h.#.attn.attention.out_proj": "blk.#.attn_output",
        "h.#.ln_2": "blk.#.ffn_norm",
        "h.#.mlp.c_fc_0": "blk.#.ffn_gate",
        "h.#.mlp.c_fc_1": "blk.#.ffn_up",
        "h.#.mlp.c_proj": "blk.#.ffn_down",
    },
    computed: llama3RopeFactors,
    metadata: (keys, values, { rope }) => {
        const size = Math.floor(
            needCount(values, "hidden_size") / needCount(values, "num_attention_heads"),
        );
        const share = pickNumber(rope, "partial_rotary_factor") ?? 1;
        keys.uint32("exaone.rope.dimension_count", Math.trunc(share * size));
    },
    vocab: ["bpe"],
};
