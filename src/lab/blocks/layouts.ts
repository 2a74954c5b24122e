/**
 * How the bytes of a block are laid out, for people, as a table: fields in their order with what they hold, and a sentence on the type. The
 * decoders of each type stand beside, where there is one without a codebook. Facts: ggml-common.h of llama.cpp v0.5.0.
 */

import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import { bfloatToFloat, BlockReader } from "./floats";
import type { DecodedBlock } from "./decoded";
import * as k from "./kquants";
import * as legacy from "./legacy";

export interface BlockField {
    name: string;
    bytes: number;
    what: string;
}

export interface BlockLayout {
    about: string;
    /** How a value comes out of it; empty for plain numbers. */
    formula: string;
    fields: readonly BlockField[];
    decode?: (block: BlockReader) => DecodedBlock;
}

const field = (name: string, bytes: number, what: string): BlockField => ({ name, bytes, what });
const scale = field("d", 2, "scale, half precision");
const least = field("m", 2, "minimum, half precision");
const nibbles = field(
    "qs",
    16,
    "quants of 4 bits: values 0 to 15 in the lower halves, 16 to 31 in the upper",
);
const fifth = field("qh", 4, "the fifth bit of each quant");
const scaleOfScales = field("d", 2, "scale of the scales, half precision");
const scaleOfMins = field("dmin", 2, "scale of the minima, half precision");
const sixBits = field("scales", 12, "8 scales and 8 minima of 6 bits each");
const SYMMETRIC = "value = d \u00d7 quant";
const GROUPED =
    "value = scale \u00d7 quant - min, with scale = d \u00d7 scales and min = dmin \u00d7 minima of its group";
const GROUPED_SYMMETRIC = "value = scale \u00d7 quant, with scale = d \u00d7 scales of its group";
const CODEBOOK = "value = scale \u00d7 entry of the codebook, with its sign";
const LEGACY = "An older type: one scale for 32 values. K-quants of the same size lose less.";

const plain = (what: string, bytes: number, get: (block: BlockReader) => number): BlockLayout => ({
    about: what,
    formula: "",
    fields: [field("value", bytes, "one number")],
    decode: (block) => {
        const value = get(block);
        return { groups: [], quants: [], values: Float32Array.of(value) };
    },
});

/** Of the types that files have. */
export const LAYOUTS: Readonly<Partial<Record<GgmlTypeName, BlockLayout>>> = {
    F32: plain("Single precision: nothing is lost.", 4, (block) =>
        new DataView(block.bytes.slice().buffer).getFloat32(0, true),
    ),
    F16: plain("Half precision: 5 bits of exponent, 10 of fraction.", 2, (block) => block.f16(0)),
    BF16: plain(
        "The upper half of single precision: its range, with 7 bits of fraction.",
        2,
        (block) => bfloatToFloat(block.u16(0)),
    ),
    Q4_0: { about: LEGACY, formula: SYMMETRIC, fields: [scale, nibbles], decode: legacy.Q4_0 },
    Q4_1: {
        about: LEGACY,
        formula: "value = d \u00d7 quant + m",
        fields: [scale, least, nibbles],
        decode: legacy.Q4_1,
    },
    Q5_0: {
        about: LEGACY,
        formula: SYMMETRIC,
        fields: [scale, fifth, nibbles],
        decode: legacy.Q5_0,
    },
    Q5_1: {
        about: LEGACY,
        formula: "value = d \u00d7 quant + m",
        fields: [scale, least, fifth, nibbles],
        decode: legacy.Q5_1,
    },
    Q8_0: {
        about: "One scale for 32 values of 8 bits: hardly anything is lost.",
        formula: SYMMETRIC,
        fields: [scale, field("qs", 32, "quants of 8 bits, -128 to 127")],
        decode: legacy.Q8_0,
    },
    Q2_K: {
        about: "Sixteen groups of 16 values with a scale and a minimum of 4 bits each.",
        formula: GROUPED,
        fields: [
            field("scales", 16, "of each group: scale in the lower half, minimum in the upper"),
            field("qs", 64, "quants of 2 bits"),
            scaleOfScales,
            scaleOfMins,
        ],
        decode: k.Q2_K,
    },
    Q3_K: {
        about: "Sixteen groups of 16 values with a scale of 6 bits each.",
        formula: GROUPED_SYMMETRIC,
        fields: [
            field("hmask", 32, "the third bit of each quant"),
            field("qs", 64, "the two lower bits of each quant"),
            field("scales", 12, "16 scales of 6 bits"),
            scaleOfScales,
        ],
        decode: k.Q3_K,
    },
    Q4_K: {
        about: "Eight groups of 32 values with a scale and a minimum of 6 bits each.",
        formula: GROUPED,
        fields: [scaleOfScales, scaleOfMins, sixBits, field("qs", 128, "quants of 4 bits")],
        decode: k.Q4_K,
    },
    Q5_K: {
        about: "As Q4_K, with a fifth bit.",
        formula: GROUPED,
        fields: [
            scaleOfScales,
            scaleOfMins,
            sixBits,
            field("qh", 32, "the fifth bit of each quant"),
            field("qs", 128, "the four lower bits of each quant"),
        ],
        decode: k.Q5_K,
    },
    Q6_K: {
        about: "Sixteen groups of 16 values with a scale of 8 bits each.",
        formula: GROUPED_SYMMETRIC,
        fields: [
            field("ql", 128, "the four lower bits of each quant"),
            field("qh", 64, "the two upper bits of each quant"),
            field("scales", 16, "scales of 8 bits, with a sign"),
            scaleOfScales,
        ],
        decode: k.Q6_K,
    },
    IQ4_NL: {
        about: "As Q4_0, but the 16 steps are denser around zero.",
        formula: "value = d \u00d7 table[quant]",
        fields: [scale, nibbles],
        decode: legacy.IQ4_NL,
    },
    IQ4_XS: {
        about: "The steps of IQ4_NL in eight groups of 32 values with a scale of 6 bits each.",
        formula: "value = scale \u00d7 table[quant], with scale = d \u00d7 scales of its group",
        fields: [
            scaleOfScales,
            field("scales_h", 2, "the two upper bits of each scale"),
            field("scales_l", 4, "the four lower bits of each scale"),
            field("qs", 128, "quants of 4 bits"),
        ],
        decode: k.IQ4_XS,
    },
    MXFP4: {
        about: "Floats of 4 bits that share a power of two: the type of gpt-oss.",
        formula: "value = 2^(e - 128) \u00d7 table[quant]",
        fields: [field("e", 1, "exponent of the scale"), nibbles],
        decode: legacy.MXFP4,
    },
    NVFP4: {
        about: "Floats of 4 bits, four groups of 16 values with a scale of 8 bits each.",
        formula: "value = scale \u00d7 table[quant]",
        fields: [
            field("d", 4, "scales: 4 bits of exponent, 3 of fraction"),
            field("qs", 32, "floats of 4 bits, 16 values in 8 bytes"),
        ],
        decode: legacy.NVFP4,
    },
    TQ1_0: {
        about: "Ternary values, five to a byte; for models that were trained with them.",
        formula: "value = d \u00d7 (-1, 0 or 1)",
        fields: [
            field("qs", 48, "240 ternary digits, five to a byte"),
            field("qh", 4, "16 ternary digits, four to a byte"),
            scale,
        ],
        decode: legacy.TQ1_0,
    },
    TQ2_0: {
        about: "Ternary values, four to a byte; for models that were trained with them.",
        formula: "value = d \u00d7 (-1, 0 or 1)",
        fields: [field("qs", 64, "values of 2 bits"), scale],
        decode: legacy.TQ2_0,
    },
    Q1_0: {
        about: "Signs only: one scale for 128 values.",
        formula: "value = d \u00d7 (-1 or 1)",
        fields: [scale, field("qs", 16, "a bit for each value: 1 is positive")],
        decode: legacy.Q1_0,
    },
    Q2_0: {
        about: "Quants of 2 bits, one scale for 64 values.",
        formula: "value = d \u00d7 (quant - 1)",
        fields: [scale, field("qs", 16, "quants of 2 bits")],
        decode: legacy.Q2_0,
    },
    IQ2_XXS: {
        about: "Eight values at a time are one of 256 patterns; made with an importance matrix.",
        formula: CODEBOOK,
        fields: [
            scale,
            field(
                "qs",
                64,
                "of each 32 values: 4 patterns, 4 sets of signs of 7 bits, a scale of 4 bits",
            ),
        ],
    },
    IQ2_XS: {
        about: "Eight values at a time are one of 512 patterns; made with an importance matrix.",
        formula: CODEBOOK,
        fields: [
            scale,
            field("qs", 64, "of each 8 values: pattern in 9 bits, signs in 7"),
            field("scales", 8, "a scale of 4 bits for each 16 values"),
        ],
    },
    IQ2_S: {
        about: "Eight values at a time are one of 1,024 patterns; made with an importance matrix.",
        formula: CODEBOOK,
        fields: [
            scale,
            field("qs", 32, "lower 8 bits of the patterns"),
            field("signs", 32, "a sign for each value"),
            field("qh", 8, "upper 2 bits of the patterns"),
            field("scales", 8, "a scale of 4 bits for each 16 values"),
        ],
    },
    IQ3_XXS: {
        about: "Four values at a time are one of 256 patterns; made with an importance matrix.",
        formula: CODEBOOK,
        fields: [
            scale,
            field("qs", 64, "patterns of 4 values"),
            field("signs", 32, "of each 32 values: 4 sets of signs of 7 bits, a scale of 4 bits"),
        ],
    },
    IQ3_S: {
        about: "Four values at a time are one of 512 patterns; the best type below 3.5 bits.",
        formula: CODEBOOK,
        fields: [
            scale,
            field("qs", 64, "lower 8 bits of the patterns"),
            field("qh", 8, "the ninth bit of the patterns"),
            field("signs", 32, "a sign for each value"),
            field("scales", 4, "a scale of 4 bits for each 32 values"),
        ],
    },
    IQ1_S: {
        about: "Eight values at a time are one of 2,048 ternary patterns, moved by an eighth.",
        formula: "value = scale \u00d7 (entry of the codebook + or - 1/8)",
        fields: [
            scale,
            field("qs", 32, "lower 8 bits of the patterns"),
            field("qh", 16, "upper 3 bits of 4 patterns, a scale of 3 bits, the direction"),
        ],
    },
    IQ1_M: {
        about: "As IQ1_S, with a scale for each 16 values; the block's own scale is spread over theirs.",
        formula: "value = scale \u00d7 (entry of the codebook + or - 1/8)",
        fields: [
            field("qs", 32, "lower 8 bits of the patterns"),
            field("qh", 16, "upper 3 bits of the patterns, and the direction"),
            field(
                "scales",
                8,
                "scales of 3 bits, and 4 bits of the block's scale in each pair of bytes",
            ),
        ],
    },
};

/** Undefined for a type whose values need a codebook, or that no file has. `bytes`: of exactly one block. */
export function decodeBlock(type: GgmlTypeName, bytes: Uint8Array): DecodedBlock | undefined {
    if (bytes.length !== GGML_TYPES[type].blockBytes) return undefined;
    return LAYOUTS[type]?.decode?.(new BlockReader(bytes));
}
