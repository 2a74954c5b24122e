/**
 * The SentencePiece vocabulary ("llama" in GGUF) from tokenizer.model: pieces with score and type, then what added_tokens.json and
 * tokenizer_config.json put over them. Follows `_create_vocab_sentencepiece` of llama.cpp v0.5.0; user-defined pieces stay NORMAL there.
 * Format: sentencepiece_model.proto (pieces = 1: piece = 1, score = 2, type = 3).
 */

import { AppError } from "../../base/errors";
import type { KeyValues } from "../keyValues";
import { listAddedTokens, listAddedTokensDecoder, type TokenizerFiles } from "./files";
import { protoFields } from "./protobuf";
import { looksSpecial, plainSpaces, TOKEN_TYPE } from "./tokenTypes";

const MAX_TOKENS = 4_000_000;

export interface SentencePiece {
    text: string;
    score: number;
    /** As in the protobuf: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte. */
    type: number;
}

export interface ScoredVocabulary {
    tokens: string[];
    scores: Float32Array;
    types: Int32Array;
}

export function parseSentencePieces(model: Uint8Array): SentencePiece[] {
    const pieces: SentencePiece[] = [];
    for (const field of protoFields(model)) {
        if (field.number !== 1) continue;
        if (pieces.length >= MAX_TOKENS)
            throw new AppError("data/tokenizer", "tokenizer.model has too many pieces");
        pieces.push(parsePiece(field.bytes));
    }
    if (pieces.length === 0)
        throw new AppError(
            "data/tokenizer",
            "tokenizer.model has no pieces; download it again (it may be a Git LFS pointer)",
        );
    return pieces;
}

function parsePiece(message: Uint8Array): SentencePiece {
    const piece: SentencePiece = { text: "", score: 0, type: 1 };
    for (const { number, value, bytes } of protoFields(message)) {
        if (number === 1) piece.text = new TextDecoder().decode(bytes);
        else if (number === 2 && bytes.length === 4)
            piece.score = new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
        else if (number === 3 && value !== undefined) piece.type = value;
    }
    return piece;
}

/**
 * `nVocabulary`: rows of the embedding; undefined means as many as there are pieces. `overlay`: what the pieces are overwritten with;
 * "phi3" takes tokenizer.json's added tokens too and all of them as they are.
 */
export function readSentencePiece(
    files: TokenizerFiles & { sentencePiece: Uint8Array },
    nVocabulary: number | undefined,
    overlay: "usual" | "phi3" = "usual",
): ScoredVocabulary {
    const pieces = parseSentencePieces(files.sentencePiece);
    const size = nVocabulary ?? pieces.length;
    if (size > MAX_TOKENS)
        throw new AppError(
            "data/tokenizer",
            `config.json declares ${size} tokens, which no model has; download it again`,
        );
    const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
    const scores = new Float32Array(size).fill(-10000);
    const types = new Int32Array(size).fill(TOKEN_TYPE.unused);
    const put = (id: number, text: string, score: number, type: number) => {
        if (id >= size) return;
        tokens[id] = text;
        scores[id] = score;
        types[id] = type;
    };
    pieces.forEach(({ text, score, type }, id) => {
        put(id, text, score, type === TOKEN_TYPE.userDefined ? TOKEN_TYPE.normal : type);
    });
    for (const [text, id] of Object.entries(files.addedTokens ?? {}))
        if (typeof id === "number" && Number.isInteger(id) && id >= 0)
            put(id, text, -1000, TOKEN_TYPE.userDefined);
    const isPhi3 = overlay === "phi3";
    const added = listAddedTokensDecoder(files.config);
    if (isPhi3) added.push(...listAddedTokens(files.tokenizer));
    for (const { id, text, special } of added) {
        if (isPhi3) put(id, text, -1000, special ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined);
        else if (special || looksSpecial(text)) put(id, text, -1000, TOKEN_TYPE.control);
        else put(id, plainSpaces(text), -1000, TOKEN_TYPE.userDefined);
    }
    return { tokens, scores, types };
}

export function writeSentencePiece(keys: KeyValues, vocabulary: ScoredVocabulary): void {
    keys.string("tokenizer.ggml.model", "llama");
    keys.string("tokenizer.ggml.pre", "default");
    keys.set("tokenizer.ggml.tokens", { type: "array[string]", value: vocabulary.tokens });
    keys.set("tokenizer.ggml.scores", { type: "array[float32]", value: vocabulary.scores });
    keys.set("tokenizer.ggml.token_type", { type: "array[int32]", value: vocabulary.types });
}
