/**
 * The byte-level BPE vocabulary ("gpt2" in GGUF) from tokenizer.json, or from vocab.json and merges.txt: token texts and types by
 * id, merges, pre-tokenizer. Follows `get_vocab_base` of llama.cpp v0.5.0 and the way transformers adds special tokens.
 */

import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import {
    listAddedTokens,
    listAddedTokensDecoder,
    type AddedToken,
    type TokenizerFiles,
} from "./files";
import { looksSpecial, plainSpaces, TOKEN_TYPE } from "./tokenTypes";

const MAX_TOKENS = 4_000_000;

/** Texts and types by id. */
export interface TokenTable {
    tokens: string[];
    types: Int32Array;
    /** Ids that are given twice or not at all. */
    warnings: string[];
}

export interface BpeVocabulary extends TokenTable {
    merges: string[];
}

/** True when the files hold a BPE vocabulary, be it a usable one or not. */
export function hasBpe(files: TokenizerFiles): boolean {
    const model = files.tokenizer?.["model"];
    if (isObject(model)) return model["type"] === undefined || model["type"] === "BPE";
    return files.vocabulary !== undefined && files.merges !== undefined;
}

/** `nVocabulary`: rows of the embedding (config.vocab_size); undefined means as many as there are tokens. */
export function readBpe(files: TokenizerFiles, nVocabulary: number | undefined): BpeVocabulary {
    if (!hasBpe(files))
        throw new AppError("data/tokenizer", "The checkpoint has no BPE vocabulary");
    return { ...fillVocabulary(files, readModel(files), nVocabulary), merges: readMerges(files) };
}

/** Texts and types by id: the vocabulary of the model, what was added to it, and padding up to `nVocabulary`. */
export function fillVocabulary(
    files: TokenizerFiles,
    base: Map<string, number>,
    nVocabulary: number | undefined,
): TokenTable {
    const added = collectAddedTokens(files, base);
    const list = new TokenList();
    for (const [text, id] of base) list.set(id, text);
    for (const token of added.values()) list.set(token.id, token.text);
    return list.fill(added, nVocabulary);
}

/** Texts by id while they are collected, gaps allowed. A later text takes an earlier one's place. */
export class TokenList {
    private readonly texts: (string | undefined)[] = [];
    private nTexts = 0;
    /** Ids with two texts: the first such id, and how many. */
    private twice: { id: number; first: string; count: number } | undefined;
    /** An id that no list has room for. */
    private beyond: AddedToken | undefined;

    set(id: number, text: string): void {
        if (id > MAX_TOKENS) {
            if (id > (this.beyond?.id ?? 0)) this.beyond = { id, text, special: false };
            return;
        }
        const first = this.texts[id];
        if (first === undefined) this.nTexts++;
        else if (first !== text) {
            this.twice ??= { id, first, count: 0 };
            this.twice.count++;
        }
        this.texts[id] = text;
    }

    private warnings(): string[] {
        const { twice, texts } = this;
        const quote = (text: string) => JSON.stringify(text.slice(0, 40));
        const others = (count: number) => (count > 1 ? ` (and ${count - 1} more such ids)` : "");
        const result: string[] = [];
        if (twice)
            result.push(
                `The tokenizer gives id ${twice.id} to ${quote(twice.first)} and to ${quote(texts[twice.id] ?? "")}; the latter counts${others(twice.count)}`,
            );
        const nHoles = texts.length - this.nTexts;
        if (nHoles > 0) {
            const hole = texts.findIndex((text) => text === undefined);
            result.push(
                `The tokenizer has no token with id ${hole}; it is written as unused${others(nHoles)}`,
            );
        }
        return result;
    }

    /** `size` texts and types; undefined means as many as there are texts. Throws when there are tokens beyond. */
    fill(added: ReadonlyMap<string, AddedToken>, size = this.nTexts): TokenTable {
        const { id: maxId, text: last } = this.beyond ?? {
            id: this.texts.length - 1,
            text: this.texts.at(-1) ?? "",
        };
        if (maxId >= size)
            throw new AppError(
                "data/tokenizer",
                `The tokenizer has token ${maxId} ("${last.slice(0, 40)}") but the model has only ${size} rows (vocab_size in config.json); tokenizer and weights do not belong together`,
            );
        if (size > MAX_TOKENS)
            throw new AppError(
                "data/tokenizer",
                `config.json declares ${size} tokens, which no model has; download it again`,
            );
        const tokens: string[] = [];
        const types = new Int32Array(size);
        for (let id = 0; id < size; id++) {
            const text = this.texts[id];
            const extra = text === undefined ? undefined : added.get(text);
            if (text === undefined) {
                tokens.push(`[PAD${id}]`);
                types[id] = TOKEN_TYPE.unused;
            } else if (!extra) {
                tokens.push(text);
                types[id] = TOKEN_TYPE.normal;
            } else if (extra.special || looksSpecial(text)) {
                tokens.push(text);
                types[id] = TOKEN_TYPE.control;
            } else {
                tokens.push(plainSpaces(text));
                types[id] = TOKEN_TYPE.userDefined;
            }
        }
        return { tokens, types, warnings: this.warnings() };
    }
}

function readModel(files: TokenizerFiles): Map<string, number> {
    const model = files.tokenizer?.["model"];
    return isObject(model)
        ? toVocabulary(model["vocab"], "tokenizer.json")
        : toVocabulary(files.vocabulary, "vocab.json");
}

export function toVocabulary(value: unknown, file: string): Map<string, number> {
    if (!isObject(value)) throw new AppError("data/tokenizer", `${file} has no vocabulary`);
    // Not entries: they cost three times as much, which shows with 150,000 tokens.
    const texts = Object.keys(value);
    if (texts.length > MAX_TOKENS)
        throw new AppError("data/tokenizer", `${file} has ${texts.length} tokens`);
    const result = new Map<string, number>();
    for (const text of texts) {
        const id = value[text];
        if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > MAX_TOKENS)
            throw new AppError(
                "data/tokenizer",
                `${file} gives token "${text.slice(0, 40)}" a bad id`,
            );
        result.set(text, id);
    }
    return result;
}

/**
 * What transformers ends up with: added tokens of tokenizer.json (or added_tokens.json), then those of tokenizer_config.json, then
 * named special tokens (bos_token ...) that are not among them. Such a token keeps its id in the vocabulary or gets the next one.
 */
function collectAddedTokens(
    files: TokenizerFiles,
    base: Map<string, number>,
): Map<string, AddedToken> {
    const added = new Map<string, AddedToken>();
    for (const token of listAddedTokens(files.tokenizer)) added.set(token.text, token);
    const decoder = listAddedTokensDecoder(files.config);
    for (const token of decoder) if (!added.has(token.text)) added.set(token.text, token);
    if (!files.tokenizer)
        for (const [text, id] of Object.entries(files.addedTokens ?? {}))
            if (typeof id === "number" && !added.has(text))
                added.set(text, { id, text, special: false });
    let nextId = base.size;
    for (const { text, id } of added.values())
        if (!base.has(text)) nextId = Math.max(nextId, id + 1);
    for (const text of namedSpecialTokens(files.config)) {
        const present = added.get(text);
        if (present) continue;
        const id = base.get(text) ?? nextId++;
        added.set(text, { id, text, special: true });
    }
    return added;
}

/** Special tokens that a class sets when its tokenizer_config.json does not say. Source: transformers 4.57.6. */
const CLASS_TOKENS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    LlamaTokenizer: { unk_token: "<unk>", bos_token: "<s>", eos_token: "</s>" },
    GPT2Tokenizer: {
        unk_token: "<|endoftext|>",
        bos_token: "<|endoftext|>",
        eos_token: "<|endoftext|>",
    },
    BertTokenizer: {
        unk_token: "[UNK]",
        sep_token: "[SEP]",
        pad_token: "[PAD]",
        cls_token: "[CLS]",
        mask_token: "[MASK]",
    },
    Qwen2Tokenizer: {
        unk_token: "<|endoftext|>",
        eos_token: "<|endoftext|>",
        pad_token: "<|endoftext|>",
    },
};
const NAMED = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map((kind) => `${kind}_token`);

export function namedSpecialTokens(config: JsonObject | undefined): Set<string> {
    const name = config?.["tokenizer_class"];
    const defaults = typeof name === "string" ? CLASS_TOKENS[name.replace(/Fast$/, "")] : undefined;
    const entries = NAMED.map((key) => (config && key in config ? config[key] : defaults?.[key]));
    const additional = config?.["additional_special_tokens"];
    if (Array.isArray(additional)) entries.push(...(additional as unknown[]));
    const texts = entries.map((entry) => (isObject(entry) ? entry["content"] : entry));
    return new Set(texts.filter((text) => typeof text === "string" && text !== "") as string[]);
}

function readMerges(files: TokenizerFiles): string[] {
    const model = files.tokenizer?.["model"];
    const merges = isObject(model) ? model["merges"] : undefined;
    if (Array.isArray(merges) && merges.length > 0) return merges.map(toMerge);
    return files.merges === undefined ? [] : parseMergesText(files.merges);
}

/** `"a b"`, or `["a", "b"]` where a space inside a part is written as U+0120. */
function toMerge(entry: unknown): string {
    if (typeof entry === "string") return entry;
    if (Array.isArray(entry) && entry.length === 2 && entry.every((p) => typeof p === "string"))
        return entry.map((part) => part.replaceAll(" ", "\u0120")).join(" ");
    throw new AppError("data/tokenizer", "tokenizer.json has merges of an unknown form");
}

export function parseMergesText(text: string): string[] {
    const lines = text.split(/\r\n|\r|\n/);
    if (lines[0]?.trim().startsWith("#")) lines.shift();
    return lines
        .map((line) => line.trim().split(/[ \t\f\v]+/))
        .filter((parts) => parts.length === 2)
        .map((parts) => parts.join(" "));
}

/** llama.cpp aborts on two tokens with the same text, so such a vocabulary is refused here. */
export function refuseDuplicates(tokens: readonly string[]): void {
    if (new Set(tokens).size === tokens.length) return;
    const seen = new Map<string, number>();
    for (const [id, text] of tokens.entries()) {
        const first = seen.get(text);
        if (first !== undefined)
            throw new AppError(
                "data/tokenizer",
                `The tokenizer gives ids ${first} and ${id} the same text "${text.slice(0, 40)}", which llama.cpp cannot load`,
            );
        seen.set(text, id);
    }
}

export function writeBpe(keys: KeyValues, vocabulary: BpeVocabulary, pre: string): void {
    keys.string("tokenizer.ggml.model", "gpt2");
    keys.string("tokenizer.ggml.pre", pre);
    keys.set("tokenizer.ggml.tokens", { type: "array[string]", value: vocabulary.tokens });
    keys.set("tokenizer.ggml.token_type", { type: "array[int32]", value: vocabulary.types });
    keys.set("tokenizer.ggml.merges", { type: "array[string]", value: vocabulary.merges });
}
