/**
 * Decides whether a GGUF model, in one file or several, may be handed to llama.cpp. llama.cpp aborts the process or hangs on some broken
 * files (notes in docs/engine.md), so everything that does is refused here first, with one sentence. Reads no tensor data.
 */

import { AppError } from "../base/errors";
import { formatBytes } from "../base/format";
import { ARCHITECTURES } from "./architectures";
import { broken, quote } from "./broken";
import { checkGraph } from "./graphChecks";
import { arrayOf, isArray, numberOf, stringOf } from "./metadata";
import { checkParts } from "./parts";
import type { GgufFile } from "./read";

export interface ValidateLimits {
    /** Memory of the machine (with GPUs); undefined = not checked. */
    memoryBytes?: number | undefined;
}

/** llama.cpp's own bound on layers (LLAMA_MAX_LAYERS): beyond it an assertion ends the process. */
const MAX_LAYERS = 512;
const MAX_EXPERTS = 1024;
/** The largest vocabularies have 262,144 (Gemma 3). */
const MAX_TOKENS = 1 << 20;
const ROPE_SCALINGS = ["none", "linear", "yarn", "longrope"];
/** -1 as an unsigned number: "none". */
const NO_TOKEN = 0xffffffff;

/** `parts`: the headers of all files of the model, in order. Throws AppError: `data/gguf`, `data/unsupported` (architecture), `env/memory`. */
export function validateModel(parts: readonly GgufFile[], limits: ValidateLimits = {}): void {
    checkParts(parts);
    const file = whole(parts);
    checkKind(file);
    const architecture = stringOf(file, "general.architecture");
    if (!architecture) throw broken("it does not name its architecture");
    if (!ARCHITECTURES.has(architecture))
        throw new AppError(
            "data/unsupported",
            `This version of Ingot cannot run models of the architecture ${quote(architecture)}; choose another model`,
        );
    checkTensorsOf(parts);
    checkShape(file, architecture);
    checkGraph(file, architecture);
    checkVocabulary(file);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    if (limits.memoryBytes !== undefined && sizeBytes > limits.memoryBytes)
        throw new AppError(
            "env/memory",
            `The model needs ${formatBytes(sizeBytes)} of memory and this computer has ${formatBytes(limits.memoryBytes)}; choose a smaller model or type`,
        );
}

/** Only that the data of all tensors is there, also of files that llama.cpp is not to run. Throws AppError `data/gguf`. */
export function checkData(parts: readonly GgufFile[]): void {
    checkParts(parts);
    checkTensorsOf(parts);
}

function checkTensorsOf(parts: readonly GgufFile[]): void {
    parts.forEach((part, index) =>
        checkTensors(part, parts.length > 1 ? `its part ${index + 1}` : "it"),
    );
}

/** The metadata of the first file with the tensors of all; their offsets are each file's own. */
function whole(parts: readonly GgufFile[]): GgufFile {
    const [first] = parts;
    if (!first) throw new AppError("bug/internal", "A model of no files was checked");
    return parts.length === 1
        ? first
        : { ...first, tensors: parts.flatMap(({ tensors }) => tensors) };
}

/** `general.type` of files that are not models (gguf-py's GGUFType); a file without the key is one. */
const OTHER_KINDS: Record<string, string> = {
    adapter: "it is an adapter (LoRA) for a model; choose the model itself",
    mmproj: "it is the part of a model that sees images; choose the model itself",
    imatrix: "it is an importance matrix for quantizing; choose a model",
};

function checkKind(file: GgufFile): void {
    const kind = stringOf(file, "general.type") ?? "model";
    if (kind !== "model")
        throw broken(OTHER_KINDS[kind] ?? `it holds ${quote(kind)} data, not a model`);
    if (file.tensors.length === 0) throw broken("it has no tensors, only metadata");
}

/** GGML_MAX_NAME without its NUL. */
const MAX_NAME_BYTES = 63;

/** What llama.cpp's own reader asks of a file's tensors (gguf_init_from_reader). `who`: the file in a sentence. */
function checkTensors(file: GgufFile, who: string): void {
    const names = new Set<string>();
    let next = 0;
    for (const tensor of file.tensors) {
        if (new TextEncoder().encode(tensor.name).length > MAX_NAME_BYTES)
            throw broken(`the name of its tensor ${quote(tensor.name)} is too long`);
        if (names.has(tensor.name))
            throw broken(`${who} has the tensor ${quote(tensor.name)} twice`);
        names.add(tensor.name);
        if (tensor.offset % file.alignment !== 0)
            throw broken(`its tensor ${quote(tensor.name)} is not aligned`);
        const end = file.dataOffset + tensor.offset + tensor.sizeBytes;
        if (end > file.sizeBytes)
            throw broken(
                `${who} ends inside the data of ${quote(tensor.name)}, at least ${formatBytes(end - file.sizeBytes)} are missing; download it again`,
            );
        if (tensor.offset !== next)
            throw broken(
                `the data of its tensor ${quote(tensor.name)} does not follow that of the tensor before`,
            );
        next = Math.ceil((next + tensor.sizeBytes) / file.alignment) * file.alignment;
    }
}

/** Bounds of one metadata number: refuses what is not a whole number within them. */
type Check = (key: string, value: number, least: number, most: number) => void;

function checkShape(file: GgufFile, architecture: string): void {
    const check: Check = (key, value, least, most) => {
        if (!Number.isInteger(value) || value < least || value > most)
            throw broken(`its metadata says ${architecture}.${key} = ${value}`);
    };
    const required = (key: string, least: number, most: number) => {
        const value = numberOf(file, `${architecture}.${key}`);
        if (value === undefined) throw broken(`its metadata lacks ${architecture}.${key}`);
        // llama.cpp takes no other type for a number of 32 bits.
        const type = file.metadata.get(`${architecture}.${key}`)?.type ?? "";
        if (type !== "uint32")
            throw broken(`its metadata has ${architecture}.${key} as ${type} instead of uint32`);
        check(key, value, least, most);
        return value;
    };
    const nLayers = required("block_count", 1, MAX_LAYERS);
    const embedding = required("embedding_length", 1, 1 << 20);
    required("context_length", 1, 2 ** 31 - 1);
    for (const key of ["attention.head_count", "attention.head_count_kv"])
        checkHeads(file, architecture, key, nLayers, check);
    checkExperts(file, architecture, check);
    const scaling = stringOf(file, `${architecture}.rope.scaling.type`) ?? "none";
    if (!ROPE_SCALINGS.includes(scaling))
        throw broken(`its metadata says ${architecture}.rope.scaling.type = ${quote(scaling)}`);
    const nExtra = numberOf(file, `${architecture}.nextn_predict_layers`) ?? 0;
    check("nextn_predict_layers", nExtra, 0, nLayers);
    checkBlocks(file, architecture, nLayers - nExtra);
    const table = file.tensors.find((tensor) => tensor.name === "token_embd.weight");
    if (table && table.shape[0] !== embedding)
        throw broken(
            `its embedding has rows of ${table.shape[0] ?? 1} values where its metadata says ${embedding}`,
        );
}

/** llama.cpp's assertions on experts (load_hparams): how many are used of how many, in which groups. */
function checkExperts(file: GgufFile, architecture: string, check: Check): void {
    const nExperts = numberOf(file, `${architecture}.expert_count`) ?? 0;
    check("expert_count", nExperts, 0, MAX_EXPERTS);
    // HunYuan's dense models say 1, and llama.cpp reads no more.
    if (nExperts <= 1 && /^hunyuan[-_](dense|vl)$/.test(architecture)) return;
    const used = file.metadata.get(`${architecture}.expert_used_count`)?.value ?? 0;
    const perLayer = isArray(used) ? used.values.map(Number) : [Number(used)];
    for (const value of perLayer) check("expert_used_count", value, 0, nExperts);
    if (nExperts > 0 && !perLayer.some((value) => value > 0))
        check("expert_used_count", 0, 1, nExperts);
    const nGroups = numberOf(file, `${architecture}.expert_group_count`) ?? 0;
    check("expert_group_count", nGroups, 0, Math.max(0, nExperts - 1));
    if (nGroups < 2) return;
    const nUsedGroups = numberOf(file, `${architecture}.expert_group_used_count`) ?? 0;
    check("expert_group_used_count", nUsedGroups, 1, nGroups - 1);
    if (nExperts % nGroups !== 0) check("expert_group_count", nGroups, 0, 1);
}

/** Attention models need at least one head; recurrent ones (no attention tensors) say 0. */
function checkHeads(
    file: GgufFile,
    architecture: string,
    key: string,
    nLayers: number,
    check: Check,
): void {
    const entry = file.metadata.get(`${architecture}.${key}`);
    const hasAttention = file.tensors.some((tensor) =>
        /\battn_(q|qkv|k|v|output)\b/.test(tensor.name),
    );
    if (!entry) {
        if (hasAttention && key === "attention.head_count")
            throw broken(`its metadata lacks ${architecture}.${key}`);
        return;
    }
    if (isArray(entry.value)) {
        // Per layer; hybrid models have layers without attention.
        if (entry.value.length < nLayers)
            throw broken(`its list ${architecture}.${key} is too short`);
        for (const value of entry.value.values) check(key, Number(value), 0, 1 << 16);
        return;
    }
    check(key, Number(entry.value), hasAttention ? 1 : 0, 1 << 16);
}

/** Layers whose tensors are missing. Layers that predict further tokens may be left out; encoders number theirs apart. */
function checkBlocks(file: GgufFile, architecture: string, nLayers: number): void {
    // Deci's search may leave a layer with no tensors at all.
    if (architecture === "deci") return;
    let highest = -1;
    for (const { name } of file.tensors) {
        const block = /^blk\.(\d{1,9})\./.exec(name)?.[1];
        if (block !== undefined) highest = Math.max(highest, Number(block));
    }
    if (highest >= 0 && highest + 1 < nLayers)
        throw broken(`its metadata says ${nLayers} layers and it holds ${highest + 1}`);
}

/** Duplicate tokens end the process in llama.cpp's loader, and so does every use of a model without a vocabulary. */
function checkVocabulary(file: GgufFile): void {
    const tokens = arrayOf(file, "tokenizer.ggml.tokens");
    const kind = stringOf(file, "tokenizer.ggml.model");
    if (!tokens || kind === undefined || kind === "none" || kind === "no_vocab")
        throw broken("it has no vocabulary");
    if (tokens.elementType !== "string" || tokens.length === 0)
        throw broken("its vocabulary is not a list of texts");
    if (tokens.length > MAX_TOKENS)
        throw broken(`its vocabulary has ${tokens.length} tokens, more than any model`);
    checkDuplicates(tokens.values);
    for (const key of ["scores", "token_type"]) {
        const list = arrayOf(file, `tokenizer.ggml.${key}`);
        if (list && list.length < tokens.length)
            throw broken(`its list tokenizer.ggml.${key} is shorter than its vocabulary`);
    }
    // llama.cpp ignores other special ids that are out of range, and files with such exist; without an end, generation does not stop.
    const end = numberOf(file, "tokenizer.ggml.eos_token_id");
    if (end !== undefined && end !== NO_TOKEN && (end < 0 || end >= tokens.length))
        throw broken("its tokenizer.ggml.eos_token_id is not in its vocabulary");
}

/** As llama.cpp keeps them: up to a NUL, and an empty one is named by its number. */
function checkDuplicates(tokens: readonly unknown[]): void {
    const seen = new Set(
        tokens.map((token, i) => {
            const text = String(token);
            const end = text.indexOf("\0");
            return (end < 0 ? text : text.slice(0, end)) || `[EMPTY_${i}]`;
        }),
    );
    if (seen.size !== tokens.length) throw broken("its vocabulary has the same token twice");
}
