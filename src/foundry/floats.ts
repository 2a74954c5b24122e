/**
 * Values of a checkpoint as 32-bit floats, for the small tensors that stay F32 and for the data types that the native quantizer does
 * not read. Exact conversions only. bf16 and f16 are little endian, as safetensors stores them.
 */

import { AppError } from "../base/errors";

export type FloatType = "F32" | "F16" | "BF16";

export function isFloatType(dtype: string): dtype is FloatType {
    return dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

/** One entry per element. Throws for data types that are no plain numbers (those belong to quantized checkpoints). */
export function toFloat32(bytes: Uint8Array, dtype: string): Float32Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const read = READERS[dtype];
    if (!read)
        throw new AppError(
            "data/unsupported",
            `The checkpoint stores weights as ${dtype}, which only quantized checkpoints do; convert the original model instead`,
        );
    const out = new Float32Array(bytes.length / read.bytes);
    for (let i = 0; i < out.length; i++) out[i] = read.at(view, i * read.bytes);
    return out;
}

const READERS: Readonly<
    Record<string, { bytes: number; at(view: DataView, offset: number): number }>
> = {
    F64: { bytes: 8, at: (view, offset) => view.getFloat64(offset, true) },
    F32: { bytes: 4, at: (view, offset) => view.getFloat32(offset, true) },
    F16: { bytes: 2, at: (view, offset) => halfToFloat(view.getUint16(offset, true)) },
    BF16: { bytes: 2, at: (view, offset) => bfloatToFloat(view.getUint16(offset, true)) },
    I64: { bytes: 8, at: (view, offset) => Number(view.getBigInt64(offset, true)) },
    I32: { bytes: 4, at: (view, offset) => view.getInt32(offset, true) },
    I16: { bytes: 2, at: (view, offset) => view.getInt16(offset, true) },
    I8: { bytes: 1, at: (view, offset) => view.getInt8(offset) },
    U8: { bytes: 1, at: (view, offset) => view.getUint8(offset) },
    BOOL: { bytes: 1, at: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
    F8_E4M3: { bytes: 1, at: (view, offset) => E4M3[view.getUint8(offset)] ?? 0 },
    F8_E5M2: { bytes: 1, at: (view, offset) => halfToFloat(view.getUint8(offset) << 8) },
    F8_E8M0: { bytes: 1, at: (view, offset) => powerOfTwo(view.getUint8(offset)) },
};

/** The "fn" variant: no infinities, one not-a-number per sign. */
const E4M3 = Float32Array.from({ length: 256 }, (_, byte) => {
    const sign = byte & 0x80 ? -1 : 1;
    const exponent = (byte >> 3) & 15;
    const fraction = byte & 7;
    if (exponent === 15 && fraction === 7) return NaN;
    if (exponent === 0) return sign * fraction * 2 ** -9;
    return sign * (1 + fraction / 8) * 2 ** (exponent - 7);
});

/** A scale that is only an exponent. */
function powerOfTwo(byte: number): number {
    return byte === 255 ? NaN : 2 ** (byte - 127);
}

export function halfToFloat(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest number that 16-bit floats have, ties to even. */
export function roundToHalf(value: number): number {
    const size = Math.abs(value);
    if (!(size > 0 && size < Infinity)) return value;
    // Steps of 2^-24 below the smallest normal number, of 2^(exponent - 10) above it.
    const exponent = Math.max(-14, Math.floor(Math.log2(size)));
    const step = 2 ** (exponent - 10);
    const rounded = roundTiesToEven(size / step) * step;
    return Math.sign(value) * (rounded >= 65520 ? Infinity : rounded);
}

function roundTiesToEven(value: number): number {
    const floor = Math.floor(value);
    const rest = value - floor;
    return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

const scratch = new DataView(new ArrayBuffer(4));

export function bfloatToFloat(bits: number): number {
    scratch.setUint32(0, bits << 16);
    return scratch.getFloat32(0);
}

/**
 * Rounds in place to what a type of 16 bits can hold, ties to even; beyond its range infinite. The values stay 32-bit floats.
 */
export function roundTo(values: Float32Array, type: FloatType): Float32Array {
    if (type === "F32") return values;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < values.length; i++) {
        const word = bits[i] ?? 0;
        const exponent = (word >>> 23) & 255;
        if (exponent === 255) continue;
        if (type === "BF16") bits[i] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
        else if (exponent >= 143) values[i] = (values[i] ?? 0) * Infinity;
        else values[i] = toHalf(values[i] ?? 0, exponent);
    }
    return values;
}

/** Adding and taking away a number this large leaves a multiple of the last place of f16 (2^-24 below its normal range). */
function toHalf(value: number, exponent: number): number {
    const large = 1.5 * 2 ** (52 + Math.max(exponent - 127, -14) - 10);
    const rounded = value + large - large;
    if (rounded === 0) return value * 0;
    return Math.abs(rounded) > 65504 ? rounded * Infinity : rounded;
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Little-endian bytes; on most machines a view of the values. */
export function float32Bytes(values: Float32Array): Uint8Array {
    if (IS_LITTLE_ENDIAN)
        return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i] ?? 0, true);
    return bytes;
}
