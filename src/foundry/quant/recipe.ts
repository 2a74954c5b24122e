/**
 * What a person may say about types beside the file type itself: the options of llama-quantize, read from their texts. Which
 * tensor gets which type from them is rules.ts.
 */

import { AppError } from "../../base/errors";
import {
    FILE_TYPES,
    GGML_TYPES,
    isFileTypeName,
    type FileTypeName,
    type GgmlTypeName,
} from "../../gguf/types";
import type { RecipeOptions } from "../../protocol/worker";
import { WRITABLE_FILE_TYPES } from "./rules";

/** `pattern` is searched in a tensor's name; the first match decides. */
export interface TensorTypeRule {
    pattern: RegExp;
    type: GgmlTypeName;
}

export interface Recipe {
    /** By the tensor's name, before everything else; no fallback. */
    types?: ReadonlyMap<string, GgmlTypeName> | undefined;
    tensorTypes: readonly TensorTypeRule[];
    outputType?: GgmlTypeName | undefined;
    embeddingType?: GgmlTypeName | undefined;
    /** The base type everywhere instead of the mixture. */
    pure: boolean;
    /** `output.weight` keeps its type. */
    leaveOutput: boolean;
}

export const PLAIN_RECIPE: Recipe = { tensorTypes: [], pure: false, leaveOutput: false };

/** Throws AppError `user/usage`. */
export function readRecipe(options: RecipeOptions | undefined): Recipe {
    if (!options) return PLAIN_RECIPE;
    const types = Object.entries(options.types ?? {});
    return {
        ...(types.length > 0
            ? { types: new Map(types.map(([name, type]) => [name, readTensorType(type)])) }
            : {}),
        tensorTypes: (options.tensorTypes ?? []).map(readRule),
        outputType: options.outputType ? readTensorType(options.outputType) : undefined,
        embeddingType: options.embeddingType ? readTensorType(options.embeddingType) : undefined,
        pure: options.pure ?? false,
        leaveOutput: options.leaveOutput ?? false,
    };
}

/** Whether anything was said that only llama-quantize knows. */
export function hasChoices(recipe: Recipe): boolean {
    const { types, tensorTypes, outputType, embeddingType, pure, leaveOutput } = recipe;
    return (
        !!types || tensorTypes.length > 0 || !!outputType || !!embeddingType || pure || leaveOutput
    );
}

/** `PATTERN=TYPE`; the pattern in lower case, as llama-quantize takes it. */
function readRule(text: string): TensorTypeRule {
    const at = text.indexOf("=");
    if (at <= 0 || at === text.length - 1)
        throw new AppError(
            "user/usage",
            `A tensor type is given as PATTERN=TYPE, such as ffn_down=q6_k, not as ${text.slice(0, 60)}`,
        );
    try {
        return {
            pattern: new RegExp(text.slice(0, at).toLowerCase()),
            type: readTensorType(text.slice(at + 1)),
        };
    } catch (cause) {
        if (cause instanceof AppError) throw cause;
        throw new AppError(
            "user/usage",
            `${text.slice(0, Math.min(at, 60))} is not a regular expression; see the documentation of --tensor-type`,
            { cause },
        );
    }
}

/** Types of whole numbers, and those that exist only inside llama.cpp's arithmetic. */
const NO_TARGETS = ["Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"];

function readTensorType(text: string): GgmlTypeName {
    const name = text.toUpperCase();
    if (Object.hasOwn(GGML_TYPES, name) && !NO_TARGETS.includes(name)) return name as GgmlTypeName;
    const known = Object.keys(GGML_TYPES).filter((type) => !NO_TARGETS.includes(type));
    throw new AppError(
        "user/usage",
        `There is no tensor type ${text.slice(0, 40)}; choose one of ${known.join(", ")}`,
    );
}

const ALIASES: Readonly<Record<string, FileTypeName>> = {
    Q3_K: "Q3_K_M",
    Q4_K: "Q4_K_M",
    Q5_K: "Q5_K_M",
};

/** A file type by llama-quantize's name, alias or number. Throws AppError `user/usage`. */
export function readFileType(text: string): FileTypeName {
    const name = text.toUpperCase();
    const byNumber = (Object.keys(FILE_TYPES) as FileTypeName[]).find(
        (type) => String(FILE_TYPES[type]) === name,
    );
    const type = ALIASES[name] ?? byNumber ?? name;
    if (isFileTypeName(type) && (WRITABLE_FILE_TYPES as string[]).includes(type)) return type;
    throw new AppError(
        "user/usage",
        `There is no type ${text.slice(0, 40)}; choose one of ${WRITABLE_FILE_TYPES.join(", ")}`,
    );
}
