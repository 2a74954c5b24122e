/** What is in a GGUF file, for people: metadata shortened, tensors summarised. Reads the header only. */

import { broken } from "../gguf/broken";
import { fileTypeOf, stringOf } from "../gguf/metadata";
import type { GgufEntry, GgufFile } from "../gguf/read";
import { readGgufFile } from "../library/ggufFile";
import { resolveFim } from "../prompt/families";
import type { InspectResult } from "../protocol/worker";

const MAX_VALUE_CHARACTERS = 200;
const ARRAY_PREVIEW = 4;

/** Throws AppError `data/gguf` or `user/no-model`. */
export async function inspect(path: string): Promise<InspectResult> {
    const file = await readGgufFile(path);
    const nParameters = file.tensors.reduce((sum, tensor) => sum + tensor.nElements, 0);
    const tensorBytes = file.tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
    const isCut = file.tensors.some(
        ({ offset, sizeBytes }) => file.dataOffset + offset + sizeBytes > file.sizeBytes,
    );
    if (isCut) throw broken("it ends inside its tensor data; download it again");
    return {
        path,
        sizeBytes: file.sizeBytes,
        version: file.version,
        architecture: stringOf(file, "general.architecture") ?? "unknown",
        fileType: fileTypeOf(file) ?? "unknown",
        nParameters,
        bitsPerWeight: nParameters > 0 ? (tensorBytes * 8) / nParameters : 0,
        metadata: [...file.metadata].map(([key, entry]) => ({
            key,
            type: typeLabel(entry),
            value: show(entry),
        })),
        tensors: file.tensors.map(({ name, shape, type, sizeBytes }) => ({
            name,
            shape,
            type,
            bytes: sizeBytes,
        })),
        chatTemplate: stringOf(file, "tokenizer.chat_template"),
        fim: fimFamily(file),
    };
}

function typeLabel({ type, value }: GgufEntry): string {
    return typeof value === "object" ? `array[${value.elementType}]` : type;
}

function show({ value }: GgufEntry): string {
    if (typeof value !== "object") return cut(String(value));
    const preview = value.values
        .slice(0, ARRAY_PREVIEW)
        .map((one) => (typeof one === "object" ? "[...]" : JSON.stringify(one)));
    const more = value.length > ARRAY_PREVIEW ? `, ... ${value.length} values` : "";
    return cut(`[${preview.join(", ")}${more}]`);
}

function cut(text: string): string {
    const line = text.replace(/\s+/g, " ");
    return line.length > MAX_VALUE_CHARACTERS ? `${line.slice(0, MAX_VALUE_CHARACTERS)}...` : line;
}

/** The same check that the engine makes on the loaded vocabulary, on the list in the file. */
function fimFamily(file: GgufFile): string | undefined {
    const tokens = file.metadata.get("tokenizer.ggml.tokens")?.value;
    if (typeof tokens !== "object") return undefined;
    const ids = new Map(tokens.values.map((token, id) => [token, id]));
    const resolved = resolveFim({
        tokenizeSpecial: (text) => [ids.get(text) ?? -1].filter((id) => id >= 0),
        piece: (id) => {
            const token = tokens.values[id];
            return typeof token === "string" ? token : "";
        },
        fimPrefixHint: -1,
    });
    return "family" in resolved ? resolved.family : undefined;
}
