/**
 * config.json with the defaults that the transformers classes fill in, because GGUF keys depend on them (a missing
 * `rope_theta` is written as 10000), the language model's part of a multimodal one at the root, and rope settings in one form.
 * Reads nothing but what it is given. The defaults: configDefaults.ts.
 */

import { AppError } from "../../base/errors";
import { ALIASES, DEFAULTS, NESTED_TYPES } from "./configDefaults";
import { readPooling } from "./pooling";
import { isGguf, isObject, readJson, type CheckpointSource, type JsonObject } from "./source";

export interface ModelConfig {
    /** config.json as it is in the folder. */
    raw: JsonObject;
    /** With class defaults and a nested `text_config` merged to the root: what GGUF keys are read from. */
    values: JsonObject;
    /** `architectures[0]`: decides the family. */
    architecture: string;
    /** What sentence-transformers' files say of pooling; `undefined` when they are absent. */
    pooling?: number | undefined;
    /** `rope_parameters` or `rope_scaling`, completed with theta and type. */
    rope: JsonObject;
}

/** Reads config.json; says what to do when it is absent or names no architecture (`fallback`: the one to take then). */
export async function readConfig(
    source: CheckpointSource,
    signal?: AbortSignal,
    fallback?: string,
): Promise<ModelConfig> {
    const raw = await readJson(source, "config.json", signal);
    if (!raw && source.files.has("adapter_config.json")) throw isAdapter(source.label);
    if (!raw && isOnlyGguf(source)) throw isGguf(source.label);
    if (!raw)
        throw new AppError(
            "data/checkpoint",
            `${source.label} has no config.json, so it is no Hugging Face model; choose another folder or repository`,
        );
    const pooling = await readPooling(source, signal);
    return { ...completeConfig(raw, source.label, fallback), pooling };
}

function isOnlyGguf({ files }: CheckpointSource): boolean {
    const names = [...files.keys()];
    const has = (ending: string) => names.some((name) => name.endsWith(ending));
    return has(".gguf") && !has(".safetensors");
}

/** Where the configuration of the language model is nested; the reference renames all of them to the first. */
const NESTED_KEYS = ["text_config", "llm_config", "lm_config", "language_config"];

/** For a LoRA adapter that was given as a model. */
export function isAdapter(label: string): AppError {
    return new AppError(
        "data/unsupported",
        `${label} is a LoRA adapter, not a model; convert it with ingot lora ADAPTER --base MODEL`,
    );
}

export function completeConfig(raw: JsonObject, label: string, fallback?: string): ModelConfig {
    const nested = NESTED_KEYS.map((key) => raw[key]).find(isObject);
    const architecture =
        firstString(nested?.["architectures"]) ?? firstString(raw["architectures"]) ?? fallback;
    if (architecture === undefined)
        throw new AppError(
            "data/checkpoint",
            `config.json of ${label} names no architecture; download it again`,
        );
    const outerType = textOf(raw["model_type"]);
    const outer = withDefaults(raw, outerType);
    const innerType = textOf(nested?.["model_type"]) ?? ownEntry(NESTED_TYPES, outerType);
    const values = nested ? { ...outer, ...withDefaults(nested, innerType) } : outer;
    return { raw, values, architecture, rope: ropeParameters(values) };
}

function withDefaults(config: JsonObject, type: string | undefined): JsonObject {
    const result: JsonObject = { ...config };
    for (const [key, name] of Object.entries(ownEntry(ALIASES, type) ?? {})) {
        if (!(key in result)) continue;
        result[name] = result[key];
        delete result[key];
    }
    for (const [key, value] of Object.entries(ownEntry(DEFAULTS, type) ?? {})) {
        if (typeof value === "function") result[key] ??= value(result);
        else if (!(key in result)) result[key] = value;
    }
    return result;
}

function ownEntry<T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined {
    return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
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

const THETA = [
    "global_rope_theta",
    "rope_global_theta",
    "rope_theta_global",
    "rope_theta",
    "rotary_emb_base",
];
const LOCAL_THETA = [
    "local_rope_theta",
    "rope_local_theta",
    "rope_theta_local",
    "swa_rope_theta",
    "rope_local_base_freq",
];

/** Global values are mirrored into the rope dictionary; `type` is the old name of `rope_type`. */
function ropeParameters(values: JsonObject): JsonObject {
    const given = "rope_parameters" in values ? values["rope_parameters"] : values["rope_scaling"];
    const rope: JsonObject = isObject(given) ? { ...given } : {};
    if ("full_attention" in rope || "sliding_attention" in rope) return rope;
    const local = pick(values, ...LOCAL_THETA);
    if (local !== undefined && local !== null) rope["sliding_attention"] = { rope_theta: local };
    const fill = (key: string, value: unknown) => {
        if (!(key in rope) && value !== undefined && value !== null) rope[key] = value;
    };
    fill("rope_theta", pick(values, ...THETA));
    fill("rope_type", rope["type"]);
    fill(
        "partial_rotary_factor",
        pick(values, "partial_rotary_factor", "rope_pct", "rope_percent"),
    );
    fill("original_max_position_embeddings", values["original_max_position_embeddings"]);
    return rope;
}

function firstString(value: unknown): string | undefined {
    const first: unknown = Array.isArray(value) ? value[0] : undefined;
    return typeof first === "string" ? first : undefined;
}
