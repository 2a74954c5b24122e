/**
 * What of a result is written already, kept beside it: one line per finished block with its place and checksum. After a kill the
 * next run of the same work reads it, checks each block against the disk (a power cut can lose what a line promised), and does
 * only the rest. The first line ties it to the work: source, types, options, version.
 */

import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";

export interface JournalEntry {
    /** Place in the result. */
    offset: number;
    length: number;
    crc: number;
}

const MAGIC = "ingot-journal-1";
/** A result of 1 TB in blocks of one row has fewer. */
const MAX_ENTRIES = 50_000_000;

export class Journal {
    /** Blocks that were added here. */
    nBlocks = 0;

    private constructor(
        readonly path: string,
        private readonly handle: FileHandle,
    ) {}

    /** Begins a new one; fails when the file exists. */
    static async create(path: string, identity: string): Promise<Journal> {
        const handle = await open(path, "ax");
        await handle.appendFile(`${MAGIC} ${identity}\n`);
        return new Journal(path, handle);
    }

    /** Goes on with an existing one. */
    static async reopen(path: string): Promise<Journal> {
        const handle = await open(path, "a");
        // A kill can cut a line; the empty line that this may leave is skipped.
        await handle.appendFile("\n");
        return new Journal(path, handle);
    }

    /** After the block's bytes are written. */
    async append(offset: number, bytes: Uint8Array): Promise<void> {
        await this.handle.write(`${offset} ${bytes.length} ${crc32(bytes)}
`);
        this.nBlocks++;
    }

    close(): Promise<void> {
        return this.handle.close();
    }
}

/** The entries of a journal for exactly this work; undefined when it is for another one, or unreadable. Cut lines are left out. */
export async function readJournal(
    path: string,
    identity: string,
): Promise<JournalEntry[] | undefined> {
    const stream = createReadStream(path, { encoding: "utf8" });
    const entries: JournalEntry[] = [];
    let isFirst = true;
    try {
        for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
            if (isFirst && line !== `${MAGIC} ${identity}`) return undefined;
            if (!isFirst) {
                const [, offset, length, crc] =
                    /^(\d{1,16}) (\d{1,10}) (\d{1,10})$/.exec(line) ?? [];
                if (offset === undefined) continue;
                entries.push({ offset: Number(offset), length: Number(length), crc: Number(crc) });
                if (entries.length > MAX_ENTRIES) return undefined;
            }
            isFirst = false;
        }
    } catch {
        return undefined;
    } finally {
        stream.destroy();
    }
    return isFirst ? undefined : entries;
}

export function isIntact(entry: JournalEntry, bytes: Uint8Array): boolean {
    return bytes.length === entry.length && crc32(bytes) === entry.crc;
}
