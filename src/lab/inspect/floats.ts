/**
 * Values of a tensor as floats: rows of any type by the native dequantizer where it is at hand, else by our decoders. A sample takes whole rows
 * in stretches that are spread over the tensor, never more than was asked for.
 */

import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import { GGML_TYPES, rowBytes, type GgmlTypeName } from "../../gguf/types";
import type { NativeAddon } from "../../node/native";
import { decodeBlock } from "../blocks/layouts";
import type { InspectedModel, PlacedTensor } from "./model";

/** Undefined where the addon does not work. */
export type Native = Pick<NativeAddon, "quantizeRows"> | undefined;

export interface Sample {
    values: Float32Array;
    rowLength: number;
    /** Number in the tensor of each row of `values`. */
    rows: number[];
    nRows: number;
}

const MAX_STRETCHES = 64;

/** Whole rows of at most `maxValues` values, but at least one row. */
export async function sampleRows(
    model: InspectedModel,
    tensor: PlacedTensor,
    options: {
        maxValues: number;
        native: Native;
        signal: AbortSignal;
        onProgress?: (done: number, total: number) => void;
    },
): Promise<Sample> {
    const { maxValues, native, signal, onProgress } = options;
    const rowLength = tensor.shape[0] ?? 1;
    const bytesPerRow = rowBytes(tensor.type, rowLength);
    if (bytesPerRow === undefined)
        throw new AppError("bug/internal", "A tensor has rows that do not fit its type");
    if (rowLength > MAX_ROW)
        throw new AppError(
            "data/unsupported",
            `The rows of this tensor have ${rowLength} values, too many to be looked at`,
        );
    const nRows = tensor.nElements / rowLength;
    const nWanted = Math.min(nRows, Math.max(1, Math.floor(maxValues / rowLength)));
    const nStretches = Math.min(nWanted, nWanted === nRows ? 1 : MAX_STRETCHES);
    const values = new Float32Array(nWanted * rowLength);
    const rows: number[] = [];
    for (let i = 0; i < nStretches; i++) {
        throwIfAborted(signal);
        const count = Math.floor(((i + 1) * nWanted) / nStretches) - rows.length;
        const first = Math.min(Math.floor((i * nRows) / nStretches), nRows - count);
        await readInto(rows.length, first, count);
    }
    return { values, rowLength, rows, nRows };

    async function readInto(at: number, first: number, count: number): Promise<void> {
        const most = Math.max(1, Math.floor(MAX_CHUNK_BYTES / (bytesPerRow ?? 1)));
        for (let done = 0; done < count; done += most) {
            throwIfAborted(signal);
            const n = Math.min(most, count - done);
            const from = (first + done) * (bytesPerRow ?? 0);
            const bytes = await model.read(tensor, from, n * (bytesPerRow ?? 0));
            values.set(
                await toFloats(tensor.type, bytes, rowLength, native),
                (at + done) * rowLength,
            );
            for (let row = 0; row < n; row++) rows.push(first + done + row);
            onProgress?.(rows.length, nWanted);
        }
    }
}

const MAX_CHUNK_BYTES = 4 << 20;
const MAX_ROW = 1 << 24;

/** Throws AppError `data/unsupported` for a type that needs the native part where that does not work. */
export async function toFloats(
    type: GgmlTypeName,
    bytes: Uint8Array,
    rowLength: number,
    native: Native,
): Promise<Float32Array> {
    if (type === "F32") return new Float32Array(bytes.slice().buffer);
    if (native && !INTEGERS.has(type)) {
        const options = {
            type: "F32",
            source: bytes,
            sourceType: type,
            rowLength,
            via: "F32",
        } as const;
        // It refuses rows that are not finite; those are worth looking at more than others.
        const floats = await native.quantizeRows(options).catch(() => undefined);
        if (floats) return new Float32Array(floats.slice().buffer);
    }
    return decodeBlocks(type, bytes);
}

const INTEGERS: ReadonlySet<GgmlTypeName> = new Set(["I8", "I16", "I32", "I64", "F64"]);

function decodeBlocks(type: GgmlTypeName, bytes: Uint8Array): Float32Array {
    const { blockBytes, blockElements } = GGML_TYPES[type];
    const nBlocks = bytes.length / blockBytes;
    const values = new Float32Array(nBlocks * blockElements);
    for (let i = 0; i < nBlocks; i++) {
        const block = decodeBlock(type, bytes.subarray(i * blockBytes, (i + 1) * blockBytes));
        if (!block)
            throw new AppError(
                "data/unsupported",
                `Values of the type ${type} need Ingot's native part, which does not work here, or are no weights`,
            );
        values.set(block.values, i * blockElements);
    }
    return values;
}
