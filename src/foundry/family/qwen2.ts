/** Qwen 2 and 3, dense: Llama-style names, q/k/v biases (2) or q/k norms (3), nothing is rearranged. Source: conversion/qwen.py. */

import { LLAMA_STYLE_NAMES, QK_NORM_NAMES } from "./common";
import type { Family } from "./family";

export const qwen2: Family = {
    id: "qwen2",
    title: "Qwen2, Qwen2.5, Qwen2.5-Coder",
    architectures: ["Qwen2ForCausalLM", "Qwen2Model", "KORMoForCausalLM"],
    arch: "qwen2",
    names: LLAMA_STYLE_NAMES,
    vocab: ["sentencepiece", "bpe"],
};

export const qwen3: Family = {
    ...qwen2,
    id: "qwen3",
    title: "Qwen3",
    architectures: ["Qwen3ForCausalLM", "Qwen3Model"],
    arch: "qwen3",
    names: { ...LLAMA_STYLE_NAMES, ...QK_NORM_NAMES },
};
