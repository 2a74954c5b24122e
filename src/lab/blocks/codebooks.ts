/**
 * Blocks whose values point into a codebook (IQ1, IQ2, IQ3): groups of 4 or 8 values at a time are one of its patterns, with signs and a scale. The
 * codebooks themselves are ggml's: they are read by letting it decode blocks that name one pattern after the other. Format: ggml-common.h and the
 * dequantizers of llama.cpp v0.5.0; `test/native/blocks.test.ts` compares every value with theirs.
 */

import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import { decodeGroups, type DecodedBlock } from "./decoded";
import { BlockReader, halfToFloat } from "./floats";

export interface Codebook {
    /** Values of a pattern. */
    width: number;
    /** All patterns, one after the other. */
    values: readonly number[];
}

interface CodebookType {
    width: number;
    nPatterns: number;
    groupSize: number;
    /** Number of the pattern of values `width * i` and on. */
    index: (block: BlockReader, i: number) => number;
    scale: (block: BlockReader, group: number) => number;
    /** Of value `i`: 1 or -1. */
    sign?: (block: BlockReader, i: number) => number;
    /** Added to the pattern's values `width * i` and on. */
    shift?: (block: BlockReader, i: number) => number;
    /** Writes the pattern's number where `index` reads it; the block is zero but for its scale. */
    put: (block: Uint8Array, i: number, pattern: number) => void;
    /** Whose patterns these are too. */
    like?: GgmlTypeName;
}

const f = Math.fround;

/** Seven signs and their parity: an even number of the eight values is negative. */
function evenSign(bits: number, i: number): number {
    const parity =
        (bits ^ (bits >> 1) ^ (bits >> 2) ^ (bits >> 3) ^ (bits >> 4) ^ (bits >> 5) ^ (bits >> 6)) &
        1;
    const all = bits | (parity << 7);
    return (all >> i) & 1 ? -1 : 1;
}

/** Four bits; half a step more than they say. */
const quarter = (d: number, bits: number) => f(f(d * (0.5 + bits)) * 0.25);
const oddStep = (d: number, bits: number) => f(d * (1 + 2 * bits));
const EIGHTH = 0.125;

const TYPES: Readonly<Partial<Record<GgmlTypeName, CodebookType>>> = {
    IQ2_XXS: {
        width: 8,
        nPatterns: 256,
        groupSize: 32,
        index: (block, i) => block.u8(2 + 8 * (i >> 2) + (i & 3)),
        scale: (block, group) => quarter(block.f16(0), block.u32(6 + 8 * group) >>> 28),
        sign: (block, i) =>
            evenSign((block.u32(6 + 8 * (i >> 5)) >>> (7 * ((i >> 3) & 3))) & 127, i & 7),
        put: (bytes, i, pattern) => void (bytes[2 + 8 * (i >> 2) + (i & 3)] = pattern),
    },
    IQ2_XS: {
        width: 8,
        nPatterns: 512,
        groupSize: 16,
        index: (block, i) => block.u16(2 + 2 * i) & 511,
        scale: (block, group) =>
            quarter(block.f16(0), block.nibble(66 + (group >> 1), (group & 1) !== 0)),
        sign: (block, i) => evenSign(block.u16(2 + 2 * (i >> 3)) >> 9, i & 7),
        put: (bytes, i, pattern) => bytes.set([pattern & 255, pattern >> 8], 2 + 2 * i),
    },
    IQ2_S: {
        width: 8,
        nPatterns: 1024,
        groupSize: 16,
        index: (block, i) =>
            block.u8(2 + i) | (((block.u8(66 + (i >> 2)) >> (2 * (i & 3))) & 3) << 8),
        scale: (block, group) =>
            quarter(block.f16(0), block.nibble(74 + (group >> 1), (group & 1) !== 0)),
        sign: (block, i) => (block.bit(34, i) ? -1 : 1),
        put: (bytes, i, pattern) => {
            bytes[2 + i] = pattern & 255;
            bytes[66 + (i >> 2)] = (bytes[66 + (i >> 2)] ?? 0) | ((pattern >> 8) << (2 * (i & 3)));
        },
    },
    IQ3_XXS: {
        width: 4,
        nPatterns: 256,
        groupSize: 32,
        index: (block, i) => block.u8(2 + i),
        scale: (block, group) =>
            f(f(block.f16(0) * (0.5 + (block.u32(66 + 4 * group) >>> 28))) * 0.5),
        sign: (block, i) =>
            evenSign((block.u32(66 + 4 * (i >> 5)) >>> (7 * ((i >> 3) & 3))) & 127, i & 7),
        put: (bytes, i, pattern) => void (bytes[2 + i] = pattern),
    },
    IQ3_S: {
        width: 4,
        nPatterns: 512,
        groupSize: 32,
        index: (block, i) => block.u8(2 + i) | (block.bit(66, i) << 8),
        scale: (block, group) =>
            oddStep(block.f16(0), block.nibble(106 + (group >> 1), (group & 1) !== 0)),
        sign: (block, i) => (block.bit(74, i) ? -1 : 1),
        put: (bytes, i, pattern) => {
            bytes[2 + i] = pattern & 255;
            bytes[66 + (i >> 3)] = (bytes[66 + (i >> 3)] ?? 0) | ((pattern >> 8) << (i & 7));
        },
    },
    IQ1_S: {
        width: 8,
        nPatterns: 2048,
        groupSize: 32,
        index: (block, i) =>
            block.u8(2 + i) | (((block.u16(34 + 2 * (i >> 2)) >> (3 * (i & 3))) & 7) << 8),
        scale: (block, group) => oddStep(block.f16(0), (block.u16(34 + 2 * group) >> 12) & 7),
        shift: (block, i) => (block.u16(34 + 2 * (i >> 2)) & 0x8000 ? -EIGHTH : EIGHTH),
        put: (bytes, i, pattern) => {
            const at = 34 + 2 * (i >> 2);
            const bits = (pattern >> 8) << (3 * (i & 3));
            bytes[2 + i] = pattern & 255;
            bytes[at] = (bytes[at] ?? 0) | (bits & 255);
            bytes[at + 1] = (bytes[at + 1] ?? 0) | (bits >> 8);
        },
    },
    IQ1_M: {
        width: 8,
        nPatterns: 2048,
        groupSize: 16,
        like: "IQ1_S",
        index: (block, i) => block.u8(i) | ((block.nibble(32 + (i >> 1), (i & 1) !== 0) & 7) << 8),
        scale: (block, group) => {
            // The block's scale is the upper four bits of each of four words; the lower twelve are the groups' scales.
            const words = [0, 1, 2, 3].map((i) => block.u16(48 + 2 * i));
            const d = words.reduce((bits, word, i) => bits | ((word >> 12) << (4 * i)), 0);
            return oddStep(halfToFloat(d), ((words[group >> 2] ?? 0) >> (3 * (group & 3))) & 7);
        },
        shift: (block, i) => (block.nibble(32 + (i >> 1), (i & 1) !== 0) & 8 ? -EIGHTH : EIGHTH),
        put: () => undefined,
    },
};

export function hasCodebook(type: GgmlTypeName): boolean {
    return TYPES[type] !== undefined;
}

/** `bytes`: of one block. */
export function decodeByCodebook(
    type: GgmlTypeName,
    bytes: Uint8Array,
    book: Codebook,
): DecodedBlock | undefined {
    const layout = TYPES[type];
    if (!layout || bytes.length !== GGML_TYPES[type].blockBytes) return undefined;
    const { groupSize, width, index, scale, sign, shift } = layout;
    const block = new BlockReader(bytes);
    return decodeGroups({
        nValues: GGML_TYPES[type].blockElements,
        groupSize,
        scaleOf: (group) => scale(block, group),
        quant: (i) => {
            const pattern = Math.floor(i / width);
            const value = book.values[index(block, pattern) * width + (i % width)] ?? 0;
            return value * (sign?.(block, i) ?? 1) + (shift?.(block, pattern) ?? 0);
        },
    });
}

/** `decode`: ggml's own, of whole blocks. */
export async function readCodebook(
    type: GgmlTypeName,
    decode: (type: GgmlTypeName, blocks: Uint8Array) => Promise<Float32Array>,
): Promise<Codebook | undefined> {
    const { like } = TYPES[type] ?? {};
    if (like) return readCodebook(like, decode);
    const layout = TYPES[type];
    if (!layout) return undefined;
    const { width, nPatterns, put, scale, shift } = layout;
    const { blockBytes, blockElements } = GGML_TYPES[type];
    const perBlock = blockElements / width;
    const blocks = new Uint8Array((nPatterns / perBlock) * blockBytes);
    for (let pattern = 0; pattern < nPatterns; pattern++) {
        const at = Math.floor(pattern / perBlock) * blockBytes;
        const block = blocks.subarray(at, at + blockBytes);
        // 1 in half precision.
        block[1] = 0x3c;
        put(block, pattern % perBlock, pattern);
    }
    const first = new BlockReader(blocks.subarray(0, blockBytes));
    const unit = scale(first, 0);
    const added = shift?.(first, 0) ?? 0;
    const values = await decode(type, blocks);
    return { width, values: Array.from(values, (value) => value / unit - added) };
}
