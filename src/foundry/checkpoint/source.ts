/**
 * Where a checkpoint's files come from: a folder here, or a Hub repository through ranged reads (src/foundry/hub). Both look
 * the same from here on: a name, a list of files with sizes, bounded text reads and byte ranges. Nothing is interpreted.
 */

import { open, readdir, stat, type FileHandle } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import type { SourceHashes } from "../sourceHashes";
import { LocalFiles } from "./localFiles";

/** Random access to one file. Reads past the end fail; a read returns exactly `length` bytes. */
export interface FileReader {
    readonly sizeBytes: number;
    /** May use the memory of `into` when it is large enough: what it held is lost, and what is returned holds until the next read into it. */
    read(
        offset: number,
        length: number,
        signal?: AbortSignal,
        into?: Uint8Array,
    ): Promise<Uint8Array>;
    close(): Promise<void>;
}

export interface CheckpointSource {
    /** Folder or repository name without its owner: what a clone's directory would be called. */
    readonly name: string;
    /** For messages: the folder's path or the repository's id. */
    readonly label: string;
    /** Top-level files (and those of `INNER_FOLDERS`) with their sizes. */
    readonly files: ReadonlyMap<string, number>;
    /** Equal only while the content is: a commit, or sizes and times of the files. Without one a killed conversion starts anew. */
    readonly identity?: string | undefined;
    /** Of a Hub repository: what it is pinned to. */
    readonly commit?: string | undefined;
    /** Reading here and there takes no longer than reading on: files of this computer. */
    readonly isRandomAccess?: boolean | undefined;
    open(file: string): Promise<FileReader>;
    /** Absolute paths of the files of this computer that are read. */
    localPaths?: (() => readonly string[]) | undefined;
    /** Where files are hashed while they are read: how that goes on after a kill. Files are the source's own. */
    readonly hashes?: SourceHashes | undefined;
    /** After the last read: throws data/hash when what was read is not what it should be; returns sentences on what is not known. */
    verify?(signal: AbortSignal): Promise<string[]>;
}

/** The same checkpoint with some files read differently. Field by field: a source may be an object of a class, whose methods no spread copies. */
export function withOpen(
    source: CheckpointSource,
    open: (file: string) => Promise<FileReader>,
): CheckpointSource {
    const { name, label, files, identity, isRandomAccess, hashes } = source;
    return {
        name,
        label,
        files,
        identity,
        isRandomAccess,
        hashes,
        open,
        localPaths: () => source.localPaths?.() ?? [],
        verify: async (signal) => (await source.verify?.(signal)) ?? [],
    };
}

/** Text files of a checkpoint are small; a tokenizer.json of 256k tokens has about 35 MB. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;

/** The file's UTF-8 text, or undefined when the checkpoint has no such file. */
export async function readText(
    source: CheckpointSource,
    file: string,
    signal?: AbortSignal,
): Promise<string | undefined> {
    const bytes = await readBytes(source, file, signal);
    return bytes && new TextDecoder("utf-8").decode(bytes);
}

export async function readBytes(
    source: CheckpointSource,
    file: string,
    signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
    const size = source.files.get(file);
    if (size === undefined) return undefined;
    if (size > MAX_TEXT_BYTES)
        throw new AppError(
            "data/checkpoint",
            `${file} of ${source.label} has ${size} bytes, which is too large for its kind; download it again`,
        );
    const reader = await source.open(file);
    try {
        return await reader.read(0, reader.sizeBytes, signal);
    } finally {
        await reader.close();
    }
}

export type JsonObject = Record<string, unknown>;

/** A file that must hold a JSON object, or undefined when it is absent. */
export async function readJson(
    source: CheckpointSource,
    file: string,
    signal?: AbortSignal,
): Promise<JsonObject | undefined> {
    const text = await readText(source, file, signal);
    if (text === undefined) return undefined;
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (cause) {
        throw new AppError(
            "data/checkpoint",
            `${file} of ${source.label} is not valid JSON; download it again`,
            { cause },
        );
    }
    if (!isObject(value))
        throw new AppError(
            "data/checkpoint",
            `${file} of ${source.label} is not a JSON object; download it again`,
        );
    return value;
}

export function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Below the top level only these are looked at: chat templates, and how sentence-transformers pools. */
export const INNER_FOLDERS: readonly string[] = ["additional_chat_templates", "1_Pooling"];

/** Opens a local folder; says in one sentence when it is not one. */
export async function openFolder(path: string): Promise<CheckpointSource> {
    const folder = resolve(path);
    const info = await stat(folder).catch(() => undefined);
    if (!info)
        throw new AppError("data/checkpoint", `There is no folder ${folder}; check the path`);
    if (info.isFile() && folder.toLowerCase().endsWith(".gguf")) throw isGguf(folder);
    if (!info.isDirectory())
        throw new AppError(
            "data/checkpoint",
            `${folder} is a file; pick the Hugging Face folder that holds config.json`,
        );
    const files = new LocalFiles(folder);
    for (const inner of ["", ...INNER_FOLDERS]) {
        const names = await readdir(join(folder, inner)).catch((cause: unknown) => {
            if (inner) return [];
            throw new AppError(
                "env/permission",
                `${folder} cannot be read; check its permissions`,
                { cause },
            );
        });
        for (const name of names) {
            const file = await stat(join(folder, inner, name)).catch(() => undefined);
            if (file?.isFile()) files.add(inner ? `${inner}/${name}` : name, file);
        }
    }
    return {
        name: basename(folder),
        label: folder,
        ...readingOf(files),
    };
}

/** For a model that is GGUF files already: there is nothing to convert. */
export function isGguf(label: string): AppError {
    return new AppError(
        "data/unsupported",
        `${label} is in GGUF format, no Hugging Face checkpoint; ingot quantize, or Ingot: Quantize a Model..., makes another type of a GGUF file`,
    );
}

/** What is the same for every source that reads files of this computer. */
export function readingOf(files: LocalFiles): Omit<CheckpointSource, "name" | "label"> {
    return {
        files: files.sizes,
        identity: files.identity,
        isRandomAccess: true,
        open: (file) => openFile(files.pathToOpen(file), file),
        localPaths: () => files.paths(),
        verify: () => files.verify(),
    };
}

/** `length` bytes of `into`, or new ones when it is too small. */
export function memoryFor(length: number, into: Uint8Array | undefined): Uint8Array {
    return into && into.length >= length ? into.subarray(0, length) : new Uint8Array(length);
}

export async function openFile(path: string, file: string): Promise<FileReader> {
    let handle: FileHandle;
    try {
        handle = await open(path, "r");
    } catch (cause) {
        throw new AppError(
            "env/permission",
            `${path} cannot be opened; check that it is there and its permissions`,
            { cause },
        );
    }
    const { size } = await handle.stat();
    return {
        sizeBytes: size,
        async read(offset, length, signal, into) {
            throwIfAborted(signal);
            if (offset < 0 || length < 0 || offset + length > size)
                throw new AppError(
                    "data/checkpoint",
                    `${file} is shorter than expected; download it again`,
                );
            const buffer = memoryFor(length, into);
            let done = 0;
            while (done < length) {
                const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
                if (bytesRead === 0)
                    throw new AppError(
                        "data/checkpoint",
                        `${file} became shorter while it was read; try again when nothing writes it`,
                    );
                done += bytesRead;
            }
            return buffer;
        },
        close: () => handle.close(),
    };
}
