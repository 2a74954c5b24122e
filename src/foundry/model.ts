/**
 * Everything about a checkpoint that does not depend on the target type: family, tensors, metadata, vocabulary. Read from headers and
 * small files only; no weight is touched.
 */

import type { CheckpointSource } from "./checkpoint/source";
import { readConfig, type ModelConfig } from "./checkpoint/config";
import { readTensorIndex, type SourceTensor } from "./checkpoint/index";
import { decodeQuantized } from "./checkpoint/quantized/decode";
import { writeCommonKeys } from "./family/common";
import type { Family } from "./family/family";
import { isDropped } from "./family/names";
import { findFamily } from "./family/registry";
import { KeyValues } from "./keyValues";
import { licenseOf, readGeneralSources, writeGeneralKeys } from "./metadata";
import type { ModelCard } from "./frontMatter";
import type { ParameterCounts } from "./modelId";
import { countParameters, planTensors, type PlannedTensor } from "./tensors";
import { writeVocabulary, type VocabOptions } from "./tokenizer/vocabulary";

/** Of the quantization formats: stored in every quantized file. */
const QUANTIZATION_VERSION = 2;

export interface CheckpointModel {
    /** Where `tensors` are read from: the folder or repository, quantized weights decoded. */
    source: CheckpointSource;
    family: Family;
    config: ModelConfig;
    tensors: PlannedTensor[];
    counts: ParameterCounts;
    /** Bytes of weights that a conversion reads, decoded ones as 32-bit floats. */
    sourceBytes: number;
    /** Bytes of weights as they are stored. */
    storedBytes: number;
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
    const stored = await readTensorIndex(source, signal);
    const plain = await decodeQuantized(source, config, family, stored, signal);
    const warn = (message: string) => warnings.push(message);
    const tensors = planTensors(family, config, plain.tensors, warn);
    const counts = countParameters(tensors);
    const general = await readGeneralSources(source, config.raw, signal);
    const keys = new KeyValues().string("general.architecture", family.arch);
    writeGeneralKeys(keys, general, counts);
    writeCommonKeys(keys, family.arch, config, 0);
    family.metadata?.(keys, config.values);
    keys.uint32("general.quantization_version", QUANTIZATION_VERSION);
    const vocab = await writeVocabulary(keys, source, family, config, options, signal);
    warnings.push(...vocab.warnings);
    if (plain.method !== undefined) warn(alreadyQuantized(plain.method, general.card));
    return {
        source: plain.source,
        family,
        config,
        tensors,
        counts,
        sourceBytes: tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
        storedBytes: stored.reduce((sum, { bytes }) => sum + bytes, 0),
        autoType: findAutoType(plain.autoTensors),
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

/** What was lost once is lost; the original, where the card names it, gives better results. */
function alreadyQuantized(method: string, card: ModelCard): string {
    const base = card.get("base_model");
    const name = Array.isArray(base) ? base[0] : base;
    const original = typeof name === "string" && name ? `, here ${name.slice(0, 120)},` : "";
    return `The checkpoint was already quantized (${method}); the original model${original} gives better results`;
}

/** `converter`: as convert_hf_to_gguf.py writes a file; `quantizer`: as llama-quantize rewrites it. */
export type FileLayout = "converter" | "quantizer";

export function keysFor(model: CheckpointModel, fileType: number, layout: FileLayout): KeyValues {
    const keys = model.keys.clone();
    if (layout === "converter") return keys.uint32("general.file_type", fileType);
    return keys
        .moveToEnd("general.quantization_version", { type: "uint32", value: QUANTIZATION_VERSION })
        .moveToEnd("general.file_type", { type: "uint32", value: fileType });
}
