/**
 * GPT-2: its projections are stored transposed (transformers' Conv1D), causal masks beside them are dropped. Source:
 * conversion/gpt2.py of llama.cpp v0.5.0.
 */

import { needCount, pickNumber } from "../checkpoint/config";
import type { Family } from "./family";
import { GPT_PREFIXES, GPT_STYLE_NAMES } from "./gptNames";
import type { TensorChange } from "./rows";

const TRANSPOSED: TensorChange = { transpose: true };

export const gpt2: Family = {
    id: "gpt2",
    title: "GPT-2",
    architectures: ["GPT2LMHeadModel"],
    arch: "gpt2",
    names: GPT_STYLE_NAMES,
    prefixes: GPT_PREFIXES,
    transforms: () => ({
        "attn_qkv.weight": TRANSPOSED,
        "attn_output.weight": TRANSPOSED,
        "ffn_up.weight": TRANSPOSED,
        "ffn_down.weight": TRANSPOSED,
    }),
    commonKeys: "none",
    metadata: (keys, values) =>
        keys
            .uint32("gpt2.block_count", needCount(values, "n_layer"))
            .uint32("gpt2.context_length", needCount(values, "n_ctx", "n_positions"))
            .uint32("gpt2.embedding_length", needCount(values, "n_embd"))
            .uint32("gpt2.feed_forward_length", 4 * needCount(values, "n_embd"))
            .uint32("gpt2.attention.head_count", needCount(values, "n_head"))
            .float32("gpt2.attention.layer_norm_epsilon", pickNumber(values, "layer_norm_epsilon"))
            .uint32("general.file_type", 0),
    vocab: ["bpe"],
};
