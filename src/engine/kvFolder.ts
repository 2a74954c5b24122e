/**
 * KV states on disk, each file with a head of JSON and a checksum over both: readable by their owner only, written as `.part` and renamed,
 * the oldest removed when there is no room. Anything wrong with a file and it is ignored; what the heads say is their owner's affair.
 */

import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../base/log";
import { writeWhole } from "../node/wholeFile";

/** Changes with the format. */
const MAGIC = "ingot-kv/3\n";
const SHA256_BYTES = 32;
/** Windows of text and token ids of one prompt. */
const MAX_HEAD_BYTES = 4e6;
/** A window that is ended while it writes leaves such a file; one that old is nobody's any more. */
const PART = /\.kv\.\d+\.part$/;
const PART_MS = 3_600_000;

export interface KvLimits {
    /** Of one state. */
    fileBytes: number;
    /** Of all files together. */
    folderBytes: number;
}

export interface KvFile {
    head: unknown;
    state: Uint8Array;
}

export class KvFolder {
    constructor(
        private readonly folder: string,
        private readonly limits: KvLimits,
        private readonly log: Log,
    ) {}

    /** `key` names the file. Never rejects: what cannot be written is read again by the model another time. */
    async write(key: string, { head, state }: KvFile): Promise<void> {
        if (state.byteLength > this.limits.fileBytes) return;
        const text = Buffer.from(`${JSON.stringify(head)}\n`);
        if (text.byteLength > MAX_HEAD_BYTES) return;
        const sizes = Buffer.alloc(4);
        sizes.writeUInt32LE(text.byteLength);
        const digest = createHash("sha256").update(text).update(state).digest();
        const path = this.path(key);
        const part = `${path}.${process.pid}.part`;
        try {
            await mkdir(this.folder, { recursive: true, mode: 0o700 });
            const data = [Buffer.from(MAGIC), digest, sizes, text, state];
            await writeWhole(path, data, { part, mode: 0o600 });
            await this.makeRoom();
        } catch (error) {
            this.log.debug("prompt not saved", { error: String(error) });
        }
    }

    /** Undefined when there is none that is whole. Never rejects. */
    async read(key: string): Promise<KvFile | undefined> {
        const path = this.path(key);
        try {
            if ((await stat(path)).size > this.limits.fileBytes + 2 * MAX_HEAD_BYTES)
                return undefined;
            return parse(await readFile(path));
        } catch {
            return undefined;
        }
    }

    /** The heads of all files, unchecked; undefined where there is none of ours. Never rejects. */
    async heads(): Promise<{ file: string; head: unknown }[]> {
        const names = await readdir(this.folder).catch(() => []);
        const found: { file: string; head: unknown }[] = [];
        for (const name of names.filter((name) => name.endsWith(".kv"))) {
            const file = join(this.folder, name);
            found.push({ file, head: await readHead(file).catch(() => undefined) });
        }
        return found;
    }

    private path(key: string): string {
        return join(this.folder, `${createHash("sha256").update(key).digest("hex")}.kv`);
    }

    /** Removes the files that were not written for the longest time until the rest is small enough, and what was left half-written. */
    private async makeRoom(): Promise<void> {
        const names = (await readdir(this.folder)).filter(
            (name) => name.endsWith(".kv") || PART.test(name),
        );
        const files = await Promise.all(
            names.map(async (name) => {
                // Another window may have removed it meanwhile.
                const found = await stat(join(this.folder, name)).catch(() => undefined);
                return { name, size: found?.size ?? 0, mtimeMs: found?.mtimeMs ?? 0 };
            }),
        );
        let total = 0;
        for (const { name, size, mtimeMs } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
            total += size;
            const isLeft = PART.test(name) && Date.now() - mtimeMs > PART_MS;
            if (isLeft || total > this.limits.folderBytes)
                await rm(join(this.folder, name), { force: true });
        }
    }
}

/** Undefined when it is none of ours. */
async function readHead(file: string): Promise<unknown> {
    const handle = await open(file);
    try {
        const start = MAGIC.length + SHA256_BYTES;
        const front = Buffer.alloc(start + 4);
        await handle.read(front, 0, front.byteLength, 0);
        if (front.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined;
        const size = front.readUInt32LE(start);
        if (size > MAX_HEAD_BYTES) return undefined;
        const head = Buffer.alloc(size);
        await handle.read(head, 0, size, front.byteLength);
        return JSON.parse(head.toString("utf8"));
    } finally {
        await handle.close();
    }
}

function parse(bytes: Buffer): KvFile | undefined {
    const start = MAGIC.length + SHA256_BYTES;
    if (bytes.byteLength < start + 4 || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC)
        return undefined;
    const headEnd = start + 4 + bytes.readUInt32LE(start);
    if (headEnd > bytes.byteLength) return undefined;
    const digest = createHash("sha256")
        .update(bytes.subarray(start + 4))
        .digest();
    if (!digest.equals(bytes.subarray(MAGIC.length, start))) return undefined;
    const head: unknown = JSON.parse(bytes.toString("utf8", start + 4, headEnd));
    return { head, state: bytes.subarray(headEnd) };
}
