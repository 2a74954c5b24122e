/** Typed look-ups in a GGUF file's metadata: a key of another type counts as absent. */

import type { GgufArray, GgufFile } from "./read";
import { fileTypeName, type FileTypeName } from "./types";

export function isArray(value: unknown): value is GgufArray {
    return typeof value === "object" && value !== null;
}

/** What has keys: a file, or the beginning of one. */
type Keys = Pick<GgufFile, "metadata">;

export function stringOf(file: Keys, key: string): string | undefined {
    const value = file.metadata.get(key)?.value;
    return typeof value === "string" ? value : undefined;
}

export function numberOf(file: Keys, key: string): number | undefined {
    const value = file.metadata.get(key)?.value;
    return typeof value === "number" ? value : undefined;
}

/** A number, or a list of numbers. */
export function numbersOf(file: Keys, key: string): number | number[] | undefined {
    const value = file.metadata.get(key)?.value;
    if (typeof value === "number") return value;
    if (!isArray(value)) return undefined;
    return value.values.every((one) => typeof one === "number") ? [...value.values] : undefined;
}

export function arrayOf(file: GgufFile, key: string): GgufArray | undefined {
    const value = file.metadata.get(key)?.value;
    return isArray(value) ? value : undefined;
}

/** The recipe the file was quantized with; undefined when it does not say, or names one we do not know. */
export function fileTypeOf(file: GgufFile): FileTypeName | undefined {
    const id = numberOf(file, "general.file_type");
    return id === undefined ? undefined : fileTypeName(id);
}
