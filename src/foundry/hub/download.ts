/**
 * One file of the Hub to disk: ranges over several connections, written at their places in `OUT.ingot.part`, a journal beside it, the hash
 * taken behind the growing front. Gets its final name only when the hash is right. A killed or broken download goes on where it was;
 * what cannot go on (another version, a wrong hash, a full disk) leaves nothing.
 */

import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { throwIfAborted } from "../../base/cancel";
import { AppError, isCancelled } from "../../base/errors";
import { formatBytes } from "../../base/format";
import type { Log } from "../../base/log";
import { nodeSha256, type StartSha256 } from "../../node/hash";
import { lockFile } from "../../node/lockFile";
import { diskError, freeBytesIn } from "../diskErrors";
import { isMendable, keptError } from "../kept";
import type { Target } from "./errors";
import { FrontHash, type HashCheck } from "./frontHash";
import { Journal, type Range } from "./journal";
import type { RemoteFile } from "./remoteFile";

/** The disk, replaceable in tests. */
export interface DownloadDisk {
    openPart(path: string): Promise<FileHandle>;
    /** Undefined when the file system does not say. */
    freeBytes(folder: string): Promise<number | undefined>;
}

export const realDisk: DownloadDisk = {
    openPart: (path) => open(path, "r+").catch(() => open(path, "wx+")),
    freeBytes: freeBytesIn,
};

export interface DownloadOptions {
    remote: RemoteFile;
    target: Target;
    /** Absolute; its folder exists. */
    out: string;
    check: HashCheck;
    log: Log;
    signal: AbortSignal;
    /** Bytes of the file that are on disk. */
    onProgress(doneBytes: number): void;
    /** Default 6. */
    connections?: number | undefined;
    /** Most bytes of one request. */
    pieceBytes?: number | undefined;
    /** The journal is written after so many bytes of a connection: what a kill can cost. */
    flushBytes?: number | undefined;
    disk?: DownloadDisk | undefined;
    /** Default: node's. */
    startSha256?: StartSha256 | undefined;
}

const CONNECTIONS = 6;
const PIECE_BYTES = 16 * 1024 * 1024;
const FLUSH_BYTES = 512 * 1024;

/** Bytes that were transferred. Throws AppError net/*, data/hash, env/disk, env/permission, cancelled. */
export async function downloadFile(options: DownloadOptions): Promise<number> {
    const { out, signal } = options;
    throwIfAborted(signal);
    let lock;
    try {
        lock = await lockFile(`${out}.ingot.lock`);
    } catch (cause) {
        throw diskError(cause, out);
    }
    if (!lock)
        throw new AppError(
            "env/permission",
            `Another download is writing ${out}; wait for it or cancel it`,
        );
    try {
        const first = new Download(options);
        const resumedBytes = await first.open();
        const result = await first.run();
        if (result.isRight) return result.bytes;
        // Bytes of before may have been lost with a power cut: once again, from the start.
        if (resumedBytes > 0) {
            options.log.warn("resumed download has a wrong hash", { out, resumedBytes });
            const second = new Download(options);
            await second.open();
            const again = await second.run();
            if (again.isRight) return result.bytes + again.bytes;
        }
        throw wrongHash(options.target);
    } finally {
        await lock.release();
    }
}

class Download {
    private readonly partPath: string;
    private readonly sizeBytes: number;
    private readonly disk: DownloadDisk;
    private part!: FileHandle;
    private journal!: Journal;
    private hash!: FrontHash;
    private transferred = 0;
    /** Written, and perhaps not in the journal yet. */
    private written = 0;

    constructor(private readonly options: DownloadOptions) {
        this.partPath = `${options.out}.ingot.part`;
        this.sizeBytes = options.remote.sizeBytes;
        this.disk = options.disk ?? realDisk;
    }

    /** Bytes that are there from before. */
    async open(): Promise<number> {
        const { out, check } = this.options;
        const journalPath = `${this.partPath}.journal`;
        try {
            const before = await stat(this.partPath).catch(() => undefined);
            if (before?.size !== this.sizeBytes) await rm(journalPath, { force: true });
            this.journal = await Journal.open(
                journalPath,
                `${check.kind}:${check.hex}`,
                this.sizeBytes,
            );
            this.written = this.journal.doneBytes;
            await this.refuseFullDisk(this.sizeBytes - this.written);
            this.part = await this.disk.openPart(this.partPath);
            await this.part.truncate(this.sizeBytes);
        } catch (cause) {
            if (this.written === 0) await this.discard();
            else await this.journal.close();
            throw diskError(cause, out);
        }
        const { startSha256 = nodeSha256 } = this.options;
        this.hash = new FrontHash(this.part, check, this.sizeBytes, startSha256);
        return this.written;
    }

    /** Ends with the file under its final name, or with nothing; on errors that time mends the part stays. */
    async run(): Promise<{ isRight: boolean; bytes: number }> {
        const { out, log, signal } = this.options;
        const resumedBytes = this.written;
        if (resumedBytes > 0) log.info("download goes on", { out, resumedBytes });
        try {
            await this.fill();
            const isRight = await this.hash.finish(signal);
            throwIfAborted(signal);
            if (!isRight) {
                await this.discard();
                return { isRight, bytes: this.transferred };
            }
            await this.part.sync();
            await this.part.close();
            await rename(this.partPath, out);
            await this.journal.remove();
            return { isRight, bytes: this.transferred };
        } catch (error) {
            this.hash.stop();
            const told = this.tell(error);
            const isKept = this.written > 0 && (isCancelled(told) || isMendable(told));
            if (isKept) await Promise.allSettled([this.part.close(), this.journal.close()]);
            else await this.discard();
            throw isKept && isMendable(told) ? keptError(told) : told;
        }
    }

    private async refuseFullDisk(needed: number): Promise<void> {
        const folder = dirname(this.options.out);
        const free = await this.disk.freeBytes(folder);
        if (free === undefined || free >= needed) return;
        throw new AppError(
            "env/disk",
            `The download needs ${formatBytes(needed)} and ${folder} has ${formatBytes(free)} free; free some space or choose another folder`,
        );
    }

    private async fill(): Promise<void> {
        const { connections = CONNECTIONS, pieceBytes = PIECE_BYTES, signal } = this.options;
        const pieces = this.journal.missing(this.sizeBytes, pieceBytes);
        this.options.onProgress(this.written);
        this.hash.advance(this.journal.prefixBytes);
        const failure = new AbortController();
        const both = AbortSignal.any([signal, failure.signal]);
        let firstError: unknown;
        let hasRanges = true;
        const work = async (): Promise<void> => {
            for (;;) {
                if (both.aborted || !hasRanges) return;
                const piece = pieces.shift();
                if (!piece) return;
                try {
                    if (await this.receive(piece, both)) continue;
                    hasRanges = false;
                    pieces.unshift(piece);
                } catch (error) {
                    firstError ??= error;
                    failure.abort();
                }
            }
        };
        await Promise.all(Array.from({ length: Math.min(connections, pieces.length) }, work));
        throwIfAborted(signal);
        if (firstError !== undefined) throw asError(firstError);
        if (!hasRanges) await this.receiveWhole(signal);
    }

    private async receive(piece: Range, signal: AbortSignal): Promise<boolean> {
        const writer = new PieceWriter(this, piece.start);
        try {
            const length = piece.end - piece.start;
            const take = (chunk: Uint8Array) => writer.take(chunk);
            return await this.options.remote.streamRange(piece.start, length, take, signal);
        } finally {
            await writer.flush();
        }
    }

    private async receiveWhole(signal: AbortSignal): Promise<void> {
        const start = this.journal.prefixBytes;
        const writer = new PieceWriter(this, start);
        try {
            const take = (chunk: Uint8Array) => writer.take(chunk);
            await this.options.remote.streamWhole(start, take, signal);
        } finally {
            await writer.flush();
        }
    }

    get flushBytes(): number {
        return this.options.flushBytes ?? FLUSH_BYTES;
    }

    /** Data first, then the journal: what it names is there. */
    async write(bytes: Uint8Array, position: number): Promise<void> {
        for (let at = 0; at < bytes.length;) {
            const rest = bytes.length - at;
            const { bytesWritten } = await this.part.write(bytes, at, rest, position + at);
            at += bytesWritten;
        }
        await this.journal.add({ start: position, end: position + bytes.length });
        this.transferred += bytes.length;
        this.written += bytes.length;
        this.hash.advance(this.journal.prefixBytes);
        this.options.onProgress(Math.min(this.written, this.sizeBytes));
    }

    private tell(error: unknown): unknown {
        const told = diskError(error, this.options.out);
        if (!(told instanceof AppError) || told.code !== "env/disk" || told === error) return told;
        const left = formatBytes(this.sizeBytes - this.written);
        return new AppError(
            "env/disk",
            `The download stopped: the disk is full; ${left} more are needed in ${dirname(this.options.out)}`,
            { cause: error, ...(told.detail === undefined ? {} : { detail: told.detail }) },
        );
    }

    private async discard(): Promise<void> {
        await this.part?.close().catch(() => undefined);
        await rm(this.partPath, { force: true });
        if (this.journal) await this.journal.remove();
        else await rm(`${this.partPath}.journal`, { force: true });
    }
}

/** Collects the chunks of one connection, so that disk and journal see few and large writes. */
class PieceWriter {
    private chunks: Uint8Array[] = [];
    private bytes = 0;

    constructor(
        private readonly download: Download,
        private position: number,
    ) {}

    async take(chunk: Uint8Array): Promise<void> {
        this.chunks.push(chunk);
        this.bytes += chunk.length;
        if (this.bytes >= this.download.flushBytes) await this.flush();
    }

    async flush(): Promise<void> {
        if (this.bytes === 0) return;
        const [all, at] = [Buffer.concat(this.chunks), this.position];
        this.chunks = [];
        this.bytes = 0;
        this.position += all.length;
        await this.download.write(all, at);
    }
}

function asError(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
}

function wrongHash(target: Target): AppError {
    const { file = "", repo } = target;
    return new AppError(
        "data/hash",
        `${file} of ${repo} arrived damaged: its hash is not the one that the Hub lists; try again later`,
    );
}
