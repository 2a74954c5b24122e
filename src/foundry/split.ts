/**
 * A model in several files, as llama-gguf-split cuts it: whole tensors in order, all metadata in the first file, three `split.*` keys
 * in each. Facts: tools/gguf-split/gguf-split.cpp of llama.cpp v0.5.0.
 */

import { AppError } from "../base/errors";
import { partPath } from "../library/ggufNames";
import type { SplitOptions } from "../protocol/worker";
import type { KeyValues } from "./keyValues";

const ALIGNMENT = 32;
/** `split.count` is a 16-bit number. */
const MAX_FILES = 65_535;

/** Throws AppError `user/usage` for limits that make no sense. */
export function checkSplit(options: SplitOptions | undefined): void {
    if (!options) return;
    const { maxBytes, maxTensors } = options;
    if (maxBytes !== undefined && maxTensors !== undefined)
        throw new AppError("user/usage", "Split by size or by number of tensors, not by both");
    for (const limit of [maxBytes, maxTensors])
        if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
            throw new AppError("user/usage", "The limit of a split is a whole number above 0");
}

/** Tensors in file order, by their number of bytes, to runs of tensors. One run without limits. */
export function splitTensors<T>(
    tensors: readonly T[],
    sizeOf: (tensor: T) => number,
    { maxBytes, maxTensors }: SplitOptions,
): T[][] {
    const files: T[][] = [[]];
    let current = 0;
    tensors.forEach((tensor, index) => {
        const bytes = Math.ceil(sizeOf(tensor) / ALIGNMENT) * ALIGNMENT;
        const isFull =
            maxBytes === undefined
                ? index > 0 && maxTensors !== undefined && index % maxTensors === 0
                : current + bytes > maxBytes && files.at(-1)?.length !== 0;
        if (isFull) {
            files.push([]);
            current = 0;
        }
        files.at(-1)?.push(tensor);
        current += bytes;
    });
    if (files.length > MAX_FILES)
        throw new AppError(
            "user/usage",
            `That would be ${files.length} files, and a split model has ${MAX_FILES} at most; raise the limit`,
        );
    return files;
}

/** The keys of file `index`; the others hold nothing but these three. */
export function splitKeys(keys: KeyValues, index: number, nFiles: number, nTensors: number): void {
    keys.moveToEnd("split.no", { type: "uint16", value: index })
        .moveToEnd("split.tensors.count", { type: "int32", value: nTensors })
        .moveToEnd("split.count", { type: "uint16", value: nFiles });
}

/** `NAME.gguf` to `NAME-00001-of-00003.gguf`. */
export function splitPath(out: string, index: number, nFiles: number): string {
    return partPath(out.replace(/\.gguf$/i, ""), index + 1, nFiles);
}
