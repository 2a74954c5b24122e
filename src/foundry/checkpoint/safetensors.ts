/**
 * Reads a safetensors header: 8 bytes of length, then JSON {name: {dtype, shape, data_offsets}}. The file is hostile input:
 * length, counts, shapes and offsets are bounded and must agree with the file's size before anything is used.
 * Does not read tensor data and knows nothing of shards. Format: github.com/huggingface/safetensors (README, "Format").
 */

import { AppError } from "../../base/errors";

/** Bytes per element; 4-bit and packed formats come as U8/I32 and are decoded by their quantization method. */
export const DTYPE_BYTES: Readonly<Record<string, number>> = {
    F64: 8,
    F32: 4,
    F16: 2,
    BF16: 2,
    F8_E4M3: 1,
    F8_E5M2: 1,
    F8_E8M0: 1,
    I64: 8,
    I32: 4,
    I16: 2,
    I8: 1,
    U64: 8,
    U32: 4,
    U16: 2,
    U8: 1,
    BOOL: 1,
};

/** The format's own limit for the JSON part. */
export const MAX_HEADER_BYTES = 100_000_000;
const MAX_TENSORS = 500_000;
const MAX_DIMS = 8;
const MAX_NAME_CHARS = 512;

export interface SafetensorsEntry {
    name: string;
    dtype: string;
    /** Outermost dimension first, as in the header. */
    shape: number[];
    /** Byte range inside the file. */
    offset: number;
    bytes: number;
}

/** Length of the JSON part from the file's first 8 bytes; throws when it cannot be right. */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
    if (prefix.length < 8 || fileBytes < 8) throw damaged(file, "it is shorter than a header");
    const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
    const length = view.getBigUint64(0, true);
    if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(fileBytes - 8))
        throw damaged(file, `it declares a header of ${length} bytes`);
    if (length < 2n) throw damaged(file, "it has no header");
    return Number(length);
}

/** Entries in the order of their names by code point, which is how the reference converter walks them. */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsEntry[] {
    const dataStart = 8 + json.length;
    let header: unknown;
    try {
        header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    } catch (cause) {
        throw damaged(file, "its header is not JSON", cause);
    }
    if (typeof header !== "object" || header === null || Array.isArray(header))
        throw damaged(file, "its header is not an object");
    const names = Object.keys(header).filter((name) => name !== "__metadata__");
    if (names.length > MAX_TENSORS) throw damaged(file, `it declares ${names.length} tensors`);
    const entries = names.map((name) =>
        parseEntry(name, (header as Record<string, unknown>)[name], dataStart, fileBytes, file),
    );
    refuseOverlap(entries, file);
    return entries.sort((a, b) => compareCodePoints(a.name, b.name));
}

function parseEntry(
    name: string,
    value: unknown,
    dataStart: number,
    fileBytes: number,
    file: string,
): SafetensorsEntry {
    const bad = (why: string) => damaged(file, `tensor "${name.slice(0, 80)}" ${why}`);
    if (name.length > MAX_NAME_CHARS) throw bad("has a name that is too long");
    if (typeof value !== "object" || value === null) throw bad("has no description");
    const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
    if (typeof dtype !== "string" || !Object.hasOwn(DTYPE_BYTES, dtype))
        throw bad(`has the unknown data type ${JSON.stringify(dtype)}`);
    if (!Array.isArray(shape) || shape.length > MAX_DIMS || !shape.every(isCount))
        throw bad("has a bad shape");
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
        throw bad("has bad offsets");
    const [begin, end] = offsets as [number, number];
    if (begin > end || end > fileBytes - dataStart) throw bad("lies outside the file");
    const wrong = compareSize(shape, dtype, end - begin);
    if (wrong) throw bad(wrong);
    return { name, dtype, shape, offset: dataStart + begin, bytes: end - begin };
}

/** What is wrong when the bytes are not the shape's. */
function compareSize(shape: readonly number[], dtype: string, bytes: number): string | undefined {
    const elements = shape.reduce((product, n) => product * n, 1);
    if (!Number.isSafeInteger(elements)) return "has an impossible shape";
    const expected = elements * (DTYPE_BYTES[dtype] ?? 0);
    return expected === bytes ? undefined : "has a size that does not match its shape";
}

function refuseOverlap(entries: readonly SafetensorsEntry[], file: string): void {
    const sorted = entries.filter((entry) => entry.bytes > 0).sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const entry of sorted) {
        if (entry.offset < end)
            throw damaged(file, `tensor "${entry.name.slice(0, 80)}" overlaps another one`);
        end = entry.offset + entry.bytes;
    }
}

function isCount(value: unknown): value is number {
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function damaged(file: string, why: string, cause?: unknown): AppError {
    return new AppError(
        "data/checkpoint",
        `${file} is not a usable safetensors file: ${why}; download it again`,
        { cause },
    );
}

/** Orders strings by code point (JavaScript's `<` compares UTF-16 units, which differs beyond U+FFFF). */
export function compareCodePoints(a: string, b: string): number {
    const n = Math.min(a.length, b.length);
    for (let i = 0; i < n; i++) {
        const left = a.charCodeAt(i);
        const right = b.charCodeAt(i);
        if (left !== right) return unitRank(left) - unitRank(right);
    }
    return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they come after U+E000..U+FFFF. */
function unitRank(unit: number): number {
    if (unit >= 0xe000) return unit - 0x800;
    return unit >= 0xd800 ? unit + 0x2000 : unit;
}
