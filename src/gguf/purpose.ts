/**
 * What a model file is for, by its metadata: text, vectors of texts, or only to compare a question with a text. How vectors of tokens become
 * one of their text. Keys and numbers: `pooling_type` of llama.cpp (include/llama.h). Pure.
 */

import { numberOf, stringOf } from "./metadata";
import type { GgufFile } from "./read";

/** `ranks`: says how well a text answers a question; it neither writes nor has vectors to keep. */
export type OtherPurpose = "embeddings" | "ranks";
export type Purpose = "text" | OtherPurpose;

/** How the vectors of a text's tokens become one: their mean, the first one's, the last one's. */
export type Pooling = "mean" | "cls" | "last";

type Keys = Pick<GgufFile, "metadata">;

/** Of `ARCHITECTURES` those that read a text in both directions: they cannot write one. */
const ENCODERS: ReadonlySet<string> = new Set([
    "bert",
    "modern-bert",
    "nomic-bert",
    "nomic-bert-moe",
    "neo-bert",
    "jina-bert-v2",
    "jina-bert-v3",
    "eurobert",
    "gemma-embedding",
    "llama-embed",
    "t5encoder",
]);
const POOLINGS: Readonly<Record<number, Pooling>> = { 1: "mean", 2: "cls", 3: "last" };
const RANK = 4;

export function purposeOf(file: Keys): Purpose {
    const architecture = stringOf(file, "general.architecture") ?? "";
    const isClassifier = file.metadata.has(`${architecture}.classifier.output_labels`);
    if (isClassifier || poolingKey(file) === RANK) return "ranks";
    return ENCODERS.has(architecture) || namedPooling(file) ? "embeddings" : "text";
}

/** Undefined: the file names none, as of models that were not trained to compare texts. */
export function namedPooling(file: Keys): Pooling | undefined {
    return POOLINGS[poolingKey(file) ?? 0];
}

function poolingKey(file: Keys): number | undefined {
    return numberOf(file, `${stringOf(file, "general.architecture") ?? ""}.pooling_type`);
}
