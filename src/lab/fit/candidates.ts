/** Which types each tensor may get: those whose blocks divide its rows, that its importances allow and that the recipe leaves open. Pure. */

import { rowBytes, type GgmlTypeName } from "../../gguf/types";

/** From the fewest bits up. Ternary and 4-bit float types are for models that were trained for them. */
const TYPES: readonly GgmlTypeName[] = [
    "IQ1_S",
    "IQ1_M",
    "IQ2_XXS",
    "IQ2_XS",
    "IQ2_S",
    "Q2_K",
    "IQ3_XXS",
    "IQ3_S",
    "Q3_K",
    "IQ4_XS",
    "IQ4_NL",
    "Q4_0",
    "Q4_K",
    "Q4_1",
    "Q5_0",
    "Q5_K",
    "Q5_1",
    "Q6_K",
    "Q8_0",
];

/** Without importances llama.cpp refuses these, or they are of no use. */
const NEED_IMATRIX: readonly GgmlTypeName[] = [
    "IQ1_S",
    "IQ1_M",
    "IQ2_XXS",
    "IQ2_XS",
    "IQ2_S",
    "IQ3_XXS",
];

export interface CandidateTensor {
    /** ne[0] first. */
    shape: readonly number[];
    hasImportances: boolean;
    /** The type that it has, or is stored as where nothing quantizes it. */
    source: GgmlTypeName;
}

/**
 * At least one, from the fewest bits up; the last is what the source has, or half of it. `leastBits`: smaller types are left out where
 * larger ones remain. Rows that no type divides stay in half precision.
 */
export function candidatesFor(
    { shape, hasImportances, source }: CandidateTensor,
    leastBits = 0,
): GgmlTypeName[] {
    const rowLength = shape[0] ?? 1;
    const possible = TYPES.filter(
        (type) =>
            rowBytes(type, rowLength) !== undefined &&
            (hasImportances || !NEED_IMATRIX.includes(type)),
    );
    const bits = (type: GgmlTypeName) => ((rowBytes(type, rowLength) ?? 0) * 8) / rowLength;
    const worthIt = possible.filter((type) => bits(type) >= leastBits);
    const types = worthIt.length > 0 ? worthIt : possible.slice(-1);
    // Half precision where there is room for it; more bits than the source has bring nothing.
    const half: GgmlTypeName = source === "F16" ? "F16" : "BF16";
    const own = bits(source);
    const smaller = [...types, half].filter((type) => type !== source && bits(type) < own);
    return source === "F32" && smaller.length > 0 ? smaller : [...smaller, source];
}
