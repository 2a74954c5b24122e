/**
 * Llama 1 to 3, CodeLlama, Yi, DeepSeek-Coder 1.x, SmolLM2, Mistral and Mixtral, all of GGUF architecture `llama`: q and k are
 * permuted, Llama 3's rope scaling becomes a tensor of factors. Source: conversion/llama.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { LLAMA_STYLE_NAMES } from "./common";
import type { ComputedTensor, Family } from "./family";
import { addSpecialTokens } from "../tokenizer/special";
import { permuteHeads } from "./rows";

const HEADS = ["n_heads", "num_attention_heads"];
const KV_HEADS = ["n_kv_heads", "num_key_value_heads"];

/** What the reference's subclasses of its Llama share: names, permutation, RoPE factors, keys, vocabulary. */
export const LLAMA_BASE = {
    names: LLAMA_STYLE_NAMES,
    transforms: permuteQueryAndKey,
    computed: llama3RopeFactors,
    vocab: ["tekken", "sentencepiece", "spm-json", "bpe"],
    beforeVocab: (keys, tokenizerConfig) => {
        const prefix = tokenizerConfig?.["add_prefix_space"];
        if (typeof prefix === "boolean") keys.bool("tokenizer.ggml.add_space_prefix", prefix);
    },
    afterVocab: (keys, { values, files }) => {
        const nVocabulary = pickNumber(values, "vocab_size");
        if (nVocabulary === CODE_LLAMA_VOCABULARY) addSpecialTokens(keys, files, CODE_LLAMA_TOKENS);
        if (nVocabulary === GRANITE_CODE_VOCABULARY)
            keys.bool("tokenizer.ggml.add_bos_token", false);
    },
} satisfies Partial<Family>;

export const llama: Family = {
    ...LLAMA_BASE,
    id: "llama",
    title: "Llama, CodeLlama, DeepSeek-Coder 1.x, SmolLM2, Yi, IQuest-Coder, Mistral, Mixtral",
    architectures: [
        "LlamaForCausalLM",
        "LLaMAForCausalLM",
        "LlamaModel",
        "MistralForCausalLM",
        "MixtralForCausalLM",
        "IQuestCoderForCausalLM",
    ],
    arch: "llama",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.block_sparse_moe.gate": "blk.#.ffn_gate_inp",
        "layers.#.block_sparse_moe.experts.*.w1": "blk.#.ffn_gate_exps",
        "layers.#.block_sparse_moe.experts.*.w2": "blk.#.ffn_down_exps",
        "layers.#.block_sparse_moe.experts.*.w3": "blk.#.ffn_up_exps",
    },
    experts: {
        count: "num_local_experts",
        order: ["ffn_gate_exps", "ffn_down_exps", "ffn_up_exps"],
    },
    metadata: llamaKeys("llama"),
};

/** Undoes transformers' rotary layout of queries and keys. */
export function permuteQueryAndKey({ values }: ModelConfig) {
    const heads = needCount(values, ...HEADS);
    return {
        attn_q: permuteHeads(heads),
        attn_k: permuteHeads(pickNumber(values, ...KV_HEADS) ?? heads),
    };
}

export function llamaKeys(arch: string) {
    return (keys: KeyValues, values: JsonObject): void => {
        keys.uint32(`${arch}.vocab_size`, needCount(values, "vocab_size"));
        keys.uint32(`${arch}.rope.dimension_count`, headDimension(values));
    };
}

const CODE_LLAMA_VOCABULARY = 32016;
const CODE_LLAMA_TOKENS = { prefix: 32007, suffix: 32008, middle: 32009, eot: 32010 };
/** Also SmolLM2 and StarCoder's tokenizer: the id 0 that would be added first is an end of text. */
const GRANITE_CODE_VOCABULARY = 49152;

export function headDimension(values: JsonObject): number {
    const given = pickNumber(values, "head_dim");
    const size =
        given ??
        Math.floor(needCount(values, "hidden_size") / needCount(values, "num_attention_heads"));
    if (size > 0 && size <= MAX_HEAD_SIZE) return size;
    throw new AppError(
        "data/checkpoint",
        `config.json gives attention heads of ${size} values, which no model has; download it again`,
    );
}

/** Far beyond any model; a list of so many values is made below. */
const MAX_HEAD_SIZE = 1 << 16;

/** With zeros or infinities the file loads and the model says nothing. */
function refuseUselessScaling(numbers: readonly number[]): void {
    if (numbers.every((value) => value > 0 && value < Infinity)) return;
    throw new AppError(
        "data/checkpoint",
        "config.json gives a RoPE scaling that no model has (factor, low_freq_factor or high_freq_factor); download it again",
    );
}

/**
 * `rope_freqs.weight` of Llama 3.1: 1 for short wavelengths, `factor` for long ones, smoothed between. In f32 steps, as the
 * reference's torch code (which divides a number by a tensor as reciprocal times number); its vectorized `pow` may differ from
 * Math.pow by one unit in the last place of smoothed entries.
 */
export function llama3RopeFactors(config: ModelConfig): ComputedTensor[] {
    const full = config.rope["full_attention"];
    const rope = isObject(full) ? full : config.rope;
    const type = rope["rope_type"];
    if (typeof type !== "string" || type.toLowerCase() !== "llama3") return [];
    const f = Math.fround;
    const base = pickNumber(rope, "rope_theta") ?? 10000;
    const dimension = headDimension(config.values);
    const factor = pickNumber(rope, "factor") ?? 8;
    const low = pickNumber(rope, "low_freq_factor") ?? 1;
    const high = pickNumber(rope, "high_freq_factor") ?? 4;
    const context = pickNumber(rope, "original_max_position_embeddings") ?? 8192;
    const values = new Float32Array(Math.ceil(dimension / 2));
    for (let i = 0; i < values.length; i++) {
        const frequency = f(1 / f(Math.pow(base, f((2 * i) / dimension))));
        const wavelength = f(f(1 / frequency) * f(2 * Math.PI));
        if (wavelength < context / high) values[i] = 1;
        else if (wavelength > context / low) values[i] = factor;
        else {
            const smooth = f(f(f(f(1 / wavelength) * f(context)) - f(low)) / f(high - low));
            values[i] = f(1 / f(f(f(1 - smooth) / f(factor)) + smooth));
        }
    }
    refuseUselessScaling([factor, low, high - low, context, ...values]);
    return [{ name: "rope_freqs.weight", values }];
}
