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
};

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

/** Little-endian bytes. */
export function float32Bytes(values: Float32Array): Uint8Array {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i] ?? 0, true);
    return bytes;
}
