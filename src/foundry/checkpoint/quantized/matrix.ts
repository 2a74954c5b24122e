/**
 * What a decoder of quantized checkpoints is made of: a matrix that is put together from several stored tensors, row by row, and the
 * small helpers all of them need. Values are 32-bit floats, as in the reference converter. Knows no format.
 */

import { AppError } from "../../../base/errors";
import { toFloat32 } from "../../floats";
import type { SourceTensor } from "../index";

/** Reading and remembering, for the time of one conversion. */
export interface DecoderIo {
    /** Bytes of a stored tensor, counted from its start. */
    read(tensor: SourceTensor, offset: number, length: number): Promise<Uint8Array>;
    /** The value of an earlier call with this key as long as memory allows. `bytes`: what it takes. */
    cached<T>(key: string, bytes: number, make: () => Promise<T>): Promise<T>;
}

export interface DecodedMatrix {
    /** What the tensor would be called had it never been quantized. */
    name: string;
    /** Outermost dimension first; rows are all but the last one. */
    shape: readonly number[];
    /** The stored tensor with the bulk of the bytes: decides where the matrix stands in the reading order. */
    anchor: SourceTensor;
    /** All stored tensors it is made of. */
    parts: readonly SourceTensor[];
    /** `nRows * shape.at(-1)` values. */
    decode(firstRow: number, nRows: number, io: DecoderIo): Promise<Float32Array>;
}

export interface Decoding {
    matrices: DecodedMatrix[];
    /** Tensors without a place in the result that the format needs only when the model runs. */
    unused: readonly SourceTensor[];
    /**
     * What the reference converter does: "end": it writes what it decodes after everything else; "in place": where the name sorts;
     * "none": it cannot read the format, and the matrices stand where they would had they never been quantized.
     */
    reference: "end" | "in place" | "none";
}

export type TensorTable = ReadonlyMap<string, SourceTensor>;

/** Tensors of one linear layer that must be there; the error names the first that is not. */
export function need(tensors: TensorTable, name: string, of: string): SourceTensor {
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw broken(of, `${name} is missing`);
}

/** Rows and columns of a matrix. */
export function matrixShape(tensor: SourceTensor): [rows: number, columns: number] {
    const [rows, columns] = tensor.shape;
    if (tensor.shape.length === 2 && rows && columns) return [rows, columns];
    throw broken(tensor.name, `it has the shape [${tensor.shape.join(", ")}], not two dimensions`);
}

export function needDtype(tensor: SourceTensor, dtype: string): void {
    if (tensor.dtype !== dtype)
        throw broken(tensor.name, `it is stored as ${tensor.dtype}, not ${dtype}`);
}

export function broken(name: string, why: string): AppError {
    return new AppError(
        "data/checkpoint",
        `The quantized weight ${name.slice(0, 120)} cannot be decoded: ${why}; download the checkpoint again, or convert the original model`,
    );
}

/** A whole stored tensor as floats. */
export function floatsOf(tensor: SourceTensor, io: DecoderIo): Promise<Float32Array> {
    const n = tensor.shape.reduce((product, size) => product * size, 1);
    return io.cached(`floats ${tensor.name}`, n * 4, async () =>
        toFloat32(await io.read(tensor, 0, tensor.bytes), tensor.dtype),
    );
}

/** A whole stored tensor of 32-bit words. */
export function wordsOf(tensor: SourceTensor, io: DecoderIo): Promise<Int32Array> {
    return io.cached(`words ${tensor.name}`, tensor.bytes, async () =>
        toWords(await io.read(tensor, 0, tensor.bytes)),
    );
}

/** Whole rows of a stored matrix of words. */
export async function wordRows(
    tensor: SourceTensor,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Int32Array> {
    const [, columns] = matrixShape(tensor);
    return toWords(await io.read(tensor, firstRow * columns * 4, nRows * columns * 4));
}

/** Little-endian words; a view where the bytes are aligned. */
export function toWords(bytes: Uint8Array): Int32Array {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
}

/** Most bytes of a packed matrix that are held at a time. */
const PANEL_BYTES = 64 * 1024 * 1024;

export interface Panel {
    /** Column by column, `height` words each. */
    words: Int32Array;
    firstColumn: number;
    height: number;
}

/**
 * The columns around `column` of a matrix of words that is stored row by row but needed by columns, turned: the whole matrix in one
 * read when it is small, else a strip of its columns.
 */
export function panelAt(
    tensor: SourceTensor,
    column: number,
    io: DecoderIo,
    mostBytes = PANEL_BYTES,
): Promise<Panel> {
    const [rows, columns] = matrixShape(tensor);
    const width = Math.min(columns, Math.max(1, Math.floor(mostBytes / (rows * 4))));
    const firstColumn = column - (column % width);
    const n = Math.min(width, columns - firstColumn);
    return io.cached(`panel ${tensor.name} ${firstColumn}`, rows * n * 4, async () => {
        const stored =
            n === columns
                ? toWords(await io.read(tensor, 0, tensor.bytes))
                : await readStrip(tensor, firstColumn, n, io);
        return { words: turn(stored, rows, n), firstColumn, height: rows };
    });
}

async function readStrip(
    tensor: SourceTensor,
    firstColumn: number,
    width: number,
    io: DecoderIo,
): Promise<Int32Array> {
    const [rows, columns] = matrixShape(tensor);
    const words = new Int32Array(rows * width);
    for (let row = 0; row < rows; row++) {
        const at = (row * columns + firstColumn) * 4;
        words.set(toWords(await io.read(tensor, at, width * 4)), row * width);
    }
    return words;
}

/** In tiles, so that both sides stay in the processor's cache. */
function turn(words: Int32Array, rows: number, columns: number): Int32Array {
    const out = new Int32Array(words.length);
    const tile = 32;
    for (let top = 0; top < rows; top += tile)
        for (let left = 0; left < columns; left += tile)
            for (let row = top; row < Math.min(rows, top + tile); row++)
                for (let column = left; column < Math.min(columns, left + tile); column++)
                    out[column * rows + row] = words[row * columns + column] ?? 0;
    return out;
}
