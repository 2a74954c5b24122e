/** Vectors as text, for channels that carry JSON: base64 of little-endian float32 values. */

import { endianness } from "node:os";

export function encodeFloats(values: Float32Array): string {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    return (endianness() === "LE" ? bytes : Buffer.from(bytes).swap32()).toString("base64");
}

/** What is no whole number of values is left out. */
export function decodeFloats(text: string): Float32Array {
    const bytes = Buffer.from(text, "base64");
    if (endianness() === "BE") bytes.subarray(0, bytes.length & ~3).swap32();
    const values = new Float32Array(Math.floor(bytes.length / 4));
    new Uint8Array(values.buffer).set(bytes.subarray(0, values.byteLength));
    return values;
}
