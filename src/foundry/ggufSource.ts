/**
 * A GGUF model, in one file or several, as something to lay out anew: its keys as they lie there, its tensors with their places.
 * Everything is checked before a row is read; values of keys are not interpreted but for what the quantizer needs.
 */

import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import { isArray, numberOf, stringOf } from "../gguf/metadata";
import { readGguf, type GgufEntry, type GgufFile } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import type { GgmlTypeName } from "../gguf/types";
import type { GgufWriteValue } from "../gguf/write";
import { openFile, type CheckpointSource, type FileReader } from "./checkpoint/source";
import type { LayoutModel } from "./fileLayout";
import { KeyValues } from "./keyValues";
import { parseSplitPath, splitPath } from "./split";
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

/** Throws AppError `user/no-model`, `data/gguf`. */
export async function openGgufModel(path: string): Promise<GgufModel> {
    const first = resolve(path);
    const folder = dirname(first);
    const names = await listFiles(first);
    const source = await openFiles(folder, names, first);
    const files: GgufFile[] = [];
    const tensors: PlannedTensor[] = [];
    const keys = new KeyValues();
    for (const name of names) {
        const reader = await source.open(name);
        try {
            const file = await readGguf({
                size: reader.sizeBytes,
                read: (offset, length) => reader.read(offset, length),
            });
            if (files.length === 0) await copyKeys(keys, file, reader);
            tensors.push(...placeTensors(file, name));
            files.push(file);
        } finally {
            await reader.close();
        }
    }
    const [head] = files;
    if (!head) throw new AppError("bug/internal", "A model of no files was opened");
    refuseDifferent(files, tensors, first);
    // Together they must be what one whole file would be.
    const all = files.flatMap((file) => file.tensors);
    const metadata = new Map([...head.metadata].filter(([key]) => !key.startsWith("split.")));
    validateModel({ ...head, metadata, tensors: all }, { fileSizeBytes: Infinity });
    return {
        source,
        first: head,
        arch: stringOf(head, "general.architecture") ?? "",
        keys,
        tensors,
        nParameters: all.reduce((sum, tensor) => sum + tensor.nElements, 0),
        sourceBytes: all.reduce((sum, tensor) => sum + tensor.sizeBytes, 0),
        license: stringOf(head, "general.license"),
        typeOf: (tensor) => tensor.parts[0]?.source.dtype as GgmlTypeName,
    };
}

/** All files of a split model; the one named must be the first, as for llama.cpp. */
async function listFiles(first: string): Promise<string[]> {
    const split = parseSplitPath(first);
    if (!split || split.nFiles === 0) return [basename(first)];
    if (split.index !== 0)
        throw new AppError(
            "user/no-model",
            `${basename(first)} is one of several files; name the first, ${basename(splitPath(split.stem, 0, split.nFiles))}`,
        );
    const names = Array.from({ length: split.nFiles }, (_, index) =>
        basename(splitPath(split.stem, index, split.nFiles)),
    );
    const found = await Promise.all(
        names.map((name) => stat(join(dirname(first), name)).catch(() => undefined)),
    );
    const missing = names.filter((_, index) => !found[index]?.isFile());
    if (missing.length > 0)
        throw new AppError(
            "user/no-model",
            `Files of the model are missing beside ${basename(first)}: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ` and ${missing.length - 5} more` : ""}`,
        );
    return names;
}

async function openFiles(
    folder: string,
    names: readonly string[],
    label: string,
): Promise<CheckpointSource> {
    const files = new Map<string, number>();
    const identity: string[] = [folder];
    for (const name of names) {
        const info = await stat(join(folder, name)).catch(() => undefined);
        if (!info?.isFile())
            throw new AppError(
                "user/no-model",
                `There is no file ${join(folder, name)}; choose a GGUF file`,
            );
        files.set(name, info.size);
        identity.push(`${name} ${info.size} ${info.mtimeMs}`);
    }
    return {
        name: basename(names[0] ?? "").replace(/(-00001-of-\d{5})?\.gguf$/i, ""),
        label,
        files,
        identity: identity.join("\n"),
        isRandomAccess: true,
        open: (file): Promise<FileReader> => openFile(join(folder, file), file),
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
        if (source.offset + source.bytes > file.sizeBytes)
            throw new AppError(
                "data/gguf",
                `${name} ends inside its tensor data; download it again`,
            );
        return { name: tensor.name, shape, parts: [{ source, gather: undefined }] };
    });
}

function refuseDifferent(
    files: readonly GgufFile[],
    tensors: readonly PlannedTensor[],
    label: string,
): void {
    const [head] = files;
    const count = head && numberOf(head, "split.count");
    const nTensors = head && numberOf(head, "split.tensors.count");
    const names = new Set(tensors.map(({ name }) => name));
    const fits =
        names.size === tensors.length &&
        (count === undefined || count === 0 || count === files.length) &&
        (nTensors === undefined || files.length === 1 || nTensors === tensors.length);
    if (fits) return;
    throw new AppError(
        "data/gguf",
        `The files of ${label} do not belong together; download all of them again, under their own names`,
    );
}

/** Of splitting, which the result has its own of; and the alignment, which is always the usual one in what is written. */
const DROPPED_KEYS = ["split.no", "split.count", "split.tensors.count", "general.alignment"];

async function copyKeys(keys: KeyValues, file: GgufFile, reader: FileReader): Promise<void> {
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
