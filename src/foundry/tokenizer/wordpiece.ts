/**
 * The WordPiece vocabulary ("bert" in GGUF) from tokenizer.json or vocab.txt: llama.cpp marks the beginning of a word where BERT marks
 * its continuation. Follows `BertModel.set_vocab` of llama.cpp v0.5.0.
 */

import { isObject } from "../checkpoint/source";
import type { KeyValues } from "../keyValues";
import { fillVocabulary, toVocabulary, type TokenTable } from "./bpe";
import type { TokenizerFiles } from "./files";
import { TOKEN_TYPE } from "./tokenTypes";

export function hasWordPiece(files: TokenizerFiles): boolean {
    return readModel(files) !== undefined;
}

/** `nVocabulary`: rows of the embedding; undefined means as many as there are tokens. */
export function readWordPiece(files: TokenizerFiles, nVocabulary: number | undefined): TokenTable {
    const base = readModel(files) ?? new Map<string, number>();
    const table = fillVocabulary(files, base, nVocabulary);
    return {
        ...table,
        tokens: table.tokens.map((text, id) => markWord(text, table.types[id] ?? 0)),
    };
}

function readModel(files: TokenizerFiles): Map<string, number> | undefined {
    const model = files.tokenizer?.["model"];
    if (isObject(model))
        return model["type"] === "WordPiece"
            ? toVocabulary(model["vocab"], "tokenizer.json")
            : undefined;
    const lines = files.vocabularyText?.split(/\r?\n/);
    if (!lines) return undefined;
    if (lines.at(-1) === "") lines.pop();
    return new Map(lines.map((text, id) => [text, id]));
}

function markWord(text: string, type: number): string {
    if (type === TOKEN_TYPE.control) return text;
    return text.startsWith("##") ? text.slice(2) : `\u2581${text}`;
}

export function writeWordPiece(keys: KeyValues, vocabulary: TokenTable, pre: string): void {
    keys.string("tokenizer.ggml.model", "bert");
    keys.string("tokenizer.ggml.pre", pre);
    keys.set("tokenizer.ggml.tokens", { type: "array[string]", value: vocabulary.tokens });
    keys.set("tokenizer.ggml.token_type", { type: "array[int32]", value: vocabulary.types });
}
