/**
 * What llama.cpp notices only while it builds or runs its graph, where an assertion ends the process: tensors of a type that nothing
 * computes with, head sizes that do not fit together, impossible epsilons. Found by changing a small model's header, key by key.
 */

import { broken, quote } from "./broken";
import { arrayOf, numberOf, stringOf } from "./metadata";
import type { GgufFile, GgufTensor } from "./read";
import type { GgmlTypeName } from "./types";

/** Throws AppError `data/gguf`. The file has passed the other checks. */
export function checkGraph(file: GgufFile, architecture: string): void {
    for (const tensor of file.tensors) checkType(tensor);
    checkEpsilons(file, architecture);
    checkByteTokens(file);
    if (!PLAIN.has(architecture)) return;
    checkHeadSizes(file, architecture);
    checkExpertsPerLayer(file, architecture);
}

/** Of intermediate results; never of weights. */
const NOT_WEIGHTS: readonly GgmlTypeName[] = ["Q8_1", "Q8_K", "I8", "I16", "I32", "I64", "F64"];
/** Tables that hold numbers of experts or tokens. */
const INTEGER_TABLES = /tid2eid|\bd2t\b|\bt2d\b/;

/** A matrix also when it has one row: the head of a reranker. */
const ONE_CLASS = /^cls\.output\.weight$/;

/** Norms, biases and other vectors are added and multiplied as they are, which the processor does for F32 only. */
function checkType({ name, type, shape }: GgufTensor): void {
    if (INTEGER_TABLES.test(name)) return;
    const isVector = shape.slice(1).every((size) => size === 1) && !ONE_CLASS.test(name);
    const needsF32 = isVector || /(\.bias|_norm\.weight)$/.test(name);
    if (NOT_WEIGHTS.includes(type) || (needsF32 && type !== "F32"))
        throw broken(
            `its tensor ${quote(name)} is of the type ${type}, which cannot be used there`,
        );
}

function checkEpsilons(file: GgufFile, architecture: string): void {
    for (const kind of ["layer_norm_rms_epsilon", "layer_norm_epsilon", "group_norm_epsilon"]) {
        const key = `${architecture}.attention.${kind}`;
        const value = numberOf(file, key);
        if (value !== undefined && !(value >= 0 && value < 1))
            throw broken(`its metadata says ${key} = ${value}`);
    }
}

/** WordPiece vocabularies have no bytes; llama.cpp aborts when it writes one. */
function checkByteTokens(file: GgufFile): void {
    const types = arrayOf(file, "tokenizer.ggml.token_type");
    if (stringOf(file, "tokenizer.ggml.model") === "bert" && types?.values.includes(BYTE_TOKEN))
        throw broken("its vocabulary has byte tokens, which its tokenizer does not know");
}
const BYTE_TOKEN = 6;

/** The first layer's number is used for all of them. */
function checkExpertsPerLayer(file: GgufFile, architecture: string): void {
    const key = `${architecture}.expert_used_count`;
    const values = arrayOf(file, key)?.values ?? [];
    if (values.some((value) => value !== values[0]))
        throw broken(`its metadata says different numbers of ${key} for its layers`);
}

/**
 * Architectures whose graph asserts that keys, values and rotation have one size and whose projections hold whole heads
 * (src/models/*.cpp of llama.cpp v0.5.0: `n_embd_head == n_embd_head_k()` and `n_embd_head == n_rot`).
 */
const PLAIN: ReadonlySet<string> = new Set([
    "arcee",
    "baichuan",
    "codeshell",
    "dbrx",
    "deepseek",
    "dots1",
    "dream",
    "ernie4_5",
    "exaone",
    "falcon",
    "granite",
    "grok",
    "grovemoe",
    "internlm2",
    "llada",
    "llama",
    "maincoder",
    "mellum",
    "mistral3",
    "olmo",
    "olmo2",
    "olmoe",
    "orion",
    "qwen2",
    "qwen2moe",
    "qwen2vl",
    "qwen3",
    "qwen3moe",
    "seed_oss",
    "smollm3",
    "starcoder2",
    "xverse",
]);

function checkHeadSizes(file: GgufFile, architecture: string): void {
    const number = (key: string) => numberOf(file, `${architecture}.${key}`);
    const nHeads = number("attention.head_count") ?? 0;
    // Per layer: not this check's.
    if (nHeads === 0) return;
    const nHeadsKv = number("attention.head_count_kv") ?? nHeads;
    const usual = Math.floor((number("embedding_length") ?? 0) / nHeads);
    const size = number("attention.key_length") ?? usual;
    const others = [
        number("attention.value_length") ?? usual,
        number("rope.dimension_count") ?? size,
    ];
    const isWhole = size > 0 && size % 2 === 0 && nHeadsKv > 0 && nHeads % nHeadsKv === 0;
    if (!isWhole || others.some((other) => other !== size))
        throw broken(
            `its metadata has attention heads that do not fit together (${nHeads} of ${size} values, ${nHeadsKv} for keys, ${others.join(" and ")} for values and rotation)`,
        );
    checkProjections(file, {
        attn_q: nHeads * size,
        attn_k: nHeadsKv * size,
        attn_v: nHeadsKv * size,
        attn_qkv: (nHeads + 2 * nHeadsKv) * size,
        ...feedForwardRows(file, architecture),
    });
}

/** The same width in every layer; families with merged or shared projections are left to llama.cpp, which refuses by itself. */
function feedForwardRows(file: GgufFile, architecture: string): Record<string, number> {
    const width = numberOf(file, `${architecture}.feed_forward_length`);
    if (width === undefined || !["llama", "qwen2"].includes(architecture)) return {};
    return { ffn_gate: width, ffn_up: width };
}

/** Rows that each projection must have. */
function checkProjections(file: GgufFile, rows: Readonly<Record<string, number>>): void {
    for (const { name, shape } of file.tensors) {
        const part =
            /^blk\.\d+\.(attn_(?:q|k|v|qkv)|ffn_(?:gate|up))\.weight$/.exec(name)?.[1] ?? "";
        const expected = rows[part];
        const nRows = shape[1] ?? 1;
        if (expected !== undefined && nRows !== expected)
            throw broken(
                `its tensor ${quote(name)} has ${nRows} rows where its metadata asks for ${expected}`,
            );
    }
}
