/**
 * The index on the disk: one file, a line that says what it is (format, build, SHA-256 of what follows), then JSON, packed. Written under
 * another name and renamed, so that a reader (another window too) has the old one or the new one; of two writers the last one counts. A
 * file that is damaged or of another build counts as none.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { TextIndex, type FileEntry, type StoredIndex } from "./textIndex";
import { writeWhole } from "../node/wholeFile";

export const INDEX_FILE = "index.bin";
const FORMAT = "ingot-index 1";
const MAX_PACKED_BYTES = 300_000_000;
const MAX_BYTES = 500_000_000;
const MAX_HEAD_BYTES = 200;
/** What a process left that died while it wrote. */
const ABANDONED_MS = 60 * 60 * 1000;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** Undefined: there is none that can be used; `problem` is told why, except when there is no file. */
export async function readIndex(
    folder: string,
    build: string,
    problem: (why: string) => void,
): Promise<TextIndex | undefined> {
    try {
        await removeAbandoned(folder);
        const path = join(folder, INDEX_FILE);
        if ((await stat(path)).size > MAX_PACKED_BYTES) throw new Error("too large");
        const bytes = await readFile(path);
        const end = bytes.subarray(0, MAX_HEAD_BYTES).indexOf(10);
        const body = bytes.subarray(end + 1);
        if (end < 0 || bytes.toString("latin1", 0, end) !== headOf(build, body))
            throw new Error("damaged, or of another build");
        const text = (await unpack(body, { maxOutputLength: MAX_BYTES })).toString("utf8");
        const value: unknown = JSON.parse(text);
        if (!isStored(value)) throw new Error("not an index");
        return TextIndex.from(value);
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") problem(String(error));
        return undefined;
    }
}

/** Errors of the file system are thrown; what was there before stays then. */
export async function writeIndex(folder: string, build: string, index: TextIndex): Promise<void> {
    const body = await pack(JSON.stringify(await index.toStored()), { level: 1 });
    await mkdir(folder, { recursive: true });
    const path = join(folder, INDEX_FILE);
    const part = `${path}.${process.pid}.${nWritten++}.part`;
    // Not forced to the disk: the sum tells when a power cut left less.
    const data = Buffer.concat([Buffer.from(`${headOf(build, body)}\n`), body]);
    await writeWhole(path, data, { part });
}

let nWritten = 0;

function headOf(build: string, body: Uint8Array): string {
    return `${FORMAT} ${build} ${createHash("sha256").update(body).digest("hex")}`;
}

async function removeAbandoned(folder: string): Promise<void> {
    for (const name of await readdir(folder)) {
        if (!name.startsWith(INDEX_FILE) || !name.endsWith(".part")) continue;
        const path = join(folder, name);
        const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Infinity }))).mtimeMs;
        if (age > ABANDONED_MS) await rm(path, { force: true });
    }
}

/** The sum says that it is what we wrote; this, that what we wrote is what we read now. */
function isStored(value: unknown): value is StoredIndex {
    if (typeof value !== "object" || value === null) return false;
    const { files, nextId, search } = value as Partial<Record<keyof StoredIndex, unknown>>;
    return (
        Array.isArray(files) &&
        files.every(isFile) &&
        Number.isSafeInteger(nextId) &&
        typeof search === "object" &&
        search !== null
    );
}

function isFile(value: unknown): value is FileEntry {
    const { path, name, mtimeMs, size, hash, pieces } = (value ?? {}) as Record<string, unknown>;
    return (
        [path, name, hash].every((one) => typeof one === "string") &&
        [mtimeMs, size].every((one) => typeof one === "number") &&
        Array.isArray(pieces)
    );
}
