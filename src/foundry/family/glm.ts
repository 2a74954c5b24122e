/**
 * ChatGLM, GLM-4, CodeGeeX4 and GLM-4-0414: gate and up stay fused, half of each head is rotated, the ends of text and turn come from
 * the added vocabulary. Source: conversion/chatglm.py and glm.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import type { JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import type { SpecialTokens } from "../tokenizer/special";
import { countBlocks, LLAMA_STYLE_NAMES, writeKeyRows } from "./common";
import type { Family, VocabContext } from "./family";

/** Ids that only count when the files name none. */
function addedEnds(...kinds: readonly (readonly [kind: string, text: string])[]) {
    return (special: SpecialTokens, { addedTokenId }: VocabContext): void => {
        for (const [kind, text] of kinds) {
            const id = addedTokenId(text);
            if (id !== undefined && !special.ids.has(kind)) special.ids.set(kind, id);
        }
    };
}

const TEXT_END = "<|endoftext|>";
const USER = "<|user|>";

function rotatedPart({ rope }: ModelConfig, size: number): number {
    return Math.trunc(size * (pickNumber(rope, "partial_rotary_factor") ?? 0.5));
}

function headSize(values: JsonObject): number {
    return Math.floor(needCount(values, "hidden_size") / needCount(values, "num_attention_heads"));
}

function writeChatGlmKeys(keys: KeyValues, values: JsonObject, config: ModelConfig): void {
    const hidden = needCount(values, "hidden_size", "n_embed");
    const width = "ffn_hidden_size" in values ? "ffn_hidden_size" : "intermediate_size";
    keys.uint32("chatglm.context_length", pickNumber(values, "seq_length") ?? hidden);
    keys.uint32("chatglm.embedding_length", hidden);
    keys.uint32("chatglm.feed_forward_length", pickNumber(values, width) ?? 4 * hidden);
    keys.uint32("chatglm.block_count", countBlocks(chatglm, values));
    writeKeyRows(keys, "chatglm", values, [
        ["attention.head_count", "n_head", "num_attention_heads"],
        [
            "attention.head_count_kv",
            "multi_query_group_num",
            "num_key_value_heads",
            "n_head",
            "num_attention_heads",
        ],
    ]);
    keys.float32(
        "chatglm.attention.layer_norm_rms_epsilon",
        pickNumber(values, "layernorm_epsilon") ?? 1e-5,
    );
    keys.uint32("general.file_type", 0);
    const size = pickNumber(values, "attention_dim") ?? headSize(values);
    keys.uint32("chatglm.rope.dimension_count", rotatedPart(config, size));
    keys.bool("tokenizer.ggml.add_bos_token", false);
    keys.float32("chatglm.rope.freq_base", 10000 * (pickNumber(values, "rope_ratio") ?? 1));
}

export const chatglm: Family = {
    id: "chatglm",
    title: "ChatGLM, GLM-4, CodeGeeX4",
    architectures: ["GlmForCausalLM", "ChatGLMModel", "ChatGLMForConditionalGeneration"],
    arch: "chatglm",
    prefixes: ["transformer.", "model."],
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.mlp.gate_up_proj": "blk.#.ffn_up",
        "embedding.word_embeddings": "token_embd",
        "encoder.final_layernorm": "output_norm",
        output_layer: "output",
        "encoder.layers.#.input_layernorm": "blk.#.attn_norm",
        "encoder.layers.#.self_attention.query_key_value": "blk.#.attn_qkv",
        "encoder.layers.#.self_attention.dense": "blk.#.attn_output",
        "encoder.layers.#.post_attention_layernorm": "blk.#.ffn_norm",
        "encoder.layers.#.mlp.dense_h_to_4h": "blk.#.ffn_up",
        "encoder.layers.#.mlp.dense_4h_to_h": "blk.#.ffn_down",
    },
    drops: (name) => name.endsWith(".rotary_pos_emb.inv_freq"),
    commonKeys: "none",
    metadata: writeChatGlmKeys,
    vocab: ["bpe"],
    vocabSize: (values) => pickNumber(values, "padded_vocab_size", "vocab_size"),
    specialTokens: addedEnds(["eos", TEXT_END], ["eot", USER], ["unk", TEXT_END]),
};

export const glm4: Family = {
    id: "glm4",
    title: "GLM-4-0414",
    architectures: ["Glm4ForCausalLM"],
    arch: "glm4",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.mlp.gate_up_proj": "blk.#.ffn_up",
        "layers.#.post_self_attn_layernorm": "blk.#.post_attention_norm",
        "layers.#.post_mlp_layernorm": "blk.#.post_ffw_norm",
    },
    metadata: (keys, values, config) => {
        const size = pickNumber(values, "head_dim") ?? headSize(values);
        keys.uint32("glm4.rope.dimension_count", rotatedPart(config, size));
    },
    vocab: ["bpe"],
    specialTokens: addedEnds(
        ["eos", TEXT_END],
        ["eot", USER],
        ["unk", TEXT_END],
        ["bos", TEXT_END],
    ),
};
