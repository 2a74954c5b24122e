/**
 * The mixtures of llama-quantize: which type a tensor of each category gets in each recipe ("Q4_K_M" and so on). Facts from
 * src/llama-quant.cpp of llama.cpp v0.5.0. Shape fallbacks, overrides and what is not quantized at all are in rules.ts.
 */

import type { FileTypeName, GgmlTypeName } from "../../gguf/types";

export type Category =
    | "output"
    | "token-embedding"
    | "attention-qkv"
    | "attention-kv-b"
    | "attention-v"
    | "attention-k"
    | "attention-q"
    | "attention-output"
    | "ffn-up"
    | "ffn-gate"
    | "ffn-down"
    | "other";

/** By part of the name, first match wins. */
const CATEGORIES: readonly (readonly [string, Category])[] = [
    ["attn_qkv.weight", "attention-qkv"],
    ["attn_kv_b.weight", "attention-kv-b"],
    ["attn_v.weight", "attention-v"],
    ["attn_k.weight", "attention-k"],
    ["attn_q.weight", "attention-q"],
    ["attn_output.weight", "attention-output"],
    ["ffn_up", "ffn-up"],
    ["ffn_gate", "ffn-gate"],
    ["ffn_down", "ffn-down"],
];

export function categoryOf(name: string): Category {
    if (name === "output.weight") return "output";
    if (name === "token_embd.weight" || name === "per_layer_token_embd.weight")
        return "token-embedding";
    return CATEGORIES.find(([part]) => name.includes(part))?.[1] ?? "other";
}

/** Tensors that work like attention values: most sensitive, so they get more bits. */
export function isValueLike(category: Category): boolean {
    return (
        category === "attention-v" || category === "attention-qkv" || category === "attention-kv-b"
    );
}

/** What a choice depends on beside the category. */
export interface MixtureInput {
    fileType: FileTypeName;
    /** The recipe's base type. */
    base: GgmlTypeName;
    architecture: string;
    /** Query heads per key/value head. */
    gqa: number;
    nExperts: number;
    hasImatrix: boolean;
    /** Llama-70B shaped: eight heads share their values. */
    is70B: boolean;
    /** Running number of the tensor in its category (or its layer, with experts), and how many there are. */
    i: number;
    n: number;
}

const part = Math.trunc;

/** The first and last eighth of the layers, and every third between them. */
export function useMoreBits(i: number, n: number): boolean {
    return i < part(n / 8) || i >= part((7 * n) / 8) || (i - part(n / 8)) % 3 === 2;
}

export const isOneOrTwoBit = (type: FileTypeName) =>
    ["IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M"].includes(type);
const isIq2Large = (type: FileTypeName) => type === "IQ2_S" || type === "IQ2_M";

/** One rule; recipes and categories without one take the recipe's base type. */
type Rule = (input: MixtureInput) => GgmlTypeName;
type RecipeRules = Partial<Record<FileTypeName, Rule>>;

const isFirstEighth = ({ i, n }: MixtureInput) => i < part(n / 8);
const isFirstSixteenth = ({ i, n }: MixtureInput) => i < part(n / 16);
const isInner = ({ i, n }: MixtureInput) => i >= part(n / 8) && i < part((7 * n) / 8);
const isMore = ({ i, n }: MixtureInput) => useMoreBits(i, n);
/** Few values serve many queries, so their bits cost little. */
const isShared = ({ gqa }: MixtureInput) => gqa >= 4;
const isFalcon = ({ architecture }: MixtureInput) => architecture === "falcon";

const more: Rule = (input) => (isMore(input) ? "Q6_K" : input.base);
const sharedQ4: Rule = (input) => (isShared(input) ? "Q4_K" : input.base);
const sharedQ5: Rule = (input) => (isShared(input) ? "Q5_K" : input.base);

const VALUE_RULES: RecipeRules = {
    Q2_K: (input) => (isShared(input) ? "Q4_K" : "Q3_K"),
    Q2_K_S: sharedQ4,
    IQ3_XS: sharedQ4,
    IQ3_S: sharedQ4,
    IQ3_XXS: (input) => {
        if (isShared(input)) return "Q4_K";
        return input.hasImatrix ? "IQ3_XXS" : "IQ3_S";
    },
    IQ3_M: () => "Q4_K",
    Q3_K_M: ({ i }) => (i < 2 ? "Q5_K" : "Q4_K"),
    Q3_K_L: () => "Q5_K",
    IQ4_NL: sharedQ5,
    IQ4_XS: sharedQ5,
    Q4_K_M: more,
    Q5_K_M: more,
    Q4_K_S: ({ i, base }) => (i < 4 ? "Q5_K" : base),
};

const QUERY_AND_KEY_RULES: RecipeRules = { IQ3_XS: () => "IQ3_XXS", IQ3_XXS: () => "IQ2_S" };

const iq4Down: Rule = (input) => (isFirstEighth(input) && !input.hasImatrix ? "Q5_K" : input.base);

const DOWN_RULES: RecipeRules = {
    Q2_K: () => "Q3_K",
    Q2_K_S: (input) => (isFirstEighth(input) ? "Q4_K" : input.base),
    IQ3_XXS: (input) => {
        if (input.hasImatrix) return input.base;
        return isFirstEighth(input) ? "Q4_K" : "Q3_K";
    },
    Q3_K_M: (input) => {
        if (isFirstSixteenth(input)) return "Q5_K";
        return !isFalcon(input) || isMore(input) ? "Q4_K" : "Q3_K";
    },
    IQ3_M: (input) =>
        isFirstEighth(input) || (input.nExperts === 8 && isMore(input)) ? "Q4_K" : input.base,
    Q3_K_L: (input) => (isFalcon(input) ? "Q4_K" : "Q5_K"),
    Q4_K_M: (input) => {
        if (!isFalcon(input)) return more(input);
        if (isFirstSixteenth(input)) return "Q6_K";
        return isMore(input) ? "Q5_K" : "Q4_K";
    },
    Q5_K_M: more,
    Q4_K_S: (input) => (isFirstEighth(input) && !isFalcon(input) ? "Q5_K" : input.base),
    IQ4_NL: iq4Down,
    IQ4_XS: iq4Down,
    // The first of these tensors have outliers that a scale alone cannot hold.
    Q4_0: (input) => (isFirstEighth(input) && input.hasImatrix ? "Q4_1" : input.base),
    Q5_0: (input) => (isFirstEighth(input) && input.hasImatrix ? "Q5_1" : input.base),
};

const GATE_AND_UP_RULES: RecipeRules = {
    IQ3_XS: (input) => (isInner(input) ? "IQ3_XXS" : input.base),
};

const OUTPUT_RULES: RecipeRules = {
    Q2_K: () => "Q3_K",
    IQ3_XXS: () => "IQ3_S",
    Q3_K_M: () => "Q4_K",
    Q3_K_L: () => "Q5_K",
    IQ3_M: () => "Q4_K",
};
const EIGHT_EXPERTS_OUTPUT: readonly FileTypeName[] = [
    "Q2_K",
    "IQ3_XS",
    "IQ3_XXS",
    "Q3_K_S",
    "Q3_K_M",
    "IQ4_NL",
    "Q4_K_S",
    "Q4_K_M",
    "IQ3_S",
    "IQ3_M",
    "IQ4_XS",
];

const byRecipe =
    (rules: RecipeRules): Rule =>
    (input) =>
        rules[input.fileType]?.(input) ?? input.base;

const attentionValue: Rule = (input) => {
    if (input.nExperts === 8) return "Q8_0";
    const type = byRecipe(VALUE_RULES)(input);
    return input.is70B && (type === "Q3_K" || type === "Q4_K") ? "Q5_K" : type;
};

const attentionOutput: Rule = (input) => {
    const { fileType, base, nExperts } = input;
    if (isFalcon(input)) return fileType === "Q3_K_L" ? "Q4_K" : base;
    if (nExperts === 8) return EIGHT_EXPERTS_OUTPUT.includes(fileType) ? "Q5_K" : base;
    return byRecipe(OUTPUT_RULES)(input);
};

const queryOrKey = byRecipe(QUERY_AND_KEY_RULES);

const RULES: Partial<Record<Category, Rule>> = {
    "attention-v": attentionValue,
    "attention-qkv": attentionValue,
    "attention-kv-b": attentionValue,
    "attention-k": (input) => (input.nExperts === 8 ? "Q8_0" : queryOrKey(input)),
    "attention-q": queryOrKey,
    "attention-output": attentionOutput,
    "ffn-down": byRecipe(DOWN_RULES),
    "ffn-gate": byRecipe(GATE_AND_UP_RULES),
    "ffn-up": byRecipe(GATE_AND_UP_RULES),
};

/** Recipes of one or two bits, which share a mixture of their own. */
const lowBitValue: Rule = (input) => {
    if (isShared(input) || input.nExperts >= 4) return "Q4_K";
    return isIq2Large(input.fileType) ? "IQ3_S" : "Q2_K";
};

const LOW_BIT_RULES: Partial<Record<Category, Rule>> = {
    "attention-v": lowBitValue,
    "attention-qkv": lowBitValue,
    "attention-kv-b": lowBitValue,
    "attention-k": ({ nExperts, base }) => (nExperts === 8 ? "Q4_K" : base),
    "ffn-down": (input) => {
        if (!isFirstEighth(input)) return input.base;
        return isIq2Large(input.fileType) ? "IQ3_S" : "Q2_K";
    },
    "attention-output": ({ fileType, base, nExperts }) => {
        if (nExperts === 8) return "Q5_K";
        if (fileType === "IQ1_S" || fileType === "IQ1_M") return "IQ2_XXS";
        return isIq2Large(fileType) ? "IQ3_S" : base;
    },
};

/** Type for a tensor that is neither output nor embedding. */
export function mixtureType(category: Category, input: MixtureInput): GgmlTypeName {
    const rules = isOneOrTwoBit(input.fileType) ? LOW_BIT_RULES : RULES;
    return rules[category]?.(input) ?? input.base;
}

/** Type of the output matrix, or of the embedding when it serves as output too. */
export function outputType(input: MixtureInput, isDivisible: boolean): GgmlTypeName {
    const { fileType, base, architecture } = input;
    if (fileType === "MXFP4_MOE" || architecture === "falcon" || !isDivisible) return "Q8_0";
    if (isOneOrTwoBit(fileType) || fileType === "IQ3_XXS") return "Q5_K";
    return base === "Q8_0" ? "Q8_0" : "Q6_K";
}

/** Type of an embedding that is not the output. */
export function embeddingType({ fileType, base }: MixtureInput): GgmlTypeName {
    if (isIq2Large(fileType) || fileType === "IQ3_XXS") return "IQ3_S";
    if (isOneOrTwoBit(fileType)) return "Q2_K";
    if (fileType === "TQ1_0" || fileType === "TQ2_0" || fileType === "Q2_0") return "Q4_K";
    return base;
}
