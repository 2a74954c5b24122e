/** What a person calls a model file, from its metadata: hostile input, so everything has a type check and a fallback. */

import { basename } from "node:path";
import { fileTypeOf, stringOf } from "../gguf/metadata";
import type { GgufFile } from "../gguf/read";

export interface ModelDescription {
    /** `general.name`, else the file name without its extension. */
    name: string;
    architecture: string;
    /** llama.cpp file type, e.g. `Q4_K_M`. */
    fileType: string;
}

/** `first`: the header that holds the metadata. */
export function describeModel(first: GgufFile, path: string): ModelDescription {
    const text = (key: string) => (stringOf(first, key) ?? "").trim().slice(0, 80);
    return {
        name: text("general.name") || basename(path).replace(/\.gguf$/i, ""),
        architecture: text("general.architecture") || "unknown",
        fileType: fileTypeOf(first) ?? "unknown",
    };
}
