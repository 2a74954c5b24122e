/**
 * The one pass: reads rows in blocks, turns them into their final type on native threads and writes them at their final place, in
 * whatever order blocks finish. Memory is bounded by block size times blocks in flight. Types, offsets and headers are given.
 */

import { AppError } from "../base/errors";
import { Deferred } from "../base/async";
import { onAbort, throwIfAborted } from "../base/cancel";
import { GGML_TYPES } from "../gguf/types";
import type { NativeAddon } from "../node/native";
import type { CheckpointSource, FileReader } from "./checkpoint/source";
import type { SourceTensor } from "./checkpoint/index";
import type { RowGather } from "./family/rows";
import { float32Bytes, isFloatType, toFloat32, type FloatType } from "./floats";
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
    /** Importance of each column; of stacked experts one after the other. */
    imatrix?: Float32Array | undefined;
}

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
    threads: number;
    signal: AbortSignal;
    /** Most source bytes in a block (at least one row); smaller ones only in tests. */
    blockBytes?: number | undefined;
    /** Source bytes done so far. */
    onProgress(doneBytes: number, tensor: string): void;
    resume?: ResumeHooks | undefined;
}

/** What lets a killed run be gone on with. */
export interface ResumeHooks {
    /** Whether the block that belongs at this place of the result is there already; it comes from so many source bytes. */
    isDone(offset: number, length: number, sourceBytes: number): boolean;
    /** After a block is written. */
    onBlock(offset: number, bytes: Uint8Array): Promise<void>;
}

interface Block {
    job: TensorJob;
    source: SourceTensor;
    gather: RowGather | undefined;
    /** Rows of the part, and where its first row stands in the tensor. */
    row: number;
    nRows: number;
    tensorRow: number;
}

const BLOCK_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024 * 1024;
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
        let tensorRow = 0;
        for (const { source, gather } of job.tensor.parts) {
            const total = partRows(source, gather, job);
            const rowBytes = Math.max(1, source.bytes / Math.max(1, sourceRows(source, job)));
            if (rowBytes > MAX_ROW_BYTES)
                throw new AppError(
                    "data/checkpoint",
                    `${source.name} has rows of ${rowBytes} bytes, which no model has`,
                );
            const step = Math.max(1, Math.floor(blockBytes / rowBytes));
            for (let row = 0; row < total;) {
                const left = rowsLeftOfExpert(job, tensorRow + row);
                const nRows = Math.min(step, total - row, left);
                yield { job, source, gather, row, nRows, tensorRow: tensorRow + row };
                row += nRows;
            }
            tensorRow += total;
        }
    }
}

/** Each expert has importances of its own, so a block does not go across. */
function rowsLeftOfExpert({ tensor, imatrix }: TensorJob, tensorRow: number): number {
    const rows = tensor.shape.at(-2);
    return imatrix && rows !== undefined ? rows - (tensorRow % rows) : Infinity;
}

function importanceOf({ tensor, imatrix }: TensorJob, tensorRow: number, length: number) {
    if (!imatrix) return undefined;
    const expert = Math.trunc(tensorRow / (tensor.shape.at(-2) ?? Infinity));
    return imatrix.subarray(expert * length, (expert + 1) * length);
}

/** Rows are the innermost dimension; a vector is one row, or one row per element when its elements are moved. */
function rowLength(job: TensorJob, gather: RowGather | undefined): number {
    const { shape } = job.tensor;
    return shape.length === 1 && gather ? 1 : (shape.at(-1) ?? 1);
}

function sourceRows(source: SourceTensor, job: TensorJob): number {
    const length = rowLength(job, job.tensor.parts[0]?.gather);
    return source.shape.reduce((product, n) => product * n, 1) / Math.max(1, length);
}

function partRows(source: SourceTensor, gather: RowGather | undefined, job: TensorJob): number {
    return gather ? gather.nRows : sourceRows(source, job);
}

async function writeBlock(
    block: Block,
    readers: ReaderPool,
    options: WriteOptions,
    signal: AbortSignal,
): Promise<number> {
    const { job, source } = block;
    const length = rowLength(job, block.gather);
    const isVector = job.tensor.shape.length === 1 && job.type === "F32";
    const rowBytes = isVector ? length * 4 : job.rowBytes;
    const offset = job.offset + block.tensorRow * rowBytes;
    const sourceBytes = (block.nRows * source.bytes) / Math.max(1, sourceRows(source, job));
    if (options.resume?.isDone(offset, block.nRows * rowBytes, sourceBytes)) return sourceBytes;
    const raw = await readRows(block, readers, signal);
    throwIfAborted(signal);
    const target = isVector
        ? vectorBytes(raw, source.dtype)
        : await quantize(raw, block, length, options.native);
    throwIfAborted(signal);
    await writeAt(options.out, target, offset);
    await options.resume?.onBlock(offset, target);
    return raw.length;
}

/** Vectors are always F32 in the file; F32 is copied bit for bit. */
function vectorBytes(raw: Uint8Array, dtype: string): Uint8Array {
    return dtype === "F32" ? raw : float32Bytes(toFloat32(raw, dtype));
}

/** Types that nothing is computed with: copied. */
const PLAIN_TYPES = ["I8", "I16", "I32", "I64", "F64"];

/** Blocks of a ggml type, from a GGUF file: the addon reads them itself. */
function isQuantized(dtype: string): boolean {
    return Object.hasOwn(GGML_TYPES, dtype) && !isFloatType(dtype) && !PLAIN_TYPES.includes(dtype);
}

async function quantize(
    raw: Uint8Array,
    { source, job, tensorRow }: Block,
    length: number,
    native: NativeAddon,
): Promise<Uint8Array> {
    const { dtype } = source;
    if (dtype === job.type && PLAIN_TYPES.includes(dtype)) return raw;
    const isRead = isFloatType(dtype) || isQuantized(dtype);
    try {
        return await native.quantizeRows({
            type: job.type,
            source: isRead ? raw : float32Bytes(toFloat32(raw, dtype)),
            sourceType: isRead ? dtype : "F32",
            rowLength: length,
            via: job.via,
            imatrix: importanceOf(job, tensorRow, length),
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

/** The block's rows in target order. One read where the source rows lie close together, else one per run of rows. */
async function readRows(
    block: Block,
    readers: ReaderPool,
    signal: AbortSignal,
): Promise<Uint8Array> {
    const { source, gather, row, nRows, job } = block;
    const rowBytes = source.bytes / Math.max(1, sourceRows(source, job));
    const reader = await readers.get(source.file);
    if (!gather) return reader.read(source.offset + row * rowBytes, nRows * rowBytes, signal);
    const rows = Array.from({ length: nRows }, (_, i) => gather.sourceRow(row + i));
    const bounds = { low: Infinity, high: -1 };
    for (const index of rows) {
        bounds.low = Math.min(bounds.low, index);
        bounds.high = Math.max(bounds.high, index);
    }
    const out = new Uint8Array(nRows * rowBytes);
    const span = bounds.high - bounds.low + 1;
    if (span <= 4 * nRows) {
        const bytes = await reader.read(
            source.offset + bounds.low * rowBytes,
            span * rowBytes,
            signal,
        );
        rows.forEach((index, i) => {
            const from = (index - bounds.low) * rowBytes;
            out.set(bytes.subarray(from, from + rowBytes), i * rowBytes);
        });
        return out;
    }
    for (let i = 0; i < nRows;) {
        const first = rows[i] ?? 0;
        let n = 1;
        while (i + n < nRows && rows[i + n] === first + n) n++;
        out.set(
            await reader.read(source.offset + first * rowBytes, n * rowBytes, signal),
            i * rowBytes,
        );
        i += n;
    }
    return out;
}

export async function writeAt(out: ByteSink, bytes: Uint8Array, offset: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
        const { bytesWritten } = await out.write(bytes, done, bytes.length - done, offset + done);
        if (bytesWritten === 0) throw new AppError("env/disk", "The disk takes no more bytes");
        done += bytesWritten;
    }
}

/** Opens each shard once. */
class ReaderPool {
    private readonly open = new Map<string, Promise<FileReader>>();
    constructor(private readonly source: CheckpointSource) {}

    get(file: string): Promise<FileReader> {
        const present = this.open.get(file);
        if (present) return present;
        const reader = this.source.open(file);
        this.open.set(file, reader);
        return reader;
    }

    async close(): Promise<void> {
        const readers = await Promise.allSettled(this.open.values());
        for (const result of readers) if (result.status === "fulfilled") await result.value.close();
    }
}

function toError(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
}
