/**
 * From the stored tensors of a quantized checkpoint to plain ones: picks the decoder of the method, replaces what belongs together by
 * one F32 matrix each, in the order in which the reference converter would write them. Methods that nobody can
 * read are refused by name. Plain checkpoints pass unchanged.
 */

import { AppError } from "../../../base/errors";
import type { ModelConfig } from "../config";
import type { SourceTensor } from "../index";
import { repackMxfp4 } from "../mxfp4";
import { compareCodePoints } from "../safetensors";
import { isObject, type CheckpointSource, type JsonObject } from "../source";
import { countBlocks } from "../../family/common";
import type { Family } from "../../family/family";
import { decodeAwq } from "./awq";
import { findZeroBiases } from "./biases";
import { decodeBitsandbytes, floatTypeOf, type ReadSmall } from "./bitsandbytes";
import { asTensor, decodedSource } from "./decodedSource";
import { decodeGptq } from "./gptq";
import type { Decoding, TensorTable } from "./matrix";
import { decodePacked } from "./packed";
import { decodeScaled, type BlockSize } from "./scaled";
import { nameSetting, readQuantization, type Quantization } from "./settings";
import { SmallReads } from "./smallReads";

export interface PlainCheckpoint {
    /** Reads the tensors below, decoded or not. */
    source: CheckpointSource;
    tensors: readonly SourceTensor[];
    /** What decides the type that `auto` stands for. */
    autoTensors: readonly SourceTensor[];
    /** Stored in a type of ggml, which the file takes as it is. */
    isPacked: boolean;
    /** For people: "GPTQ"; undefined for a checkpoint that is not quantized. */
    method: string | undefined;
}

const TITLES: Readonly<Record<string, string>> = {
    gptq: "GPTQ",
    awq: "AWQ",
    bitsandbytes: "bitsandbytes",
    fp8: "fp8",
    fbgemm_fp8: "fp8",
    modelopt: "ModelOpt fp8",
    "compressed-tensors": "compressed-tensors",
};

export async function decodeQuantized(
    source: CheckpointSource,
    config: ModelConfig,
    family: Family,
    stored: readonly SourceTensor[],
    signal?: AbortSignal,
): Promise<PlainCheckpoint> {
    const plain = {
        source,
        tensors: stored,
        autoTensors: stored,
        method: undefined,
        isPacked: false,
    };
    const quantization = await readQuantization(source, config, signal);
    if (!quantization) return plain;
    if (quantization.method === "mxfp4")
        return { ...plain, ...repackMxfp4(source, stored), isPacked: true };
    const table = new Map(stored.map((tensor) => [tensor.name, tensor]));
    const reads = new SmallReads(source, signal);
    try {
        const decoding = await decodeBy(quantization, config, table, reads.read);
        if (decoding.matrices.length === 0) return dropUnused(plain, decoding);
        const names = decoding.matrices.map((matrix) => matrix.name);
        const nBlocks = countBlocks(family, config.values);
        const zeros = await findZeroBiases(table, names, family, nBlocks, reads.read);
        const reference = zeros.size > 0 ? "none" : decoding.reference;
        const tensors = replace(stored, decoding, zeros, reference === "end");
        const decoded = new Set(names);
        return {
            source: decodedSource(source, decoding.matrices),
            tensors,
            autoTensors:
                reference === "none" ? tensors.filter(({ name }) => !decoded.has(name)) : stored,
            method: TITLES[quantization.method] ?? quantization.method,
            isPacked: false,
        };
    } finally {
        await reads.close();
    }
}

function dropUnused(plain: PlainCheckpoint, { unused }: Decoding): PlainCheckpoint {
    const names = new Set(unused.map(({ name }) => name));
    return { ...plain, tensors: plain.tensors.filter(({ name }) => !names.has(name)) };
}

async function decodeBy(
    quantization: Quantization,
    config: ModelConfig,
    table: TensorTable,
    read: ReadSmall,
): Promise<Decoding> {
    const { method, settings } = quantization;
    switch (method) {
        case "gptq":
            return decodeGptq(table, quantization);
        case "awq":
            return decodeAwq(table, quantization);
        case "bitsandbytes":
            return decodeBitsandbytes(
                table,
                floatTypeOf(config.values["torch_dtype"] ?? config.values["dtype"]),
                read,
            );
        case "fp8":
            return decodeScaled(table, blockOf(settings["weight_block_size"]));
        case "fbgemm_fp8":
            return decodeScaled(table, undefined);
        case "modelopt":
            if (/NVFP4/i.test(JSON.stringify(settings["quant_algo"] ?? ""))) break;
            return decodeScaled(table, undefined);
        case "compressed-tensors":
            return decodeCompressed(quantization, table, read);
    }
    throw unreadable(method);
}

function unreadable(method: string): AppError {
    return new AppError(
        "data/unsupported",
        `The checkpoint is already quantized by a method that Ingot cannot read (${method.slice(0, 40)}); convert the original model instead`,
    );
}

/** A list of two sizes, or one string like 128x128. */
function blockOf(value: unknown): BlockSize {
    const list = typeof value === "string" ? value.split("x").map(Number) : value;
    if (!Array.isArray(list) || list.length !== 2) return undefined;
    const [rows, columns] = list.map(Number);
    const isSize = (n: number | undefined): n is number => Number.isInteger(n) && Number(n) > 0;
    return isSize(rows) && isSize(columns) ? [rows, columns] : undefined;
}

async function decodeCompressed(
    quantization: Quantization,
    table: TensorTable,
    read: ReadSmall,
): Promise<Decoding> {
    const { settings } = quantization;
    const format = nameSetting(quantization, "format") ?? "without a format";
    const groups = isObject(settings["config_groups"]) ? settings["config_groups"] : {};
    const weights = Object.values(groups)
        .map((group) => (isObject(group) ? group["weights"] : undefined))
        .filter(isObject);
    if (format === "pack-quantized") {
        const bits = weights.map((weight) => Number(weight["num_bits"]));
        const usable = bits.filter((n) => Number.isInteger(n) && n >= 2 && n <= 8);
        const isReadByReference =
            quantization.inConfig &&
            Object.keys(groups).length === 1 &&
            weights[0]?.["strategy"] === "group";
        return decodePacked(table, usable, isReadByReference, read);
    }
    if (/^(float|int|naive)-quantized$/.test(format))
        return decodeScaled(table, compressedBlock(weights));
    throw unreadable(`compressed-tensors ${format}`);
}

function compressedBlock(weights: readonly JsonObject[]): BlockSize {
    const block = weights.find((weight) => weight["strategy"] === "block");
    return block && blockOf(block["block_structure"]);
}

/** Decoded matrices instead of their parts: at the end, or in their shard where their names sort. */
function replace(
    stored: readonly SourceTensor[],
    { matrices, unused }: Decoding,
    leftOut: ReadonlySet<string>,
    atEnd: boolean,
): SourceTensor[] {
    const gone = new Set([...unused, ...matrices.flatMap(({ parts }) => parts)].map((t) => t.name));
    const kept = stored.filter(({ name }) => !gone.has(name) && !leftOut.has(name));
    if (atEnd) return [...kept, ...matrices.map(asTensor)];
    const shards = new Map<string, SourceTensor[]>();
    const inShard = (file: string) => {
        const list = shards.get(file) ?? [];
        shards.set(file, list);
        return list;
    };
    for (const { file } of stored) inShard(file);
    for (const tensor of kept) inShard(tensor.file).push(tensor);
    for (const matrix of matrices) inShard(matrix.anchor.file).push(asTensor(matrix));
    return [...shards.values()].flatMap((list) => list.sort(byName));
}

function byName(a: SourceTensor, b: SourceTensor): number {
    return compareCodePoints(a.name, b.name);
}
