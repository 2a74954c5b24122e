/**
 * What an unfinished importance matrix has measured, so that the next run goes on behind the last chunk that was kept: one file per work in
 * `imatrix` of the data folder, named by a hash of the model's files, the tokens and the options. It holds sums and no text. A torn or foreign
 * one only costs the measurement.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeDeadParts } from "../../foundry/leftovers";
import { dataFolder } from "../../node/dataFolder";
import type { ImatrixSums } from "../../node/nativeLab";
import { writeWhole } from "../../node/wholeFile";

export interface KeptSums {
    /** Of the work, from its beginning. */
    nChunks: number;
    sums: ImatrixSums[];
}

/** The first line of the file; values follow: of each entry the sums as floats, then the counts as doubles. */
interface Head {
    nChunks: number;
    entries: { name: string; nSums: number; nCounts: number }[];
    /** Of the values. */
    sha256: string;
}

const ENDING = ".sums";
const STALE_MS = 14 * 24 * 60 * 60 * 1000;
/** The line has a name per weight, a model some thousands of them. */
const MAX_HEAD_BYTES = 32 * 1024 * 1024;
const MAX_BYTES = 2 ** 31;

export class KeptMeasurement {
    private readonly path: string;

    /** `identity`: equal only while every sum would be the same. */
    constructor(
        identity: readonly unknown[],
        private readonly folder: string = join(dataFolder(), "imatrix"),
    ) {
        const key = createHash("sha256").update(JSON.stringify(identity)).digest("hex");
        this.path = join(folder, `${key.slice(0, 32)}${ENDING}`);
    }

    /** Undefined when there is none that can be gone on with in a work of so many chunks. */
    async read(nChunks: number): Promise<KeptSums | undefined> {
        await removeDeadParts(this.path);
        const status = await stat(this.path).catch(() => undefined);
        if (!status?.isFile() || status.size > MAX_BYTES) return undefined;
        try {
            const kept = parse(await readFile(this.path));
            return kept && kept.nChunks < nChunks ? kept : undefined;
        } catch {
            return undefined;
        }
    }

    /** What cannot be kept is measured again after an interruption; the work itself goes on. */
    async write(kept: KeptSums): Promise<void> {
        const part = `${this.path}.${process.pid}.part`;
        try {
            await mkdir(this.folder, { recursive: true });
            await writeWhole(this.path, format(kept), { part });
        } catch {
            return;
        }
    }

    /** It is not needed any longer; nor is what nobody has gone on with for two weeks. `now`: ms since 1970. */
    async remove(now: number = Date.now()): Promise<void> {
        await rm(this.path, { force: true }).catch(() => undefined);
        for (const name of await readdir(this.folder).catch(() => [])) {
            const other = join(this.folder, name);
            const status = await stat(other).catch(() => undefined);
            if (name.includes(ENDING) && status && now - status.mtimeMs > STALE_MS)
                await rm(other, { force: true }).catch(() => undefined);
        }
    }
}

function format({ nChunks, sums }: KeptSums): Uint8Array {
    const values = Buffer.concat(
        sums.flatMap((entry) => [bytesOf(entry.sums), bytesOf(entry.counts)]),
    );
    const head: Head = {
        nChunks,
        entries: sums.map((entry) => ({
            name: entry.name,
            nSums: entry.sums.length,
            nCounts: entry.counts.length,
        })),
        sha256: sha256(values),
    };
    return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), values]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Uint8Array {
    return new Uint8Array(buffer, byteOffset, byteLength);
}

function sha256(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex");
}

/** Throws when it is torn: the hash is of exactly the values that the line promises. */
function parse(bytes: Buffer): KeptSums | undefined {
    const end = bytes.subarray(0, MAX_HEAD_BYTES).indexOf("\n");
    if (end < 0) return undefined;
    const head = JSON.parse(bytes.toString("utf8", 0, end)) as Head;
    const values = bytes.subarray(end + 1);
    if (sha256(values) !== head.sha256) return undefined;
    let at = 0;
    const take = (length: number): ArrayBuffer => {
        if (!Number.isSafeInteger(length) || length <= 0 || at + length > values.length)
            throw new RangeError("The values end before the entries");
        // A copy: typed arrays want their own alignment.
        const copy = Uint8Array.from(values.subarray(at, at + length)).buffer;
        at += length;
        return copy;
    };
    const sums = head.entries.map(({ name, nSums, nCounts }) => ({
        name,
        sums: new Float32Array(take(4 * nSums)),
        counts: new Float64Array(take(8 * nCounts)),
    }));
    return at === values.length && Number.isSafeInteger(head.nChunks) && head.nChunks > 0
        ? { nChunks: head.nChunks, sums }
        : undefined;
}
