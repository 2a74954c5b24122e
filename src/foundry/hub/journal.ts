/**
 * What of a download is on disk already, so that a killed process is not missed: `PART.journal` holds one line per finished range,
 * appended after its bytes were written. A torn or foreign journal only costs the transfer; the hash at the end decides.
 */

import { open, readFile, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";

/** A half-open range of bytes. */
export interface Range {
    start: number;
    end: number;
}

const MAX_JOURNAL_BYTES = 16 * 1024 * 1024;

export class Journal {
    private constructor(
        private readonly path: string,
        private readonly handle: FileHandle,
        /** Sorted, apart from each other. */
        private ranges: Range[],
    ) {}

    /** Goes on with the journal at `path` when it is about the same file; otherwise begins an empty one. */
    static async open(path: string, identity: string, sizeBytes: number): Promise<Journal> {
        const head = JSON.stringify({ journal: 1, sizeBytes, identity });
        const ranges = await readRanges(path, head, sizeBytes);
        const lines = [head, ...ranges.map(({ start, end }) => `${start} ${end}`), ""];
        // Written anew, short again and without a torn last line; the old one counts until the new one is whole.
        await writeFile(`${path}.new`, lines.join("\n"));
        await rename(`${path}.new`, path);
        return new Journal(path, await open(path, "a"), ranges);
    }

    get done(): readonly Range[] {
        return this.ranges;
    }

    get doneBytes(): number {
        return this.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    }

    /** The file's first bytes that are there without a gap. */
    get prefixBytes(): number {
        const first = this.ranges[0];
        return first?.start === 0 ? first.end : 0;
    }

    /** What is not there yet, in pieces of at most `pieceBytes`. */
    missing(sizeBytes: number, pieceBytes: number): Range[] {
        const pieces: Range[] = [];
        let at = 0;
        for (const { start, end } of [...this.ranges, { start: sizeBytes, end: sizeBytes }]) {
            for (; at < start; at = Math.min(start, at + pieceBytes))
                pieces.push({ start: at, end: Math.min(start, at + pieceBytes) });
            at = Math.max(at, end);
        }
        return pieces;
    }

    /** The bytes must have been written before. */
    async add(range: Range): Promise<void> {
        this.ranges = merge([...this.ranges, range]);
        await this.handle.write(`${range.start} ${range.end}\n`);
    }

    close(): Promise<void> {
        return this.handle.close();
    }

    async remove(): Promise<void> {
        await this.handle.close().catch(() => undefined);
        for (const path of [this.path, `${this.path}.new`]) await rm(path, { force: true });
    }
}

async function readRanges(path: string, head: string, sizeBytes: number): Promise<Range[]> {
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile() || status.size > MAX_JOURNAL_BYTES) return [];
    const text = await readFile(path, "utf8").catch(() => "");
    const lines = text.split("\n");
    if (lines[0] !== head) return [];
    const ranges: Range[] = [];
    // What stands behind the last line end was cut off while it was written.
    for (const line of lines.slice(1, -1)) {
        const [, start, end] = /^(\d{1,15}) (\d{1,15})$/.exec(line) ?? [];
        const range = { start: Number(start), end: Number(end) };
        if (!(range.start < range.end && range.end <= sizeBytes)) return [];
        ranges.push(range);
    }
    return merge(ranges);
}

function merge(ranges: readonly Range[]): Range[] {
    const result: Range[] = [];
    for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
        const last = result.at(-1);
        if (last && start <= last.end) last.end = Math.max(last.end, end);
        else result.push({ start, end });
    }
    return result;
}
