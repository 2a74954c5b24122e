/**
 * Reads golden.json files: what llama.cpp's converter and llama-quantize make of a checkpoint, tensor by tensor and key by key.
 * The default set lies in test/golden/conversion; INGOT_GOLDENS names a folder with more.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { GgufWriteValue } from "../../src/gguf/write";

export interface GoldenKey {
    key: string;
    type: string;
    value?: unknown;
    length?: number;
    sha256?: string;
}
export interface GoldenTensor {
    name: string;
    shape: number[];
    type: string;
    sha256: string;
}
interface GoldenFile {
    kv: number[];
    tensors: number[];
    file_sha256: string;
    file_size: number;
}
export interface Golden {
    name: string;
    kind: "model" | "lora";
    note: string;
    /** Name of the case with the base model of an adapter. */
    base_case?: string;
    reference: "ok" | "partly" | "refused";
    pre_forced: string | null;
    errors?: Record<string, string>;
    quantize_errors?: Record<string, string>;
    derived?: string;
    nondeterministic?: unknown;
    tokenize?: { probes: string[]; llama_cpp: number[][]; transformers: number[][] | null };
    files: Record<string, GoldenFile>;
    kv_pool: GoldenKey[];
    tensor_pool: GoldenTensor[];
}

export interface GoldenCase {
    folder: string;
    golden: Golden;
}

const FOLDER = resolve(process.env["INGOT_GOLDENS"] ?? "test/golden/conversion");

/** All cases of the folder that `accept` wants. */
export function listGoldens(accept: (golden: Golden, folder: string) => boolean): GoldenCase[] {
    return readdirSync(FOLDER)
        .sort()
        .map((name) => join(FOLDER, name))
        .filter((folder) => existsSync(join(folder, "golden.json")))
        .map((folder) => ({
            folder,
            golden: JSON.parse(readFileSync(join(folder, "golden.json"), "utf8")) as Golden,
        }))
        .filter(({ golden, folder }) => accept(golden, folder));
}

/** A key as a golden shows it: long strings and arrays by length and hash. */
export function describeKey(key: string, entry: GgufWriteValue): GoldenKey {
    const { type, value } = entry;
    if (type === "string")
        return value.length <= 400
            ? { key, type, value }
            : { key, type, length: Buffer.byteLength(value), sha256: sha256(Buffer.from(value)) };
    if (type === "float32") return { key, type, value: Math.fround(value) };
    if (type !== "array[string]" && type !== "array[int32]" && type !== "array[float32]")
        return { key, type, value };
    const items: readonly (string | number)[] = Array.from(value as ArrayLike<string | number>);
    return items.length <= 16
        ? { key, type, value: items }
        : { key, type, length: items.length, sha256: sha256(arrayBytes(type, items)) };
}

function arrayBytes(type: string, items: readonly (string | number)[]): Buffer {
    return Buffer.concat(
        items.map((item) => {
            if (typeof item === "string") {
                const text = Buffer.from(item);
                const length = Buffer.alloc(8);
                length.writeBigUInt64LE(BigInt(text.length));
                return Buffer.concat([length, text]);
            }
            const bytes = Buffer.alloc(4);
            if (type === "array[int32]") bytes.writeInt32LE(item);
            else bytes.writeFloatLE(item);
            return bytes;
        }),
    );
}

export function goldenKeys(golden: Golden, label: string): GoldenKey[] {
    return (golden.files[label]?.kv ?? []).map((index) => {
        const entry = golden.kv_pool[index];
        if (!entry) throw new Error(`${golden.name}: bad key index ${index}`);
        const { key, type, value, length, sha256: hash } = entry;
        return hash === undefined ? { key, type, value } : { key, type, length, sha256: hash };
    });
}

export function goldenTensors(golden: Golden, label: string): GoldenTensor[] {
    return (golden.files[label]?.tensors ?? []).map((index) => {
        const entry = golden.tensor_pool[index];
        if (!entry) throw new Error(`${golden.name}: bad tensor index ${index}`);
        return entry;
    });
}

export function sha256(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex");
}
