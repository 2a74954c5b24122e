/** The tokenizer files of a checkpoint, read once and handed to the routes. Only reads; the routes decide what they mean. */

import { isObject, readBytes, readJson, readText } from "../checkpoint/source";
import type { CheckpointSource, JsonObject } from "../checkpoint/source";

export interface NamedTemplate {
    name: string;
    template: string;
}

export interface TokenizerFiles {
    /** tokenizer.json. */
    tokenizer: JsonObject | undefined;
    /** tokenizer_config.json. */
    config: JsonObject | undefined;
    /** config.json as it is in the folder. */
    modelConfig: JsonObject;
    /** added_tokens.json: text -> id. */
    addedTokens: JsonObject | undefined;
    /** vocab.json: text -> id. */
    vocabulary: JsonObject | undefined;
    merges: string | undefined;
    /** vocab.txt: one token per line (WordPiece). */
    vocabularyText: string | undefined;
    /** tokenizer.model (SentencePiece protobuf, or tiktoken's list). */
    sentencePiece: Uint8Array | undefined;
    /** tekken.json (Mistral). */
    tekken?: JsonObject | undefined;
    /** chat_template.jinja with the named ones beside it, or chat_template.json; used when tokenizer_config.json has none. */
    chatTemplate: string | NamedTemplate[] | undefined;
}

export async function readTokenizerFiles(
    source: CheckpointSource,
    modelConfig: JsonObject,
    signal?: AbortSignal,
): Promise<TokenizerFiles> {
    const json = (file: string) => readJson(source, file, signal);
    const text = (file: string) => readText(source, file, signal);
    // At the same time: from the Hub each one costs several round trips.
    const [tokenizer, config, addedTokens, vocabulary, merges, vocabularyText, ...rest] =
        await Promise.all([
            json("tokenizer.json"),
            json("tokenizer_config.json"),
            json("added_tokens.json"),
            json("vocab.json"),
            text("merges.txt"),
            text("vocab.txt"),
            readSentencePieceFile(source, modelConfig, signal),
            // Large, and of use only without the other.
            source.files.has("tokenizer.json") ? undefined : json("tekken.json"),
            readChatTemplate(source, signal),
        ]);
    const [sentencePiece, tekken, chatTemplate] = rest;
    return {
        tokenizer,
        config,
        modelConfig,
        addedTokens,
        vocabulary,
        merges,
        vocabularyText,
        sentencePiece,
        tekken,
        chatTemplate,
    };
}

/** Codestral Mamba calls it tokenizer.model.v3; elsewhere that one stands beside the other. */
async function readSentencePieceFile(
    source: CheckpointSource,
    modelConfig: JsonObject,
    signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
    const usual = await readBytes(source, "tokenizer.model", signal);
    if (usual || modelConfig["model_type"] !== "mamba2") return usual;
    return readBytes(source, "tokenizer.model.v3", signal);
}

async function readChatTemplate(
    source: CheckpointSource,
    signal: AbortSignal | undefined,
): Promise<string | NamedTemplate[] | undefined> {
    const main = await readTemplate(source, "chat_template.jinja", signal);
    if (main === undefined) {
        const template = (await readJson(source, "chat_template.json", signal))?.["chat_template"];
        return typeof template === "string" ? template : undefined;
    }
    const named: NamedTemplate[] = [];
    for (const file of [...source.files.keys()].sort()) {
        const match = /^additional_chat_templates\/([^/]+)\.jinja$/.exec(file);
        const template = match && (await readTemplate(source, file, signal));
        if (match?.[1] && template !== undefined && template !== null)
            named.push({ name: match[1], template });
    }
    return named.length > 0 ? [{ name: "default", template: main }, ...named] : main;
}

/** Line ends become "\n", as Python reads text. */
async function readTemplate(
    source: CheckpointSource,
    file: string,
    signal: AbortSignal | undefined,
): Promise<string | undefined> {
    return (await readText(source, file, signal))?.replace(/\r\n?/g, "\n");
}

/** An entry of `added_tokens` in tokenizer.json or of `added_tokens_decoder` in tokenizer_config.json. */
export interface AddedToken {
    id: number;
    text: string;
    special: boolean;
}

/** Added tokens of tokenizer.json, in file order. */
export function listAddedTokens(tokenizer: JsonObject | undefined): AddedToken[] {
    const list = tokenizer?.["added_tokens"];
    if (!Array.isArray(list)) return [];
    return list.filter(isObject).flatMap((entry) => toAddedToken(entry["id"], entry));
}

/** Added tokens of tokenizer_config.json, in id order. */
export function listAddedTokensDecoder(config: JsonObject | undefined): AddedToken[] {
    const decoder = config?.["added_tokens_decoder"];
    if (!isObject(decoder)) return [];
    return Object.entries(decoder).flatMap(([id, entry]) =>
        isObject(entry) ? toAddedToken(Number(id), entry) : [],
    );
}

function toAddedToken(id: unknown, entry: JsonObject): AddedToken[] {
    const text = entry["content"];
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || typeof text !== "string")
        return [];
    return [{ id, text, special: entry["special"] === true }];
}
