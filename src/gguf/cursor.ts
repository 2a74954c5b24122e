/**
 * A forward reader over random access bytes: fetches in growing chunks, hands out little-endian numbers and text. Callers say
 * how much they `need` first; a request beyond the source fails with the caller's words before anything is read.
 */

import { AppError } from "../base/errors";
import { broken } from "./broken";
import type { GgufValueType } from "./types";

export interface ByteSource {
    /** Total bytes. */
    readonly size: number;
    /** Exactly `length` bytes from `offset`; both are within `size`. */
    read(offset: number, length: number): Promise<Uint8Array>;
}

/** Most headers (a 150,000 token vocabulary is about 6 MB) come in a few reads of a file or ranges of a server. */
const FIRST_CHUNK = 1 << 20;
const MAX_CHUNK = 1 << 23;

/** Keys, names and tokens are shorter; longer texts are prose. */
const MAX_EXACT_BYTES = 1 << 16;

/** Strings of the file as they lie there: a 64-bit length and UTF-8 each. */
export interface StringRun {
    bytes: Uint8Array;
    count: number;
}

export class Cursor {
    private buffer: Uint8Array = new Uint8Array(0);
    private view = viewOf(this.buffer);
    /** File offset of the first byte in `buffer`. */
    private start = 0;
    private at = 0;
    private chunk = FIRST_CHUNK;

    /** Refuses to read more than `limitBytes` in all. */
    constructor(
        private readonly source: ByteSource,
        private readonly limitBytes: number,
    ) {}

    /** Offset in the file of the next byte. */
    get position(): number {
        return this.start + this.at;
    }

    get remaining(): number {
        return this.source.size - this.position;
    }

    /** Makes `length` bytes available; fails with `why` when the source ends before. */
    async need(length: number, why: string): Promise<void> {
        if (this.buffer.length - this.at >= length) return;
        if (length > this.remaining) throw broken(why);
        if (this.position + length > this.limitBytes) throw broken("its header is too large");
        const rest = this.buffer.subarray(this.at);
        const from = this.position + rest.length;
        const fresh = await this.source.read(
            from,
            Math.min(Math.max(this.chunk, length - rest.length), this.source.size - from),
        );
        this.chunk = Math.min(this.chunk * 2, MAX_CHUNK);
        // A file can shrink while it is read.
        if (rest.length + fresh.length < length) throw broken(why);
        this.start = this.position;
        this.at = 0;
        // Without a copy where nothing is left of the chunk before: at the beginning, and after a long list.
        this.buffer = rest.length === 0 ? fresh : joined(rest, fresh);
        this.view = viewOf(this.buffer);
    }

    /** Un-reads bytes that were just consumed. */
    back(nBytes: number): void {
        this.at -= nBytes;
    }

    uint32(): number {
        const value = this.view.getUint32(this.at, true);
        this.at += 4;
        return value;
    }

    /** Exact up to 2^53; beyond it the nearest double, which every limit refuses. */
    uint64(): number {
        const low = this.uint32();
        return this.uint32() * 2 ** 32 + low;
    }

    text(length: number): string {
        const from = this.at;
        this.at += length;
        return textOf(this.buffer, from, this.at);
    }

    /** Steps over length-prefixed strings as far as they are buffered and returns their bytes, prefixes included. */
    bufferedStrings(most: number, mostBytesEach: number): StringRun {
        const from = this.at;
        let count = 0;
        for (; count < most && this.buffer.length - this.at >= 8; count++) {
            const length = this.uint64();
            if (length > mostBytesEach || this.buffer.length - this.at < length) {
                this.at -= 8;
                break;
            }
            this.at += length;
        }
        return { bytes: this.buffer.subarray(from, this.at), count };
    }

    scalar(type: GgufValueType): number | boolean {
        const value = scalarAt(this.view, this.at, type);
        this.at += SCALAR_BYTES[type] ?? 0;
        return value;
    }

    /** The next `length` bytes as they lie there. They keep the chunk that they were read with alive. */
    bytes(length: number): Uint8Array {
        const from = this.at;
        this.at += length;
        return this.buffer.subarray(from, this.at);
    }
}

/** Width in bytes of each type that has one. */
export const SCALAR_BYTES: Readonly<Partial<Record<GgufValueType, number>>> = {
    uint8: 1,
    int8: 1,
    bool: 1,
    uint16: 2,
    int16: 2,
    uint32: 4,
    int32: 4,
    float32: 4,
    uint64: 8,
    int64: 8,
    float64: 8,
};

function scalarAt(view: DataView, at: number, type: GgufValueType): number | boolean {
    switch (type) {
        case "uint8":
            return view.getUint8(at);
        case "int8":
            return view.getInt8(at);
        case "bool":
            return view.getUint8(at) !== 0;
        case "uint16":
            return view.getUint16(at, true);
        case "int16":
            return view.getInt16(at, true);
        case "uint32":
            return view.getUint32(at, true);
        case "int32":
            return view.getInt32(at, true);
        case "float32":
            return view.getFloat32(at, true);
        case "uint64":
            return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
        case "int64":
            return Number(view.getBigInt64(at, true));
        case "float64":
            return view.getFloat64(at, true);
        case "string":
        case "array":
            throw new AppError("bug/internal", `${type} is not a scalar`);
    }
}

/** Values of a fixed width that lie one after the other. */
export function scalarsOf(bytes: Uint8Array, type: GgufValueType): (number | boolean)[] {
    const width = SCALAR_BYTES[type] ?? 1;
    const view = viewOf(bytes);
    return Array.from({ length: bytes.length / width }, (_, i) => scalarAt(view, i * width, type));
}

/** Texts of `count` length-prefixed strings. */
export function textsOf(run: StringRun): string[] {
    return decodeTogether(run) ?? decodeEach(run);
}

/**
 * One call of the decoder for all of them, a line break after each so that none runs into the next; undefined when one is no UTF-8.
 * A quarter of the time for a vocabulary.
 */
function decodeTogether({ bytes, count }: StringRun): string[] | undefined {
    const view = viewOf(bytes);
    const joined = new Uint8Array(bytes.length);
    const ends: number[] = [];
    let nUnits = 0;
    let to = 0;
    for (let i = 0, at = 0; i < count; i++) {
        const end = at + 8 + view.getUint32(at, true);
        for (at += 8; at < end; at++) {
            const byte = bytes[at] ?? 0;
            joined[to++] = byte;
            // Continuation bytes belong to a unit; four bytes are two units.
            if ((byte & 0xc0) !== 0x80) nUnits += byte >= 0xf0 ? 2 : 1;
        }
        ends.push(nUnits++);
        joined[to++] = 0x0a;
    }
    const text = utf8.decode(joined.subarray(0, to));
    // Not only in broken ones; those are told apart one by one.
    if (text.includes("\ufffd") || text.length !== nUnits) return undefined;
    return ends.map((end, i) => text.slice(i === 0 ? 0 : (ends[i - 1] ?? 0) + 1, end));
}

function decodeEach({ bytes, count }: StringRun): string[] {
    const texts: string[] = [];
    const view = viewOf(bytes);
    let at = 0;
    for (let i = 0; i < count; i++) {
        // The high half of the length is 0: it was compared with the bytes that are there.
        const length = view.getUint32(at, true);
        texts.push(textOf(bytes, at + 8, at + 8 + length));
        at += 8 + length;
    }
    return texts;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8. Tokens of other bytes give a text too, and never the same as other tokens: every byte beyond ASCII is a lone surrogate there. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
    const part = bytes.subarray(from, to);
    const text = utf8.decode(part);
    if (part.length > MAX_EXACT_BYTES || !text.includes("\ufffd")) return text;
    const again = encoder.encode(text);
    if (again.length === part.length && again.every((byte, i) => byte === part[i])) return text;
    return Array.from(part, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join(
        "",
    );
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
    const both = new Uint8Array(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return both;
}

function viewOf(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
