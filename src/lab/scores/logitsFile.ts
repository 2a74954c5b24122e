/** The header of a file of log-probabilities (`llama-perplexity --kl-divergence-base`). Its size and its rows are checked by native/lab. */

import { open, stat } from "node:fs/promises";
import { AppError } from "../../base/errors";

export interface LogitsHeader {
    contextTokens: number;
    nVocabulary: number;
    nChunks: number;
}

const MAGIC = "_logits_";
const HEADER_BYTES = 20;

/** Throws AppError `user/usage` when it is not there or no such file. */
export async function readLogitsHeader(path: string): Promise<LogitsHeader> {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory())
        throw new AppError("user/usage", `${path} is a folder; name a logits file`);
    const handle = await open(path, "r").catch((cause: unknown) => {
        throw new AppError("user/usage", `There is no logits file ${path}; name another one`, {
            cause,
        });
    });
    try {
        const bytes = Buffer.alloc(HEADER_BYTES);
        const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, 0);
        const isOurs = bytesRead === HEADER_BYTES && bytes.toString("latin1", 0, 8) === MAGIC;
        const [contextTokens = 0, nVocabulary = 0, nChunks = 0] = [8, 12, 16].map((at) =>
            bytes.readInt32LE(at),
        );
        if (!isOurs || contextTokens < 4 || nVocabulary < 1 || nChunks < 1)
            throw new AppError(
                "user/usage",
                `${path} is no logits file; make one with ingot perplexity --save-logits`,
            );
        return { contextTokens, nVocabulary, nChunks };
    } finally {
        await handle.close();
    }
}
