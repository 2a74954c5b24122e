/**
 * A result while it is written: `FILE.<pid>.part` beside its final name, which it gets only when whole and verified; several files
 * when split, seen as one run of bytes. Says beforehand when there is no room, no permission, or something in the way. What a
 * killed run, or one without a network, left is gone on with when its journal is for the same work; any other end leaves nothing.
 */

import { constants, unlinkSync } from "node:fs";
import { access, mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError } from "../base/errors";
import { formatBytes } from "../base/format";
import { nameResults } from "../node/nameResult";
import { refuseExisting } from "../node/outPlace";
import { memoryFor } from "./checkpoint/source";
import { diskError, freeBytesIn } from "./diskErrors";
import { Journal, readJournal, type JournalContent } from "./journal";
import {
    claim,
    findResumable,
    journalPath,
    partPath,
    refuseOthers,
    release,
    removeLeftovers,
    waitForOthers,
} from "./leftovers";

export interface PartVolume {
    /** Final path. */
    path: string;
    sizeBytes: number;
}

export interface PartOptions {
    /** What the person asked for: the file, or the name that split files have in common. Missing folders are made. */
    out: string;
    volumes: readonly PartVolume[];
    overwrite: boolean;
    /** Of the work: equal only if the same bytes come out. Without one, a killed run starts anew. */
    identity?: string | undefined;
    /** Free bytes in a folder; replaced in tests. */
    freeBytes?: ((folder: string) => Promise<number | undefined>) | undefined;
}

interface Volume extends PartVolume {
    start: number;
    part: string;
    handle: FileHandle;
}

export class PartFile {
    private isSettled = false;
    private readonly otherReaders: Promise<unknown>[] = [];

    private constructor(
        readonly out: string,
        private readonly volumes: readonly Volume[],
        private readonly overwrite: boolean,
        readonly journal: Journal | undefined,
        /** What an earlier run wrote, still to be checked against the disk. */
        readonly earlier: JournalContent,
    ) {}

    static async create(options: PartOptions): Promise<PartFile> {
        const out = resolve(options.out);
        claim(out);
        try {
            return await PartFile.createClaimed(out, options);
        } catch (error) {
            release(out);
            throw error;
        }
    }

    private static async createClaimed(out: string, options: PartOptions): Promise<PartFile> {
        const volumes = options.volumes.map((one) => ({ ...one, path: resolve(one.path) }));
        const files = volumes.map(({ path }) => path);
        const folder = dirname(out);
        for (const file of files) await refuseExisting(file, options.overwrite);
        try {
            await mkdir(folder, { recursive: true });
            await access(folder, constants.W_OK);
            await waitForOthers(out, files);
            const earlier = await findEarlier(out, volumes, options.identity);
            await refuseFull(folder, volumes, earlier?.parts ?? [], options.freeBytes);
            const kept = earlier ? [earlier.journal, ...earlier.parts] : [];
            await removeLeftovers(out, files, kept);
            return await PartFile.open(out, volumes, options, earlier);
        } catch (cause) {
            throw diskError(cause, out);
        }
    }

    private static async open(
        out: string,
        volumes: readonly PartVolume[],
        options: PartOptions,
        earlier: Earlier | undefined,
    ): Promise<PartFile> {
        const opened: Volume[] = [];
        let journal: Journal | undefined;
        const own = journalPath(out);
        try {
            // The journal first: whoever has renamed it has the work.
            if (earlier && earlier.journal !== own) await rename(earlier.journal, own);
            if (earlier) journal = await Journal.reopen(own);
            else if (options.identity) journal = await Journal.create(own, options.identity);
            let start = 0;
            for (const [index, volume] of volumes.entries()) {
                const part = partPath(volume.path);
                const from = earlier?.parts[index];
                if (from !== undefined && from !== part) await rename(from, part);
                const handle = await open(part, from === undefined ? "wx+" : "r+");
                opened.push({ ...volume, start, part, handle });
                start += volume.sizeBytes;
                if (from === undefined) await handle.truncate(volume.sizeBytes);
            }
            await refuseOthers(
                out,
                volumes.map(({ path }) => path),
            );
            return new PartFile(out, opened, options.overwrite, journal, earlier ?? NOTHING);
        } catch (error) {
            await journal?.close().catch(() => undefined);
            if (journal) await rm(own, { force: true });
            await removeOpened(opened);
            throw error;
        }
    }

    /** As FileHandle's, at a position of the whole run; never across files, because tensors are not cut. */
    async write(buffer: Uint8Array, offset: number, length: number, position: number) {
        const { handle, start } = this.volumeAt(position);
        return handle.write(buffer, offset, length, position - start);
    }

    /** Exactly `length` bytes, in the memory of `into` if it is large enough. */
    async read(position: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
        const { handle, start } = this.volumeAt(position);
        const buffer = memoryFor(length, into);
        let done = 0;
        while (done < length) {
            const at = { buffer, offset: done, length: length - done };
            const { bytesRead } = await handle.read({ ...at, position: position - start + done });
            if (bytesRead === 0) throw new AppError("env/disk", "The written file became shorter");
            done += bytesRead;
        }
        return buffer;
    }

    /** Lets others read a file that has no name yet; they must be done before `commit`. */
    async lend<T>(index: number, reader: (path: string) => Promise<T>): Promise<T> {
        const reading = reader(this.volumes[index]?.part ?? this.out);
        this.otherReaders.push(reading.catch(() => undefined));
        return reading;
    }

    private volumeAt(position: number): Volume {
        const found = this.volumes.findLast(({ start }) => start <= position);
        if (!found) throw new AppError("bug/internal", `Nothing is written at ${position}`);
        return found;
    }

    /** Settles when everything written so far is on the disk. */
    async flush(): Promise<void> {
        for (const { handle } of this.volumes) await handle.datasync();
    }

    /** Flushes, closes and gives the files their names; others, when somebody else got these meanwhile, and its error says which. */
    async commit(): Promise<void> {
        this.settle();
        try {
            for (const { handle } of this.volumes) {
                await handle.sync();
                await handle.close();
            }
            await nameResults(this.volumes, this.overwrite);
        } catch (cause) {
            for (const { part } of this.volumes) await rm(part, { force: true });
            throw diskError(cause, this.out);
        } finally {
            await this.journal?.close();
            if (this.journal) await rm(this.journal.path, { force: true });
        }
    }

    /** Removes the files at once, without waiting for reads and writes that are under way; on Windows when these are done. */
    discard(): void {
        if (this.isSettled) return;
        this.settle();
        for (const { handle, part } of this.volumes)
            removeNow(part, Promise.all([handle.close(), ...this.otherReaders]));
        if (this.journal) removeNow(this.journal.path, this.journal.close());
    }

    /** Whether there is anything that another run could go on with. */
    get canGoOn(): boolean {
        return (
            !this.isSettled && (this.earlier.entries.length > 0 || (this.journal?.nBlocks ?? 0) > 0)
        );
    }

    /** Leaves the files to be gone on with. Without a journal nobody could. */
    suspend(): void {
        if (!this.journal) return this.discard();
        if (this.isSettled) return;
        this.settle();
        for (const { handle } of this.volumes) handle.close().catch(() => undefined);
        this.journal.close().catch(() => undefined);
    }

    private settle(): void {
        this.isSettled = true;
        release(this.out);
    }
}

async function removeOpened(volumes: readonly Volume[]): Promise<void> {
    for (const { handle, part } of volumes) {
        await handle.close().catch(() => undefined);
        await rm(part, { force: true });
    }
}

function removeNow(path: string, closing: Promise<unknown>): void {
    const closed = closing.catch(() => undefined);
    try {
        unlinkSync(path);
    } catch {
        void closed.then(() => rm(path, { force: true }));
    }
}

const NOTHING: JournalContent = { entries: [], marks: [] };

interface Earlier extends JournalContent {
    journal: string;
    parts: string[];
}

async function findEarlier(
    out: string,
    volumes: readonly PartVolume[],
    identity: string | undefined,
): Promise<Earlier | undefined> {
    if (identity === undefined) return undefined;
    const files = volumes.map(({ path }) => path);
    const totalBytes = volumes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { journal, parts } of await findResumable(out, files)) {
        const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
        if (sizes.some((size, index) => size !== volumes[index]?.sizeBytes)) continue;
        const content = await readJournal(journal, identity);
        if (!content) continue;
        const { entries, marks } = content;
        const inside = entries.filter(({ offset, length }) => offset + length <= totalBytes);
        return { journal, parts, entries: inside, marks };
    }
    return undefined;
}

async function refuseFull(
    folder: string,
    volumes: readonly PartVolume[],
    parts: readonly string[],
    freeBytes: PartOptions["freeBytes"] = freeBytesIn,
): Promise<void> {
    const sizeBytes = volumes.reduce((sum, volume) => sum + volume.sizeBytes, 0);
    // What is on the disk already; holes are not.
    const present = await Promise.all(parts.map(async (part) => (await stat(part)).blocks * 512));
    const needed = sizeBytes - present.reduce((sum, bytes) => sum + bytes, 0);
    const free = await freeBytes(folder);
    if (free !== undefined && free < needed)
        throw new AppError(
            "env/disk",
            `The file needs ${formatBytes(sizeBytes)} and ${folder} has ${formatBytes(free)} free; free some space or choose another folder`,
        );
}
