/** The text that a model is measured on: files joined and cut into tokens as llama.cpp's tools do, refused where that means nothing. */

import { readFile, stat } from "node:fs/promises";
import { onAbort, throwIfAborted } from "../base/cancel";
import { AppError } from "../base/errors";
import type { NativeModel } from "../node/native";
import type { EvaluateOptions, TextFile } from "../protocol/lab";
import { CancelledInUse } from "./openModel";

/** Of all files; a text of this size takes days. */
const MAX_TEXT_BYTES = 2 ** 28;

export const DEFAULT_CHUNK_TOKENS = 512;

/** Throws AppError `user/usage` for files that are not there, too large, or no UTF-8 text. */
export async function readTexts(files: readonly TextFile[]): Promise<string> {
    const texts: string[] = [];
    let total = 0;
    for (const { path, name } of files) {
        const status = await stat(path).catch(() => undefined);
        if (!status?.isFile())
            throw new AppError("user/usage", `There is no text file ${name}; name another one`);
        total += status.size;
        if (total > MAX_TEXT_BYTES)
            throw new AppError(
                "user/usage",
                `The texts have more than ${MAX_TEXT_BYTES / 2 ** 20} MiB; take fewer or smaller ones`,
            );
        texts.push(decode(await readFile(path), name));
    }
    return texts.join("\n");
}

function decode(bytes: Uint8Array, name: string): string {
    let text: string;
    try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
        throw new AppError(
            "user/usage",
            `${name} is not UTF-8 text; convert it to UTF-8 or take another file`,
            { cause },
        );
    }
    // llama.cpp's tools drop the last line break of a file that they are given.
    return text.endsWith("\n") ? text.slice(0, -1) : text;
}

export interface Chunks {
    tokens: Int32Array;
    contextTokens: number;
    nChunks: number;
}

/** Throws AppError `user/usage` when there are fewer than two chunks: no figure would mean anything. */
export async function chunksOf(
    model: NativeModel,
    text: string,
    options: EvaluateOptions & { parseSpecial?: boolean | undefined },
    signal: AbortSignal,
): Promise<Chunks> {
    throwIfAborted(signal);
    const { done } = model.tokenizeText(text, {
        addSpecial: true,
        parseSpecial: options.parseSpecial ?? false,
    });
    const all = await orCancelled(done, signal);
    const contextTokens = options.contextTokens ?? DEFAULT_CHUNK_TOKENS;
    if (all.length < 2 * contextTokens)
        throw new AppError(
            "user/usage",
            `The text is too short: it has ${all.length} tokens, and ${2 * contextTokens} are the least for chunks of ${contextTokens}; give more text or smaller chunks`,
        );
    const nChunks = Math.min(
        Math.floor(all.length / contextTokens),
        options.chunks ?? Number.MAX_SAFE_INTEGER,
    );
    return { tokens: all.slice(0, nChunks * contextTokens), contextTokens, nChunks };
}

/** What cannot be ended is left behind. */
function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
        const stop = onAbort(signal, () => reject(new CancelledInUse()));
        work.then(resolve, reject).finally(stop);
    });
}
