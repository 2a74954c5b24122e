/**
 * The whole file before any weight is read: every tensor's type and place, and the header's bytes. Either as llama.cpp's converter
 * lays a file out, or as llama-quantize rewrites it (other order, other types). Which type a tensor gets when quantizing: quant/.
 */

import { layoutGguf, tensorBytes, type GgufWriteTensor } from "../gguf/write";
import { FILE_TYPES, rowBytes, type FileTypeName, type GgmlTypeName } from "../gguf/types";
import type { FloatType } from "./floats";
import { keysFor, type CheckpointModel, type FileLayout } from "./model";
import { chooseTypes, compareTensorNames, type QuantModel } from "./quant/rules";
import type { PlannedTensor } from "./tensors";
import type { TensorJob } from "./writeTensors";

export interface FileRequest {
    type: FileTypeName;
    /** Type of the file that would stand between checkpoint and quantizer. */
    via: FloatType;
    layout: FileLayout;
}

export interface FilePlan {
    header: Uint8Array;
    fileBytes: number;
    jobs: TensorJob[];
    /** Tensors that cannot have their recipe's type because of their row length. */
    nFallback: number;
    /** A tensor that llama-quantize refuses to make without an importance matrix. */
    needsImatrix: boolean;
}

const ALIGNMENT = 32;

interface TypedTensor {
    tensor: PlannedTensor;
    /** ne[0] first. */
    shape: number[];
    type: GgmlTypeName;
}

export function planFile(model: CheckpointModel, request: FileRequest): FilePlan {
    const { tensors, ...facts } = typeTensors(model, request);
    const keys = keysFor(model, FILE_TYPES[request.type], request.layout);
    const file = layoutGguf(keys.entries(), tensors.map(toEntry));
    const jobs = tensors.map(({ tensor, shape, type }, index) => ({
        tensor,
        type,
        via: request.layout === "converter" || isKept(tensor) ? ("F32" as const) : request.via,
        offset: file.tensors[index]?.position ?? 0,
        rowBytes: rowBytes(type, shape[0] ?? 1) ?? tensorBytes({ name: tensor.name, shape, type }),
    }));
    return { ...facts, header: file.header, fileBytes: file.fileBytes, jobs };
}

export type FileSize = Omit<FilePlan, "header" | "jobs">;

/** The size of the file for several requests; equal to `planFile`'s, without writing a vocabulary for each. */
export function measureFiles(model: CheckpointModel): (request: FileRequest) => FileSize {
    const keys = keysFor(model, 0, "converter").entries();
    // Every layout has the same keys in another order.
    const { headerBytes } = layoutGguf(keys, []);
    return (request) => {
        const { tensors, ...facts } = typeTensors(model, request);
        const { headerBytes: none } = layoutGguf([], []);
        const table = layoutGguf([], tensors.map(toEntry));
        const header = headerBytes + table.headerBytes - none;
        const dataBytes = table.fileBytes - table.header.length;
        return { ...facts, fileBytes: Math.ceil(header / ALIGNMENT) * ALIGNMENT + dataBytes };
    };
}

function toEntry({ tensor, shape, type }: TypedTensor): GgufWriteTensor {
    return { name: tensor.name, shape, type };
}

interface TypedTensors {
    tensors: TypedTensor[];
    nFallback: number;
    needsImatrix: boolean;
}

function typeTensors(model: CheckpointModel, request: FileRequest): TypedTensors {
    const converted = model.tensors.map((tensor) => ({
        tensor,
        shape: [...tensor.shape].reverse(),
        type: converterType(tensor, request.layout === "converter" ? request.type : request.via),
    }));
    if (request.layout === "converter")
        return { tensors: converted, nFallback: 0, needsImatrix: false };
    const sorted = converted
        .map((entry) => ({ ...entry, shape: dropTrailingOnes(entry.shape) }))
        .sort((a, b) => compareTensorNames(a.tensor.name, b.tensor.name));
    const choices = chooseTypes(quantModel(model), sorted.map(toEntry), {
        fileType: request.type,
        hasImatrix: false,
    });
    const free = choices.filter((_, index) => !isPacked(sorted[index]?.tensor));
    return {
        tensors: sorted.map((entry, index) => ({
            ...entry,
            type: isPacked(entry.tensor) ? entry.type : (choices[index]?.type ?? entry.type),
        })),
        nFallback: free.filter((choice) => choice.insteadOf !== undefined).length,
        needsImatrix: free.some((choice) => choice.needsImatrix),
    };
}

/** What the quantizer reads from the file's keys. */
function quantModel({ family, keys }: CheckpointModel): QuantModel {
    const number = (key: string, fallback: number): number => {
        const value = keys.get(`${family.arch}.${key}`)?.value;
        return typeof value === "number" ? value : fallback;
    };
    const nHeads = number("attention.head_count", 0);
    return {
        architecture: family.arch,
        nLayers: number("block_count", 0),
        nHeads,
        nHeadsKv: number("attention.head_count_kv", nHeads),
        nExperts: number("expert_count", 0),
    };
}

/** Names (without block number) of matrices that the converter leaves in F32. Source: conversion/base.py, prepare_tensors. */
const KEPT = new Set([
    "ffn_gate_inp",
    "ffn_gate_inp_shexp",
    "position_embd",
    "token_types",
    "ssm_conv1d",
    "shortconv.conv",
    "time_mix_first",
    "time_mix_w1",
    "time_mix_w2",
    "time_mix_decay_w1",
    "time_mix_decay_w2",
    "time_mix_lerp_fused",
    "altup_correct_coef",
    "altup_predict_coef",
    "indexer.proj",
]);

function isKept({ name, shape }: PlannedTensor): boolean {
    if (shape.length <= 1 || name.endsWith("_norm.weight") || !name.endsWith(".weight"))
        return true;
    return KEPT.has(name.replace(/^blk\.\d+\./, "").replace(/\.weight$/, ""));
}

/** Stored in 4 bits already: quantizing it again would only lose. */
function isPacked(tensor: PlannedTensor | undefined): boolean {
    return tensor?.parts[0]?.source.dtype === "MXFP4";
}

/** Vectors, norms, routers and everything that is no weight stay F32; rows that do not fit Q8_0 become F16. */
function converterType(tensor: PlannedTensor, outType: GgmlTypeName | FileTypeName): GgmlTypeName {
    if (isPacked(tensor)) return "MXFP4";
    if (isKept(tensor)) return "F32";
    const type = outType as GgmlTypeName;
    return rowBytes(type, tensor.shape.at(-1) ?? 1) === undefined ? "F16" : type;
}

/** The C writer counts dimensions up to the last that is not 1. */
function dropTrailingOnes(shape: readonly number[]): number[] {
    let n = shape.length;
    while (n > 1 && shape[n - 1] === 1) n--;
    return shape.slice(0, n);
}
