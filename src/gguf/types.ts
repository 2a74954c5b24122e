/**
 * Tables of the GGUF format: ggml tensor types with their block layout, and llama.cpp's file types. Facts from ggml.h and
 * llama.h of llama.cpp v0.5.0. Nothing here knows which tensor gets which type; src/foundry/quant does.
 */

export interface GgmlType {
    readonly id: number;
    /** Values a block holds: rows are multiples of it. */
    readonly blockElements: number;
    readonly blockBytes: number;
}

export const GGML_TYPES = {
    F32: { id: 0, blockElements: 1, blockBytes: 4 },
    F16: { id: 1, blockElements: 1, blockBytes: 2 },
    Q4_0: { id: 2, blockElements: 32, blockBytes: 18 },
    Q4_1: { id: 3, blockElements: 32, blockBytes: 20 },
    Q5_0: { id: 6, blockElements: 32, blockBytes: 22 },
    Q5_1: { id: 7, blockElements: 32, blockBytes: 24 },
    Q8_0: { id: 8, blockElements: 32, blockBytes: 34 },
    Q8_1: { id: 9, blockElements: 32, blockBytes: 36 },
    Q2_K: { id: 10, blockElements: 256, blockBytes: 84 },
    Q3_K: { id: 11, blockElements: 256, blockBytes: 110 },
    Q4_K: { id: 12, blockElements: 256, blockBytes: 144 },
    Q5_K: { id: 13, blockElements: 256, blockBytes: 176 },
    Q6_K: { id: 14, blockElements: 256, blockBytes: 210 },
    Q8_K: { id: 15, blockElements: 256, blockBytes: 292 },
    IQ2_XXS: { id: 16, blockElements: 256, blockBytes: 66 },
    IQ2_XS: { id: 17, blockElements: 256, blockBytes: 74 },
    IQ3_XXS: { id: 18, blockElements: 256, blockBytes: 98 },
    IQ1_S: { id: 19, blockElements: 256, blockBytes: 50 },
    IQ4_NL: { id: 20, blockElements: 32, blockBytes: 18 },
    IQ3_S: { id: 21, blockElements: 256, blockBytes: 110 },
    IQ2_S: { id: 22, blockElements: 256, blockBytes: 82 },
    IQ4_XS: { id: 23, blockElements: 256, blockBytes: 136 },
    I8: { id: 24, blockElements: 1, blockBytes: 1 },
    I16: { id: 25, blockElements: 1, blockBytes: 2 },
    I32: { id: 26, blockElements: 1, blockBytes: 4 },
    I64: { id: 27, blockElements: 1, blockBytes: 8 },
    F64: { id: 28, blockElements: 1, blockBytes: 8 },
    IQ1_M: { id: 29, blockElements: 256, blockBytes: 56 },
    BF16: { id: 30, blockElements: 1, blockBytes: 2 },
    TQ1_0: { id: 34, blockElements: 256, blockBytes: 54 },
    TQ2_0: { id: 35, blockElements: 256, blockBytes: 66 },
    MXFP4: { id: 39, blockElements: 32, blockBytes: 17 },
    NVFP4: { id: 40, blockElements: 64, blockBytes: 36 },
    Q1_0: { id: 41, blockElements: 128, blockBytes: 18 },
    Q2_0: { id: 42, blockElements: 64, blockBytes: 18 },
} as const satisfies Record<string, GgmlType>;

export type GgmlTypeName = keyof typeof GGML_TYPES;

/** llama_ftype: the recipe a file was quantized with, by the name llama-quantize takes. */
export const FILE_TYPES = {
    F32: 0,
    F16: 1,
    Q4_0: 2,
    Q4_1: 3,
    Q8_0: 7,
    Q5_0: 8,
    Q5_1: 9,
    Q2_K: 10,
    Q3_K_S: 11,
    Q3_K_M: 12,
    Q3_K_L: 13,
    Q4_K_S: 14,
    Q4_K_M: 15,
    Q5_K_S: 16,
    Q5_K_M: 17,
    Q6_K: 18,
    IQ2_XXS: 19,
    IQ2_XS: 20,
    Q2_K_S: 21,
    IQ3_XS: 22,
    IQ3_XXS: 23,
    IQ1_S: 24,
    IQ4_NL: 25,
    IQ3_S: 26,
    IQ3_M: 27,
    IQ2_S: 28,
    IQ2_M: 29,
    IQ4_XS: 30,
    IQ1_M: 31,
    BF16: 32,
    TQ1_0: 36,
    TQ2_0: 37,
    MXFP4_MOE: 38,
    NVFP4: 39,
    Q1_0: 40,
    Q2_0: 41,
} as const satisfies Record<string, number>;

export type FileTypeName = keyof typeof FILE_TYPES;

const NAME_BY_ID = new Map<number, GgmlTypeName>(
    (Object.keys(GGML_TYPES) as GgmlTypeName[]).map((name) => [GGML_TYPES[name].id, name]),
);
const FILE_TYPE_BY_ID = new Map<number, FileTypeName>(
    (Object.keys(FILE_TYPES) as FileTypeName[]).map((name) => [FILE_TYPES[name], name]),
);

export function ggmlTypeName(id: number): GgmlTypeName | undefined {
    return NAME_BY_ID.get(id);
}

export function fileTypeName(id: number): FileTypeName | undefined {
    return FILE_TYPE_BY_ID.get(id);
}

export function isFileTypeName(name: string): name is FileTypeName {
    return Object.hasOwn(FILE_TYPES, name);
}

/** Bytes of one row; undefined when the row length is not a multiple of the type's block. */
export function rowBytes(type: GgmlTypeName, nElements: number): number | undefined {
    const { blockElements, blockBytes } = GGML_TYPES[type];
    if (nElements % blockElements !== 0) return undefined;
    return (nElements / blockElements) * blockBytes;
}

export type GgufValueType =
    | "uint8"
    | "int8"
    | "uint16"
    | "int16"
    | "uint32"
    | "int32"
    | "float32"
    | "bool"
    | "string"
    | "array"
    | "uint64"
    | "int64"
    | "float64";

/** Value type ids 0..12 of the format. */
export const VALUE_TYPES: readonly GgufValueType[] = [
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "float32",
    "bool",
    "string",
    "array",
    "uint64",
    "int64",
    "float64",
];
