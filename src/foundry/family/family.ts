/**
 * What a model family is, as data: which architectures it covers, how its tensors are called in GGUF, which of them change on
 * the way, which keys it writes and where its vocabulary comes from. One small file per family; the core never asks for a name.
 */

import type { JsonObject } from "../checkpoint/source";
import type { ModelConfig } from "../checkpoint/config";
import type { KeyValues } from "../keyValues";
import type { TokenizerFiles } from "../tokenizer/files";
import type { SpmVariant } from "../tokenizer/sentencepiece";
import type { SpecialTokens } from "../tokenizer/special";
import type { RowTransform, TensorChange } from "./rows";

/** Routes are tried in order; the first one whose files are present is taken. */
export type VocabRoute = "sentencepiece" | "spm-json" | "bpe";

/** A tensor that no file holds: computed from the configuration (rope factors). Always F32, one dimension. */
export interface ComputedTensor {
    name: string;
    values: Float32Array;
}

/** Tensors of one layer that differ in a second number (experts, norms per head) and become one, stacked by that number. */
export interface Experts {
    /** Config key with their number, or the number itself. */
    count: string | ((values: JsonObject) => number);
    /** GGUF names (without `blk.N.`) in the order in which the reference writes a layer's stacked tensors. */
    order: readonly string[];
}

/**
 * A GGUF prefix or whole name; several when the source is split (each with its own transform); null when the tensor is
 * dropped.
 */
export type Target = string | readonly string[] | null;

export interface Family {
    id: string;
    /** For people: "Qwen2, Qwen2.5, Qwen2.5-Coder". */
    title: string;
    /** Hugging Face `architectures[0]`. */
    architectures: readonly string[];
    /** GGUF architecture; prefix of its keys. */
    arch: string;
    /**
     * Hugging Face tensor prefix -> GGUF prefix, `.weight` and `.bias` stay; or whole name -> whole name (`mixer.A_log` ->
     * `blk.#.ssm_a`), which is looked up first. `#` stands for the block number, `*` for an expert's.
     */
    names: Readonly<Record<string, Target>>;
    /** Beginnings of names that do not matter, nor their absence. `["model."]` when not given. */
    prefixes?: readonly string[];
    /** More tensors to leave out, by whole name. */
    drops?: (name: string, config: ModelConfig) => boolean;
    /** Number of blocks when it is not `num_hidden_layers` (prediction layers at the end count in some architectures). */
    blocks?: (values: JsonObject) => number;
    /**
     * By GGUF name without `blk.N.`: `share:attn_q` only when the source is split, `attn_norm.weight` only for that suffix,
     * `attn_q` for all.
     */
    transforms?: (
        config: ModelConfig,
        tokenizer: TokenizerFiles,
    ) => Readonly<Record<string, RowTransform | TensorChange>>;
    experts?: Experts | readonly Experts[];
    /** Extra tensors, written first. */
    computed?: (config: ModelConfig) => ComputedTensor[];
    /** A matrix that is left out when it holds the same bytes as another one: [left out, kept]. */
    omitEqual?: readonly [string, string];
    /** Keys that stand right after `general.architecture`. */
    firstKeys?: (keys: KeyValues, config: ModelConfig) => void;
    /** Changes of the configuration for the common keys only. */
    keyValues?: (values: JsonObject) => JsonObject;
    /** "none": the family writes all its keys itself, `general.file_type` (any value) among them if the reference does. */
    commonKeys?: "none";
    /** Keys beyond the common ones, after them. */
    metadata?: (keys: KeyValues, values: JsonObject, config: ModelConfig) => void;
    vocab: readonly VocabRoute[];
    /** Rows of the vocabulary when it is not `vocab_size`. */
    vocabSize?: (values: JsonObject) => number | undefined;
    /** How the family reads tokenizer.model, where it differs. */
    sentencePiece?: SpmVariant;
    /** Changes of the special tokens that the files name, before they are written. */
    specialTokens?: (special: SpecialTokens, context: VocabContext) => void;
    /** `add_space_prefix` between the vocabulary and its special tokens; anything but a boolean is not written. */
    spacePrefix?: (files: TokenizerFiles) => unknown;
    /** Tokenizer keys that stand before the vocabulary. */
    beforeVocab?: (keys: KeyValues, tokenizerConfig: JsonObject | undefined) => void;
    /** Tokenizer keys after the vocabulary and its special tokens. */
    afterVocab?: (keys: KeyValues, context: VocabContext) => void;
}

export interface VocabContext {
    values: JsonObject;
    tokenizerConfig: JsonObject | undefined;
    /** Id of an added token of tokenizer.json, by its text. */
    addedTokenId: (text: string) => number | undefined;
    files: TokenizerFiles;
    /** What the vocabulary became. */
    route: VocabRoute;
    nTokens: number;
}
