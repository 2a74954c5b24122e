/**
 * The bytes of a model's files, wherever they are: on this computer, or on the Hub by ranges. Counts what was read. A local file is open only
 * while it is read, so that it can be removed or written anew meanwhile; then what is read of it would not be what was shown, and is refused.
 */

import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../base/errors";
import type { Log } from "../../base/log";
import { checkRepoId, checkRevision, readRepo } from "../../foundry/hub/client";
import { connectHub, openRemote, refuseOffline } from "../../foundry/hub/connect";
import { RangeReader, SpanPool } from "../../foundry/hub/rangeReader";
import type { ByteSource } from "../../gguf/cursor";
import { refuseFile } from "../../library/ggufFile";
import { cachedFile, hubCacheFolder } from "../../library/hubCache";
import type { GgufPlace } from "../../protocol/inspector";

export interface ModelBytes extends ByteSource {
    readonly name: string;
    close(): Promise<void>;
}

/** The folder that a model lies in. */
export interface ModelFiles {
    /** Path or address, for people. */
    readonly where: string;
    /** Name of the file that was asked for, within the folder. */
    readonly name: string;
    /** Names of the files beside it, itself included. */
    names(): Promise<readonly string[]>;
    open(name: string): Promise<ModelBytes>;
}

/** `signal` ends every later read too. Throws AppError: `user/no-model`, `user/usage`, `env/permission`, `net/*`. */
export async function findFiles(place: GgufPlace, context: FilesContext): Promise<ModelFiles> {
    return place.kind === "file" ? localFiles(place.path) : hubFiles(place, context);
}

export interface FilesContext {
    log: Log;
    signal: AbortSignal;
    /** Root of the Hub cache; default: where the environment says. */
    cacheFolder?: string | undefined;
}

export function localFiles(path: string): ModelFiles {
    const folder = dirname(path);
    return {
        where: path,
        name: basename(path),
        names: () => readdir(folder).catch(() => [basename(path)]),
        open: (name) => LocalBytes.open(join(folder, name), name),
    };
}

class LocalBytes implements ModelBytes {
    private constructor(
        private readonly path: string,
        readonly name: string,
        readonly size: number,
        private readonly changedMs: number,
    ) {}

    static async open(path: string, name: string): Promise<LocalBytes> {
        // Looked at before it is opened: opening a pipe would wait for its writer.
        const status = await stat(path).catch((error: unknown) => refuseFile(path, error));
        if (!status.isFile())
            throw new AppError("user/no-model", `${path} is not a file; choose a GGUF file`);
        return new LocalBytes(path, name, status.size, status.mtimeMs);
    }

    async read(offset: number, length: number): Promise<Uint8Array> {
        const handle = await open(this.path, "r").catch((error: unknown) =>
            refuseFile(this.path, error),
        );
        try {
            const { size, mtimeMs } = await handle.stat();
            if (size !== this.size || mtimeMs !== this.changedMs)
                throw new AppError(
                    "user/no-model",
                    `${this.name} has changed since it was opened; close it and open it again`,
                );
            const buffer = new Uint8Array(length);
            const { bytesRead } = await handle.read(buffer, 0, length, offset);
            return buffer.subarray(0, bytesRead);
        } finally {
            await handle.close();
        }
    }

    async close(): Promise<void> {
        // Nothing is open between two reads.
    }
}

/** Ranges of a repository at one commit; a file that the Hub cache has is read from there. */
async function hubFiles(
    place: Extract<GgufPlace, { kind: "hub" }>,
    { log, signal, cacheFolder = hubCacheFolder() }: FilesContext,
): Promise<ModelFiles> {
    const revision = checkRevision(place.revision ?? "main");
    const given = checkRepoId(place.repo);
    const context = { log: log.child("hub"), signal };
    const http = connectHub(place, context);
    refuseOffline();
    const { id, commit, files } = await readRepo(http, given, revision, signal, "all");
    const folder = place.file.split("/").slice(0, -1);
    const pathOf = (name: string) => [...folder, name].join("/");
    const pool = new SpanPool();
    return {
        where: `${id}/${place.file}`,
        name: place.file.split("/").at(-1) ?? place.file,
        names: () =>
            Promise.resolve(
                [...files.keys()]
                    .map((path) => path.split("/"))
                    .filter((parts) => pathOf(parts.at(-1) ?? "") === parts.join("/"))
                    .map((parts) => parts.at(-1) ?? ""),
            ),
        async open(name) {
            const file = files.get(pathOf(name));
            if (!file)
                throw new AppError(
                    "user/no-model",
                    `${id} has no file ${pathOf(name)}; choose another one`,
                );
            const { path, sizeBytes } = file;
            const here = await cachedFile(cacheFolder, id, commit, path, sizeBytes);
            if (here !== undefined) return LocalBytes.open(here, name);
            const remote = openRemote(http, { id, commit, revision }, file, context);
            const reader = new RangeReader(remote, name, pool, signal);
            return {
                name,
                size: sizeBytes,
                read: (offset, length) => reader.read(offset, length),
                close: () => reader.close(),
            };
        },
    };
}

/** The same files; `nBytes` is what was read of them so far. */
export function counted(files: ModelFiles): ModelFiles & { readonly nBytes: number } {
    let nBytes = 0;
    return {
        where: files.where,
        name: files.name,
        names: () => files.names(),
        get nBytes() {
            return nBytes;
        },
        async open(name) {
            const bytes = await files.open(name);
            return {
                name,
                size: bytes.size,
                async read(offset, length) {
                    const read = await bytes.read(offset, length);
                    nBytes += read.length;
                    return read;
                },
                close: () => bytes.close(),
            };
        },
    };
}
