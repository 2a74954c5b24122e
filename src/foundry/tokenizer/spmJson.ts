/**
 * A SentencePiece-like vocabulary when only tokenizer.json is there: BPE with byte fallback. The reference writes the score -1000
 * for every token, so llama.cpp merges in arbitrary order and tokenizes wrongly; by default each token gets the negated rank of the
 * merge that makes it, which tokenizes right. "reference" scores remain available for comparison.
 */

import { AppError } from "../../base/errors";
import { isObject, type JsonObject } from "../checkpoint/source";
import { namedSpecialTokens, toVocabulary } from "./bpe";
import { listAddedTokens, type TokenizerFiles } from "./files";
import type { ScoredVocabulary } from "./sentencepiece";
import { TOKEN_TYPE } from "./tokenTypes";

export type SpmScores = "merge-rank" | "reference";

/** Whether tokenizer.json is of that kind (the test of the reference's `LlamaHfVocab`). */
export function isSpmJson(files: TokenizerFiles): boolean {
    const model = files.tokenizer?.["model"];
    const decoder = files.tokenizer?.["decoder"];
    return (
        isObject(model) &&
        model["type"] === "BPE" &&
        model["byte_fallback"] === true &&
        isObject(decoder) &&
        decoder["type"] === "Sequence"
    );
}

export function readSpmJson(files: TokenizerFiles, scoring: SpmScores): ScoredVocabulary {
    const model = files.tokenizer?.["model"];
    if (!isObject(model)) throw new AppError("data/tokenizer", "tokenizer.json has no model");
    const vocabulary = toVocabulary(model["vocab"], "tokenizer.json");
    const special = namedSpecialTokens(files.config);
    const byId = new Map([...vocabulary].map(([text, id]) => [id, text] as const));
    const base = vocabulary.size;
    const extra = listAddedTokens(files.tokenizer)
        .filter((token) => token.id >= base)
        .sort((a, b) => a.id - b.id);
    const tokens: string[] = [];
    const types: number[] = [];
    for (let id = 0; id < base; id++) {
        const text = byId.get(id);
        if (text === undefined)
            throw new AppError("data/tokenizer", `tokenizer.json has no token with id ${id}`);
        tokens.push(text);
        types.push(tokenType(text, special.has(text)));
    }
    for (const { text } of extra) {
        tokens.push(text);
        types.push(special.has(text) ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined);
    }
    const scores =
        scoring === "reference"
            ? new Float32Array(tokens.length).fill(-1000)
            : mergeScores(model, tokens, types);
    return { tokens, scores, types: Int32Array.from(types) };
}

function tokenType(text: string, special: boolean): number {
    if (/^<0x[0-9A-Fa-f]{2}>$/.test(text)) return TOKEN_TYPE.byte;
    return special ? TOKEN_TYPE.control : TOKEN_TYPE.normal;
}

/** A token made by merge r gets -r; tokens that no merge makes rank behind all merges. */
function mergeScores(
    model: JsonObject,
    tokens: readonly string[],
    types: readonly number[],
): Float32Array {
    const merges = Array.isArray(model["merges"]) ? (model["merges"] as unknown[]) : [];
    const rank = new Map<string, number>();
    merges.forEach((entry, index) => {
        const text = Array.isArray(entry)
            ? entry.join("")
            : typeof entry === "string"
              ? entry.replace(" ", "")
              : "";
        if (!rank.has(text)) rank.set(text, index);
    });
    return Float32Array.from(tokens, (text, id) => {
        if (types[id] !== TOKEN_TYPE.normal) return types[id] === TOKEN_TYPE.byte ? 0 : -1000;
        return -(rank.get(text) ?? merges.length + id);
    });
}
