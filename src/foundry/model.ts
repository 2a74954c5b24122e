/**
 * Everything about a checkpoint that does not depend on the target type: family, tensors, metadata, vocabulary. Read from headers and
 * small files only; no weight is touched.
 */

import { AppError } from "../base/errors";
import { isObject, type CheckpointSource, type JsonObject } from "./checkpoint/source";
import { readConfig, type ModelConfig } from "./checkpoint/config";
import { readTensorIndex, type SourceTensor } from "./checkpoint/index";
import { writeCommonKeys } from "./family/common";
import type { Family } from "./family/family";
import { isDropped } from "./family/names";
import { findFamily } from "./family/registry";
import { KeyValues } from "./keyValues";
import { licenseOf, readGeneralSources, writeGeneralKeys } from "./metadata";
import type { ParameterCounts } from "./modelId";
import { countParameters, planTensors, type PlannedTensor } from "./tensors";
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
    const tensors = planTensors(family, config, sources, (message) => warnings.push(message));
    const counts = countParameters(tensors);
    const general = await readGeneralSources(source, config.raw, signal);
    const keys = new KeyValues().string("general.architecture", family.arch);
    writeGeneralKeys(keys, general, counts);
    writeCommonKeys(keys, family.arch, config, 0);
    family.metadata?.(keys, config.values);
    keys.uint32("general.quantization_version", QUANTIZATION_VERSION);
    const vocab = await writeVocabulary(keys, source, family, config, options, signal);
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
    return tensor.parts.reduce((sum, { source }) => sum + source.bytes, 0);
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
    if (layout === "converter") return copy.uint32("general.file_type", fileType);
    return copy
        .moveToEnd("general.quantization_version", { type: "uint32", value: QUANTIZATION_VERSION })
        .moveToEnd("general.file_type", { type: "uint32", value: fileType });
}
