/**
 * Which importances go with which tensor of a plan, what is missing, and the metadata that says where they came from. As
 * llama-quantize decides: an entry of the wrong length is refused, a missing one only where the type cannot do without.
 */

import { AppError } from "../../base/errors";
import type { GgufWriteValue } from "../../gguf/write";
import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import type { KeyValues } from "../keyValues";
import type { ImportanceMatrix } from "./imatrix";
import type { QuantChoice, QuantTensor } from "./rules";

export interface Importance {
    /** Along the tensors; undefined: quantized without. */
    values: (Float32Array | undefined)[];
    /** Tensors whose type needs one and that have none. */
    needed: string[];
    warnings: string[];
}

/** Types that ggml computes without looking at importances. */
const INDIFFERENT: readonly GgmlTypeName[] = ["Q8_0", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0"];

/** `tensors` have the types that they come with, `choices` those that they get. */
export function importanceFor(
    imatrix: ImportanceMatrix | undefined,
    tensors: readonly QuantTensor[],
    choices: readonly QuantChoice[],
): Importance {
    const result: Importance = { values: [], needed: [], warnings: [] };
    const missing: string[] = [];
    choices.forEach(({ name, type, needsImatrix }, index) => {
        const tensor = tensors[index];
        const isQuantized = GGML_TYPES[type].blockElements > 1 && type !== tensor?.type;
        const values =
            isQuantized && imatrix ? find(imatrix, name, tensor?.shape ?? [], result) : undefined;
        result.values.push(values);
        if (values) return;
        if (needsImatrix && (isQuantized || !imatrix)) result.needed.push(name);
        else if (imatrix && isQuantized && !INDIFFERENT.includes(type)) missing.push(name);
    });
    if (missing.length > 0) result.warnings.push(describeMissing(imatrix?.name ?? "", missing));
    return result;
}

function find(
    imatrix: ImportanceMatrix,
    name: string,
    shape: readonly number[],
    result: Importance,
): Float32Array | undefined {
    const values = imatrix.entries.get(name);
    const expected = (shape[0] ?? 1) * (shape[2] ?? 1);
    if (!values || values.length === expected) return values;
    const what = `${imatrix.name} has ${values.length} values for ${name}, which has ${expected} columns`;
    // Its lookups say nothing about columns, so that old files hold nonsense here.
    if (/^(per_layer_)?token_embd\.weight$/.test(name)) {
        result.warnings.push(`${what}; they are not used`);
        return undefined;
    }
    throw new ForeignImatrix(`${what}; choose the importance matrix of this very model`);
}

/** It was measured of another model, so that no type can be made with it. */
export class ForeignImatrix extends AppError {
    constructor(message: string) {
        super("data/unsupported", message);
    }
}

function describeMissing(file: string, names: readonly string[]): string {
    const first = names.slice(0, 3).join(", ");
    const rest = names.length > 3 ? ` and ${names.length - 3} more` : "";
    return `${file} has no entry for ${first}${rest}: quantized without importances`;
}

/** llama-quantize keeps 127 bytes of a text. */
const MAX_TEXT_BYTES = 127;

/** Appends what llama-quantize says about the matrix; returns the same keys. */
export function addImatrixKeys(keys: KeyValues, imatrix: ImportanceMatrix | undefined): KeyValues {
    if (!imatrix) return keys;
    keys.moveToEnd("quantize.imatrix.file", cutText(imatrix.name));
    if (imatrix.dataset !== undefined)
        keys.moveToEnd("quantize.imatrix.dataset", cutText(imatrix.dataset));
    const number = (value: number) => ({ type: "uint32", value }) as const;
    keys.moveToEnd("quantize.imatrix.entries_count", number(imatrix.entries.size));
    if (imatrix.nChunks > 0)
        keys.moveToEnd("quantize.imatrix.chunks_count", number(imatrix.nChunks));
    return keys;
}

/** As raw bytes: the cut may fall inside a character. */
function cutText(text: string): GgufWriteValue {
    const bytes = new TextEncoder().encode(text).subarray(0, MAX_TEXT_BYTES);
    const value = new Uint8Array(12 + bytes.length);
    const view = new DataView(value.buffer);
    view.setUint32(0, 8, true);
    view.setUint32(4, bytes.length, true);
    value.set(bytes, 12);
    return { type: "raw", value };
}
