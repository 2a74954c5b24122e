/**
 * Gemma 1 to 3 and CodeGemma: every norm is applied as `1 + weight`, so the file holds the sum; the head is the embedding. Source:
 * conversion/gemma.py of llama.cpp v0.5.0.
 */

import { pickNumber, type ModelConfig } from "../checkpoint/config";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import type { TokenizerFiles } from "../tokenizer/files";
import { addSpecialTokens } from "../tokenizer/special";
import { countBlocks, LLAMA_STYLE_NAMES, QK_NORM_NAMES, writeKeyRows } from "./common";
import type { Family, VocabContext } from "./family";
import { firstRows, type TensorChange } from "./rows";
import { plusOne } from "./values";

const NORM: TensorChange = { value: plusOne };
const NORMS = {
    attn_norm: NORM,
    ffn_norm: NORM,
    output_norm: NORM,
    attn_q_norm: NORM,
    attn_k_norm: NORM,
    post_attention_norm: NORM,
    post_ffw_norm: NORM,
};

/** Norms before and after attention and feed-forward (2 and 3). */
const DOUBLE_NORM_NAMES = {
    ...LLAMA_STYLE_NAMES,
    lm_head: null,
    "layers.#.post_attention_layernorm": "blk.#.post_attention_norm",
    "layers.#.pre_feedforward_layernorm": "blk.#.ffn_norm",
    "layers.#.post_feedforward_layernorm": "blk.#.post_ffw_norm",
};

/** The tokenizer puts no space before a text. */
function noSpacePrefix(keys: KeyValues, { route }: VocabContext): void {
    if (route === "sentencepiece") keys.bool("tokenizer.ggml.add_space_prefix", false);
}

function writeGemmaKeys(arch: "gemma" | "gemma2") {
    return (keys: KeyValues, values: JsonObject): void => {
        const rows = (...list: Parameters<typeof writeKeyRows>[3]) =>
            writeKeyRows(keys, arch, values, list);
        rows(["context_length", "max_position_embeddings"], ["embedding_length", "hidden_size"]);
        keys.uint32(`${arch}.block_count`, countBlocks(FAMILIES[arch], values));
        rows(
            ["feed_forward_length", "intermediate_size"],
            ["attention.head_count", "num_attention_heads"],
            ["attention.head_count_kv", "num_key_value_heads", "num_attention_heads"],
            ["attention.layer_norm_rms_epsilon", "rms_norm_eps"],
            ["attention.key_length", "head_dim"],
            ["attention.value_length", "head_dim"],
        );
        keys.uint32("general.file_type", 0);
    };
}

/** Kinds and ids that only CodeGemma has; the reference writes them for every Gemma 1. */
const CODE_GEMMA_TOKENS = { prefix: 67, suffix: 69, middle: 68, fsep: 70, eot: 107 };

export const gemma: Family = {
    id: "gemma",
    title: "Gemma, CodeGemma",
    architectures: ["GemmaForCausalLM"],
    arch: "gemma",
    names: { ...LLAMA_STYLE_NAMES, lm_head: null },
    transforms: () => NORMS,
    commonKeys: "none",
    metadata: writeGemmaKeys("gemma"),
    vocab: ["sentencepiece"],
    afterVocab: (keys, context) => {
        addSpecialTokens(keys, context.files, CODE_GEMMA_TOKENS);
        noSpacePrefix(keys, context);
    },
};

export const gemma2: Family = {
    ...gemma,
    id: "gemma2",
    title: "Gemma 2",
    architectures: ["Gemma2ForCausalLM"],
    arch: "gemma2",
    names: DOUBLE_NORM_NAMES,
    metadata: (keys, values) => {
        writeGemmaKeys("gemma2")(keys, values);
        const cap = (key: string) => keys.float32(`gemma2.${key}`, pickNumber(values, key));
        cap("attn_logit_softcapping");
        cap("final_logit_softcapping");
        keys.uint32("gemma2.attention.sliding_window", pickNumber(values, "sliding_window"));
    },
    afterVocab: noSpacePrefix,
};

const FAMILIES = { gemma, gemma2 };

export const gemma3: Family = {
    id: "gemma3",
    title: "Gemma 3 (text)",
    architectures: ["Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"],
    arch: "gemma3",
    names: { ...DOUBLE_NORM_NAMES, ...QK_NORM_NAMES, lm_head: "output" },
    transforms: (config, tokenizer) => ({
        ...NORMS,
        token_embd: firstRows(countTokens(config, tokenizer)),
    }),
    metadata: (keys, values, { rope }) => {
        const full = isObject(rope["full_attention"]) ? rope["full_attention"] : rope;
        const count = (key: string, from: string, usual: number) =>
            keys.uint32(`gemma3.${key}`, pickNumber(values, from) ?? usual);
        count("context_length", "max_position_embeddings", 131072);
        count("attention.head_count", "num_attention_heads", 8);
        keys.float32(
            "gemma3.attention.layer_norm_rms_epsilon",
            pickNumber(values, "rms_norm_eps") ?? 1e-6,
        );
        count("attention.key_length", "head_dim", 256);
        count("attention.value_length", "head_dim", 256);
        keys.float32("gemma3.rope.freq_base", pickNumber(full, "rope_theta") ?? 1e6);
        const cap = pickNumber(values, "final_logit_softcapping");
        if (cap) keys.float32("gemma3.final_logit_softcapping", cap);
        if (values["sliding_window_pattern"] !== 1)
            keys.uint32("gemma3.attention.sliding_window", pickNumber(values, "sliding_window"));
        count("attention.head_count_kv", "num_key_value_heads", 4);
    },
    vocab: ["sentencepiece", "bpe"],
    afterVocab: noSpacePrefix,
};

/** Rows of the embedding that stand for a token; the others are left out. */
function countTokens(
    { values }: ModelConfig,
    { sentencePiece, tokenizer }: TokenizerFiles,
): number {
    const model = tokenizer?.["model"];
    const vocabulary = isObject(model) ? model["vocab"] : undefined;
    if (sentencePiece || !isObject(vocabulary)) return pickNumber(values, "vocab_size") ?? Infinity;
    const added = tokenizer?.["added_tokens"];
    return Object.keys(vocabulary).length + (Array.isArray(added) ? added.length : 0);
}
