/**
 * A tokenizer.model that is no SentencePiece model but tiktoken's list of tokens (GLM-4, CodeGeeX4): lines of base64 and rank. Added
 * tokens stand in tokenizer_config.json. The reference runs the repository's own Python for these; the merges follow from the ranks.
 */

import { AppError } from "../../base/errors";
import { TokenList, type BpeVocabulary } from "./bpe";
import { decodeBase64, spellBytes, usedMerges } from "./byteTokens";
import { listAddedTokensDecoder, type AddedToken, type TokenizerFiles } from "./files";

const MAX_TOKENS = 4_000_000;
const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d{1,8})$/;

export function isTiktoken(model: Uint8Array | undefined): boolean {
    if (!model) return false;
    const start = Buffer.from(model.subarray(0, 8192)).toString("latin1");
    return LINE.test(start.split("\n", 1)[0]?.trim() ?? "");
}

/** `nVocabulary`: rows of the embedding; undefined means as many as there are tokens. */
export function readTiktoken(
    files: TokenizerFiles,
    nVocabulary: number | undefined,
): BpeVocabulary {
    const ranks = new Map<string, number>();
    for (const line of Buffer.from(files.sentencePiece ?? [])
        .toString("latin1")
        .split("\n")) {
        if (line.trim() === "") continue;
        const [, base64 = "", rank = ""] = LINE.exec(line.trim()) ?? [];
        if (base64 === "" || ranks.size >= MAX_TOKENS)
            throw new AppError(
                "data/tokenizer",
                "tokenizer.model is not a usable tiktoken vocabulary; download it again",
            );
        ranks.set(decodeBase64(base64, "tokenizer.model"), Number(rank));
    }
    const list = new TokenList();
    for (const [bytes, rank] of ranks) list.set(rank, spellBytes(bytes));
    const added = new Map<string, AddedToken>();
    for (const token of listAddedTokensDecoder(files.config)) {
        added.set(token.text, token);
        list.set(token.id, token.text);
    }
    return {
        ...list.fill(added, nVocabulary),
        merges: usedMerges(ranks),
    };
}
