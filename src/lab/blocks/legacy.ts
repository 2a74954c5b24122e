/**
 * Blocks with one scale: Q4_0 to Q8_0 and their fellows of 32 values, floats of four bits, ternary and binary types. Format: ggml-common.h
 * and the dequantizers of llama.cpp v0.5.0; `test/native/blocks.test.ts` compares every value with theirs.
 */

import { decodeGroups, type DecodedBlock } from "./decoded";
import { powerToHalfFloat, scaleToHalfFloat, type BlockReader } from "./floats";

type Decode = (block: BlockReader) => DecodedBlock;

/** Values of IQ4_NL and IQ4_XS: denser around zero, where weights are. */
export const IQ4_TABLE = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
] as const;
/** Floats of four bits (E2M1), doubled. */
export const E2M1_TABLE = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12] as const;

/** The first half of a block of 32 lies in the lower halves of the bytes. */
function nibbleOf(block: BlockReader, at: number, i: number): number {
    return block.nibble(at + (i % 16), i >= 16);
}

function fifthBit(block: BlockReader, at: number, i: number): number {
    return block.bit(at, i) << 4;
}

const one = (block: BlockReader, quant: (i: number) => number, scale = block.f16(0)) =>
    decodeGroups({ nValues: 32, groupSize: 32, scaleOf: () => scale, quant });

/** The minimum of these is added. */
const withMin = (block: BlockReader, quant: (i: number) => number) =>
    decodeGroups({
        nValues: 32,
        groupSize: 32,
        scaleOf: () => block.f16(0),
        minOf: () => -block.f16(2),
        quant,
    });

export const Q4_0: Decode = (block) => one(block, (i) => nibbleOf(block, 2, i) - 8);
export const Q4_1: Decode = (block) => withMin(block, (i) => nibbleOf(block, 4, i));
export const Q5_0: Decode = (block) =>
    one(block, (i) => (nibbleOf(block, 6, i) | fifthBit(block, 2, i)) - 16);
export const Q5_1: Decode = (block) =>
    withMin(block, (i) => nibbleOf(block, 8, i) | fifthBit(block, 4, i));
export const Q8_0: Decode = (block) => one(block, (i) => block.i8(2 + i));
export const IQ4_NL: Decode = (block) => one(block, (i) => IQ4_TABLE[nibbleOf(block, 2, i)] ?? 0);
export const MXFP4: Decode = (block) =>
    one(block, (i) => E2M1_TABLE[nibbleOf(block, 1, i)] ?? 0, powerToHalfFloat(block.u8(0)));

/** Four groups of 16; each lies in eight bytes, its first half in the lower halves. */
export const NVFP4: Decode = (block) =>
    decodeGroups({
        nValues: 64,
        groupSize: 16,
        scaleOf: (group) => scaleToHalfFloat(block.u8(group)),
        quant: (i) => {
            const at = 4 + 8 * (i >> 4) + (i & 7);
            return E2M1_TABLE[block.nibble(at, (i & 8) !== 0)] ?? 0;
        },
    });

export const Q1_0: Decode = (block) =>
    decodeGroups({
        nValues: 128,
        groupSize: 128,
        scaleOf: () => block.f16(0),
        quant: (i) => (block.bit(2, i) ? 1 : -1),
    });

export const Q2_0: Decode = (block) =>
    decodeGroups({
        nValues: 64,
        groupSize: 64,
        scaleOf: () => block.f16(0),
        quant: (i) => ((block.u8(2 + (i >> 2)) >> (2 * (i & 3))) & 3) - 1,
    });

export const TQ2_0: Decode = (block) =>
    decodeGroups({
        nValues: 256,
        groupSize: 256,
        scaleOf: () => block.f16(64),
        // Each 32 bytes hold 128 values, 32 for each pair of bits.
        quant: (i) => ((block.u8(32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3) - 1,
    });

const POWERS_OF_3 = [1, 3, 9, 27, 81];

/** Five ternary digits to a byte as a fraction of 256: multiplied by a power of three, the next digit stands in front of the point. */
export const TQ1_0: Decode = (block) => {
    const digit = (byte: number, n: number) =>
        ((((byte * (POWERS_OF_3[n] ?? 1)) & 0xff) * 3) >> 8) - 1;
    const quant = (i: number) => {
        if (i < 160) return digit(block.u8(i % 32), Math.floor(i / 32));
        if (i < 240) return digit(block.u8(32 + ((i - 160) % 16)), Math.floor((i - 160) / 16));
        return digit(block.u8(48 + ((i - 240) % 4)), Math.floor((i - 240) / 4));
    };
    return decodeGroups({ nValues: 256, groupSize: 256, scaleOf: () => block.f16(52), quant });
};
