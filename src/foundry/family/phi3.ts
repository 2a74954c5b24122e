/**
 * Phi-3, Phi-3.5, Phi-4 and Phi-4-mini: fused projections as llama.cpp wants them, "longrope" factors as two tensors. Source:
 * conversion/phi.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { needCount, pickNumber, type ModelConfig } from "../checkpoint/config";
import { isObject } from "../checkpoint/source";
import { LLAMA_STYLE_NAMES } from "./common";
import type { ComputedTensor, Family } from "./family";
import { rotatedSize } from "./phi";

const HEADS = ["num_attention_heads", "n_head"];
const KV_HEADS = ["num_key_value_heads", "n_head_kv"];
const EMBEDDING = ["hidden_size", "n_embd"];
const CONTEXT = ["n_positions", "max_position_embeddings"];

export const phi3: Family = {
    id: "phi3",
    title: "Phi-3, Phi-3.5, Phi-4, Phi-4-mini",
    architectures: ["Phi3ForCausalLM"],
    arch: "phi3",
    names: {
        ...LLAMA_STYLE_NAMES,
        "layers.#.self_attn.qkv_proj": "blk.#.attn_qkv",
        "layers.#.mlp.gate_up_proj": "blk.#.ffn_up",
    },
    computed: longRopeFactors,
    firstKeys: (keys, config) => {
        if (hasLongRope(config))
            keys.float32("phi3.rope.scaling.attn_factor", attentionFactor(config));
    },
    commonKeys: "none",
    metadata: (keys, values, config) => {
        const width = needCount(values, ...EMBEDDING);
        const nHeads = needCount(values, ...HEADS);
        keys.uint32("phi3.context_length", needCount(values, ...CONTEXT))
            .uint32("phi3.rope.scaling.original_context_length", originalContext(config))
            .uint32("phi3.embedding_length", width)
            .uint32("phi3.feed_forward_length", needCount(values, "intermediate_size"))
            .uint32("phi3.block_count", needCount(values, "num_hidden_layers", "n_layer"))
            .uint32("phi3.attention.head_count", nHeads)
            .uint32("phi3.attention.head_count_kv", pickNumber(values, ...KV_HEADS) ?? nHeads)
            .float32("phi3.attention.layer_norm_rms_epsilon", pickNumber(values, "rms_norm_eps"))
            .uint32("phi3.rope.dimension_count", rotatedSize(config.rope, width, nHeads, 1))
            .float32("phi3.rope.freq_base", pickNumber(config.rope, "rope_theta"))
            .uint32("general.file_type", 0)
            // Zero tells Phi-4 from the others.
            .uint32("phi3.attention.sliding_window", pickNumber(values, "sliding_window") ?? 0);
    },
    vocab: ["sentencepiece", "bpe"],
    sentencePiece: { addedTokens: "as-marked" },
};

function originalContext({ rope, values }: ModelConfig): number {
    return (
        pickNumber(rope, "original_max_position_embeddings") ??
        needCount(values, "original_max_position_embeddings", ...CONTEXT)
    );
}

function hasLongRope({ rope }: ModelConfig): boolean {
    const factors = rope["long_factor"];
    return Array.isArray(factors) && factors.length > 0;
}

/** What scaling does to the size of attention scores; chosen by how far the context was stretched. */
function attentionFactor(config: ModelConfig): number {
    const original = originalContext(config);
    const scale = needCount(config.values, ...CONTEXT) / original;
    const type = config.rope["rope_type"];
    switch (isRenamed(config) ? "longrope" : String(type).toLowerCase()) {
        case "su":
        case "longrope":
            return scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(original)) : 1;
        case "yarn":
            return scale > 1 ? 0.1 * Math.log(scale) + 1 : 1;
        default:
            throw new AppError(
                "data/unsupported",
                `config.json asks for the rope scaling ${JSON.stringify(type ?? null).slice(0, 40)}, which llama.cpp does not have for this model`,
            );
    }
}

/** transformers reads "yarn" in a scaling of exactly three entries as an old name. */
function isRenamed({ values }: ModelConfig): boolean {
    const scaling = values["rope_scaling"];
    return isObject(scaling) && scaling["type"] === "yarn" && Object.keys(scaling).length === 3;
}

function longRopeFactors(config: ModelConfig): ComputedTensor[] {
    if (!hasLongRope(config)) return [];
    const width = needCount(config.values, ...EMBEDDING);
    const size = rotatedSize(config.rope, width, needCount(config.values, ...HEADS), 1) / 2;
    return ["long", "short"].map((kind) => {
        const factors = config.rope[`${kind}_factor`];
        if (!Array.isArray(factors) || factors.length !== size || !factors.every(Number.isFinite))
            throw new AppError(
                "data/checkpoint",
                `config.json has no usable rope_scaling.${kind}_factor of ${size} numbers; download it again`,
            );
        return { name: `rope_factors_${kind}.weight`, values: Float32Array.from(factors) };
    });
}
