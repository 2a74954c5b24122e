/**
 * A result while it is written: `OUT.<pid>.part` beside its final name, which it gets only when whole and verified. Says beforehand
 * when there is no room, no permission, or a file in the way, and leaves nothing behind when the work ends early.
 */

import { constants, readFileSync, unlinkSync } from "node:fs";
import {
    access,
    mkdir,
    open,
    readdir,
    rename,
    rm,
    stat,
    statfs,
    type FileHandle,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../base/errors";
import { formatBytes } from "../base/format";

export interface PartOptions {
    /** Final path; missing folders are made. */
    out: string;
    sizeBytes: number;
    overwrite: boolean;
    /** Free bytes in a folder; replaced in tests. */
    freeBytes?: ((folder: string) => Promise<number | undefined>) | undefined;
}

export class PartFile {
    private settled = false;

    private constructor(
        readonly out: string,
        readonly path: string,
        readonly handle: FileHandle,
        private readonly overwrite: boolean,
    ) {}

    static async create(options: PartOptions): Promise<PartFile> {
        const out = resolve(options.out);
        const folder = dirname(out);
        await refuseExisting(out, options.overwrite);
        try {
            await mkdir(folder, { recursive: true });
            await access(folder, constants.W_OK);
            await removeStale(out);
        } catch (cause) {
            throw diskError(cause, out);
        }
        const free = await (options.freeBytes ?? freeBytesIn)(folder);
        if (free !== undefined && free < options.sizeBytes)
            throw new AppError(
                "env/disk",
                `The file needs ${formatBytes(options.sizeBytes)} and ${folder} has ${formatBytes(free)} free; free some space or choose another folder`,
            );
        const path = `${out}.${process.pid}.part`;
        let handle: FileHandle;
        try {
            handle = await open(path, "wx+");
        } catch (cause) {
            throw diskError(cause, out);
        }
        return new PartFile(out, path, handle, options.overwrite);
    }

    /** Flushes, closes and gives the file its name, unless another one got it meanwhile that must not be replaced. */
    async commit(): Promise<void> {
        this.settled = true;
        try {
            await this.handle.sync();
            await this.handle.close();
            await refuseExisting(this.out, this.overwrite);
            await rename(this.path, this.out);
        } catch (cause) {
            await rm(this.path, { force: true });
            throw diskError(cause, this.out);
        }
    }

    /** Removes the file at once, without waiting for reads and writes that are under way. */
    discard(): void {
        if (this.settled) return;
        this.settled = true;
        const close = this.handle.close().catch(() => undefined);
        try {
            unlinkSync(this.path);
        } catch {
            void close.then(() => rm(this.path, { force: true }));
        }
    }
}

async function refuseExisting(out: string, overwrite: boolean): Promise<void> {
    const info = await stat(out).catch(() => undefined);
    if (info?.isDirectory())
        throw new AppError("env/permission", `${out} is a folder; name a file to write`);
    // A device or a pipe would be replaced by the file, not written to.
    if (info && !info.isFile())
        throw new AppError("env/permission", `${out} is not a file; choose another name`);
    if (info && !overwrite)
        throw new AppError(
            "env/permission",
            `${out} exists already; choose another name or allow overwriting`,
        );
}

/**
 * Parts of processes that are gone are removed (those of other results when nobody has touched them for long); a living one means
 * that another conversion writes here.
 */
async function removeStale(out: string): Promise<void> {
    for (const name of await readdir(dirname(out))) {
        const [, result, pid] = /^(.+)\.(\d+)\.part$/.exec(name) ?? [];
        const path = join(dirname(out), name);
        const isOurs = result === basename(out);
        if (!isOurs && !(result?.endsWith(".gguf") && (await isOld(path)))) continue;
        if (isOurs && (await isWriting(path, Number(pid))))
            throw new AppError(
                "env/permission",
                `Another conversion is writing ${out}; wait for it or cancel it`,
            );
        await rm(path, { force: true });
    }
}

/** A conversion writes all the time; the longest pause is a server that does not answer. */
const SILENT_MS = 60 * 60 * 1000;

/** Process ids come again, in containers the same ones at every start: a part that nobody has touched for long is nobody's. */
async function isWriting(path: string, pid: number): Promise<boolean> {
    const touchedMs = await lastTouched(path);
    if (await isOld(path)) return false;
    const startedMs = Date.now() - process.uptime() * 1000;
    if (pid === process.pid && touchedMs < startedMs) return false;
    return isAlive(pid);
}

async function isOld(path: string): Promise<boolean> {
    return Date.now() - (await lastTouched(path)) > SILENT_MS;
}

/** 0 for a file that is not there any more. */
async function lastTouched(path: string): Promise<number> {
    return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return !isZombie(pid);
    } catch (error) {
        return errorCode(error) === "EPERM";
    }
}

/** Dead, and not yet noticed by its parent. Told by Linux only. */
function isZombie(pid: number): boolean {
    try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return /^ Z/.test(stat.slice(stat.lastIndexOf(")") + 1));
    } catch {
        return false;
    }
}

/** Undefined when the file system does not say. */
async function freeBytesIn(folder: string): Promise<number | undefined> {
    try {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
    } catch {
        return undefined;
    }
}

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS"]);
const IMPOSSIBLE = new Set(["ENOTDIR", "EEXIST", "ENOENT", "ENAMETOOLONG"]);

/** Failures of the target's disk as one sentence; other errors come back unchanged. */
export function diskError(error: unknown, out: string): unknown {
    const options = { cause: error, detail: error instanceof Error ? error.message : "" };
    const code = errorCode(error) ?? "";
    if (FULL.has(code))
        return new AppError(
            "env/disk",
            `The disk of ${out} is full; free some space or choose another folder`,
            options,
        );
    if (FORBIDDEN.has(code))
        return new AppError(
            "env/permission",
            `${dirname(out)} cannot be written to; choose another folder`,
            options,
        );
    if (IMPOSSIBLE.has(code))
        return new AppError(
            "env/permission",
            `${out} cannot be created; choose another folder`,
            options,
        );
    return error;
}

function errorCode(error: unknown): string | undefined {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return typeof code === "string" ? code : undefined;
}
