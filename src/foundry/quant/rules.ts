/**
 * Which type each tensor of a model gets, exactly as llama-quantize chooses: what is left alone, the recipe's mixture
 * (mixture.ts), fallbacks for row lengths that do not fit. Pure: shapes and a few numbers of the model in, types out.
 * Facts from src/llama-quant.cpp of llama.cpp v0.5.0; test/unit/quant holds its own plans against it.
 */

import { AppError } from "../../base/errors";
import { GGML_TYPES, rowBytes, type FileTypeName, type GgmlTypeName } from "../../gguf/types";
import {
    categoryOf,
    embeddingType,
    isOneOrTwoBit,
    isValueLike,
    mixtureType,
    outputType,
    type Category,
    type MixtureInput,
} from "./mixture";
import type { Recipe, TensorTypeRule } from "./recipe";

export interface QuantModel {
    architecture: string;
    nLayers: number;
    nHeads: number;
    nHeadsKv: number;
    /** 0 for dense models. */
    nExperts: number;
}

export interface QuantTensor {
    name: string;
    /** ne[0] first. */
    shape: readonly number[];
    /** Type it keeps when it is not quantized. */
    type: GgmlTypeName;
}

export interface QuantChoice {
    name: string;
    type: GgmlTypeName;
    /** The recipe's type, when the row length did not fit it. */
    insteadOf?: GgmlTypeName;
    needsImatrix: boolean;
}

export interface QuantOptions {
    fileType: FileTypeName;
    hasImatrix: boolean;
    recipe?: Recipe | undefined;
}

/** The base type of each recipe that can be written. */
const BASE_TYPES: Partial<Record<FileTypeName, GgmlTypeName>> = {
    F32: "F32",
    F16: "F16",
    BF16: "BF16",
    Q1_0: "Q1_0",
    Q2_0: "Q2_0",
    Q4_0: "Q4_0",
    Q4_1: "Q4_1",
    Q5_0: "Q5_0",
    Q5_1: "Q5_1",
    Q8_0: "Q8_0",
    Q2_K: "Q2_K",
    Q2_K_S: "Q2_K",
    Q3_K_S: "Q3_K",
    Q3_K_M: "Q3_K",
    Q3_K_L: "Q3_K",
    Q4_K_S: "Q4_K",
    Q4_K_M: "Q4_K",
    Q5_K_S: "Q5_K",
    Q5_K_M: "Q5_K",
    Q6_K: "Q6_K",
    IQ1_S: "IQ1_S",
    IQ1_M: "IQ1_M",
    IQ2_XXS: "IQ2_XXS",
    IQ2_XS: "IQ2_XS",
    IQ2_S: "IQ2_XS",
    IQ2_M: "IQ2_S",
    IQ3_XXS: "IQ3_XXS",
    IQ3_XS: "IQ3_S",
    IQ3_S: "IQ3_S",
    IQ3_M: "IQ3_S",
    IQ4_NL: "IQ4_NL",
    IQ4_XS: "IQ4_XS",
    TQ1_0: "TQ1_0",
    TQ2_0: "TQ2_0",
    MXFP4_MOE: "MXFP4",
};

/** Every recipe that can be written, in the order of the table. */
export const WRITABLE_FILE_TYPES = Object.keys(BASE_TYPES) as FileTypeName[];

/** The tensor type that gives a recipe its name; undefined when it cannot be written. */
export function baseType(fileType: FileTypeName): GgmlTypeName | undefined {
    return BASE_TYPES[fileType];
}

const KEPT_PARTS: readonly string[] = [
    "_norm.weight",
    "ffn_gate_inp.weight",
    "ffn_gate_tid2eid.weight",
    "altup",
    "laurel",
    "per_layer_model_proj",
    "ssm_conv1d",
    "shortconv.conv.weight",
    "indexer.k_proj.weight",
    "indexer.q_proj.weight",
    ...["first", "w0", "w1", "w2", "v0", "v1", "v2", "a0", "a1", "a2", "g1", "g2"].map(
        (part) => `time_mix_${part}.weight`,
    ),
    "time_mix_decay_w1.weight",
    "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight",
    "attn_rel_b.weight",
    ".position_embd",
    "sam.pos_embd",
    "sam.neck.",
    "sam.net_",
    ".rel_pos",
    ".patch_embd",
    ".patch_merger",
    "a.rvq.codebook",
    "mm.a.code_embd",
];
const KEPT_NAMES = ["position_embd.weight", "token_types.weight"];

/** Whether a tensor is converted at all; others keep their type. */
export function isQuantizable(tensor: QuantTensor): boolean {
    return (
        nDimensions(tensor.shape) >= 2 &&
        tensor.name.endsWith("weight") &&
        !KEPT_NAMES.includes(tensor.name) &&
        !KEPT_PARTS.some((part) => tensor.name.includes(part))
    );
}

/** As ggml counts: trailing dimensions of 1 do not count. */
function nDimensions(shape: readonly number[]): number {
    let n = shape.length;
    while (n > 1 && shape[n - 1] === 1) n--;
    return n;
}

/**
 * `tensors` must be in llama.cpp's order (`compareTensorNames`): some recipes count along it.
 * Throws `data/unsupported` when the recipe has no type for a tensor's row length.
 */
export function chooseTypes(
    model: QuantModel,
    tensors: readonly QuantTensor[],
    options: QuantOptions,
): QuantChoice[] {
    const base = BASE_TYPES[options.fileType];
    if (!base)
        throw new AppError(
            "data/unsupported",
            `Files of type ${options.fileType} cannot be written; choose another type`,
        );
    const isPlain = base === "F32" || base === "F16" || base === "BF16";
    const mixture = new Mixture(model, tensors, options, base);
    return tensors.map((tensor) => {
        const { name } = tensor;
        if (!isQuantizable(tensor) || (options.recipe?.leaveOutput && name === "output.weight"))
            return { name, type: tensor.type, needsImatrix: false };
        const fixed = fixedType(tensor, options.recipe);
        if (fixed === undefined && isPlain) return { name, type: base, needsImatrix: false };
        const wanted = fixed ?? mixture.next(tensor);
        const type = fixed ?? fitting(wanted, tensor);
        return {
            name,
            type,
            ...(type === wanted ? {} : { insteadOf: wanted }),
            needsImatrix: needsImatrix(name, type, options.fileType),
        };
    });
}

/** What was asked for a tensor by its name, or for the embedding or the output by their role: it counts for every recipe, and knows no fallback. */
function fixedType(tensor: QuantTensor, recipe: Recipe | undefined): GgmlTypeName | undefined {
    const category = categoryOf(tensor.name);
    let type = recipe?.types?.get(tensor.name);
    if (type === undefined && category === "output") type = recipe?.outputType;
    // The embedding of each layer is a table of its own, which a pattern may name.
    const isNamed = tensor.name === "per_layer_token_embd.weight" && ruleFor(tensor.name, recipe);
    if (type === undefined && category === "token-embedding" && !isNamed)
        type = recipe?.embeddingType;
    if (type !== undefined && rowBytes(type, tensor.shape[0] ?? 0) === undefined)
        throw new AppError(
            "data/unsupported",
            `The type ${type} cannot hold rows of ${tensor.shape[0]} values (${tensor.name}); choose another type for it`,
        );
    return type;
}

function ruleFor(name: string, recipe: Recipe | undefined): TensorTypeRule | undefined {
    return recipe?.tensorTypes.find(({ pattern }) => pattern.test(name));
}

/** Applies a recipe along the tensors, with the running counters llama-quantize keeps. */
class Mixture {
    private readonly counters = new Map<Category, number>();
    private readonly nValueLike: number;
    private readonly isTied: boolean;

    constructor(
        private readonly model: QuantModel,
        tensors: readonly QuantTensor[],
        private readonly options: QuantOptions,
        private readonly base: GgmlTypeName,
    ) {
        const categories = tensors.map((tensor) => categoryOf(tensor.name));
        this.nValueLike = categories.filter(isValueLike).length;
        this.isTied = !categories.includes("output");
    }

    next(tensor: QuantTensor): GgmlTypeName {
        const { recipe } = this.options;
        // Neither counts a tensor: the running numbers go on as if it were not there.
        const rule = ruleFor(tensor.name, recipe);
        if (rule) return rule.type;
        if (recipe?.pure) return this.base;
        const category = categoryOf(tensor.name);
        const input = this.input(category, tensor.name);
        if (category === "output" || (category === "token-embedding" && this.isTied)) {
            if (recipe?.outputType) return recipe.outputType;
            const fits = rowBytes(this.base, tensor.shape[0] ?? 0) !== undefined;
            return outputType(input, fits);
        }
        if (this.options.fileType === "MXFP4_MOE") {
            // This family's other stacked matrices are projections of its attention.
            const isExpert =
                category.startsWith("ffn-") || this.model.architecture !== "bailingmoe3";
            return isExpert && (tensor.shape[2] ?? 1) > 1 ? "MXFP4" : "Q8_0";
        }
        if (category === "token-embedding") return embeddingType(input);
        return mixtureType(category, input);
    }

    private input(category: Category, name: string): MixtureInput {
        const counter: Category = isValueLike(category) ? "attention-v" : category;
        const i = this.counters.get(counter) ?? 0;
        this.counters.set(counter, i + 1);
        const isFfn = category.startsWith("ffn-");
        // With experts the running number does not follow the layers, so the layer is read from the name.
        const byName = isFfn && this.model.nExperts > 1 && !isOneOrTwoBit(this.options.fileType);
        return {
            fileType: this.options.fileType,
            base: this.base,
            architecture: this.model.architecture,
            gqa: this.model.nHeadsKv > 0 ? Math.trunc(this.model.nHeads / this.model.nHeadsKv) : 0,
            nExperts: this.model.nExperts,
            hasImatrix: this.options.hasImatrix,
            is70B: is70B(this.model),
            i: byName ? (blockOf(name) ?? i) : i,
            n: isFfn ? this.model.nLayers : this.nValueLike,
        };
    }
}

/** Models that llama.cpp labels 70B by their layer count. */
function is70B({ architecture, nLayers, nHeads, nHeadsKv, nExperts }: QuantModel): boolean {
    if (architecture === "jais2") return nLayers === 68;
    if (nLayers !== 80 || nExperts === 8) return false;
    if (architecture === "llama") return nHeads !== nHeadsKv;
    return ["qwen2", "olmo", "deci"].includes(architecture);
}

const FALLBACKS: Partial<Record<GgmlTypeName, GgmlTypeName>> = {
    IQ1_S: "IQ4_NL",
    IQ1_M: "IQ4_NL",
    IQ2_XXS: "IQ4_NL",
    IQ2_XS: "IQ4_NL",
    IQ2_S: "IQ4_NL",
    IQ3_XXS: "IQ4_NL",
    IQ3_S: "IQ4_NL",
    IQ4_XS: "IQ4_NL",
    Q2_0: "Q4_0",
    Q2_K: "Q4_0",
    Q3_K: "Q4_0",
    TQ1_0: "Q4_0",
    TQ2_0: "Q4_0",
    Q4_K: "Q5_0",
    Q5_K: "Q5_1",
    Q6_K: "Q8_0",
};

function fitting(wanted: GgmlTypeName, tensor: QuantTensor): GgmlTypeName {
    const rowLength = tensor.shape[0] ?? 0;
    if (rowBytes(wanted, rowLength) !== undefined) return wanted;
    const instead =
        FALLBACKS[wanted] ?? (GGML_TYPES[wanted].blockElements <= 32 ? wanted : undefined);
    if (!instead)
        throw new AppError(
            "data/unsupported",
            `The type ${wanted} cannot hold rows of ${rowLength} values (${tensor.name}); choose another type`,
        );
    return rowBytes(instead, rowLength) === undefined ? "F16" : instead;
}

/** What llama-quantize does not make without an importance matrix. */
export const IMATRIX_TYPES: readonly GgmlTypeName[] = [
    "IQ3_XXS",
    "IQ2_XXS",
    "IQ2_XS",
    "IQ2_S",
    "IQ1_M",
    "IQ1_S",
];

function needsImatrix(name: string, type: GgmlTypeName, fileType: FileTypeName): boolean {
    if (["output", "token-embedding"].includes(categoryOf(name))) {
        // llama-quantize does not ask for one here, and aborts inside ggml for these three.
        return type === "IQ2_XXS" || type === "IQ2_XS" || type === "IQ1_S";
    }
    return IMATRIX_TYPES.includes(type) || (type === "Q2_K" && fileType === "Q2_K_S");
}

function blockOf(name: string): number | undefined {
    const block = /^blk\.(\d+)\./.exec(name)?.[1];
    return block === undefined ? undefined : Number(block);
}

/** llama.cpp's order of tensors in a quantized file: outside the blocks first, then by block number, then by name. */
export function compareTensorNames(a: string, b: string): number {
    const blockA = blockOf(a) ?? -1;
    const blockB = blockOf(b) ?? -1;
    if (blockA !== blockB) return blockA - blockB;
    return a < b ? -1 : a > b ? 1 : 0;
}
