/**
 * Vocabularies that list tokens as bytes by rank (tiktoken, tekken): how bytes are written in GGUF, and the merges that llama.cpp
 * needs and such files do not hold. A byte string is a string of characters 0 to 255 here.
 */

import { AppError } from "../../base/errors";

/** Longer than any token; splits are tried at every byte. */
const MAX_TOKEN_BYTES = 4096;

export type Ranks = ReadonlyMap<string, number>;

/** GPT-2's letters for bytes: printable Latin-1 stands for itself, the others for 256 and on. */
const LETTERS: readonly string[] = (() => {
    let next = 256;
    return Array.from({ length: 256 }, (_, byte) => {
        const plain = (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
        return String.fromCharCode(plain ? byte : next++);
    });
})();

/** A byte string as a token of a byte-level BPE vocabulary. */
export function spellBytes(bytes: string): string {
    let text = "";
    for (let i = 0; i < bytes.length; i++) text += LETTERS[bytes.charCodeAt(i)] ?? "";
    return text;
}

export function decodeBase64(text: string, file: string): string {
    const bytes = Buffer.from(text, "base64");
    if (bytes.length === 0 || bytes.length > MAX_TOKEN_BYTES)
        throw new AppError("data/tokenizer", `${file} has a damaged token; download it again`);
    return bytes.toString("latin1");
}

/**
 * Every way to make each token of two, tokens by rank, ways by the ranks of their parts. Source: gguf-py `MistralVocab` (as
 * transformers converts tekken).
 */
export function allMerges(ranks: Ranks, file: string): string[] {
    const merges: string[] = [];
    const byRank = [...ranks].sort((a, b) => a[1] - b[1]);
    for (const [token, rank] of byRank) {
        if (rank < 256) continue;
        const ways: { left: number; right: number; text: string }[] = [];
        for (let i = 1; i < token.length; i++) {
            const left = ranks.get(token.slice(0, i));
            const right = ranks.get(token.slice(i));
            if (left === undefined || right === undefined) continue;
            const text = `${spellBytes(token.slice(0, i))} ${spellBytes(token.slice(i))}`;
            ways.push({ left, right, text });
        }
        if (ways.length === 0)
            throw new AppError(
                "data/tokenizer",
                `${file} has a token that no two others make (rank ${rank}); download it again`,
            );
        ways.sort((a, b) => a.left - b.left || a.right - b.right);
        for (const { text } of ways) merges.push(text);
    }
    return merges;
}

/** The one merge by which tiktoken itself makes each token. Source: `QwenModel.bpe` of llama.cpp's conversion/qwen.py. */
export function usedMerges(ranks: Ranks): string[] {
    const merges: string[] = [];
    for (const [token, rank] of [...ranks].sort((a, b) => a[1] - b[1])) {
        if (token.length === 1) continue;
        const parts = encodeBelow(ranks, token, rank);
        if (parts.length === 2) merges.push(parts.map(spellBytes).join(" "));
    }
    return merges;
}

/** The token's bytes, merged as long as a merge gives a lower rank. */
function encodeBelow(ranks: Ranks, token: string, limit: number): string[] {
    const parts = [...token];
    for (;;) {
        let best = -1;
        let bestRank = limit;
        for (let i = 0; i + 1 < parts.length; i++) {
            const rank = ranks.get(`${parts[i]}${parts[i + 1]}`);
            if (rank !== undefined && rank < bestRank) [best, bestRank] = [i, rank];
        }
        if (best < 0) return parts;
        parts.splice(best, 2, `${parts[best]}${parts[best + 1]}`);
    }
}
