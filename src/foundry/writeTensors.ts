/**
 * The one pass: reads rows in blocks, turns them into their final type on native threads and writes them at their final place, in
 * whatever order blocks finish. Memory is bounded by block size times blocks in flight. Types, offsets and headers are given.
 */

import { AppError } from "../base/errors";
import { Deferred } from "../base/async";
import { onAbort, throwIfAborted } from "../base/cancel";
import { GGML_TYPES } from "../gguf/types";
import type { NativeAddon } from "../node/native";
import type { CheckpointSource } from "./checkpoint/source";
import type { SourceTensor } from "./checkpoint/index";
import {
    BLOCK_BYTES,
    isPlain,
    lengthOf,
    listBlocks,
    placeOf,
    type Block,
    type TensorJob,
} from "./blocks";
import { float32Bytes, isFloatType, roundToHalf, toFloat32 } from "./floats";
import { partBytes, partSize, type Part } from "./parts";
import { ReaderPool, readRows } from "./readRows";
import type { Rounding, TensorRounding } from "./rounding";

/** Where bytes go, as a file handle takes them. */
export interface ByteSink {
    write(
        buffer: Uint8Array,
        offset: number,
        length: number,
        position: number,
    ): Promise<{ bytesWritten: number }>;
}

export interface WriteOptions {
    source: CheckpointSource;
    out: ByteSink;
    native: NativeAddon;
    /** Left out: every row by itself. */
    rounding?: Rounding | undefined;
    threads: number;
    signal: AbortSignal;
    /** Most source bytes in a block (at least one row); smaller ones only in tests. */
    blockBytes?: number | undefined;
    /** Source bytes done so far. */
    onProgress(doneBytes: number, tensor: string): void;
    /** Whether the block that belongs at this place of the result is there already; it comes from so many source bytes. */
    isDone?(offset: number, length: number, sourceBytes: number): boolean;
    /** After a block is written; without its bytes when it need not be remembered: it was there already, or is not from the source. */
    onBlock?(offset: number, length: number, bytes?: Uint8Array): Promise<void> | void;
}

/** More blocks in flight do not help and cost memory (about 12 MiB each at worst). */
const MAX_IN_FLIGHT = 16;

export async function writeTensors(
    jobs: readonly TensorJob[],
    options: WriteOptions,
): Promise<void> {
    const readers = new ReaderPool(options.source);
    const failure = new AbortController();
    const signal = AbortSignal.any([options.signal, failure.signal]);
    const order = options.source.isRandomAccess === true ? byPlace : bySource;
    const blocks = listBlocks([...jobs].sort(order), options.blockBytes ?? BLOCK_BYTES);
    let done = 0;
    let firstError: unknown;
    const work = async (): Promise<void> => {
        const memory: RowMemory = {};
        for (;;) {
            if (signal.aborted) return;
            const next = blocks.next();
            if (next.done) return;
            try {
                const bytes = await writeBlock(next.value, readers, options, signal, memory);
                done += bytes;
                options.onProgress(done, next.value.job.tensor.name);
            } catch (error) {
                firstError ??= error;
                failure.abort();
            }
        }
    };
    const stop = new Deferred<void>();
    const stopListening = onAbort(options.signal, () => stop.resolve());
    try {
        const inFlight = Math.min(MAX_IN_FLIGHT, options.threads + 1);
        for (const { tensor, offset } of jobs) {
            if (!tensor.computed) continue;
            const bytes = float32Bytes(tensor.computed);
            await writeAt(options.out, bytes, offset);
            await options.onBlock?.(offset, bytes.length);
        }
        // A block on a native thread may take a second; cancelling does not wait for it, its result is dropped.
        await Promise.race([Promise.all(Array.from({ length: inFlight }, work)), stop.promise]);
    } finally {
        stopListening();
        await readers.close();
    }
    throwIfAborted(options.signal);
    if (firstError) throw toError(firstError);
}

/** As the bytes lie in the result, so that what is written grows from its beginning and can be read back meanwhile. */
function byPlace(a: TensorJob, b: TensorJob): number {
    return a.offset - b.offset;
}

/** As the bytes lie in the checkpoint: servers send on, and every place in the result is known anyway. */
function bySource(a: TensorJob, b: TensorJob): number {
    const left = a.tensor.parts[0]?.source;
    const right = b.tensor.parts[0]?.source;
    if (!left || !right) return (left ? 1 : 0) - (right ? 1 : 0);
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.offset - right.offset;
}

/** Of the columns, for the expert that the element belongs to. */
export function importanceOf(
    { tensor, imatrix }: TensorJob,
    element: number,
): Float32Array | undefined {
    const [nRows = 1, length = 1] = tensor.shape.slice(-2);
    const expert = Math.trunc(element / (nRows * length));
    return imatrix?.subarray(expert * length, (expert + 1) * length);
}

type Quantizer = Pick<NativeAddon | TensorRounding, "quantizeRows">;

/** Used again for every block of a worker: new memory for each would be cleared, paged in and collected each time. */
interface RowMemory {
    source?: Uint8Array;
}

async function writeBlock(
    block: Block,
    readers: ReaderPool,
    options: WriteOptions,
    signal: AbortSignal,
    memory: RowMemory,
): Promise<number> {
    const { part, nRows } = block;
    const { offset, length: targetBytes } = placeOf(block);
    const sourceBytes = (partBytes(part) / Math.max(1, partSize(part).nRows)) * nRows;
    if (options.isDone?.(offset, targetBytes, sourceBytes)) {
        await options.onBlock?.(offset, targetBytes);
        return sourceBytes;
    }
    const rounding = options.rounding?.take(block.job.tensor.name);
    try {
        const raw = await readBlock(block, sourceBytes, readers, options, signal, memory);
        const target = await toTarget(raw, block, rounding ?? options.native);
        throwIfAborted(signal);
        await writeAt(options.out, target, offset);
        await options.onBlock?.(offset, target.length, target);
        return raw.length;
    } finally {
        rounding?.release();
    }
}

async function readBlock(
    { part, row, nRows }: Block,
    sourceBytes: number,
    readers: ReaderPool,
    options: WriteOptions,
    signal: AbortSignal,
    memory: RowMemory,
): Promise<Uint8Array> {
    const reader = await readers.get(part.source.file);
    if (!part.gather && !part.transpose && (memory.source?.length ?? 0) < sourceBytes)
        memory.source = new Uint8Array(Math.max(sourceBytes, options.blockBytes ?? BLOCK_BYTES));
    const raw = await readRows(reader, part, row, nRows, signal, memory.source);
    throwIfAborted(signal);
    return raw;
}

/** The bytes of the file; they may lie in `raw`. */
async function toTarget(raw: Uint8Array, block: Block, native: Quantizer): Promise<Uint8Array> {
    const { job, part } = block;
    const { rows, source } = changedRows(raw, part);
    if (source.dtype === job.type && source.dtype === "MXFP4") return rows;
    if (isPlain(block)) return vectorBytes(rows, source);
    return quantize(rows, source, block, lengthOf(job), native);
}

function changedRows(raw: Uint8Array, part: Part): { rows: Uint8Array; source: SourceTensor } {
    return part.value
        ? {
              rows: changeValues(raw, part.source.dtype, part.value),
              source: { ...part.source, dtype: "F32" },
          }
        : { rows: raw, source: part.source };
}

/** Rows of a part as the addon reads them. */
export function readableRows(raw: Uint8Array, part: Part): { bytes: Uint8Array; dtype: string } {
    const { rows, source } = changedRows(raw, part);
    const isRead = isFloatType(source.dtype) || isQuantized(source.dtype);
    return isRead
        ? { bytes: rows, dtype: source.dtype }
        : { bytes: float32Bytes(toFloat32(rows, source.dtype)), dtype: "F32" };
}

/** Vectors are always F32 in the file; F32 is copied bit for bit. Factors of positions may be infinite, a norm or a bias never. */
function vectorBytes(raw: Uint8Array, { name, dtype }: SourceTensor): Uint8Array {
    const values = toFloat32(raw, dtype);
    if (!name.includes("rope") && !values.every(Number.isFinite)) throw damaged(name);
    return dtype === "F32" ? raw : float32Bytes(values);
}

/** Tensors in f16 are computed in f16 by the reference, so each result is rounded to that. */
function changeValues(
    raw: Uint8Array,
    dtype: string,
    change: (value: number) => number,
): Uint8Array {
    const values = toFloat32(raw, dtype);
    const isHalf = dtype === "F16";
    for (let i = 0; i < values.length; i++) {
        const value = change(values[i] ?? 0);
        values[i] = isHalf ? roundToHalf(value) : value;
    }
    return float32Bytes(values);
}

/** Types that nothing is computed with: copied. */
const COPIED_TYPES = ["I8", "I16", "I32", "I64", "F64"];

/** Blocks of a ggml type, from a GGUF file: the addon reads them itself. */
function isQuantized(dtype: string): boolean {
    return Object.hasOwn(GGML_TYPES, dtype) && !isFloatType(dtype) && !COPIED_TYPES.includes(dtype);
}

async function quantize(
    raw: Uint8Array,
    source: SourceTensor,
    { job, element }: Block,
    length: number,
    native: Quantizer,
): Promise<Uint8Array> {
    const { dtype } = source;
    if (dtype === job.type && COPIED_TYPES.includes(dtype)) return raw;
    const isRead = isFloatType(dtype) || isQuantized(dtype);
    try {
        return await native.quantizeRows({
            type: job.type,
            source: isRead ? raw : float32Bytes(toFloat32(raw, dtype)),
            sourceType: isRead ? dtype : "F32",
            rowLength: length,
            via: job.via,
            imatrix: importanceOf(job, element),
        });
    } catch (cause) {
        throw notFinite(source, job, cause, raw);
    }
}

/** What the addon said of values that are not finite, as a sentence that names the tensor; anything else as it is. */
export function notFinite(
    source: SourceTensor,
    job: TensorJob,
    cause: unknown,
    raw: Uint8Array,
): unknown {
    const detail = cause instanceof Error ? cause.message : String(cause);
    if (!/infinite|not a number|not finite/.test(detail)) return cause;
    const half = job.via === "F16" || job.type === "F16";
    const isSound =
        isFloatType(source.dtype) && toFloat32(raw, source.dtype).every(Number.isFinite);
    if (half && isSound)
        return new AppError(
            "data/checkpoint",
            `${source.name} has values that 16-bit floats cannot hold; convert with ${job.type === "F16" && job.via !== "F16" ? "--type BF16" : "--via bf16"}`,
            { detail, cause },
        );
    return damaged(source.name, { detail, cause });
}

function damaged(name: string, options?: { detail: string; cause: unknown }): AppError {
    return new AppError(
        "data/checkpoint",
        `${name} has values that are not finite, so the model is damaged; download it again`,
        options,
    );
}

export async function writeAt(out: ByteSink, bytes: Uint8Array, offset: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
        const { bytesWritten } = await out.write(bytes, done, bytes.length - done, offset + done);
        if (bytesWritten === 0) throw new AppError("env/disk", "The disk takes no more bytes");
        done += bytesWritten;
    }
}

function toError(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
}
