/**
 * The one pass: reads rows in blocks, turns them into their final type on native threads and writes them at their final place, in
 * whatever order blocks finish. Memory is bounded by block size times blocks in flight. Types, offsets and headers are given.
 */

import type { FileHandle } from "node:fs/promises";
import { AppError } from "../base/errors";
import { Deferred } from "../base/async";
import { onAbort, throwIfAborted } from "../base/cancel";
import type { NativeAddon } from "../node/native";
import type { CheckpointSource } from "./checkpoint/source";
import type { SourceTensor } from "./checkpoint/index";
import { float32Bytes, isFloatType, roundToHalf, toFloat32, type FloatType } from "./floats";
import { partBytes, partSize, type Part } from "./parts";
import { ReaderPool, readRows } from "./readRows";
import type { PlannedTensor } from "./tensors";

export interface TensorJob {
    tensor: PlannedTensor;
    /** ggml type in the file. */
    type: string;
    /** Rounding before it, as if a file of that type stood between. */
    via: FloatType;
    /** Absolute position in the file. */
    offset: number;
    rowBytes: number;
}

export interface WriteOptions {
    source: CheckpointSource;
    out: FileHandle;
    native: NativeAddon;
    threads: number;
    signal: AbortSignal;
    /** Most source bytes in a block (at least one row); smaller ones only in tests. */
    blockBytes?: number | undefined;
    /** Source bytes done so far. */
    onProgress(doneBytes: number, tensor: string): void;
}

interface Block {
    job: TensorJob;
    part: Part;
    /** Rows of the part's result, and where the first one's elements stand in the tensor. */
    row: number;
    nRows: number;
    element: number;
    /** Elements in a row of the result. */
    rowLength: number;
}

const BLOCK_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024 * 1024;
const TRANSPOSED_BLOCKS = 4;
/** More blocks in flight do not help and cost memory (about 12 MiB each at worst). */
const MAX_IN_FLIGHT = 16;

export async function writeTensors(
    jobs: readonly TensorJob[],
    options: WriteOptions,
): Promise<void> {
    const readers = new ReaderPool(options.source);
    const failure = new AbortController();
    const signal = AbortSignal.any([options.signal, failure.signal]);
    const blocks = listBlocks([...jobs].sort(bySource), options.blockBytes ?? BLOCK_BYTES);
    let done = 0;
    let firstError: unknown;
    const work = async (): Promise<void> => {
        for (;;) {
            if (signal.aborted) return;
            const next = blocks.next();
            if (next.done) return;
            try {
                const bytes = await writeBlock(next.value, readers, options, signal);
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
        for (const { tensor, offset } of jobs)
            if (tensor.computed) await writeAt(options.out, float32Bytes(tensor.computed), offset);
        // A block on a native thread may take a second; cancelling does not wait for it, its result is dropped.
        await Promise.race([Promise.all(Array.from({ length: inFlight }, work)), stop.promise]);
    } finally {
        stopListening();
        await readers.close();
    }
    throwIfAborted(options.signal);
    if (firstError) throw toError(firstError);
}

/** As the bytes lie in the checkpoint: disks and servers read on, and every place in the result is known anyway. */
function bySource(a: TensorJob, b: TensorJob): number {
    const left = a.tensor.parts[0]?.source;
    const right = b.tensor.parts[0]?.source;
    if (!left || !right) return (left ? 1 : 0) - (right ? 1 : 0);
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.offset - right.offset;
}

function* listBlocks(jobs: readonly TensorJob[], blockBytes: number): Generator<Block> {
    for (const job of jobs) {
        let element = 0;
        for (const part of job.tensor.parts) {
            const { nRows: total, rowLength } = partSize(part);
            const rowBytes = Math.max(1, partBytes(part) / Math.max(1, total));
            if (rowBytes > MAX_ROW_BYTES)
                throw new AppError(
                    "data/checkpoint",
                    `${part.source.name} has rows of ${rowBytes} bytes, which no model has`,
                );
            // A transposed block reads the whole rows that its columns cross, so fewer and larger blocks.
            const size = part.transpose ? blockBytes * TRANSPOSED_BLOCKS : blockBytes;
            const step = Math.max(1, Math.floor(size / rowBytes));
            for (let row = 0; row < total; row += step) {
                const nRows = Math.min(step, total - row);
                yield { job, part, row, nRows, element: element + row * rowLength, rowLength };
            }
            element += total * rowLength;
        }
    }
}

async function writeBlock(
    block: Block,
    readers: ReaderPool,
    options: WriteOptions,
    signal: AbortSignal,
): Promise<number> {
    const { job, part, element, row, nRows } = block;
    const reader = await readers.get(part.source.file);
    const raw = await readRows(reader, part, row, nRows, signal);
    throwIfAborted(signal);
    const rows = part.value ? changeValues(raw, part.source.dtype, part.value) : raw;
    const dtype = part.value ? "F32" : part.source.dtype;
    const length = job.tensor.shape.at(-1) ?? 1;
    // Tensors that are no matrices of whole rows are always F32 in the file.
    const isPlain = job.tensor.shape.length === 1 || block.rowLength !== length;
    if (isPlain && job.type !== "F32")
        throw new AppError("bug/internal", `${job.tensor.name} cannot be ${job.type}`);
    const target = isPlain
        ? vectorBytes(rows, dtype)
        : await quantize(rows, { ...part.source, dtype }, job, length, options.native);
    throwIfAborted(signal);
    const at = isPlain ? element * 4 : (element / length) * job.rowBytes;
    await writeAt(options.out, target, job.offset + at);
    return raw.length;
}

/** Vectors are always F32 in the file; F32 is copied bit for bit. */
function vectorBytes(raw: Uint8Array, dtype: string): Uint8Array {
    return dtype === "F32" ? raw : float32Bytes(toFloat32(raw, dtype));
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

async function quantize(
    raw: Uint8Array,
    source: SourceTensor,
    job: TensorJob,
    length: number,
    native: NativeAddon,
): Promise<Uint8Array> {
    const { dtype } = source;
    try {
        return await native.quantizeRows({
            type: job.type,
            source: isFloatType(dtype) ? raw : float32Bytes(toFloat32(raw, dtype)),
            sourceType: isFloatType(dtype) ? dtype : "F32",
            rowLength: length,
            via: job.via,
        });
    } catch (cause) {
        throw notFinite(source, job, cause);
    }
}

function notFinite(source: SourceTensor, job: TensorJob, cause: unknown): unknown {
    const detail = cause instanceof Error ? cause.message : String(cause);
    if (!/infinite|not a number|not finite/.test(detail)) return cause;
    const half = job.via === "F16" || job.type === "F16";
    if (half && source.dtype !== "F16")
        return new AppError(
            "data/checkpoint",
            `${source.name} has values that 16-bit floats cannot hold; convert with ${job.type === "F16" && job.via !== "F16" ? "--type BF16" : "--via bf16"}`,
            { detail, cause },
        );
    return new AppError(
        "data/checkpoint",
        `${source.name} has values that are not finite, so the model is damaged; download it again`,
        { detail, cause },
    );
}

export async function writeAt(out: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
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
