/**
 * The rows of a result in blocks: what is read, quantized and written at a time, and remembered as done. Where a block goes and what of the
 * source it is made of; nothing is read here.
 */

import { AppError } from "../base/errors";
import type { FloatType } from "./floats";
import { partBytes, partSize, type Part } from "./parts";
import type { PlacedBlock, SourceRange } from "./sourceHashes";
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

export interface Block {
    job: TensorJob;
    part: Part;
    /** Rows of the part's result, and where the first one's elements stand in the tensor. */
    row: number;
    nRows: number;
    element: number;
    /** Elements in a row of the result. */
    rowLength: number;
}

/** Most source bytes in a block of more than one row. */
export const BLOCK_BYTES = 4 * 1024 * 1024;
const MAX_ROW_BYTES = 256 * 1024 * 1024;
const TRANSPOSED_BLOCKS = 4;

export function* listBlocks(jobs: readonly TensorJob[], blockBytes: number): Generator<Block> {
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
            for (let row = 0; row < total;) {
                const at = element + row * rowLength;
                const nRows = Math.min(step, total - row, rowsLeftOfExpert(job, at));
                yield { job, part, row, nRows, element: at, rowLength };
                row += nRows;
            }
            element += total * rowLength;
        }
    }
}

/** Each expert has importances of its own, so a block does not go across. */
function rowsLeftOfExpert({ tensor, imatrix }: TensorJob, element: number): number {
    const [nRows, length] = tensor.shape.slice(-2);
    if (!imatrix || nRows === undefined || length === undefined) return Infinity;
    return nRows - ((element / length) % nRows);
}

export function lengthOf({ tensor }: TensorJob): number {
    return tensor.shape.at(-1) ?? 1;
}

/** Tensors that are no matrices of whole rows are F32 in the file, but for vectors that a GGUF file holds as they are. */
export function isPlain({ job, rowLength }: Block): boolean {
    const isMatrix = job.tensor.shape.length !== 1 && rowLength === lengthOf(job);
    if (job.type === "F32" && !isMatrix) return true;
    if (rowLength !== lengthOf(job))
        throw new AppError("bug/internal", `${job.tensor.name} cannot be ${job.type}`);
    return false;
}

/** Absolute place in the result, and length in bytes. */
export function placeOf(block: Block): { offset: number; length: number } {
    const { job, element, nRows, rowLength } = block;
    const elementBytes = isPlain(block) ? 4 : job.rowBytes / lengthOf(job);
    return {
        offset: job.offset + element * elementBytes,
        length: nRows * rowLength * elementBytes,
    };
}

/** All blocks of these jobs, in no particular order, with what each is made of. */
export function placedBlocks(jobs: readonly TensorJob[]): PlacedBlock[] {
    return [...listBlocks(jobs, BLOCK_BYTES)].map((block) => ({
        ...placeOf(block),
        ranges: rangesOf(block),
    }));
}

/** Gathered and transposed rows, and those of a tensor that is put together, are taken to need all of it. */
function rangesOf({ part, row, nRows }: Block): SourceRange[] {
    const { source, gather, transpose } = part;
    if (source.madeOf || gather || transpose)
        return (source.madeOf ?? [source]).map(({ file, offset, bytes }) => ({
            file,
            start: offset,
            end: offset + bytes,
        }));
    const rowBytes = source.bytes / Math.max(1, partSize(part).nRows);
    const start = source.offset + row * rowBytes;
    return [{ file: source.file, start, end: start + nRows * rowBytes }];
}
