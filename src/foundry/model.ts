/**
 * Everything about a checkpoint that does not depend on the target type: family, tensors, metadata, vocabulary. Read from headers and
 * small files only; no weight is touched.
 */

import { AppError } from "../base/errors";
import { isObject, type CheckpointSource, type JsonObject } from "./checkpoint/source";
import { readConfig, type ModelConfig } from "./checkpoint/config";
import { readTensorIndex, type SourceTensor } from "./checkpoint/index";
import { haveSameBytes } from "./checkpoint/compare";
import { writeCommonKeys } from "./family/common";
import type { Family } from "./family/family";
import { isDropped } from "./family/names";
import { findFamily } from "./family/registry";
import { KeyValues } from "./keyValues";
import { licenseOf, readGeneralSources, writeGeneralKeys } from "./metadata";
import type { ParameterCounts } from "./modelId";
import { partBytes } from "./parts";
import { countParameters, planTensors, type PlannedTensor } from "./tensors";
import { readTokenizerFiles } from "./tokenizer/files";
import { writeVocabulary, type VocabOptions } from "./tokenizer/vocabulary";

/** Of the quantization formats: stored in every quantized file. */
const QUANTIZATION_VERSION = 2;

export interface CheckpointModel {
    /** GGUF architecture. */
    arch: string;
    source: CheckpointSource;
    family: Family;
    config: ModelConfig;
    tensors: PlannedTensor[];
    counts: ParameterCounts;
    /** Bytes of weights that a conversion reads. */
    sourceBytes: number;
    /** What the reference's `--outtype auto` takes: the type of the first matrix that has 16 bits. */
    autoType: "F16" | "BF16";
    license: string | undefined;
    warnings: string[];
    /** In the converter's order, with `general.file_type` standing where the converter puts it. */
    keys: KeyValues;
}

export async function readModel(
    source: CheckpointSource,
    options: VocabOptions = {},
    signal?: AbortSignal,
): Promise<CheckpointModel> {
    const warnings: string[] = [];
    const config = await readConfig(source, signal);
    const family = findFamily(config.architecture);
    refuseQuantized(config.raw);
    const sources = await readTensorIndex(source, signal);
    const tokenizer = await readTokenizerFiles(source, config.raw, signal);
    const warn = (message: string) => warnings.push(message);
    const planned = planTensors(family, config, sources, warn, tokenizer);
    const tensors = await omitEqual(family, source, planned, signal);
    const counts = countParameters(tensors);
    const general = await readGeneralSources(source, config.raw, signal);
    const keys = new KeyValues().string("general.architecture", family.arch);
    family.firstKeys?.(keys, config);
    writeGeneralKeys(keys, general, counts);
    writeCommonKeys(keys, family, config);
    family.metadata?.(keys, config.values, config);
    keys.uint32("general.quantization_version", QUANTIZATION_VERSION);
    const vocab = writeVocabulary(
        keys,
        { label: source.label, files: tokenizer },
        family,
        config,
        options,
    );
    warnings.push(...vocab.warnings);
    return {
        source,
        arch: family.arch,
        family,
        config,
        tensors,
        counts,
        sourceBytes: tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
        autoType: findAutoType(sources),
        license: licenseOf(general.card),
        warnings,
        keys,
    };
}

function tensorBytes(tensor: PlannedTensor): number {
    return tensor.parts.reduce((sum, part) => sum + partBytes(part), 0);
}

/** Leaves out a matrix that repeats another one, where the family says so. */
async function omitEqual(
    family: Family,
    source: CheckpointSource,
    tensors: PlannedTensor[],
    signal?: AbortSignal,
): Promise<PlannedTensor[]> {
    const [copy, original] = family.omitEqual ?? [];
    const find = (name: string | undefined) =>
        tensors.find((tensor) => tensor.name === name)?.parts[0]?.source;
    const [first, second] = [find(copy), find(original)];
    if (!first || !second || !(await haveSameBytes(source, first, second, signal))) return tensors;
    return tensors.filter((tensor) => tensor.name !== copy);
}

function findAutoType(sources: readonly SourceTensor[]): "F16" | "BF16" {
    const first = sources.find(
        ({ name, shape, dtype }) =>
            shape.length >= 2 && !isDropped(name) && (dtype === "BF16" || dtype === "F16"),
    );
    return first?.dtype === "BF16" ? "BF16" : "F16";
}

function refuseQuantized(config: JsonObject): void {
    const quantization = config["quantization_config"];
    if (!isObject(quantization)) return;
    const method = quantization["quant_method"];
    throw new AppError(
        "data/unsupported",
        `The checkpoint is already quantized (${typeof method === "string" ? method.slice(0, 40) : "unknown method"}); convert the original model instead`,
    );
}

/** `converter`: as convert_hf_to_gguf.py writes a file; `quantizer`: as llama-quantize rewrites it. */
export type FileLayout = "converter" | "quantizer";

export function keysFor(
    { keys }: { readonly keys: KeyValues },
    fileType: number,
    layout: FileLayout,
): KeyValues {
    const copy = keys.clone();
    if (layout === "converter") {
        // A few families of the reference do not write it; llama-quantize always does.
        if (!copy.get("general.file_type")) return copy;
        return copy.uint32("general.file_type", fileType);
    }
    return copy
        .moveToEnd("general.quantization_version", { type: "uint32", value: QUANTIZATION_VERSION })
        .moveToEnd("general.file_type", { type: "uint32", value: fileType });
}
