/**
 * What a model family is, as data: which architectures it covers, how its tensors are called in GGUF, which of them change on
 * the way, which keys it writes and where its vocabulary comes from. One small file per family; the core never asks for a name.
 */

import type { JsonObject } from "../checkpoint/source";
import type { ModelConfig } from "../checkpoint/config";
import type { KeyValues } from "../keyValues";
import type { RowTransform } from "./rows";

/** Routes are tried in order; the first one whose files are present is taken. */
export type VocabRoute = "sentencepiece" | "spm-json" | "bpe";

/** A tensor that no file holds: computed from the configuration (rope factors). Always F32, one dimension. */
export interface ComputedTensor {
    name: string;
    values: Float32Array;
}

export interface Experts {
    /** Config key with the number of experts. */
    count: string;
    /** GGUF names (without `blk.N.`) in the order in which the reference writes a layer's stacked tensors. */
    order: readonly string[];
}

export interface Family {
    id: string;
    /** For people: "Qwen2, Qwen2.5, Qwen2.5-Coder". */
    title: string;
    /** Hugging Face `architectures[0]`. */
    architectures: readonly string[];
    /** GGUF architecture; prefix of its keys. */
    arch: string;
    /**
     * Hugging Face tensor prefix -> GGUF prefix; `#` stands for the block number, `*` for an expert's. `.weight` and `.bias`
     * stay. A leading `model.` (or its absence) does not matter.
     */
    names: Readonly<Record<string, string>>;
    /** By GGUF name without `blk.N.` and suffix. */
    transforms?: (config: ModelConfig) => Readonly<Record<string, RowTransform>>;
    experts?: Experts;
    /** Extra tensors, written first. */
    computed?: (config: ModelConfig) => ComputedTensor[];
    /** Keys beyond the common ones, after them. */
    metadata?: (keys: KeyValues, values: JsonObject) => void;
    vocab: readonly VocabRoute[];
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
}
