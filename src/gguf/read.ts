/**
 * Reads the header of a GGUF file (v2, v3, little endian): metadata and tensor table, no tensor data. Works on any random access
 * source: a file, a range of a remote file, bytes in memory. A model file is hostile input: every declared length, count, depth
 * and offset is bounded before anything is allocated. What is allowed here may still be refused by validate.ts.
 * Format: ggml/include/gguf.h of llama.cpp v0.5.0.
 */

import { broken, quote } from "./broken";
import {
    Cursor,
    SCALAR_BYTES,
    scalarsOf,
    textsOf,
    type ByteSource,
    type StringRun,
} from "./cursor";
import {
    GGML_TYPES,
    ggmlTypeName,
    VALUE_TYPES,
    type GgmlTypeName,
    type GgufValueType,
} from "./types";

export const GGUF_LIMITS = {
    keys: 100_000,
    tensors: 200_000,
    keyBytes: 65_535,
    /** One string value, e.g. a chat template. */
    stringBytes: 64 * 1024 * 1024,
    arrayLength: 16 * 1024 * 1024,
    arrayDepth: 3,
    dimensions: 4,
    headerBytes: 512 * 1024 * 1024,
    alignment: 1 << 20,
} as const;

export interface GgufArray {
    readonly elementType: GgufValueType;
    readonly length: number;
    /** Numbers beyond 2^53 lose precision. Decoded when first asked for, but for nested arrays. */
    readonly values: readonly (number | boolean | string | GgufArray)[];
}

export interface GgufEntry {
    type: GgufValueType;
    value: number | boolean | string | GgufArray;
}

export interface GgufTensor {
    name: string;
    /** ne[0] first; empty for a single value. */
    shape: number[];
    type: GgmlTypeName;
    /** From the start of the data section. */
    offset: number;
    sizeBytes: number;
    nElements: number;
}

export interface GgufFile {
    version: number;
    metadata: Map<string, GgufEntry>;
    tensors: GgufTensor[];
    alignment: number;
    /** Where the data section begins in the file. */
    dataOffset: number;
    sizeBytes: number;
    /** Where each key's value stands in the file, its type included: for copying it unchanged. */
    places: Map<string, { offset: number; length: number }>;
}

const MAGIC = 0x46554747;

/** `mostBytes`: of the header, for callers that want to hold less. Throws AppError `data/gguf` with one sentence. */
export async function readGguf(
    source: ByteSource,
    mostBytes: number = GGUF_LIMITS.headerBytes,
): Promise<GgufFile> {
    const cursor = new Cursor(source, mostBytes);
    const { version, nTensors, nKeys } = await readCounts(cursor);
    const { metadata, places } = await readKeys(cursor, nKeys, () => false);

    const alignment = readAlignment(metadata);
    const tensors: GgufTensor[] = [];
    for (let i = 0; i < nTensors; i++) tensors.push(await readTensor(cursor));
    const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
    return { version, metadata, tensors, alignment, dataOffset, sizeBytes: source.size, places };
}

/** The keys before the first one that `isEnd` accepts, for sources of which only the beginning is at hand. Throws AppError `data/gguf`. */
export async function readFirstKeys(
    source: ByteSource,
    isEnd: (key: string) => boolean,
): Promise<Pick<GgufFile, "metadata">> {
    const cursor = new Cursor(source, GGUF_LIMITS.headerBytes);
    const { nKeys } = await readCounts(cursor);
    return readKeys(cursor, nKeys, isEnd);
}

const ENDS_IN_METADATA = "it ends inside its metadata; download it again";

async function readCounts(
    cursor: Cursor,
): Promise<{ version: number; nTensors: number; nKeys: number }> {
    await cursor.need(4, "it is too short");
    if (cursor.uint32() !== MAGIC) throw broken("it does not begin with the letters GGUF");
    await cursor.need(20, "it ends inside its header");
    const version = cursor.uint32();
    if (version !== 2 && version !== 3)
        throw broken(
            version === 1 || version > 0xffff
                ? "its version or byte order is not supported"
                : `version ${version} of the format is not supported`,
        );
    const nTensors = count(cursor, GGUF_LIMITS.tensors, "tensors");
    const nKeys = count(cursor, GGUF_LIMITS.keys, "metadata keys");
    return { version, nTensors, nKeys };
}

async function readKeys(
    cursor: Cursor,
    nKeys: number,
    isEnd: (key: string) => boolean,
): Promise<Pick<GgufFile, "metadata" | "places">> {
    const metadata = new Map<string, GgufEntry>();
    const places: GgufFile["places"] = new Map();
    for (let i = 0; i < nKeys; i++) {
        const key = await readString(cursor, GGUF_LIMITS.keyBytes);
        if (isEnd(key)) break;
        const offset = cursor.position;
        await cursor.need(4, ENDS_IN_METADATA);
        const type = valueType(cursor.uint32(), key);
        // llama.cpp's own reader ends the process here.
        if (key === "") throw broken("its metadata has a key without a name");
        if (metadata.has(key)) throw broken(`its metadata has the key ${quote(key)} twice`);
        metadata.set(key, { type, value: await readValue(cursor, type, key, 0) });
        places.set(key, { offset, length: cursor.position - offset });
    }
    return { metadata, places };
}

function count(cursor: Cursor, most: number, what: string): number {
    const value = cursor.uint64();
    if (value > most) throw broken(`it declares ${value} ${what}`);
    return value;
}

function valueType(id: number, key: string): GgufValueType {
    const type = VALUE_TYPES[id];
    if (!type) throw broken(`its key ${quote(key)} has the unknown value type ${id}`);
    return type;
}

async function readString(cursor: Cursor, mostBytes: number): Promise<string> {
    await cursor.need(8, ENDS_IN_METADATA);
    const length = stringLength(cursor, mostBytes);
    await cursor.need(length, ENDS_IN_METADATA);
    return cursor.text(length);
}

function stringLength(cursor: Cursor, mostBytes: number): number {
    const length = cursor.uint64();
    if (length > mostBytes) throw broken(`it declares a string of ${length} bytes`);
    return length;
}

async function readValue(
    cursor: Cursor,
    type: GgufValueType,
    key: string,
    depth: number,
): Promise<GgufEntry["value"]> {
    if (type === "string") return readString(cursor, GGUF_LIMITS.stringBytes);
    if (type === "array") return readArray(cursor, key, depth + 1);
    await cursor.need(SCALAR_BYTES[type] ?? 8, ENDS_IN_METADATA);
    return cursor.scalar(type);
}

async function readArray(cursor: Cursor, key: string, depth: number): Promise<GgufArray> {
    if (depth > GGUF_LIMITS.arrayDepth)
        throw broken(`its key ${quote(key)} nests arrays too deeply`);
    await cursor.need(12, ENDS_IN_METADATA);
    const elementType = valueType(cursor.uint32(), key);
    const length = cursor.uint64();
    // Every element takes at least one byte (a string eight), so the file's own size bounds the count too.
    const least = SCALAR_BYTES[elementType] ?? (elementType === "string" ? 8 : 12);
    if (length > GGUF_LIMITS.arrayLength)
        throw broken(`its key ${quote(key)} declares an array of ${length} values`);
    if (length * least > cursor.remaining) throw broken(ENDS_IN_METADATA);
    if (elementType === "string") return readStrings(cursor, length);
    if (SCALAR_BYTES[elementType] !== undefined) return readScalars(cursor, elementType, length);
    const values: GgufArray[] = [];
    for (let i = 0; i < length; i++) values.push(await readArray(cursor, key, depth + 1));
    return { elementType, length, values };
}

/** Scores and kinds of tokens are as long as the vocabulary, and few readers look at them: kept as bytes until then. */
async function readScalars(
    cursor: Cursor,
    elementType: GgufValueType,
    length: number,
): Promise<GgufArray> {
    const nBytes = length * (SCALAR_BYTES[elementType] ?? 1);
    await cursor.need(nBytes, ENDS_IN_METADATA);
    const bytes = cursor.bytes(nBytes);
    let values: (number | boolean)[] | undefined;
    return {
        elementType,
        length,
        get values() {
            return (values ??= scalarsOf(bytes, elementType));
        },
    };
}

/** A vocabulary has 150,000 texts and as many merges: stepping over them is cheap, decoding is not, and few readers need them. */
async function readStrings(cursor: Cursor, length: number): Promise<GgufArray> {
    const runs: StringRun[] = [];
    for (let rest = length; rest > 0;) {
        const run = cursor.bufferedStrings(rest, GGUF_LIMITS.stringBytes);
        rest -= run.count;
        if (run.count > 0) runs.push(run);
        else await needString(cursor);
    }
    let texts: string[] | undefined;
    return {
        elementType: "string",
        length,
        get values() {
            return (texts ??= runs.splice(0).flatMap(textsOf));
        },
    };
}

/** Makes the next length-prefixed string available without consuming it. */
async function needString(cursor: Cursor): Promise<void> {
    await cursor.need(8, ENDS_IN_METADATA);
    const length = stringLength(cursor, GGUF_LIMITS.stringBytes);
    cursor.back(8);
    await cursor.need(8 + length, ENDS_IN_METADATA);
}

function readAlignment(metadata: Map<string, GgufEntry>): number {
    const entry = metadata.get("general.alignment");
    if (!entry) return 32;
    const value = entry.value;
    if (
        entry.type !== "uint32" ||
        typeof value !== "number" ||
        value === 0 ||
        value > GGUF_LIMITS.alignment ||
        (value & (value - 1)) !== 0
    )
        throw broken("its alignment is not a power of two");
    return value;
}

async function readTensor(cursor: Cursor): Promise<GgufTensor> {
    const ends = "it ends inside its list of tensors; download it again";
    await cursor.need(8, ends);
    const nameBytes = cursor.uint64();
    if (nameBytes > 1024) throw broken(`it declares a tensor name of ${nameBytes} bytes`);
    await cursor.need(nameBytes + 4, ends);
    const name = cursor.text(nameBytes);
    const nDimensions = cursor.uint32();
    if (nDimensions > GGUF_LIMITS.dimensions)
        throw broken(`its tensor ${quote(name)} declares ${nDimensions} dimensions`);
    await cursor.need(nDimensions * 8 + 12, ends);
    const shape: number[] = [];
    let nElements = 1;
    for (let i = 0; i < nDimensions; i++) {
        const size = cursor.uint64();
        nElements *= size;
        if (size < 1 || !Number.isSafeInteger(nElements))
            throw broken(`its tensor ${quote(name)} has an impossible shape`);
        shape.push(size);
    }
    const typeId = cursor.uint32();
    const type = ggmlTypeName(typeId);
    if (!type) throw broken(`its tensor ${quote(name)} has the unknown type ${typeId}`);
    const offset = cursor.uint64();
    const { blockElements, blockBytes } = GGML_TYPES[type];
    if ((shape[0] ?? 1) % blockElements !== 0)
        throw broken(`the rows of its tensor ${quote(name)} do not fit the type ${type}`);
    return {
        name,
        shape,
        type,
        offset,
        sizeBytes: (nElements / blockElements) * blockBytes,
        nElements,
    };
}
