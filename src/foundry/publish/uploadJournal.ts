/**
 * A multi-part upload that outlives the process: where its parts go and which have arrived, one file per object in `uploads` of the data folder,
 * a line per part, appended when the store has acknowledged it. The addresses are signed, so the file is for its owner only; a torn or foreign one
 * only costs the transfer. The store checks the hash of the whole.
 */

import { createHash } from "node:crypto";
import {
    mkdir,
    open,
    readdir,
    readFile,
    rename,
    rm,
    stat,
    writeFile,
    type FileHandle,
} from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../base/errors";
import { lockFile, type FileLock } from "../../node/lockFile";
import { diskError } from "../diskErrors";

export interface UploadIdentity {
    endpoint: string;
    repo: string;
    /** SHA-256 of the object. */
    oid: string;
    sizeBytes: number;
}

/** What the Hub has said about an upload in parts. */
export interface MultipartUpload {
    chunkBytes: number;
    /** Address of each part, in order. */
    parts: string[];
    completeUrl: string;
}

const MAX_JOURNAL_BYTES = 32 * 1024 * 1024;
const STALE_MS = 14 * 24 * 60 * 60 * 1000;

export class UploadJournal {
    private handle: FileHandle | undefined;
    private hasExpired = false;
    /** Parts arrive on several connections: one is written after the other. */
    private writing: Promise<void> = Promise.resolve();

    private constructor(
        private readonly path: string,
        private readonly identity: UploadIdentity,
        private readonly lock: FileLock,
        private current: MultipartUpload | undefined,
        private tags: Map<number, string>,
    ) {}

    /** Throws AppError env/permission when another process sends the same object, env/disk. */
    static async open(folder: string, identity: UploadIdentity): Promise<UploadJournal> {
        const { endpoint, repo, oid } = identity;
        const key = createHash("sha256").update(`${endpoint}\n${repo}\n${oid}`).digest("hex");
        const path = join(folder, `${key.slice(0, 32)}.upload`);
        let lock: FileLock | undefined;
        try {
            await mkdir(folder, { recursive: true, mode: 0o700 });
            lock = await lockFile(`${path}.lock`);
        } catch (cause) {
            throw diskError(cause, path);
        }
        if (!lock)
            throw new AppError(
                "env/permission",
                `Another window or command is publishing the same file to ${repo}; wait for it or cancel it`,
            );
        const { upload, tags } = await read(path, identity);
        return new UploadJournal(path, identity, lock, upload, tags);
    }

    /** What an earlier process began. */
    get upload(): MultipartUpload | undefined {
        return this.current;
    }

    /** ETags of parts that have arrived, by their number from 1. */
    get done(): ReadonlyMap<number, string> {
        return this.tags;
    }

    /** The store no longer takes anything at these addresses. */
    get isExpired(): boolean {
        return this.hasExpired;
    }

    expire(): void {
        this.hasExpired = true;
    }

    /** Another upload: nothing of it has arrived. */
    async begin(upload: MultipartUpload): Promise<void> {
        this.hasExpired = false;
        await this.handle?.close();
        this.handle = undefined;
        this.current = upload;
        this.tags = new Map();
        try {
            await this.write();
        } catch (cause) {
            throw diskError(cause, this.path);
        }
    }

    async add(part: number, tag: string): Promise<void> {
        this.tags.set(part, tag);
        const written = this.writing.then(() => this.append(part, tag));
        this.writing = written.catch(() => undefined);
        try {
            await written;
        } catch (cause) {
            throw diskError(cause, this.path);
        }
    }

    async close(): Promise<void> {
        await this.handle?.close();
        this.handle = undefined;
        await this.lock.release();
    }

    /** The object is on the Hub. */
    async remove(): Promise<void> {
        await this.handle?.close();
        this.handle = undefined;
        for (const path of [this.path, `${this.path}.new`]) await rm(path, { force: true });
        await this.lock.release();
    }

    private async append(part: number, tag: string): Promise<void> {
        if (!this.handle) await this.write();
        else await this.handle.write(`${part} ${JSON.stringify(tag)}\n`);
    }

    /** Whole, with what is known by now; the old one counts until then. */
    private async write(): Promise<void> {
        const lines = [...this.tags].map(([part, tag]) => `${part} ${JSON.stringify(tag)}`);
        const text = [headOf(this.identity), JSON.stringify(this.current), ...lines, ""].join("\n");
        await writeFile(`${this.path}.new`, text, { mode: 0o600 });
        await rename(`${this.path}.new`, this.path);
        this.handle = await open(this.path, "a");
    }
}

/** Journals that nobody went on with. */
export async function removeStaleJournals(folder: string): Promise<void> {
    for (const name of await readdir(folder).catch(() => [])) {
        if (!/\.upload(\.new|\.lock)?$/.test(name)) continue;
        const path = join(folder, name);
        const status = await stat(path).catch(() => undefined);
        if (status && Date.now() - status.mtimeMs > STALE_MS) await rm(path, { force: true });
    }
}

function headOf(identity: UploadIdentity): string {
    return JSON.stringify({ upload: 1, ...identity });
}

async function read(
    path: string,
    identity: UploadIdentity,
): Promise<{ upload: MultipartUpload | undefined; tags: Map<number, string> }> {
    const nothing = { upload: undefined, tags: new Map<number, string>() };
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile() || status.size > MAX_JOURNAL_BYTES) return nothing;
    try {
        const [head, upload = "", ...lines] = (await readFile(path, "utf8")).split("\n");
        if (head !== headOf(identity)) return nothing;
        const tags = new Map<number, string>();
        // What stands behind the last line end was cut off while it was written.
        for (const line of lines.slice(0, -1)) {
            const [, part, tag] = /^(\d{1,6}) (".*")$/.exec(line) ?? [];
            if (part === undefined || tag === undefined) return nothing;
            tags.set(Number(part), String(JSON.parse(tag)));
        }
        return { upload: toUpload(JSON.parse(upload)), tags };
    } catch {
        return nothing;
    }
}

function toUpload(value: unknown): MultipartUpload {
    const { chunkBytes, parts, completeUrl } = value as Partial<MultipartUpload>;
    const isList = Array.isArray(parts) && parts.every((part) => typeof part === "string");
    if (typeof chunkBytes !== "number" || !isList || typeof completeUrl !== "string")
        throw new TypeError("this is no upload");
    return { chunkBytes, parts, completeUrl };
}
