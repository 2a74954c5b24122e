/** What a context of a GGUF model in a repository takes, from the beginning of its file: the keys before the vocabulary come in one request. */

import { AppError, isCancelled } from "../../base/errors";
import { numbersOf, stringOf } from "../../gguf/metadata";
import { readFirstKeys } from "../../gguf/read";
import { readCacheShape } from "../../library/memory";
import type { CacheShape } from "../../protocol/hub";
import type { RangeSource } from "./rangeReader";

/** Keys of a model without its vocabulary have a few KB. */
const FIRST_BYTES = 64 * 1024;

/** Undefined when the file does not say it at its beginning, is no model or cannot be read now: a page is worth showing without it. */
export async function readRemoteCache(
    file: RangeSource,
    signal: AbortSignal,
): Promise<CacheShape | undefined> {
    const size = Math.min(file.sizeBytes, FIRST_BYTES);
    try {
        const bytes = await file.readRange(0, size, signal);
        const read = (offset: number, length: number) =>
            Promise.resolve(bytes.subarray(offset, offset + length));
        const keys = await readFirstKeys({ size, read }, (key) => key.startsWith("tokenizer."));
        const architecture = stringOf(keys, "general.architecture") ?? "";
        return readCacheShape((key) => numbersOf(keys, `${architecture}.${key}`));
    } catch (error) {
        if (error instanceof AppError && !isCancelled(error)) return undefined;
        throw error;
    }
}
