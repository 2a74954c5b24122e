/**
 * The tensors of a checkpoint: which safetensors files belong to it (PyTorch's own ones when there are no others), and every
 * tensor with its file and byte range. An index and the files must name the same tensors; what is missing is listed whole.
 * Names are not interpreted here.
 */

import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { isAdapter } from "./config";
import { isGguf, isObject, readJson, type CheckpointSource } from "./source";
import { compareCodePoints, headerLength, parseHeader } from "./safetensors";
import { readTorchFile } from "./torch/torchFile";

export interface SourceTensor {
    name: string;
    dtype: string;
    /** Outermost dimension first. */
    shape: readonly number[];
    file: string;
    /** Byte range inside the file. */
    offset: number;
    bytes: number;
    /** Of a tensor in a file that there is not: those that it is put together from. */
    madeOf?: readonly SourceTensor[] | undefined;
}

interface Format {
    /** Name of the file when there is only one. */
    single: string;
    isShard: (file: string) => boolean;
    read: (
        source: CheckpointSource,
        file: string,
        signal: AbortSignal | undefined,
    ) => Promise<SourceTensor[]>;
}

const SAFETENSORS: Format = {
    single: "model.safetensors",
    isShard: (file) => file.startsWith("model") && file.endsWith(".safetensors"),
    read: readShard,
};
const TORCH: Format = {
    single: "pytorch_model.bin",
    isShard: (file) => file.startsWith("pytorch_model") && file.endsWith(".bin"),
    read: readTorchFile,
};

/** Each header from the Hub costs several round trips. */
const SHARDS_AT_A_TIME = 8;
const MAX_SHARDS = 10_000;

/**
 * In the reference converter's order: shard by shard (sorted), names by code point inside a shard. Of two tensors with one name the later
 * file's counts, as there; `warn` is told.
 */
export async function readTensorIndex(
    source: CheckpointSource,
    signal?: AbortSignal,
    warn?: (message: string) => void,
): Promise<SourceTensor[]> {
    const names = [...source.files.keys()];
    const hasOnlyTorch =
        !names.some(SAFETENSORS.isShard) &&
        !names.includes(indexOf(SAFETENSORS)) &&
        names.some(TORCH.isShard);
    const format = hasOnlyTorch ? TORCH : SAFETENSORS;
    const weightMap = await readWeightMap(source, format, signal);
    const shards = weightMap ? [...new Set(weightMap.values())] : names.filter(format.isShard);
    shards.sort(compareCodePoints);
    if (shards.length === 0) throw noWeights(source);
    if (shards.length > MAX_SHARDS)
        throw new AppError("data/checkpoint", `${source.label} lists ${shards.length} shards`);
    refuseMissingShards(source, weightMap ? shards : numberedShards(shards, format));
    const tensors = new Map<string, SourceTensor>();
    const twice: [first: SourceTensor, second: SourceTensor][] = [];
    for (let at = 0; at < shards.length; at += SHARDS_AT_A_TIME) {
        throwIfAborted(signal);
        const batch = shards.slice(at, at + SHARDS_AT_A_TIME);
        const lists = await Promise.all(batch.map((file) => format.read(source, file, signal)));
        for (const tensor of lists.flat()) {
            const first = tensors.get(tensor.name);
            if (first) twice.push([first, tensor]);
            tensors.set(tensor.name, tensor);
        }
    }
    if (twice.length > 0) warn?.(describeTwice(twice));
    if (weightMap) refuseMismatch(source, indexOf(format), weightMap, tensors);
    return [...tensors.values()];
}

/** The tensors of one file, whatever its format. */
export function readTensorFile(
    source: CheckpointSource,
    file: string,
    signal?: AbortSignal,
): Promise<SourceTensor[]> {
    return (file.endsWith(".bin") ? TORCH : SAFETENSORS).read(source, file, signal);
}

function indexOf(format: Format): string {
    return `${format.single}.index.json`;
}

/**
 * The index, unless it is stale: a repository whose single `model.safetensors` replaced shards that are gone keeps an old index
 * around, and the single file is then the checkpoint.
 */
async function readWeightMap(
    source: CheckpointSource,
    format: Format,
    signal: AbortSignal | undefined,
): Promise<Map<string, string> | undefined> {
    const name = indexOf(format);
    const index = await readJson(source, name, signal);
    if (!index) return undefined;
    const map = index["weight_map"];
    const bad = () =>
        new AppError(
            "data/checkpoint",
            `${name} of ${source.label} has no usable weight_map; download it again`,
        );
    if (!isObject(map)) throw bad();
    const result = new Map<string, string>();
    for (const [tensor, file] of Object.entries(map)) {
        if (typeof file !== "string" || /[\\/]|^\.\.?$/.test(file)) throw bad();
        result.set(tensor, file);
    }
    const files = [...new Set(result.values())];
    const none = files.every((file) => !source.files.has(file));
    return none && source.files.has(format.single) ? undefined : result;
}

async function readShard(
    source: CheckpointSource,
    file: string,
    signal: AbortSignal | undefined,
): Promise<SourceTensor[]> {
    const reader = await source.open(file);
    try {
        const prefix = await reader.read(0, Math.min(8, reader.sizeBytes), signal);
        const length = headerLength(prefix, reader.sizeBytes, file);
        const entries = parseHeader(await reader.read(8, length, signal), reader.sizeBytes, file);
        return entries.map((entry) => ({ ...entry, file }));
    } finally {
        await reader.close();
    }
}

/** Without an index the names say how many there are: `model-00001-of-00003.safetensors`. A file with the whole model needs no others. */
function numberedShards(shards: readonly string[], format: Format): string[] {
    if (shards.includes(format.single)) return [];
    const all = new Set<string>();
    for (const shard of shards) {
        const [, stem = "", count = "", ending = ""] =
            /^(.+-)\d{5}-of-(\d{5})(\.\w+)$/.exec(shard) ?? [];
        for (let number = 1; number <= Math.min(Number(count), MAX_SHARDS); number++)
            all.add(`${stem}${String(number).padStart(5, "0")}-of-${count}${ending}`);
    }
    return [...all];
}

function refuseMissingShards(source: CheckpointSource, shards: readonly string[]): void {
    const missing = shards.filter((file) => !source.files.has(file));
    if (missing.length === 0) return;
    throw new AppError(
        "data/checkpoint",
        `${source.label} is incomplete: ${list(missing)} ${missing.length === 1 ? "is" : "are"} missing; download ${missing.length === 1 ? "it" : "them"} into the folder`,
        { detail: `missing files: ${missing.sort(compareCodePoints).join(", ")}` },
    );
}

function describeTwice(twice: readonly (readonly [SourceTensor, SourceTensor])[]): string {
    const names = [...new Set(twice.map(([, { name }]) => name))];
    const lost = [...new Set(twice.map(([{ file }]) => file))];
    const kept = [...new Set(twice.map(([, { file }]) => file))];
    const which =
        names.length === 1 ? `${names[0]} is` : `${names.length} tensors (${list(names)}) are`;
    return `${which} in several files; ${list(kept)} counted, not ${list(lost)}; remove the files that do not belong to the model if that is wrong`;
}

function refuseMismatch(
    source: CheckpointSource,
    index: string,
    weightMap: Map<string, string>,
    tensors: Map<string, SourceTensor>,
): void {
    const missing = [...weightMap.keys()].filter((name) => !tensors.has(name));
    const extra = [...tensors.keys()].filter((name) => !weightMap.has(name));
    if (missing.length === 0 && extra.length === 0) return;
    const parts = [
        ...(missing.length > 0 ? [`no file has ${list(missing)}`] : []),
        ...(extra.length > 0 ? [`the index does not name ${list(extra)}`] : []),
    ];
    throw new AppError(
        "data/checkpoint",
        `${index} of ${source.label} does not match its files: ${parts.join("; ")}; download the repository again`,
        { detail: `missing tensors: ${missing.join(", ")}; extra tensors: ${extra.join(", ")}` },
    );
}

function list(names: readonly string[]): string {
    const shown = names.slice(0, 5).join(", ");
    return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function noWeights(source: CheckpointSource): AppError {
    const names = [...source.files.keys()];
    if (names.includes("adapter_config.json")) return isAdapter(source.label);
    if (names.some((name) => name.endsWith(".gguf"))) return isGguf(source.label);
    if (names.some((name) => /^consolidated.*\.safetensors$/.test(name)))
        return new AppError(
            "data/unsupported",
            `${source.label} is in Mistral's own format (consolidated.safetensors); use the repository with model.safetensors`,
        );
    return new AppError(
        "data/checkpoint",
        `${source.label} has no safetensors file; download the model's weights`,
    );
}
