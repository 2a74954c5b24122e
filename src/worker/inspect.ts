/**
 * What is in a GGUF file or in all files of a split model, for people: metadata shortened, tensors summarised, and why the engine would refuse
 * it. Reads headers only.
 */

import { AppError } from "../base/errors";
import { broken } from "../gguf/broken";
import { arrayOf, fileTypeOf, stringOf } from "../gguf/metadata";
import type { GgufEntry, GgufFile } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import { readGgufFile } from "../library/ggufFile";
import { readGgufParts } from "../library/ggufParts";
import { fimFamily } from "../lab/inspect/overview";
import type { InspectResult } from "../protocol/worker";

const MAX_VALUE_CHARACTERS = 200;
const ARRAY_PREVIEW = 4;

/** Throws AppError `data/gguf` or `user/no-model`. A readable file that is no model to run is shown, with the reason. */
export async function inspect(path: string): Promise<InspectResult> {
    const { file, files, problem } = await readModel(path);
    const tensors = files.flatMap((part) => part.tensors);
    const nParameters = tensors.reduce((sum, tensor) => sum + tensor.nElements, 0);
    const tensorBytes = tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
    if (files.some(isCut)) throw broken("it ends inside its tensor data; download it again");
    return {
        path,
        sizeBytes: files.reduce((sum, part) => sum + part.sizeBytes, 0),
        nFiles: files.length,
        problem,
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
        tensors: tensors.map(({ name, shape, type, sizeBytes }) => ({
            name,
            shape,
            type,
            bytes: sizeBytes,
        })),
        chatTemplate: stringOf(file, "tokenizer.chat_template"),
        fim: fimFamily(arrayOf(file, "tokenizer.ggml.tokens")?.values ?? []),
    };
}

interface Readable {
    /** With the metadata. */
    file: GgufFile;
    /** Of the whole model; only the one named when the others cannot be had. */
    files: readonly GgufFile[];
    problem?: string | undefined;
}

async function readModel(path: string): Promise<Readable> {
    const file = await readGgufFile(path);
    let files = [file];
    try {
        ({ files } = await readGgufParts(path));
        validateModel(files);
        return { file, files };
    } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { file, files, problem: error.message };
    }
}

function isCut({ tensors, dataOffset, sizeBytes }: GgufFile): boolean {
    return tensors.some((tensor) => dataOffset + tensor.offset + tensor.sizeBytes > sizeBytes);
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
