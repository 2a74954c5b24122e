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

/** Habits of single families in the reference. */
export interface SpmVariant {
    /** Added tokens of tokenizer.json count like those of tokenizer_config.json; only marked ones are control tokens; spaces stay. */
    addedTokens?: "as-marked";
    /** Pieces that begin so are unused. */
    unusedPrefix?: string;
    /** Another text for the piece NUL, which C would take for an empty string. */
    nul?: string;
    /** Tokens of added_tokens.json come after the others, whatever their ids. */
    appendAdded?: boolean;
}

/** `nVocabulary`: rows of the embedding; undefined means as many as there are pieces. */
export function readSentencePiece(
    files: TokenizerFiles & { sentencePiece: Uint8Array },
    nVocabulary: number | undefined,
    variant: SpmVariant = {},
): ScoredVocabulary {
    const pieces = parseSentencePieces(files.sentencePiece);
    const size = nVocabulary ?? pieces.length;
    if (size > MAX_TOKENS)
        throw new AppError(
            "data/tokenizer",
            `config.json declares ${size} tokens, which no model has; download it again`,
        );
    const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
    const scores: number[] = Array.from({ length: size }, () => -10000);
    const types: number[] = Array.from({ length: size }, () => TOKEN_TYPE.unused);
    const put = (id: number, text: string, score: number, type: number) => {
        if (id >= tokens.length) return;
        tokens[id] = text;
        scores[id] = score;
        types[id] = type;
    };
    pieces.forEach(({ text, score, type }, id) => {
        put(id, pieceText(text, variant), score, pieceType(text, type, variant));
    });
    for (const [text, id] of Object.entries(files.addedTokens ?? {})) {
        if (typeof id !== "number" || !Number.isInteger(id) || id < 0) continue;
        if (variant.appendAdded && tokens.length < MAX_TOKENS)
            put(tokens.push("") - 1, text, -1000, TOKEN_TYPE.userDefined);
        else put(id, text, -1000, TOKEN_TYPE.userDefined);
    }
    for (const { id, text, type } of listMarkedTokens(files, variant)) put(id, text, -1000, type);
    return { tokens, scores: Float32Array.from(scores), types: Int32Array.from(types) };
}

function listMarkedTokens(
    files: TokenizerFiles,
    { addedTokens }: SpmVariant,
): { id: number; text: string; type: number }[] {
    const decoder = listAddedTokensDecoder(files.config);
    if (addedTokens === "as-marked")
        return [...decoder, ...listAddedTokens(files.tokenizer)].map(({ id, text, special }) => ({
            id,
            text,
            type: special ? TOKEN_TYPE.control : TOKEN_TYPE.userDefined,
        }));
    return decoder.map(({ id, text, special }) =>
        special || looksSpecial(text)
            ? { id, text, type: TOKEN_TYPE.control }
            : { id, text: plainSpaces(text), type: TOKEN_TYPE.userDefined },
    );
}

function pieceText(text: string, variant: SpmVariant): string {
    return text === "\0" && variant.nul !== undefined ? variant.nul : text;
}

function pieceType(text: string, type: number, { unusedPrefix }: SpmVariant): number {
    if (unusedPrefix !== undefined && text.startsWith(unusedPrefix)) return TOKEN_TYPE.unused;
    return type === TOKEN_TYPE.userDefined ? TOKEN_TYPE.normal : type;
}

/** Whether the tokenizer puts a space before a text (`add_dummy_prefix` of the normalizer; true when not said). */
export function addsDummyPrefix(model: Uint8Array): boolean {
    let result = true;
    for (const { number, bytes } of protoFields(model))
        if (number === 3)
            for (const field of protoFields(bytes))
                if (field.number === 3) result = field.value === 1;
    return result;
}

export function writeSentencePiece(keys: KeyValues, vocabulary: ScoredVocabulary): void {
    keys.string("tokenizer.ggml.model", "llama");
    keys.string("tokenizer.ggml.pre", "default");
    keys.set("tokenizer.ggml.tokens", { type: "array[string]", value: vocabulary.tokens });
    keys.set("tokenizer.ggml.scores", { type: "array[float32]", value: vocabulary.scores });
    keys.set("tokenizer.ggml.token_type", { type: "array[int32]", value: vocabulary.types });
}
