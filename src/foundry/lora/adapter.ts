/**
 * A PEFT LoRA adapter as it lies in its folder: adapter_config.json, and the pairs of small matrices in adapter_model.safetensors (or
 * .bin) by the name of the weight that they change. What is no low-rank pair is refused, with a reason. Facts:
 * convert_lora_to_gguf.py of llama.cpp v0.5.0.
 */

import { AppError } from "../../base/errors";
import { readTensorFile, type SourceTensor } from "../checkpoint/index";
import { compareCodePoints } from "../checkpoint/safetensors";
import { isObject, readJson, type CheckpointSource, type JsonObject } from "../checkpoint/source";

export interface LoraPair {
    /** Of the weight in the base model. */
    name: string;
    /** [rank, inputs] */
    a: SourceTensor;
    /** [outputs, rank] */
    b: SourceTensor;
    rank: number;
    /** What the model multiplies B * A with. */
    scale: number;
}

export interface LoraAdapter {
    pairs: LoraPair[];
    /** Norms that some tools store whole beside the pairs. */
    norms: SourceTensor[];
    /** llama.cpp multiplies with alpha / rank of each pair. */
    alpha: number;
}

export async function readAdapter(
    source: CheckpointSource,
    signal?: AbortSignal,
): Promise<LoraAdapter> {
    const config = await readJson(source, "adapter_config.json", signal);
    const file = FILES.find((name) => source.files.has(name));
    if (!config || file === undefined)
        throw new AppError(
            "data/checkpoint",
            `${source.label} has no ${config ? FILES[0] : "adapter_config.json"}; pick the folder of a PEFT LoRA adapter`,
        );
    const scaling = readScaling(config);
    const tensors = await readTensorFile(source, file, signal);
    tensors.sort((a, b) => compareCodePoints(a.name, b.name));
    const halves = new Map<string, { a?: SourceTensor; b?: SourceTensor }>();
    const norms: SourceTensor[] = [];
    for (const tensor of tensors) {
        const name = baseName(tensor.name);
        const side = sideOf(tensor.name);
        if (side) halves.set(name, { ...halves.get(name), [side]: tensor });
        else if (/_layernorm|\.norm/.test(tensor.name)) norms.push({ ...tensor, name });
        else if (!tensor.name.includes(".base_layer.weight")) throw notLowRank(tensor.name);
    }
    const pairs = [...halves].map(([name, { a, b }]) => toPair(name, a, b, scaling));
    if (pairs.length === 0)
        throw new AppError("data/checkpoint", `${file} of ${source.label} has no LoRA weights`);
    return { pairs, norms, alpha: scaling.alpha };
}

const FILES = ["adapter_model.safetensors", "adapter_model.bin"];

function baseName(name: string): string {
    return name
        .replace("base_model.model.", "")
        .replace(/\.lora_[AB]\.weight/, ".weight")
        .replace(/\.lora_embedding_[AB]/, ".weight");
}

function sideOf(name: string): "a" | "b" | undefined {
    const match = /\.lora_([AB])\.weight|\.lora_embedding_([AB])/.exec(name);
    const letter = match?.[1] ?? match?.[2];
    if (letter === undefined) return undefined;
    return letter === "A" ? "a" : "b";
}

function notLowRank(name: string): AppError {
    const kind = /embed_tokens|lm_head/.test(name)
        ? "holds whole embeddings, as for new tokens"
        : `holds ${name.slice(0, 120)}, which is no pair of small matrices`;
    return new AppError(
        "data/unsupported",
        `The adapter ${kind}; merge it into its base model and convert that`,
    );
}

interface Scaling {
    /** Written to the file. */
    alpha: number;
    scaleOf: (name: string, rank: number) => number;
}

/**
 * llama.cpp knows one alpha and divides by each pair's rank. Rank-stabilised adapters divide by its root, so their alpha is
 * multiplied by the root of the usual rank; what still differs is put into B.
 */
function readScaling(config: JsonObject): Scaling {
    const type = config["peft_type"];
    if (typeof type === "string" && type.toUpperCase() !== "LORA")
        throw unsupported(`of the type ${type.slice(0, 40)}`);
    if (config["use_dora"] === true) throw unsupported("of the DoRA kind");
    if (config["alora_invocation_tokens"] || config["invocation_string"])
        throw unsupported("switched on by tokens (aLoRA)");
    const alpha = config["lora_alpha"];
    const usualRank = config["r"];
    if (typeof alpha !== "number" || !Number.isFinite(alpha))
        throw new AppError(
            "data/checkpoint",
            "adapter_config.json gives no lora_alpha; download the adapter again",
        );
    const isStabilised = config["use_rslora"] === true;
    if (isStabilised && (typeof usualRank !== "number" || !(usualRank > 0)))
        throw new AppError(
            "data/checkpoint",
            "adapter_config.json gives no rank r; download the adapter again",
        );
    const patterns = isObject(config["alpha_pattern"]) ? config["alpha_pattern"] : {};
    return {
        alpha: isStabilised ? alpha * Math.sqrt(Number(usualRank)) : alpha,
        scaleOf: (name, rank) => {
            const own = patternFor(patterns, name) ?? alpha;
            return own / (isStabilised ? Math.sqrt(rank) : rank);
        },
    };
}

function unsupported(what: string): AppError {
    return new AppError(
        "data/unsupported",
        `The adapter is ${what}, which llama.cpp cannot apply; merge it into its base model and convert that`,
    );
}

/** As PEFT: a key is a module's name or the end of it. Keys that are regular expressions are taken as names only. */
function patternFor(patterns: JsonObject, name: string): number | undefined {
    const module = name.replace(/\.weight$/, "");
    const key = Object.keys(patterns).find((end) => module === end || module.endsWith(`.${end}`));
    const value = key === undefined ? undefined : patterns[key];
    return typeof value === "number" ? value : undefined;
}

function toPair(
    name: string,
    a: SourceTensor | undefined,
    b: SourceTensor | undefined,
    { scaleOf }: Scaling,
): LoraPair {
    const rank = a?.shape[0] ?? 0;
    if (!a || !b || a.shape.length !== 2 || b.shape.length !== 2 || b.shape[1] !== rank || !rank)
        throw new AppError(
            "data/checkpoint",
            `The adapter's matrices for ${name.slice(0, 120)} do not fit together; download it again`,
        );
    return { name, a, b, rank, scale: scaleOf(name, rank) };
}
