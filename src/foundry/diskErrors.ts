/** Failures of the disk that a result goes to, as sentences; and how much room is there. */

import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError } from "../base/errors";

/** Undefined when the file system does not say. */
export async function freeBytesIn(folder: string): Promise<number | undefined> {
    try {
        const { bavail, bsize } = await statfs(folder);
        return bavail * bsize;
    } catch {
        return undefined;
    }
}

/** The same for a folder that need not exist yet. */
export async function freeBytesAt(
    path: string,
    freeBytes: typeof freeBytesIn = freeBytesIn,
): Promise<number | undefined> {
    let folder = resolve(path);
    for (;;) {
        const free = await freeBytes(folder);
        if (free !== undefined || dirname(folder) === folder) return free;
        folder = dirname(folder);
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
            `${out} cannot be created; choose another name or folder`,
            options,
        );
    return error;
}

export function errorCode(error: unknown): string | undefined {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return typeof code === "string" ? code : undefined;
}
