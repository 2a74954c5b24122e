/**
 * Encoders for embeddings: BERT (also bge, e5, gte, MiniLM), RoBERTa (CodeBERT) and nomic-embed-text v1 and v1.5. No causal attention, WordPiece, a pooling
 * that sentence-transformers' files name. Source: conversion/bert.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { pickNumber, type ModelConfig } from "../checkpoint/config";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import type { Family } from "./family";
import { rowsFrom } from "./rows";

/** Heads for training; the pooler is not used for embeddings either. */
const UNUSED =
    /^(bert\.|roberta\.)?(embeddings\.position_ids|pooler\.dense\.(weight|bias)|cls\.(predictions|seq_relationship)\..*)$/;

/** Names of classes, unless they are the dummies that every configuration has. */
function labelsOf(values: JsonObject): string[] {
    const labels = values["id2label"];
    if (!isObject(labels)) return [];
    const entries = Object.entries(labels).sort(([a], [b]) => Number(a) - Number(b));
    const isDummy = entries.length === 2 && labels["0"] === "LABEL_0";
    return isDummy ? [] : entries.map(([, label]) => String(label));
}

function encoderKeys(keys: KeyValues, arch: string, config: ModelConfig): void {
    keys.bool(`${arch}.attention.causal`, false);
    keys.uint32(`${arch}.pooling_type`, config.pooling);
    const value = labelsOf(config.values);
    keys.set(`${arch}.classifier.output_labels`, { type: "array[string]", value });
}

/** Which of two texts a token belongs to: how many kinds there are. */
function tokenTypes(keys: KeyValues, values: JsonObject): void {
    keys.uint32("tokenizer.ggml.token_type_count", pickNumber(values, "type_vocab_size") ?? 1);
}

export const bert: Family = {
    id: "bert",
    title: "BERT encoders (bge, e5, gte, MiniLM)",
    architectures: ["BertModel", "BertForMaskedLM", "BertForSequenceClassification"],
    arch: "bert",
    names: {
        "embeddings.word_embeddings": "token_embd",
        "embeddings.position_embeddings": "position_embd",
        "embeddings.token_type_embeddings": "token_types",
        "embeddings.LayerNorm": "token_embd_norm",
        // Old uploads keep the names of the first TensorFlow code.
        "embeddings.LayerNorm.gamma": "token_embd_norm.weight",
        "embeddings.LayerNorm.beta": "token_embd_norm.bias",
        "encoder.layer.#.attention.self.query": "blk.#.attn_q",
        "encoder.layer.#.attention.self.key": "blk.#.attn_k",
        "encoder.layer.#.attention.self.value": "blk.#.attn_v",
        "encoder.layer.#.attention.output.dense": "blk.#.attn_output",
        "encoder.layer.#.attention.output.LayerNorm": "blk.#.attn_output_norm",
        "encoder.layer.#.attention.output.LayerNorm.gamma": "blk.#.attn_output_norm.weight",
        "encoder.layer.#.attention.output.LayerNorm.beta": "blk.#.attn_output_norm.bias",
        "encoder.layer.#.intermediate.dense": "blk.#.ffn_up",
        "encoder.layer.#.output.dense": "blk.#.ffn_down",
        "encoder.layer.#.output.LayerNorm": "blk.#.layer_output_norm",
        "encoder.layer.#.output.LayerNorm.gamma": "blk.#.layer_output_norm.weight",
        "encoder.layer.#.output.LayerNorm.beta": "blk.#.layer_output_norm.bias",
        classifier: "cls.output",
    },
    prefixes: ["bert."],
    drops: (name, { values }) =>
        UNUSED.test(name) ||
        // Two unnamed classes: the dummy head of a configuration, which llama.cpp has no place for.
        (name.startsWith("classifier.") && labelsOf(values).length === 0),
    metadata: (keys, _, config) => encoderKeys(keys, "bert", config),
    beforeVocab: (keys, _, values) => tokenTypes(keys, values),
    vocab: ["wordpiece"],
};

/** Positions count from the padding token's id on; the rows before are never used. */
function firstPosition(values: JsonObject): number {
    const padding = "pad_token_id" in values ? pickNumber(values, "pad_token_id") : 1;
    return padding === undefined ? 0 : padding + 1;
}

export const roberta: Family = {
    ...bert,
    id: "roberta",
    title: "RoBERTa encoders (CodeBERT, UniXcoder)",
    architectures: ["RobertaModel", "RobertaForSequenceClassification"],
    names: {
        ...bert.names,
        "classifier.dense": "cls",
        "classifier.out_proj": "cls.output",
    },
    prefixes: ["roberta."],
    drops: (name) => UNUSED.test(name),
    transforms: ({ values }) => ({ position_embd: rowsFrom(firstPosition(values)) }),
    keyValues: (values) => ({
        ...values,
        max_position_embeddings:
            (pickNumber(values, "max_position_embeddings") ?? 512) - firstPosition(values),
    }),
    beforeVocab: () => undefined,
    vocab: ["bpe"],
    afterVocab: (keys, { values }) => tokenTypes(keys, values),
};

export const nomicBert: Family = {
    id: "nomic-bert",
    title: "nomic-embed-text v1 and v1.5",
    architectures: ["NomicBertModel"],
    arch: "nomic-bert",
    names: {
        "embeddings.word_embeddings": "token_embd",
        "embeddings.token_type_embeddings": "token_types",
        emb_ln: "token_embd_norm",
        "encoder.layers.#.attn.Wqkv": "blk.#.attn_qkv",
        "encoder.layers.#.attn.out_proj": "blk.#.attn_output",
        "encoder.layers.#.norm1": "blk.#.attn_output_norm",
        "encoder.layers.#.mlp.fc11": "blk.#.ffn_up",
        "encoder.layers.#.mlp.fc12": "blk.#.ffn_gate",
        "encoder.layers.#.mlp.fc2": "blk.#.ffn_down",
        "encoder.layers.#.norm2": "blk.#.layer_output_norm",
    },
    prefixes: ["bert."],
    drops: (name) => UNUSED.test(name),
    keyValues: (values) => {
        refuseUnknownVariant(values);
        return { ...values, n_positions: trainedPositions(values) };
    },
    metadata: (keys, _, config) => encoderKeys(keys, "nomic-bert", config),
    beforeVocab: (keys, _, values) => tokenTypes(keys, values),
    vocab: ["wordpiece"],
};

/** v1 and v1.5 say 8192 and were trained on 2048. */
function trainedPositions(values: JsonObject): number {
    const positions = pickNumber(values, "n_positions");
    const trained = pickNumber(values, "max_trained_positions") ?? 2048;
    if (positions === 8192 && trained === 2048) return 2048;
    throw new AppError(
        "data/unsupported",
        `This version of nomic-embed-text (n_positions ${positions ?? "absent"}) is not known; v1 and v1.5 are`,
    );
}

/** llama.cpp computes one kind of layer; the switches of the others must be off. */
const REQUIRED: Readonly<Record<string, unknown>> = {
    activation_function: "swiglu",
    causal: false,
    qkv_proj_bias: false,
    mlp_fc1_bias: false,
    mlp_fc2_bias: false,
    prenorm: false,
    rotary_emb_fraction: 1,
    rotary_emb_interleaved: false,
    rotary_emb_scale_base: null,
};

function refuseUnknownVariant(values: JsonObject): void {
    const wrong = Object.keys(REQUIRED).find((key) => (values[key] ?? null) !== REQUIRED[key]);
    if (wrong === undefined) return;
    throw new AppError(
        "data/unsupported",
        `config.json says ${wrong} = ${JSON.stringify(values[wrong] ?? null).slice(0, 40)}, which llama.cpp does not have for this model`,
    );
}
