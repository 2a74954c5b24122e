/**
 * What of a result is written already, kept beside it: one line per finished block with its place and checksum, and lines for the hashes of
 * the source's files on their way. After a kill the next run of the same work reads it, checks each block against the disk (a power
 * cut can lose what a line promised), and does only the rest. The first line ties it to the work: source, types, options, version.
 */

import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";
import { isStateAfter } from "../node/hash";
import type { HashMark } from "./sourceHashes";

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

    /** How far the hash of a source's file has come. */
    async appendMark({ file, bytes, state }: HashMark): Promise<void> {
        const hex = state ? Buffer.from(state).toString("hex") : "-";
        await this.handle.write(`hash ${bytes} ${hex} ${JSON.stringify(file)}\n`);
    }

    close(): Promise<void> {
        return this.handle.close();
    }
}

export interface JournalContent {
    entries: JournalEntry[];
    marks: HashMark[];
}

/** What a journal for exactly this work says; undefined when it is for another one, or unreadable. Cut lines are left out. */
export async function readJournal(
    path: string,
    identity: string,
): Promise<JournalContent | undefined> {
    const stream = createReadStream(path, { encoding: "utf8" });
    const entries: JournalEntry[] = [];
    const marks: HashMark[] = [];
    let isFirst = true;
    try {
        for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
            if (isFirst && line !== `${MAGIC} ${identity}`) return undefined;
            if (!isFirst) {
                const entry = parseEntry(line);
                const mark = entry ? undefined : parseMark(line);
                if (entry) entries.push(entry);
                if (mark) marks.push(mark);
                if (entries.length + marks.length > MAX_ENTRIES) return undefined;
            }
            isFirst = false;
        }
    } catch {
        return undefined;
    } finally {
        stream.destroy();
    }
    return isFirst ? undefined : { entries, marks };
}

function parseEntry(line: string): JournalEntry | undefined {
    const [, offset, length, crc] = /^(\d{1,16}) (\d{1,10}) (\d{1,10})$/.exec(line) ?? [];
    if (offset === undefined) return undefined;
    return { offset: Number(offset), length: Number(length), crc: Number(crc) };
}

function parseMark(line: string): HashMark | undefined {
    const [, count, hex, name] = /^hash (\d{1,16}) (-|[0-9a-f]{80,206}) (".*")$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const bytes = Number(count);
    const state = hex === "-" ? undefined : Buffer.from(hex ?? "", "hex");
    if (state && !isStateAfter(state, bytes)) return undefined;
    try {
        return { file: JSON.parse(name) as string, bytes, state };
    } catch {
        return undefined;
    }
}

export function isIntact(entry: JournalEntry, bytes: Uint8Array): boolean {
    return bytes.length === entry.length && crc32(bytes) === entry.crc;
}
