/** A checkpoint that lies in memory: files by name, for parsers and refusals. */

import type { CheckpointSource } from "../../../src/foundry/checkpoint/source";

export type FileContent = Uint8Array | string | object;

export function memorySource(
    files: Record<string, FileContent>,
    name = "memory",
): CheckpointSource {
    const bytes = new Map(Object.entries(files).map(([file, content]) => [file, toBytes(content)]));
    return {
        name,
        label: name,
        files: new Map([...bytes].map(([file, content]) => [file, content.length])),
        open: async (file) => {
            const content = bytes.get(file) ?? new Uint8Array();
            return {
                sizeBytes: content.length,
                read: async (offset, length) => {
                    if (offset + length > content.length) throw new Error("read past the end");
                    return content.slice(offset, offset + length);
                },
                close: async () => undefined,
            };
        },
    };
}

function toBytes(content: FileContent): Uint8Array {
    if (content instanceof Uint8Array) return content;
    return new TextEncoder().encode(
        typeof content === "string" ? content : JSON.stringify(content),
    );
}

export interface FakeTensor {
    dtype: string;
    shape: number[];
    data?: Uint8Array;
}

const BYTES: Record<string, number> = { F32: 4, F16: 2, BF16: 2, I32: 4, U8: 1 };

/** A valid safetensors file; zeros where no data is given. */
export function safetensors(tensors: Record<string, FakeTensor>): Uint8Array {
    const header: Record<string, unknown> = {};
    const data: Uint8Array[] = [];
    let at = 0;
    for (const [name, { dtype, shape, data: given }] of Object.entries(tensors)) {
        const bytes =
            given ?? new Uint8Array(shape.reduce((a, b) => a * b, 1) * (BYTES[dtype] ?? 1));
        header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
        data.push(bytes);
        at += bytes.length;
    }
    return rawSafetensors(JSON.stringify(header), Buffer.concat(data));
}

/** Header text as given, right or wrong. */
export function rawSafetensors(header: string, data = new Uint8Array()): Uint8Array {
    const json = new TextEncoder().encode(header);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
    return new Uint8Array(Buffer.concat([length, json, data]));
}
