/**
 * The whole file, or files, before any weight is read: every tensor's type and place, and the headers' bytes. Either as llama.cpp's
 * converter lays a file out, or as llama-quantize rewrites it (other order, other types). Which type a tensor gets: quant/.
 */

import { layoutGguf, tensorBytes, type GgufWriteTensor, type GgufWriteValue } from "../gguf/write";
import { FILE_TYPES, rowBytes, type FileTypeName, type GgmlTypeName } from "../gguf/types";
import type { Fallback, SplitOptions } from "../protocol/worker";
import type { FloatType } from "./floats";
import { keysFor, type FileLayout } from "./model";
import { addImatrixKeys, importanceFor } from "./quant/importance";
import type { ImportanceMatrix } from "./quant/imatrix";
import type { Recipe } from "./quant/recipe";
import { chooseTypes, compareTensorNames, type QuantChoice, type QuantModel } from "./quant/rules";
import { splitKeys, splitTensors } from "./split";
import { KeyValues } from "./keyValues";
import type { PlannedTensor } from "./tensors";
import type { TensorJob } from "./blocks";

/** What is laid out: a checkpoint's model, or what is in a GGUF file. */
export interface LayoutModel {
    readonly arch: string;
    readonly tensors: readonly PlannedTensor[];
    readonly keys: KeyValues;
    /** Experts that keep their MXFP4 blocks whatever the type. */
    readonly isPacked?: boolean | undefined;
    /** The type that a tensor has already; undefined for a checkpoint, where the converter decides. */
    readonly typeOf?: ((tensor: PlannedTensor) => GgmlTypeName) | undefined;
}

export interface FileRequest {
    type: FileTypeName;
    /** Type of the file that would stand between checkpoint and quantizer. */
    via: FloatType;
    layout: FileLayout;
    recipe?: Recipe | undefined;
    imatrix?: ImportanceMatrix | undefined;
    /** Tensors keep their types. */
    copy?: boolean | undefined;
    /** Behind all others. */
    moreKeys?: readonly (readonly [string, GgufWriteValue])[] | undefined;
}

/** One of the files; `start` is where it begins when all of them are seen as one run of bytes, which job offsets count in. */
export interface Volume {
    header: Uint8Array;
    start: number;
    fileBytes: number;
    jobs: TensorJob[];
}

export interface FilePlan extends TypeFacts {
    volumes: Volume[];
    /** Of all volumes. */
    fileBytes: number;
    jobs: TensorJob[];
}

interface TypeFacts {
    /** Tensors that cannot have their recipe's type because of their row length. */
    nFallback: number;
    fallbacks: Fallback[];
    /** Names of tensors that llama-quantize refuses to make without an importance matrix, and there is none for them. */
    needImatrix: string[];
    warnings: string[];
}

const ALIGNMENT = 32;
/** What error feedback learned from: texts, and how many tokens of them. */
export const FEEDBACK_KEYS = [
    "quantize.feedback.datasets",
    "quantize.feedback.tokens_count",
] as const;

interface TypedTensor {
    tensor: PlannedTensor;
    /** ne[0] first. */
    shape: number[];
    type: GgmlTypeName;
    imatrix?: Float32Array | undefined;
}

/** Throws AppError when the recipe or its importance matrix does not fit the model. */
export function planFile(model: LayoutModel, request: FileRequest, split?: SplitOptions): FilePlan {
    const { tensors, ...facts } = typeTensors(model, request);
    const keys = addImatrixKeys(
        keysFor(model, FILE_TYPES[request.type], request.layout),
        request.layout === "quantizer" ? request.imatrix : undefined,
    );
    // Of the blocks that were there.
    if (!request.copy) for (const key of FEEDBACK_KEYS) keys.delete(key);
    for (const [key, value] of request.moreKeys ?? []) keys.moveToEnd(key, value);
    const groups = split
        ? splitTensors(
              // The splitter is a C program: it drops what the converter keeps.
              tensors.map((entry) => ({ ...entry, shape: dropTrailingOnes(entry.shape) })),
              (entry) => tensorBytes(toEntry(entry)),
              split,
          )
        : [tensors];
    let start = 0;
    const volumes = groups.map((group, index): Volume => {
        const own = split && index > 0 ? new KeyValues() : keys;
        if (split) splitKeys(own, index, groups.length, tensors.length);
        const file = layoutGguf(own.entries(), group.map(toEntry));
        const jobs = group.map((entry, i) =>
            toJob(entry, model, request, start + (file.tensors[i]?.position ?? 0)),
        );
        const volume = { header: file.header, start, fileBytes: file.fileBytes, jobs };
        start += file.fileBytes;
        return volume;
    });
    return { ...facts, volumes, fileBytes: start, jobs: volumes.flatMap(({ jobs }) => jobs) };
}

function toJob(
    { tensor, shape, type, imatrix }: TypedTensor,
    model: LayoutModel,
    request: FileRequest,
    offset: number,
): TensorJob {
    const isExact = model.typeOf !== undefined || request.layout === "converter" || isKept(tensor);
    return {
        tensor,
        type,
        via: isExact ? ("F32" as const) : request.via,
        offset,
        rowBytes: rowBytes(type, shape[0] ?? 1) ?? tensorBytes({ name: tensor.name, shape, type }),
        imatrix,
    };
}

export type FileSize = TypeFacts & { fileBytes: number };

/** The size of the file for several requests; equal to `planFile`'s, without writing a vocabulary for each. */
export function measureFiles(model: LayoutModel): (request: FileRequest) => FileSize {
    const bytesOf = (layout: FileLayout) =>
        layoutGguf(keysFor(model, 0, layout).entries(), []).headerBytes;
    const headerBytes = { converter: bytesOf("converter"), quantizer: bytesOf("quantizer") };
    return (request) => {
        const { tensors, ...facts } = typeTensors(model, request);
        const { headerBytes: none } = layoutGguf([], []);
        const more = addImatrixKeys(new KeyValues(), request.imatrix).entries();
        const table = layoutGguf(more, tensors.map(toEntry));
        const header = headerBytes[request.layout] + table.headerBytes - none;
        const dataBytes = table.fileBytes - table.header.length;
        return { ...facts, fileBytes: Math.ceil(header / ALIGNMENT) * ALIGNMENT + dataBytes };
    };
}

function toEntry({ tensor, shape, type }: TypedTensor): GgufWriteTensor {
    return { name: tensor.name, shape, type };
}

function typeTensors(
    model: LayoutModel,
    request: FileRequest,
): TypeFacts & { tensors: TypedTensor[] } {
    const converted = model.tensors.map((tensor) => ({
        tensor,
        shape: [...tensor.shape].reverse(),
        type:
            model.typeOf?.(tensor) ??
            converterType(tensor, request.layout === "converter" ? request.type : request.via),
    }));
    const facts: TypeFacts = { nFallback: 0, fallbacks: [], needImatrix: [], warnings: [] };
    if (request.layout === "converter") return { ...facts, tensors: converted };
    const sorted = converted
        .map((entry) => ({ ...entry, shape: dropTrailingOnes(entry.shape) }))
        .sort((a, b) => compareTensorNames(a.tensor.name, b.tensor.name));
    if (request.copy) return { ...facts, tensors: sorted };
    const choices = chooseTypes(quantModel(model), sorted.map(toEntry), {
        fileType: request.type,
        hasImatrix: request.imatrix !== undefined,
        recipe: request.recipe,
    });
    // Packed tensors keep their type, so a choice for them counts nowhere.
    const free = sorted.flatMap((entry, index) => {
        const choice = choices[index];
        const isKept = model.isPacked === true && isPacked(entry.tensor);
        return isKept || !choice ? [] : [{ entry, choice, index }];
    });
    const importance = importanceFor(
        request.imatrix,
        free.map(({ entry }) => toEntry(entry)),
        free.map(({ choice }) => choice),
    );
    const tensors: TypedTensor[] = [...sorted];
    free.forEach(({ entry, choice, index }, place) => {
        tensors[index] = { ...entry, type: choice.type, imatrix: importance.values[place] };
    });
    return {
        tensors,
        nFallback: free.filter(({ choice }) => choice.insteadOf !== undefined).length,
        fallbacks: groupFallbacks(
            free.map(({ entry }) => entry),
            free.map(({ choice }) => choice),
        ),
        needImatrix: importance.needed,
        warnings: [...unusedRules(request, sorted), ...importance.warnings],
    };
}

/** A pattern with a slip in it would change nothing, and nobody would know. */
function unusedRules({ recipe }: FileRequest, tensors: readonly TypedTensor[]): string[] {
    const rules = recipe?.tensorTypes ?? [];
    return rules
        .filter(({ pattern }) => !tensors.some(({ tensor }) => pattern.test(tensor.name)))
        .map(({ pattern }) => `The pattern ${pattern.source} fits the name of no tensor`);
}

function groupFallbacks(tensors: readonly TypedTensor[], choices: readonly QuantChoice[]) {
    const groups = new Map<string, Fallback>();
    choices.forEach(({ name, type, insteadOf }, index) => {
        if (insteadOf === undefined) return;
        const rowLength = tensors[index]?.shape[0] ?? 0;
        const key = `${insteadOf} ${type} ${rowLength}`;
        const group = groups.get(key);
        if (group) group.nTensors++;
        else groups.set(key, { wanted: insteadOf, type, rowLength, nTensors: 1, example: name });
    });
    return [...groups.values()];
}

/** What the quantizer reads from the file's keys. */
function quantModel({ arch, keys }: LayoutModel): QuantModel {
    const number = (key: string, fallback: number): number => {
        const entry = keys.get(`${arch}.${key}`);
        const value = entry?.type === "raw" ? undefined : entry?.value;
        // One value per layer: the first counts.
        const first: unknown = typeof value === "object" ? value[0] : value;
        return typeof first === "number" ? first : fallback;
    };
    const nHeads = number("attention.head_count", 0);
    return {
        architecture: arch,
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
