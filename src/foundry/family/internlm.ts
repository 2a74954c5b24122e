/**
 * InternLM 2 and 3. InternLM2 stores queries, keys and values of a group of heads together; its SentencePiece vocabulary has habits
 * of its own. Source: conversion/internlm.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import { listAddedTokens, listAddedTokensDecoder, type TokenizerFiles } from "../tokenizer/files";
import { addsDummyPrefix } from "../tokenizer/sentencepiece";
import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";
import { LLAMA_BASE, llamaKeys, permuteQueryAndKey } from "./llama";
import { takeShares, thenRows } from "./rows";

const CHAT_END = "<|im_end|>";

/** Chat models end a turn with this token, but name another one as EOS. */
function chatEnd(files: TokenizerFiles): number | undefined {
    const added = [...listAddedTokensDecoder(files.config), ...listAddedTokens(files.tokenizer)];
    return added.findLast((token) => token.text === CHAT_END)?.id;
}

export const internlm2: Family = {
    id: "internlm2",
    title: "InternLM2",
    architectures: ["InternLM2ForCausalLM"],
    arch: "internlm2",
    names: {
        tok_embeddings: "token_embd",
        norm: "output_norm",
        output: "output",
        "layers.#.attention_norm": "blk.#.attn_norm",
        "layers.#.attention.wqkv": ["blk.#.attn_q", "blk.#.attn_k", "blk.#.attn_v"],
        "layers.#.attention.wo": "blk.#.attn_output",
        "layers.#.ffn_norm": "blk.#.ffn_norm",
        "layers.#.feed_forward.w1": "blk.#.ffn_gate",
        "layers.#.feed_forward.w2": "blk.#.ffn_down",
        "layers.#.feed_forward.w3": "blk.#.ffn_up",
    },
    transforms: (config) => {
        const nHeads = needCount(config.values, "num_attention_heads");
        const nGroups = pickNumber(config.values, "num_key_value_heads") ?? nHeads;
        const perGroup = Math.floor(nHeads / nGroups);
        const permute = permuteQueryAndKey(config);
        return {
            attn_q: thenRows(takeShares(nGroups, perGroup + 2, 0, perGroup), permute.attn_q),
            attn_k: thenRows(takeShares(nGroups, perGroup + 2, perGroup), permute.attn_k),
            attn_v: takeShares(nGroups, perGroup + 2, perGroup + 1),
        };
    },
    vocab: ["sentencepiece"],
    sentencePiece: {
        addedTokens: "as-marked",
        unusedPrefix: "[UNUSED",
        nul: "\u{1f409}",
        appendAdded: true,
    },
    specialTokens: (special, { files }) => {
        const end = chatEnd(files);
        if (end !== undefined) special.ids.set("eos", end);
    },
    spacePrefix: ({ sentencePiece }) => sentencePiece && addsDummyPrefix(sentencePiece),
};

export const internlm3: Family = {
    ...LLAMA_BASE,
    id: "internlm3",
    title: "InternLM3",
    architectures: ["InternLM3ForCausalLM"],
    arch: "llama",
    names: LLAMA_STYLE_NAMES,
    computed: () => [],
    metadata: llamaKeys("llama"),
    vocab: ["sentencepiece"],
    beforeVocab: () => undefined,
    spacePrefix: ({ config }) => config?.["add_prefix_space"],
    specialTokens: (special, { files }) => {
        const end = listAddedTokensDecoder(files.config).findLast(
            (token) => token.special && token.text === CHAT_END,
        );
        if (end && special.ids.has("eos")) special.ids.set("eos", end.id);
    },
    afterVocab: () => undefined,
};
