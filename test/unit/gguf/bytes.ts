/**
 * GGUF files written byte by byte for tests of the reader, right or wrong on purpose: independent of src/gguf/write.ts, and
 * able to say what that one never would (nested arrays, other versions, impossible counts).
 */

import type { ByteSource } from "../../../src/gguf/cursor";

/** Value type ids of the format. */
export const TYPE = {
    uint8: 0,
    int8: 1,
    uint16: 2,
    int16: 3,
    uint32: 4,
    int32: 5,
    float32: 6,
    bool: 7,
    string: 8,
    array: 9,
    uint64: 10,
    int64: 11,
    float64: 12,
} as const;

export function u8(value: number): Buffer {
    return Buffer.from([value]);
}
export function u32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return bytes;
}
export function u64(value: number | bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    return bytes;
}
export function f32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    return bytes;
}
export function f64(value: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return bytes;
}
export function text(value: string | Uint8Array): Buffer {
    const bytes = Buffer.from(value);
    return Buffer.concat([u64(bytes.length), bytes]);
}

/** A metadata entry of any type id with a payload as given. */
export function entry(key: string, type: number, ...payload: Uint8Array[]): Buffer {
    return Buffer.concat([text(key), u32(type), ...payload]);
}
export function list(elementType: number, length: number | bigint, ...items: Uint8Array[]): Buffer {
    return Buffer.concat([u32(elementType), u64(length), ...items]);
}
export function texts(values: readonly (string | Uint8Array)[]): Buffer {
    return list(TYPE.string, values.length, ...values.map(text));
}
export const stringEntry = (key: string, value: string) => entry(key, TYPE.string, text(value));
export const uint32Entry = (key: string, value: number) => entry(key, TYPE.uint32, u32(value));

export interface RawTensor {
    name: string;
    shape: (number | bigint)[];
    /** ggml type id; 0 = F32. */
    type?: number;
    offset?: number | bigint;
    /** What the file says instead of `shape.length`. */
    nDimensions?: number;
}

export function tensorInfo({ name, shape, type = 0, offset = 0, nDimensions }: RawTensor): Buffer {
    return Buffer.concat([
        text(name),
        u32(nDimensions ?? shape.length),
        ...shape.map(u64),
        u32(type),
        u64(offset),
    ]);
}

export interface RawFile {
    magic?: string;
    version?: number;
    nTensors?: number | bigint;
    nKeys?: number | bigint;
    metadata?: Uint8Array[];
    tensors?: RawTensor[];
    /** Bytes after the padded header. */
    dataBytes?: number;
}

export function rawGguf(file: RawFile): Buffer {
    const metadata = file.metadata ?? [];
    const tensors = file.tensors ?? [];
    const header = Buffer.concat([
        Buffer.from(file.magic ?? "GGUF"),
        u32(file.version ?? 3),
        u64(file.nTensors ?? tensors.length),
        u64(file.nKeys ?? metadata.length),
        ...metadata,
        ...tensors.map(tensorInfo),
    ]);
    const padding = (32 - (header.length % 32)) % 32;
    return Buffer.concat([header, Buffer.alloc(padding + (file.dataBytes ?? 0))]);
}

export interface CountedSource extends ByteSource {
    nReads: number;
    nBytes: number;
    /** Largest single request. */
    largest: number;
}

/** Counts what is asked of it; fails the test when asked beyond its end. */
export function sourceOf(bytes: Uint8Array, size = bytes.length): CountedSource {
    return {
        size,
        nReads: 0,
        nBytes: 0,
        largest: 0,
        async read(offset, length) {
            if (offset < 0 || length < 0 || offset + length > size)
                throw new Error(`asked for ${length} bytes at ${offset} of ${size}`);
            this.nReads++;
            this.nBytes += length;
            this.largest = Math.max(this.largest, length);
            return bytes.subarray(offset, offset + length);
        },
    };
}
