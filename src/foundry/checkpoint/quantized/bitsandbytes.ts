/**
 * bitsandbytes. 4 bits (nf4, fp4): two values per byte, the first one in the high half, a table of 16 values and a maximum per block,
 * which may be quantized itself. 8 bits (LLM.int8): a scale per output. Values as `dequantize` of transformers gives them, rounded to
 * the type that the weight had before. Facts: bitsandbytes/functional.py; the reference converter does not read them.
 */

import type { SourceTensor } from "../index";
import { isObject, type JsonObject } from "../source";
import { roundTo, type FloatType } from "../../floats";
import {
    broken,
    floatsOf,
    matrixShape,
    need,
    type DecodedMatrix,
    type Decoding,
    type DecoderIo,
    type TensorTable,
} from "./matrix";

/** Reads a whole small tensor while the conversion is planned. */
export type ReadSmall = (tensor: SourceTensor) => Promise<Uint8Array>;

const STATE = /^(.*)\.quant_state\.bitsandbytes__(nf4|fp4)$/;
const MAX_STATE_BYTES = 64 * 1024;

/** `dtype`: what config.json says the weights were, for the 8-bit ones. */
export async function decodeBitsandbytes(
    tensors: TensorTable,
    dtype: FloatType,
    read: ReadSmall,
): Promise<Decoding> {
    const matrices: DecodedMatrix[] = [];
    const unused: SourceTensor[] = [];
    const states: Promise<DecodedMatrix>[] = [];
    for (const [name, tensor] of tensors) {
        const base = STATE.exec(name)?.[1];
        if (base !== undefined) states.push(readFourBit(base, tensor, tensors, read));
        else if (name.endsWith(".SCB"))
            matrices.push(readEightBit(name.slice(0, -".SCB".length), tensor, tensors, dtype));
        else if (name.endsWith(".weight_format")) unused.push(tensor);
    }
    matrices.push(...(await Promise.all(states)));
    return { matrices, unused, reference: "none" };
}

interface FourBit {
    packed: SourceTensor;
    absmax: SourceTensor;
    quantMap: SourceTensor;
    /** Maxima that are quantized themselves. */
    nested: ReturnType<typeof readNested> | undefined;
    blockSize: number;
    dtype: FloatType;
    rowLength: number;
}

async function readFourBit(
    name: string,
    state: SourceTensor,
    tensors: TensorTable,
    read: ReadSmall,
): Promise<DecodedMatrix> {
    const packed = need(tensors, name, name);
    const json = parseState(name, state.bytes > MAX_STATE_BYTES ? undefined : await read(state));
    const shape = shapeOf(name, json);
    const nValues = shape.reduce((product, n) => product * n, 1);
    if (packed.bytes !== Math.ceil(nValues / 2))
        throw broken(name, `it has ${packed.bytes} bytes for ${nValues} values of 4 bits`);
    const blockSize = countOf(name, json, "blocksize");
    const absmax = need(tensors, `${name}.absmax`, name);
    const quantMap = need(tensors, `${name}.quant_map`, name);
    const nBlocks = Math.ceil(nValues / blockSize);
    if (elements(absmax) !== nBlocks || elements(quantMap) !== 16)
        throw broken(name, "its tables have the wrong size");
    const matrix: FourBit = {
        packed,
        absmax,
        quantMap,
        nested: absmax.dtype === "U8" ? readNested(name, json, tensors, nBlocks) : undefined,
        blockSize,
        dtype: floatTypeOf(json["dtype"]),
        rowLength: shape.at(-1) ?? 1,
    };
    const parts = [packed, absmax, quantMap, state];
    if (matrix.nested) parts.push(matrix.nested.absmax, matrix.nested.quantMap);
    return {
        name,
        shape,
        anchor: packed,
        parts,
        decode: (firstRow, nRows, io) => decodeFourBit(matrix, firstRow, nRows, io),
    };
}

function readNested(name: string, json: JsonObject, tensors: TensorTable, nBlocks: number) {
    const absmax = need(tensors, `${name}.nested_absmax`, name);
    const quantMap = need(tensors, `${name}.nested_quant_map`, name);
    const blockSize = countOf(name, json, "nested_blocksize");
    const offset = json["nested_offset"];
    if (elements(absmax) !== Math.ceil(nBlocks / blockSize) || elements(quantMap) !== 256)
        throw broken(name, "its nested tables have the wrong size");
    if (typeof offset !== "number") throw broken(name, "its nested_offset is missing");
    return { absmax, quantMap, blockSize, offset: Math.fround(offset) };
}

async function decodeFourBit(
    matrix: FourBit,
    firstRow: number,
    nRows: number,
    io: DecoderIo,
): Promise<Float32Array> {
    const { packed, blockSize, dtype, rowLength } = matrix;
    const [table, maxima] = await Promise.all([
        floatsOf(matrix.quantMap, io),
        maximaOf(matrix, io),
    ]);
    const first = firstRow * rowLength;
    const n = nRows * rowLength;
    const firstByte = Math.floor(first / 2);
    const bytes = await io.read(packed, firstByte, Math.ceil((first + n) / 2) - firstByte);
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) {
        const at = first + i;
        const byte = bytes[Math.floor(at / 2) - firstByte] ?? 0;
        const code = at % 2 === 0 ? byte >> 4 : byte & 15;
        out[i] = (table[code] ?? 0) * (maxima[Math.floor(at / blockSize)] ?? 0);
    }
    return roundTo(out, dtype);
}

/** The maximum of every block. */
async function maximaOf({ absmax, nested }: FourBit, io: DecoderIo): Promise<Float32Array> {
    if (!nested) return floatsOf(absmax, io);
    return io.cached(`maxima ${absmax.name}`, absmax.bytes * 4, async () => {
        const [codes, table, outer] = await Promise.all([
            io.read(absmax, 0, absmax.bytes),
            floatsOf(nested.quantMap, io),
            floatsOf(nested.absmax, io),
        ]);
        const f = Math.fround;
        return Float32Array.from(codes, (code, i) => {
            const scale = outer[Math.floor(i / nested.blockSize)] ?? 0;
            return f(f((table[code] ?? 0) * scale) + nested.offset);
        });
    });
}

function readEightBit(
    base: string,
    scales: SourceTensor,
    tensors: TensorTable,
    dtype: FloatType,
): DecodedMatrix {
    const name = `${base}.weight`;
    const weight = need(tensors, name, name);
    const [rows, columns] = matrixShape(weight);
    if (weight.dtype !== "I8" || elements(scales) !== rows)
        throw broken(name, "its parts have shapes that do not fit together");
    return {
        name,
        shape: [rows, columns],
        anchor: weight,
        parts: [weight, scales],
        decode: async (firstRow, nRows, io) => {
            const [perRow, bytes] = await Promise.all([
                floatsOf(scales, io),
                io.read(weight, firstRow * columns, nRows * columns),
            ]);
            const out = new Float32Array(nRows * columns);
            for (let i = 0; i < out.length; i++) {
                const value = ((bytes[i] ?? 0) << 24) >> 24;
                const scale = perRow[firstRow + Math.floor(i / columns)] ?? 0;
                out[i] = Math.fround(value * scale) * ONE_127TH;
            }
            return roundTo(out, dtype);
        },
    };
}

/** The library multiplies by this number instead of dividing by 127. */
const ONE_127TH = Math.fround(7.874015718698502e-3);

function parseState(name: string, bytes: Uint8Array | undefined): JsonObject {
    let value: unknown;
    try {
        value = bytes && JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        value = undefined;
    }
    if (isObject(value)) return value;
    throw broken(name, "its quant_state is not readable");
}

function shapeOf(name: string, json: JsonObject): number[] {
    const shape = json["shape"];
    const isShape =
        Array.isArray(shape) &&
        shape.length > 0 &&
        shape.length <= 4 &&
        shape.every((n) => Number.isSafeInteger(n) && Number(n) > 0);
    if (isShape) return shape.map(Number);
    throw broken(name, "its quant_state gives no shape");
}

function countOf(name: string, json: JsonObject, key: string): number {
    const value = json[key];
    if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1 << 20)
        return value;
    throw broken(name, `its quant_state gives no ${key}`);
}

function elements(tensor: SourceTensor): number {
    return tensor.shape.reduce((product, n) => product * n, 1);
}

/** From a name as PyTorch or config.json writes it; F32 when it is none of the two small ones. */
export function floatTypeOf(name: unknown): FloatType {
    if (typeof name !== "string") return "F32";
    if (name.endsWith("bfloat16")) return "BF16";
    return name.endsWith("float16") || name.endsWith("half") ? "F16" : "F32";
}
