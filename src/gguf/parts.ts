/**
 * A model in several GGUF files, as llama-gguf-split cuts it: the first holds all metadata, each holds whole tensors and says which one it is
 * (`split.no` from 0, `split.count`, `split.tensors.count`). Whether headers are the parts of one model. Pure; names of files are not known here.
 * Facts: llama_model_loader of llama.cpp v0.5.0.
 */

import { AppError } from "../base/errors";
import { quote } from "./broken";
import { numberOf } from "./metadata";
import type { GgufFile } from "./read";

/** What a file says of its place; undefined when it is a whole model. */
export interface PartPlace {
    /** From 0. */
    index: number;
    nParts: number;
}

export function partPlace(file: GgufFile): PartPlace | undefined {
    const nParts = numberOf(file, "split.count") ?? 1;
    return nParts > 1 ? { index: numberOf(file, "split.no") ?? 0, nParts } : undefined;
}

/** `parts`: headers of all files, in order. Throws AppError `data/gguf` unless they are one model; a whole model in one file is. */
export function checkParts(parts: readonly GgufFile[]): void {
    const [first] = parts;
    const nParts = parts.length;
    if (nParts === 1 && first && !partPlace(first)) return;
    parts.forEach((part, index) => {
        const place = partPlace(part);
        // llama.cpp reads the number without looking at its type, and another one ends the process.
        const isKnown = part.metadata.get("split.no")?.type === "uint16";
        if (!place || !isKnown || place.index !== index || place.nParts !== nParts)
            throw foreign(
                nParts,
                `the ${nParts === 1 ? "file" : `file of part ${index + 1}`} says that it is ${describe(place)}`,
            );
    });
    const names = new Set<string>();
    for (const { name } of parts.flatMap(({ tensors }) => tensors)) {
        if (names.has(name)) throw foreign(nParts, `the tensor ${quote(name)} is there twice`);
        names.add(name);
    }
    const nTensors = first && numberOf(first, "split.tensors.count");
    if (nTensors !== names.size)
        throw foreign(
            nParts,
            `they hold ${names.size} of ${nTensors ?? "an unknown number of"} tensors`,
        );
}

function describe(place: PartPlace | undefined): string {
    return place ? `part ${place.index + 1} of ${place.nParts}` : "a whole model";
}

function foreign(nParts: number, why: string): AppError {
    const files =
        nParts === 1
            ? "The file is not a whole model"
            : `The ${nParts} files do not belong to one model`;
    return new AppError(
        "data/gguf",
        `${files}: ${why}; download all parts again, under their own names`,
    );
}
