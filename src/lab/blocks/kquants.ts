/**
 * Blocks of 256 values in groups of 16 or 32 whose scales are quantized themselves: the k-quants, and IQ4_XS. Format: ggml-common.h and the
 * dequantizers of llama.cpp v0.5.0; `test/native/blocks.test.ts` compares every value with theirs.
 */

import { decodeGroups, type DecodedBlock } from "./decoded";
import type { BlockReader } from "./floats";
import { IQ4_TABLE } from "./legacy";

type Decode = (block: BlockReader) => DecodedBlock;

const f = Math.fround;

/** Each half of the block has 32 bytes, of which each pair of bits belongs to 32 values. */
function twoBits(block: BlockReader, at: number, i: number): number {
    return (block.u8(at + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
}

/** Each 32 bytes hold 64 values, the first 32 in the lower halves. */
function fourBits(block: BlockReader, at: number, i: number): number {
    return block.nibble(at + 32 * (i >> 6) + (i & 31), (i & 32) !== 0);
}

export const Q2_K: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 16,
        scaleOf: (group) => f(block.f16(80) * (block.u8(group) & 0xf)),
        minOf: (group) => f(block.f16(82) * (block.u8(group) >> 4)),
        quant: (i) => twoBits(block, 16, i),
    });

/** Four lower bits in the first eight bytes, two upper bits in the last four. */
function scaleOfQ3(block: BlockReader, group: number): number {
    const low = block.nibble(96 + (group & 7), group >= 8);
    const high = (block.u8(104 + (group & 3)) >> (2 * (group >> 2))) & 3;
    return (low | (high << 4)) - 32;
}

export const Q3_K: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 16,
        scaleOf: (group) => f(block.f16(108) * scaleOfQ3(block, group)),
        // The third bit of 32 values at a time is one bit of 32 bytes; where it is 0, 4 is taken off.
        quant: (i) => twoBits(block, 32, i) - (((block.u8(i & 31) >> (i >> 5)) & 1) === 0 ? 4 : 0),
    });

/** Eight scales and eight minima of six bits in twelve bytes. */
function sixBits(block: BlockReader, at: number, group: number): { scale: number; min: number } {
    if (group < 4) return { scale: block.u8(at + group) & 63, min: block.u8(at + group + 4) & 63 };
    const byte = block.u8(at + group + 4);
    return {
        scale: (byte & 0xf) | ((block.u8(at + group - 4) >> 6) << 4),
        min: (byte >> 4) | ((block.u8(at + group) >> 6) << 4),
    };
}

export const Q4_K: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 32,
        scaleOf: (group) => f(block.f16(0) * sixBits(block, 4, group).scale),
        minOf: (group) => f(block.f16(2) * sixBits(block, 4, group).min),
        quant: (i) => fourBits(block, 16, i),
    });

export const Q5_K: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 32,
        scaleOf: (group) => f(block.f16(0) * sixBits(block, 4, group).scale),
        minOf: (group) => f(block.f16(2) * sixBits(block, 4, group).min),
        quant: (i) => fourBits(block, 48, i) | (((block.u8(16 + (i & 31)) >> (i >> 5)) & 1) << 4),
    });

export const Q6_K: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 16,
        scaleOf: (group) => f(block.f16(208) * block.i8(192 + group)),
        quant: (i) => {
            const half = i >> 7;
            const quarter = (i >> 5) & 3;
            const l = i & 31;
            const low = block.nibble(64 * half + l + 32 * (quarter & 1), quarter >= 2);
            const high = (block.u8(128 + 32 * half + l) >> (2 * quarter)) & 3;
            return (low | (high << 4)) - 32;
        },
    });

export const IQ4_XS: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 32,
        scaleOf: (group) => {
            const low = block.nibble(4 + (group >> 1), (group & 1) !== 0);
            const high = (block.u16(2) >> (2 * group)) & 3;
            return f(block.f16(0) * ((low | (high << 4)) - 32));
        },
        quant: (i) => IQ4_TABLE[block.nibble(8 + 16 * (i >> 5) + (i & 15), (i & 16) !== 0)] ?? 0,
    });
