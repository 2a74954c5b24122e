/**
 * Builds the header of a GGUF v3 file: metadata in the given order, the tensor table, every offset known before any data.
 * Writes nothing itself. Format: ggml/include/gguf.h of llama.cpp v0.5.0.
 */

import { AppError } from "../base/errors";
import { GGML_TYPES, rowBytes, VALUE_TYPES, type GgmlTypeName, type GgufValueType } from "./types";

/** One metadata value; arrays say the type of their elements. */
export type GgufWriteValue =
    | { type: Exclude<GgufValueType, "array" | "string" | "bool">; value: number }
    | { type: "bool"; value: boolean }
    | { type: "string"; value: string }
    | { type: "array[string]"; value: readonly string[] }
    | { type: "array[bool]"; value: readonly boolean[] }
    /** Value type and value as they lie in another file: nothing is lost that a number or a text cannot hold. */
    | { type: "raw"; value: Uint8Array }
    | {
          type: `array[${"int32" | "uint32" | "float32" | "int8" | "uint8" | "uint16"}]`;
          value: ArrayLike<number>;
      };

export interface GgufWriteTensor {
    name: string;
    /** ne[0] first. */
    shape: readonly number[];
    type: GgmlTypeName;
}

export interface GgufLayout {
    /** Magic to the start of the data section, padding included. */
    header: Uint8Array;
    /** Of the header, without padding. */
    headerBytes: number;
    tensors: {
        name: string;
        /** Absolute position in the file. */ position: number;
        sizeBytes: number;
    }[];
    /** Size of the whole file, the last tensor's padding included. */
    fileBytes: number;
}

const ALIGNMENT = 32;

export function tensorBytes(tensor: GgufWriteTensor): number {
    const [rowLength = 1, ...rest] = tensor.shape;
    const row = rowBytes(tensor.type, rowLength);
    if (row === undefined)
        throw new AppError(
            "bug/internal",
            `Rows of ${rowLength} values of ${tensor.name} do not fit the type ${tensor.type}`,
        );
    return row * rest.reduce((product, size) => product * size, 1);
}

export function layoutGguf(
    metadata: Iterable<readonly [string, GgufWriteValue]>,
    tensors: readonly GgufWriteTensor[],
): GgufLayout {
    const entries = [...metadata];
    const out = new ByteWriter();
    out.bytes(new Uint8Array([0x47, 0x47, 0x55, 0x46]));
    out.uint32(3);
    out.uint64(tensors.length);
    out.uint64(entries.length);
    for (const [key, entry] of entries) {
        out.string(key);
        writeValue(out, entry);
    }
    let offset = 0;
    const placed: { name: string; offset: number; sizeBytes: number }[] = [];
    for (const tensor of tensors) {
        out.string(tensor.name);
        out.uint32(tensor.shape.length);
        for (const size of tensor.shape) out.uint64(size);
        out.uint32(GGML_TYPES[tensor.type].id);
        out.uint64(offset);
        const sizeBytes = tensorBytes(tensor);
        placed.push({ name: tensor.name, offset, sizeBytes });
        offset += pad(sizeBytes);
    }
    const headerBytes = out.size;
    out.padTo(ALIGNMENT);
    const header = out.take();
    return {
        header,
        headerBytes,
        tensors: placed.map(({ name, offset: at, sizeBytes }) => ({
            name,
            position: header.length + at,
            sizeBytes,
        })),
        fileBytes: header.length + offset,
    };
}

function pad(bytes: number): number {
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function writeValue(out: ByteWriter, entry: GgufWriteValue): void {
    if (entry.type === "raw") return out.bytes(entry.value);
    const element = /^array\[(\w+)\]$/.exec(entry.type)?.[1] as GgufValueType | undefined;
    if (element === undefined) {
        out.uint32(VALUE_TYPES.indexOf(entry.type as GgufValueType));
        out.scalar(entry.type as GgufValueType, entry.value as number | boolean | string);
        return;
    }
    const values = entry.value as ArrayLike<number | boolean | string>;
    out.uint32(VALUE_TYPES.indexOf("array"));
    out.uint32(VALUE_TYPES.indexOf(element));
    out.uint64(values.length);
    for (let i = 0; i < values.length; i++)
        out.scalar(element, values[i] as number | boolean | string);
}

/** Little-endian bytes in a buffer that doubles. */
class ByteWriter {
    private buffer = new Uint8Array(1 << 16);
    private view = new DataView(this.buffer.buffer);
    private length = 0;
    private reserved = 0;
    private readonly encoder = new TextEncoder();

    get size(): number {
        return this.length;
    }

    bytes(bytes: Uint8Array): void {
        const at = this.reserve(bytes.length);
        this.buffer.set(bytes, at);
    }

    uint32(value: number): void {
        this.at(4).setUint32(this.reserved, value, true);
    }

    uint64(value: number): void {
        const view = this.at(8);
        view.setUint32(this.reserved, value >>> 0, true);
        view.setUint32(this.reserved + 4, Math.floor(value / 2 ** 32), true);
    }

    /** A length and UTF-8. Vocabularies are hundreds of thousands of short ones, for which a call of the encoder costs too much. */
    string(text: string): void {
        const lengthAt = this.reserve(8 + 3 * text.length);
        const { buffer } = this;
        const start = lengthAt + 8;
        let end = start;
        for (let i = 0; i < text.length; i++) {
            const unit = text.charCodeAt(i);
            if (unit < 0x80) buffer[end++] = unit;
            else if (unit < 0x800) {
                buffer[end++] = 0xc0 | (unit >> 6);
                buffer[end++] = 0x80 | (unit & 0x3f);
            } else {
                end = start + this.encoder.encodeInto(text, buffer.subarray(start)).written;
                break;
            }
        }
        this.length = end;
        // What follows is taken for zeros.
        buffer.fill(0, end, start + 3 * text.length);
        this.view.setUint32(lengthAt, end - start, true);
    }

    scalar(type: GgufValueType, value: number | boolean | string): void {
        const number = Number(value);
        switch (type) {
            case "string":
                return this.string(String(value));
            case "bool":
            case "uint8":
                return this.at(1).setUint8(this.reserved, number);
            case "int8":
                return this.at(1).setInt8(this.reserved, number);
            case "uint16":
                return this.at(2).setUint16(this.reserved, number, true);
            case "int16":
                return this.at(2).setInt16(this.reserved, number, true);
            case "uint32":
                return this.uint32(number);
            case "int32":
                return this.at(4).setInt32(this.reserved, number, true);
            case "float32":
                return this.at(4).setFloat32(this.reserved, number, true);
            case "uint64":
                return this.uint64(number);
            case "int64":
                return this.at(8).setBigInt64(this.reserved, BigInt(number), true);
            case "float64":
                return this.at(8).setFloat64(this.reserved, number, true);
            case "array":
                throw new AppError("bug/internal", "Nested arrays are not written");
        }
    }

    padTo(alignment: number): void {
        this.reserve((alignment - (this.length % alignment)) % alignment);
    }

    take(): Uint8Array {
        return this.buffer.slice(0, this.length);
    }

    /** The view after growing by `nBytes`, which begin at `reserved`. (`this.view` read before growing would be the old one.) */
    private at(nBytes: number): DataView {
        this.reserved = this.reserve(nBytes);
        return this.view;
    }

    /** Returns where `nBytes` fresh zero bytes begin. */
    private reserve(nBytes: number): number {
        const at = this.length;
        if (at + nBytes > this.buffer.length) {
            const grown = new Uint8Array(Math.max(this.buffer.length * 2, at + nBytes));
            grown.set(this.buffer.subarray(0, at));
            this.buffer = grown;
            this.view = new DataView(grown.buffer);
        }
        this.length = at + nBytes;
        return at;
    }
}
