/**
 * Files as they go to the Hub, without copies on the disk: a piece is a run of bytes out of memory and out of files, so that a model that is too
 * large for one file is split while it is sent. Which pieces there are is split.ts's.
 */

import { open, stat, type FileHandle } from "node:fs/promises";
import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import type { StartSha256 } from "../../node/hash";
import type { RequestBody } from "../hub/http";

export type Segment = { bytes: Uint8Array } | { file: string; start: number; length: number };

export interface Piece {
    /** In the repository. */
    path: string;
    sizeBytes: number;
    /** In order; together they are `sizeBytes` long. */
    segments: readonly Segment[];
}

const CHUNK_BYTES = 256 * 1024;
const HASH_STEP_BYTES = 4 * 1024 * 1024;

export function bytesPiece(path: string, bytes: Uint8Array): Piece {
    return { path, sizeBytes: bytes.length, segments: [{ bytes }] };
}

export async function filePiece(path: string, file: string): Promise<Piece> {
    const { size } = await stat(file);
    return { path, sizeBytes: size, segments: [{ file, start: 0, length: size }] };
}

/** Opens the files of a piece; another size or time of one of them later means that its bytes are others. Close it. */
export class PieceReader {
    private readonly versions = new Map<string, string>();
    private readonly handles = new Map<string, FileHandle>();

    private constructor(readonly piece: Piece) {}

    /** Throws AppError env/permission. */
    static async open(piece: Piece): Promise<PieceReader> {
        const reader = new PieceReader(piece);
        try {
            for (const segment of piece.segments) {
                if ("bytes" in segment || reader.handles.has(segment.file)) continue;
                reader.handles.set(segment.file, await open(segment.file, "r"));
                reader.versions.set(segment.file, await reader.versionOf(segment.file));
            }
            return reader;
        } catch (cause) {
            await reader.close();
            throw new AppError(
                "env/permission",
                `${piece.path} cannot be read; check the file and its permissions`,
                { cause },
            );
        }
    }

    /** Throws AppError data/hash. */
    async checkUnchanged(): Promise<void> {
        for (const [file, version] of this.versions)
            if ((await this.versionOf(file)) !== version) throw this.changed();
    }

    body(start: number, length: number): RequestBody {
        return { sizeBytes: length, open: () => this.read(start, length, CHUNK_BYTES) };
    }

    async bytes(start: number, length: number): Promise<Uint8Array> {
        const chunks: Uint8Array[] = [];
        for await (const chunk of this.read(start, length, CHUNK_BYTES)) chunks.push(chunk);
        return Buffer.concat(chunks);
    }

    async sha256(
        start: StartSha256,
        signal: AbortSignal,
        onProgress: (doneBytes: number) => void,
    ): Promise<string> {
        const hash = start();
        let done = 0;
        for await (const chunk of this.read(0, this.piece.sizeBytes, HASH_STEP_BYTES)) {
            throwIfAborted(signal);
            await hash.update(chunk);
            done += chunk.length;
            onProgress(done);
        }
        await this.checkUnchanged();
        return hash.digest();
    }

    async close(): Promise<void> {
        await Promise.all([...this.handles.values()].map((handle) => handle.close()));
        this.handles.clear();
    }

    private async *read(start: number, length: number, step: number): AsyncGenerator<Uint8Array> {
        let from = start;
        let left = length;
        for (const segment of this.piece.segments) {
            const size = "bytes" in segment ? segment.bytes.length : segment.length;
            if (from >= size) {
                from -= size;
                continue;
            }
            while (left > 0 && from < size) {
                const n = Math.min(step, left, size - from);
                yield await this.readSegment(segment, from, n);
                from += n;
                left -= n;
            }
            if (left === 0) return;
            from = 0;
        }
    }

    private async readSegment(segment: Segment, from: number, length: number): Promise<Uint8Array> {
        if ("bytes" in segment) return segment.bytes.subarray(from, from + length);
        const buffer = new Uint8Array(length);
        for (let at = 0; at < length;) {
            const position = segment.start + from + at;
            const handle = this.handles.get(segment.file);
            const { bytesRead = 0 } = (await handle?.read(buffer, at, length - at, position)) ?? {};
            if (bytesRead === 0) throw this.changed();
            at += bytesRead;
        }
        return buffer;
    }

    private async versionOf(file: string): Promise<string> {
        const { size, mtimeMs } = (await this.handles.get(file)?.stat()) ?? {};
        return `${size} ${mtimeMs}`;
    }

    private changed(): AppError {
        return new AppError(
            "data/hash",
            `${this.piece.path} changed while it was read; wait until nothing writes it, then publish again`,
        );
    }
}
