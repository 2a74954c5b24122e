/**
 * Everything about a checkpoint that does not depend on the target type: family, tensors, metadata, vocabulary. Read from headers and
 * small files only; no weight is touched.
 */

import { FILE_TYPES } from "../gguf/types";
import { chooseFamily } from "./chooseFamily";
import type { CheckpointSource } from "./checkpoint/source";
import type { ModelConfig } from "./checkpoint/config";
import { readTensorIndex, type SourceTensor } from "./checkpoint/index";
import { haveSameBytes } from "./checkpoint/compare";
import { decodeQuantized } from "./checkpoint/quantized/decode";
import { forgottenRopeBase, writeCommonKeys } from "./family/common";
import type { Family } from "./family/family";
import { isDropped } from "./family/names";
import { KeyValues } from "./keyValues";
import { licenseOf, readGeneralSources, writeGeneralKeys } from "./metadata";
import type { ModelCard } from "./frontMatter";
import type { ParameterCounts } from "./modelId";
import { partBytes } from "./parts";
import { countParameters, planTensors, type PlannedTensor } from "./tensors";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer/files";
import { writeVocabulary, type VocabOptions } from "./tokenizer/vocabulary";

/** Of the quantization formats: stored in every quantized file. */
const QUANTIZATION_VERSION = 2;

export interface CheckpointModel {
    /** GGUF architecture. */
    arch: string;
    /** Where `tensors` are read from: the folder or repository, quantized weights decoded. */
    source: CheckpointSource;
    family: Family;
    config: ModelConfig;
    tensors: PlannedTensor[];
    /** Its experts are MXFP4 already and stay so. */
    isPacked: boolean;
    counts: ParameterCounts;
    /** Bytes of weights that a conversion reads, decoded ones as 32-bit floats. */
    sourceBytes: number;
    /** Bytes of weights as they are stored. */
    storedBytes: number;
    /** What the reference's `--outtype auto` takes: the type of the first matrix that has 16 bits. */
    autoType: "F16" | "BF16";
    license: string | undefined;
    warnings: string[];
    /** As it was read: large. */
    tokenizer: TokenizerFiles;
    /** In the converter's order, with `general.file_type` standing where the converter puts it. */
    keys: KeyValues;
}

export interface ReadOptions extends VocabOptions {
    /** Id of the family whose rules are used, whatever the architecture. */
    family?: string | undefined;
}

export async function readModel(
    source: CheckpointSource,
    options: ReadOptions = {},
    signal?: AbortSignal,
): Promise<CheckpointModel> {
    const { family, config: given, warnings } = await chooseFamily(source, options.family, signal);
    const warn = (message: string) => warnings.push(message);
    const stored = await readTensorIndex(source, signal, warn);
    const tensorNames = stored.map((tensor) => tensor.name);
    const config = family.prepare?.(given, tensorNames) ?? given;
    const plain = await decodeQuantized(source, config, family, stored, signal);
    const tokenizer = await readTokenizerFiles(source, config.raw, signal);
    const planned = planTensors(family, config, plain.tensors, warn, tokenizer);
    const tensors = await omitEqual(family, plain.source, planned, signal);
    const counts = countParameters(tensors);
    const general = await readGeneralSources(source, config.raw, signal);
    const keys = new KeyValues().string("general.architecture", family.arch);
    family.firstKeys?.(keys, config);
    writeGeneralKeys(keys, general, counts);
    writeCommonKeys(keys, family, config);
    family.metadata?.(keys, config.values, config);
    if (family.addsRopeBase) {
        const base = forgottenRopeBase(config);
        if (!options.reference) keys.float32(`${family.arch}.rope.freq_base`, base);
        else if (base !== undefined)
            warn(
                `The rotation base ${base} is left out, as by llama.cpp's converter; the model runs wrong without it`,
            );
    }
    keys.uint32("general.quantization_version", QUANTIZATION_VERSION);
    const vocab = writeVocabulary(
        keys,
        { label: source.label, files: tokenizer },
        family,
        config,
        options,
    );
    warnings.push(...vocab.warnings);
    if (plain.method !== undefined) warn(alreadyQuantized(plain.method, general.card));
    return {
        source: plain.source,
        arch: family.arch,
        family,
        config,
        tensors,
        isPacked: plain.isPacked,
        counts,
        sourceBytes: tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
        storedBytes: stored.reduce((sum, { bytes }) => sum + bytes, 0),
        autoType: findAutoType(plain.autoTensors),
        license: licenseOf(general.card),
        warnings,
        tokenizer,
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

/** What was lost once is lost; the original, where the card names it, gives better results. */
function alreadyQuantized(method: string, card: ModelCard): string {
    const base = card.get("base_model");
    const name = Array.isArray(base) ? base[0] : base;
    const original = typeof name === "string" && name ? `, here ${name.slice(0, 120)},` : "";
    return `The checkpoint was already quantized (${method}); the original model${original} gives better results`;
}

/** File types whose name a packed model loses to its experts. */
const PLAIN_TYPES: readonly number[] = [FILE_TYPES.F32, FILE_TYPES.F16, FILE_TYPES.BF16];

/** `converter`: as convert_hf_to_gguf.py writes a file; `quantizer`: as llama-quantize rewrites it. */
export type FileLayout = "converter" | "quantizer";

export function keysFor(
    { keys, isPacked }: { readonly keys: KeyValues; readonly isPacked?: boolean | undefined },
    fileType: number,
    layout: FileLayout,
): KeyValues {
    const copy = keys.clone();
    if (layout === "converter") {
        // A few families of the reference do not write it; llama-quantize always does.
        if (!copy.get("general.file_type")) return copy;
        const hidden = isPacked === true && PLAIN_TYPES.includes(fileType);
        return copy.uint32("general.file_type", hidden ? FILE_TYPES.MXFP4_MOE : fileType);
    }
    return copy
        .moveToEnd("general.quantization_version", { type: "uint32", value: QUANTIZATION_VERSION })
        .moveToEnd("general.file_type", { type: "uint32", value: fileType });
}
