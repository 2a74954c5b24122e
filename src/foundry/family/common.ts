/**
 * The keys that every text model gets, in the reference's order (`TextModel.set_gguf_parameters` of llama.cpp v0.5.0), and the
 * names of a Llama-style decoder. A key that is present in the configuration wins even when it holds null: then nothing is written.
 */

import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import { needCount, pick, pickNumber, type ModelConfig } from "../checkpoint/config";
import type { KeyValues } from "../keyValues";
import type { Family } from "./family";

/** Tensor names of a decoder in the style of Llama (also Qwen, Mistral). Facts: gguf-py tensor_mapping.py. */
export const LLAMA_STYLE_NAMES = {
    embed_tokens: "token_embd",
    norm: "output_norm",
    lm_head: "output",
    "layers.#.input_layernorm": "blk.#.attn_norm",
    "layers.#.self_attn.q_proj": "blk.#.attn_q",
    "layers.#.self_attn.k_proj": "blk.#.attn_k",
    "layers.#.self_attn.v_proj": "blk.#.attn_v",
    "layers.#.self_attn.o_proj": "blk.#.attn_output",
    "layers.#.post_attention_layernorm": "blk.#.ffn_norm",
    "layers.#.mlp.gate_proj": "blk.#.ffn_gate",
    "layers.#.mlp.up_proj": "blk.#.ffn_up",
    "layers.#.mlp.down_proj": "blk.#.ffn_down",
} as const;

/** Experts beside the router, one by one and stacked, as in Qwen, DeepSeek and OLMoE. */
export const EXPERT_NAMES = {
    "layers.#.mlp.gate": "blk.#.ffn_gate_inp",
    "layers.#.mlp.experts.*.gate_proj": "blk.#.ffn_gate_exps",
    "layers.#.mlp.experts.*.up_proj": "blk.#.ffn_up_exps",
    "layers.#.mlp.experts.*.down_proj": "blk.#.ffn_down_exps",
    "layers.#.mlp.experts.gate_up_proj": ["blk.#.ffn_gate_exps.weight", "blk.#.ffn_up_exps.weight"],
    "layers.#.mlp.experts.down_proj": "blk.#.ffn_down_exps.weight",
} as const;

/** The order in which the reference writes a layer's stacked experts. */
export const EXPERT_ORDER = ["ffn_down_exps", "ffn_gate_exps", "ffn_up_exps"] as const;

export const QK_NORM_NAMES = {
    "layers.#.self_attn.q_norm": "blk.#.attn_q_norm",
    "layers.#.self_attn.k_norm": "blk.#.attn_k_norm",
} as const;

const BLOCK_COUNT_KEYS = ["n_layers", "num_hidden_layers", "n_layer", "num_layers"];

/** Blocks of the file. */
export function countBlocks(family: Family, values: JsonObject): number {
    return family.blocks?.(values) ?? needCount(values, ...BLOCK_COUNT_KEYS);
}

const GATING = new Map([
    ["softmax", 1],
    ["sigmoid", 2],
    ["sqrtsoftplus", 4],
]);

/** `[GGUF key, config keys...]`: the first config key that is present is written. */
export type KeyRow = readonly [key: string, ...from: string[]];

/** For families that write all their keys themselves. Whole numbers; the epsilons of norms are floats. */
export function writeKeyRows(
    keys: KeyValues,
    arch: string,
    values: JsonObject,
    rows: readonly KeyRow[],
): void {
    for (const [key, ...from] of rows) {
        const value = pickNumber(values, ...from);
        if (key.endsWith("epsilon")) keys.float32(`${arch}.${key}`, value);
        else keys.uint32(`${arch}.${key}`, value);
    }
}

/** Writes `$arch.*` keys and `general.file_type`, unless the family does that itself. */
export function writeCommonKeys(keys: KeyValues, family: Family, config: ModelConfig): void {
    if (family.commonKeys === "none") return;
    const { arch } = family;
    const values = family.keyValues?.(config.values) ?? config.values;
    const count = (key: string, ...names: string[]) =>
        keys.uint32(`${arch}.${key}`, pickNumber(values, ...names));
    const real = (key: string, ...names: string[]) =>
        keys.float32(`${arch}.${key}`, pickNumber(values, ...names));
    keys.uint32(`${arch}.block_count`, countBlocks(family, values));
    count(
        "context_length",
        "max_position_embeddings",
        "n_ctx",
        "n_positions",
        "max_length",
        "max_sequence_length",
        "model_max_length",
    );
    count("embedding_length", "hidden_size", "n_embd", "dim");
    count(
        "feed_forward_length",
        "prefix_dense_intermediate_size",
        "dense_intermediate_size",
        "intermediate_size",
        "n_inner",
        "hidden_dim",
    );
    count("attention.head_count", "num_attention_heads", "n_head", "n_heads");
    count("attention.head_count_kv", "num_key_value_heads", "n_kv_heads");
    if (values["is_causal"] === false) keys.bool(`${arch}.attention.causal`, false);
    writeRopeKeys(keys, arch, config);
    real("attention.layer_norm_rms_epsilon", "rms_norm_eps", "norm_eps");
    real("attention.layer_norm_epsilon", "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon");
    count("expert_count", "num_local_experts", "num_experts", "n_routed_experts");
    count("expert_used_count", "num_experts_per_tok", "num_experts_per_token", "top_k_experts");
    count("expert_group_count", "n_group");
    count("expert_group_used_count", "topk_group");
    keys.uint32(`${arch}.expert_gating_func`, gatingFunction(values));
    count("attention.key_length", "head_dim");
    count("attention.value_length", "head_dim");
    keys.uint32("general.file_type", 0);
}

/** The rotation base when it is not the one that llama.cpp takes without the key; a model with another base runs wrong. */
export function forgottenRopeBase(config: ModelConfig): number | undefined {
    const base = pickNumber(config.rope, "rope_theta");
    return base === 10000 ? undefined : base;
}

function writeRopeKeys(keys: KeyValues, arch: string, config: ModelConfig): void {
    const full = config.rope["full_attention"];
    const rope = isObject(full) ? full : config.rope;
    const type = rope["rope_type"];
    const factor = pickNumber(rope, "factor");
    if ((type === "linear" || type === "yarn") && factor !== undefined) {
        keys.string(`${arch}.rope.scaling.type`, type);
        keys.float32(`${arch}.rope.scaling.factor`, factor);
    }
    if (type === "yarn" && factor !== undefined) writeYarnKeys(keys, arch, rope);
    if (type === "su" || type === "longrope") keys.string(`${arch}.rope.scaling.type`, "longrope");
    const sections = config.rope["mrope_section"];
    if (Array.isArray(sections))
        keys.set(`${arch}.rope.dimension_sections`, {
            type: "array[int32]",
            value: [...sections.map(Number), 0, 0, 0, 0].slice(0, 4),
        });
    keys.float32(`${arch}.rope.freq_base`, pickNumber(rope, "rope_theta"));
    const sliding = config.rope["sliding_attention"];
    if (isObject(sliding))
        keys.float32(`${arch}.rope.freq_base_swa`, pickNumber(sliding, "rope_theta"));
}

function writeYarnKeys(keys: KeyValues, arch: string, rope: JsonObject): void {
    const prefix = `${arch}.rope.scaling`;
    const original = pickNumber(rope, "original_max_position_embeddings");
    if (original === undefined)
        throw new AppError(
            "data/checkpoint",
            "config.json asks for yarn rope scaling without original_max_position_embeddings",
        );
    keys.uint32(`${prefix}.original_context_length`, original);
    keys.float32(`${prefix}.yarn_ext_factor`, pickNumber(rope, "extrapolation_factor"));
    keys.float32(`${prefix}.yarn_attn_factor`, pickNumber(rope, "attention_factor", "attn_factor"));
    keys.float32(`${prefix}.yarn_beta_fast`, pickNumber(rope, "beta_fast"));
    keys.float32(`${prefix}.yarn_beta_slow`, pickNumber(rope, "beta_slow"));
}

function gatingFunction(values: JsonObject): number | undefined {
    const name = pick(
        values,
        "score_function",
        "scoring_func",
        "score_func",
        "moe_router_activation",
        "moe_router_activation_func",
        "expert_selection_fn",
    );
    if (name === undefined || name === null) return undefined;
    const id = typeof name === "string" ? GATING.get(name) : undefined;
    if (id !== undefined) return id;
    throw new AppError(
        "data/unsupported",
        `config.json names the expert gating ${JSON.stringify(name).slice(0, 40)}, which llama.cpp does not have`,
    );
}
