/** What a person calls a model file, from its metadata: hostile input, so everything has a type check and a fallback. */

import { basename } from "node:path";
import type { GgufFile } from "../gguf/read";
import { fileTypeName } from "../gguf/types";

export interface ModelDescription {
    /** `general.name`, else the file name without its extension. */
    name: string;
    architecture: string;
    /** llama.cpp file type, e.g. `Q4_K_M`. */
    fileType: string;
}

export function describeModel(file: GgufFile, path: string): ModelDescription {
    const text = (key: string) => {
        const value = file.metadata.get(key)?.value;
        return typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, 80) : "";
    };
    const type = file.metadata.get("general.file_type")?.value;
    return {
        name: text("general.name") || basename(path).replace(/\.gguf$/i, ""),
        architecture: text("general.architecture") || "unknown",
        fileType: (typeof type === "number" ? fileTypeName(type) : undefined) ?? "unknown",
    };
}
