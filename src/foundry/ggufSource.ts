/**
 * A GGUF model, in one file or several, as something to lay out anew: its keys as they lie there, its tensors with their places.
 * Everything is checked before a row is read; values of keys are not interpreted but for what the quantizer needs.
 */

import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import { isArray, stringOf } from "../gguf/metadata";
import type { GgufEntry, GgufFile } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import type { GgmlTypeName } from "../gguf/types";
import type { GgufWriteValue } from "../gguf/write";
import { readGgufParts } from "../library/ggufParts";
import { LocalFiles } from "./checkpoint/localFiles";
import { readingOf, type CheckpointSource } from "./checkpoint/source";
import type { LayoutModel } from "./fileLayout";
import { KeyValues } from "./keyValues";
import type { PlannedTensor } from "./tensors";

export interface GgufModel extends LayoutModel {
    source: CheckpointSource;
    /** Header of the first file, which holds the keys. */
    first: GgufFile;
    nParameters: number;
    sourceBytes: number;
    license: string | undefined;
    typeOf(tensor: PlannedTensor): GgmlTypeName;
}

/** `path`: the file, or the first one of a split model. Throws AppError `user/no-model`, `data/gguf`, `data/unsupported`. */
export async function openGgufModel(path: string): Promise<GgufModel> {
    const { paths, first, files } = await readGgufParts(path);
    validateModel(files);
    const names = paths.map((one) => basename(one));
    const label = resolve(path);
    const source = await openFiles(dirname(label), names, label);
    const all = files.flatMap((file) => file.tensors);
    return {
        source,
        first,
        arch: stringOf(first, "general.architecture") ?? "",
        keys: await copyKeys(first, source, names[0] ?? ""),
        tensors: files.flatMap((file, index) => placeTensors(file, names[index] ?? "")),
        nParameters: all.reduce((sum, tensor) => sum + tensor.nElements, 0),
        sourceBytes: all.reduce((sum, tensor) => sum + tensor.sizeBytes, 0),
        license: stringOf(first, "general.license"),
        typeOf: (tensor) => tensor.parts[0]?.source.dtype as GgmlTypeName,
    };
}

async function openFiles(
    folder: string,
    names: readonly string[],
    label: string,
): Promise<CheckpointSource> {
    const files = new LocalFiles(folder);
    for (const name of names) {
        const info = await stat(join(folder, name)).catch(() => undefined);
        if (!info?.isFile())
            throw new AppError(
                "user/no-model",
                `There is no file ${join(folder, name)}; choose a GGUF file`,
            );
        files.add(name, info);
    }
    return {
        name: basename(names[0] ?? "").replace(/(-00001-of-\d{5})?\.gguf$/i, ""),
        label,
        ...readingOf(files),
        localPaths: () => names.map((name) => join(folder, name)),
    };
}

function placeTensors(file: GgufFile, name: string): PlannedTensor[] {
    return file.tensors.map((tensor) => {
        const shape = [...tensor.shape].reverse();
        const source = {
            name: tensor.name,
            dtype: tensor.type,
            shape,
            file: name,
            offset: file.dataOffset + tensor.offset,
            bytes: tensor.sizeBytes,
        };
        return { name: tensor.name, shape, parts: [{ source, gather: undefined }] };
    });
}

/** Of splitting, which the result has its own of; and the alignment, which is always the usual one in what is written. */
const DROPPED_KEYS = ["split.no", "split.count", "split.tensors.count", "general.alignment"];

async function copyKeys(
    file: GgufFile,
    source: CheckpointSource,
    name: string,
): Promise<KeyValues> {
    const keys = new KeyValues();
    const reader = await source.open(name);
    try {
        for (const [key, entry] of file.metadata) {
            const place = file.places.get(key);
            if (!place || DROPPED_KEYS.includes(key)) continue;
            keys.moveToEnd(
                key,
                plain(entry) ?? {
                    type: "raw",
                    value: await reader.read(place.offset, place.length),
                },
            );
        }
    } finally {
        await reader.close();
    }
    return keys;
}

/** Whole numbers of 32 bits and lists of them are read, because the quantizer looks at some; all else stays as it lies there. */
function plain({ type, value }: GgufEntry): GgufWriteValue | undefined {
    if (typeof value === "number" && (type === "uint32" || type === "int32"))
        return { type, value };
    if (!isArray(value)) return undefined;
    const { elementType, values } = value;
    if (elementType !== "uint32" && elementType !== "int32") return undefined;
    return { type: `array[${elementType}]`, value: values as readonly number[] };
}
