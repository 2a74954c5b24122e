/**
 * config.json with the defaults that the transformers classes fill in, because GGUF keys depend on them (a missing
 * `rope_theta` is written as 10000). One row per model_type; the next families add theirs. Reads nothing but what it is given.
 * Source of the defaults: transformers 4.57.6, the `configuration_*.py` of each model.
 */

import { AppError } from "../../base/errors";
import { isObject, readJson, type CheckpointSource, type JsonObject } from "./source";

type Default = number | boolean | null | ((config: JsonObject) => unknown);

const perHead = (config: JsonObject) =>
    Math.floor(Number(config["hidden_size"]) / Number(config["num_attention_heads"]));
const heads = (config: JsonObject) => config["num_attention_heads"];

/** Filled in this order, so a function may use what stands before it. `null` in a file counts as absent for functions only. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, Default>>>> = {
    llama: {
        vocab_size: 32000,
        hidden_size: 4096,
        intermediate_size: 11008,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: heads,
        max_position_embeddings: 2048,
        rms_norm_eps: 1e-6,
        rope_theta: 10000,
        head_dim: perHead,
    },
    mistral: {
        vocab_size: 32000,
        hidden_size: 4096,
        intermediate_size: 14336,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 8,
        max_position_embeddings: 131072,
        rms_norm_eps: 1e-6,
        rope_theta: 10000,
        head_dim: null,
    },
    mixtral: {
        vocab_size: 32000,
        hidden_size: 4096,
        intermediate_size: 14336,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 8,
        max_position_embeddings: 131072,
        rms_norm_eps: 1e-5,
        rope_theta: 1e6,
        head_dim: null,
        num_local_experts: 8,
        num_experts_per_tok: 2,
    },
    qwen2: {
        vocab_size: 151936,
        hidden_size: 4096,
        intermediate_size: 22016,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 32,
        max_position_embeddings: 32768,
        rms_norm_eps: 1e-6,
        rope_theta: 10000,
    },
};

export interface ModelConfig {
    /** config.json as it is in the folder. */
    raw: JsonObject;
    /** With class defaults and a nested `text_config` merged to the root: what GGUF keys are read from. */
    values: JsonObject;
    /** `architectures[0]`: decides the family. */
    architecture: string;
    /** `rope_parameters` or `rope_scaling`, completed with theta and type. */
    rope: JsonObject;
}

/** Reads config.json; says what to do when it is absent or names no architecture. */
export async function readConfig(
    source: CheckpointSource,
    signal?: AbortSignal,
): Promise<ModelConfig> {
    const raw = await readJson(source, "config.json", signal);
    if (!raw)
        throw new AppError(
            "data/checkpoint",
            `${source.label} has no config.json; pick the folder of a Hugging Face model`,
        );
    return completeConfig(raw, source.label);
}

export function completeConfig(raw: JsonObject, label: string): ModelConfig {
    const nested = [raw["text_config"], raw["llm_config"]].find(isObject);
    const architecture =
        firstString(nested?.["architectures"]) ?? firstString(raw["architectures"]);
    if (architecture === undefined)
        throw new AppError(
            "data/checkpoint",
            `config.json of ${label} names no architecture; the folder is not a complete model`,
        );
    const values = nested ? { ...withDefaults(raw), ...withDefaults(nested) } : withDefaults(raw);
    return { raw, values, architecture, rope: ropeParameters(values) };
}

function withDefaults(config: JsonObject): JsonObject {
    const type = config["model_type"];
    const defaults =
        typeof type === "string" && Object.hasOwn(DEFAULTS, type) ? DEFAULTS[type] : undefined;
    const result: JsonObject = { ...config };
    for (const [key, value] of Object.entries(defaults ?? {})) {
        if (typeof value === "function") result[key] ??= value(result);
        else if (!(key in result)) result[key] = value;
    }
    return result;
}

/** The first of these keys that is present decides, even when it holds null (as `find_hparam` of the reference). */
export function pick(values: JsonObject, ...keys: string[]): unknown {
    const key = keys.find((name) => name in values);
    return key === undefined ? undefined : values[key];
}

/** As `pick`, for a number; null and absence are undefined, anything else is refused. */
export function pickNumber(values: JsonObject, ...keys: string[]): number | undefined {
    const value = pick(values, ...keys);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new AppError(
        "data/checkpoint",
        `config.json gives ${keys.join(" / ")} as ${JSON.stringify(value).slice(0, 60)}, which is not a number; download it again`,
    );
}

/** A count that must be there, positive and sane. */
export function needCount(values: JsonObject, ...keys: string[]): number {
    const value = pickNumber(values, ...keys);
    if (value !== undefined && Number.isInteger(value) && value > 0 && value <= 2 ** 31)
        return value;
    throw new AppError(
        "data/checkpoint",
        `config.json gives no usable ${keys.find((key) => key in values) ?? keys[0] ?? "value"} (${value ?? "absent"}); download it again`,
    );
}

/** Global values are mirrored into the rope dictionary; `type` is the old name of `rope_type`. */
function ropeParameters(values: JsonObject): JsonObject {
    const given = [values["rope_parameters"], values["rope_scaling"]].find(isObject);
    const rope: JsonObject = { ...given };
    if ("full_attention" in rope || "sliding_attention" in rope) return rope;
    const fill = (key: string, value: unknown) => {
        if (!(key in rope) && value !== undefined && value !== null) rope[key] = value;
    };
    fill("rope_theta", pick(values, "global_rope_theta", "rope_theta", "rotary_emb_base"));
    fill("rope_type", rope["type"]);
    fill("partial_rotary_factor", pick(values, "partial_rotary_factor", "rope_pct"));
    fill("original_max_position_embeddings", values["original_max_position_embeddings"]);
    const local = pick(values, "local_rope_theta", "rope_local_base_freq");
    if (local !== undefined && local !== null) rope["sliding_attention"] = { rope_theta: local };
    return rope;
}

function firstString(value: unknown): string | undefined {
    const first: unknown = Array.isArray(value) ? value[0] : undefined;
    return typeof first === "string" ? first : undefined;
}
