/**
 * Texts to ids by the checkpoint's own tokenizer.json, run in JavaScript. Building the runner for a whole vocabulary takes most of a second,
 * so a BPE model is first cut down to what these texts can contain: a token or merge whose text is no part of a word never
 * takes part, and the order of the other merges stays.
 */

import { Tokenizer } from "@huggingface/tokenizers";
import { isObject, type JsonObject } from "../checkpoint/source";

/** Beyond it a word has too many parts to list. */
const MAX_WORD_LENGTH = 256;

/** A runner that gives these texts (and looks these names up) as the whole tokenizer does. Throws what the library throws. */
export function runnerFor(
    tokenizer: JsonObject,
    config: JsonObject,
    texts: readonly string[],
    names: readonly unknown[] = [],
): Tokenizer {
    return new Tokenizer(cutDown(tokenizer, config, texts, names) ?? tokenizer, config);
}

/** Undefined where all of it is needed, or what is needed cannot be told. */
function cutDown(
    tokenizer: JsonObject,
    config: JsonObject,
    texts: readonly string[],
    names: readonly unknown[],
): JsonObject | undefined {
    const model = tokenizer["model"];
    if (!isObject(model) || !isPlainBpe(model)) return undefined;
    const { vocab, merges } = model;
    if (!isObject(vocab) || !Array.isArray(merges)) return undefined;
    const words = listWords(tokenizer, config, texts);
    if (words.some((word) => word.length > MAX_WORD_LENGTH)) return undefined;
    const parts = new Set(words.flatMap(listParts));
    const isUsed = (merge: unknown): boolean => {
        const left = leftOf(merge);
        if (!parts.has(left)) return false;
        const right = rightOf(merge, left);
        return parts.has(right) && parts.has(left + right);
    };
    // Without a prototype: a token may be called __proto__.
    const kept = Object.create(null) as JsonObject;
    const keep = (text: unknown) => {
        if (typeof text === "string" && Object.hasOwn(vocab, text)) kept[text] = vocab[text];
    };
    parts.forEach(keep);
    textsIn([tokenizer["post_processor"], model["unk_token"], names]).forEach(keep);
    for (let byte = 0; byte < 256; byte++)
        keep(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    return { ...tokenizer, model: { ...model, vocab: kept, merges: merges.filter(isUsed) } };
}

function isPlainBpe(model: JsonObject): boolean {
    const affixes = [
        "end_of_word_suffix",
        "continuing_subword_prefix",
        "continuing_subword_suffix",
    ];
    return model["type"] === "BPE" && affixes.every((name) => !model[name]);
}

/** What reaches the model of a tokenizer: normalized, split, spelled. */
function listWords(tokenizer: JsonObject, config: JsonObject, texts: readonly string[]): string[] {
    const empty = { type: "BPE", vocab: {}, merges: [] };
    const runner = new Tokenizer({ ...tokenizer, model: empty }, config);
    const words = new Set<string>();
    const record = (list: string[]): string[] => {
        for (const word of list) words.add(word);
        return list;
    };
    runner.model = Object.assign(record, { tokens_to_ids: new Map() }) as never;
    for (const text of texts) runner.tokenize(text);
    return [...words];
}

function listParts(word: string): string[] {
    const parts: string[] = [];
    for (let from = 0; from < word.length; from++)
        for (let to = from + 1; to <= word.length; to++) parts.push(word.slice(from, to));
    return parts;
}

/** First part of a merge, as the library takes it: of `"a b"` or `["a", "b"]`; of what is none, a text that no word has. */
function leftOf(merge: unknown): string {
    if (typeof merge === "string") return merge.slice(0, Math.max(0, merge.indexOf(" ")));
    const left: unknown = Array.isArray(merge) ? merge[0] : "";
    return typeof left === "string" ? left : "";
}

function rightOf(merge: unknown, left: string): string {
    if (typeof merge === "string") return merge.slice(left.length + 1).split(" ", 1)[0] ?? "";
    const right: unknown = Array.isArray(merge) ? merge[1] : "";
    return typeof right === "string" ? right : "";
}

/** Every text in a small piece of JSON. */
function textsIn(value: unknown, depth = 0): string[] {
    if (typeof value === "string") return [value];
    if (typeof value !== "object" || value === null || depth > 16) return [];
    return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner, depth + 1)]);
}
