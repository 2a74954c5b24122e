/** Qwen2, Qwen2.5 and Qwen2.5-Coder: Llama-style names with q/k/v biases, nothing is rearranged. */

import { LLAMA_STYLE_NAMES } from "./common";
import type { Family } from "./family";

export const qwen2: Family = {
    id: "qwen2",
    title: "Qwen2, Qwen2.5, Qwen2.5-Coder",
    architectures: ["Qwen2ForCausalLM", "Qwen2Model", "KORMoForCausalLM"],
    arch: "qwen2",
    names: LLAMA_STYLE_NAMES,
    vocab: ["sentencepiece", "bpe"],
};
