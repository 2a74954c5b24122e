/**
 * How a checkpoint says that it is quantized: `quantization_config` in config.json, which is where the reference converter looks, or
 * the files that older tools wrote beside it. Gives the method's name and its settings; nothing is decoded here.
 */

import type { ModelConfig } from "../config";
import { isObject, readJson, type CheckpointSource, type JsonObject } from "../source";

export interface Quantization {
    /** Lower case: "gptq", "awq", "bitsandbytes", "fp8", "compressed-tensors"... */
    method: string;
    settings: JsonObject;
    /** In config.json; the reference converter knows of nothing else. */
    inConfig: boolean;
}

/** Undefined for a plain checkpoint. */
export async function readQuantization(
    source: CheckpointSource,
    config: ModelConfig,
    signal?: AbortSignal,
): Promise<Quantization | undefined> {
    const inConfig = [config.raw["quantization_config"], config.values["quantization_config"]].find(
        isObject,
    );
    if (inConfig) return describe(inConfig, "unknown", true);
    const old = config.raw["compression_config"];
    if (isObject(old)) return describe(old, "compressed-tensors", false);
    for (const [file, method] of OLD_FILES) {
        const settings = await readJson(source, file, signal);
        if (settings) return describe(settings, method, false);
    }
    return undefined;
}

/** What wrote these files before config.json had a place for it. */
const OLD_FILES = [
    ["quantize_config.json", "gptq"],
    ["quant_config.json", "awq"],
    ["hf_quant_config.json", "modelopt"],
] as const;

function describe(settings: JsonObject, usual: string, inConfig: boolean): Quantization {
    const method = settings["quant_method"];
    const inner = settings["quantization"];
    return {
        method: (typeof method === "string" ? method : usual).toLowerCase(),
        settings: isObject(inner) ? { ...settings, ...inner } : settings,
        inConfig,
    };
}

export function numberSetting({ settings }: Quantization, key: string): number | undefined {
    const value = settings[key];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A name to show or compare, lower case and short. */
export function nameSetting({ settings }: Quantization, key: string): string | undefined {
    const value = settings[key];
    return typeof value === "string" ? value.toLowerCase().slice(0, 40) : undefined;
}
