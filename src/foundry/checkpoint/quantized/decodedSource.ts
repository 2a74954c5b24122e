/**
 * A checkpoint whose quantized matrices look like plain F32 tensors in files of their own: opening such a file gives a reader that
 * decodes the rows it is asked for. Whatever reads tensors needs not know. Memory is bounded: packed data and scales are kept
 * in a cache of fixed size, rows are decoded when they are read.
 */

import { AppError } from "../../../base/errors";
import { throwIfAborted } from "../../../base/cancel";
import { float32Bytes } from "../../floats";
import type { SourceTensor } from "../index";
import { withOpen, type CheckpointSource, type FileReader } from "../source";
import type { DecodedMatrix, DecoderIo } from "./matrix";

const CACHE_BYTES = 192 * 1024 * 1024;

/** The matrix as a tensor of the decoded source. */
export function asTensor(matrix: DecodedMatrix): SourceTensor {
    const bytes = matrix.shape.reduce((product, n) => product * n, 4);
    if (!Number.isSafeInteger(bytes))
        throw new AppError("data/checkpoint", `${matrix.name} has an impossible shape`);
    const { shape, name } = matrix;
    return { name, dtype: "F32", shape, file: fileOf(matrix), offset: 0, bytes };
}

/** Sorts as the packed bytes lie on the disk, which is the order they are best read in. */
function fileOf({ anchor, name }: DecodedMatrix): string {
    return `${anchor.file}#${String(anchor.offset).padStart(16, "0")} ${name}`;
}

export function decodedSource(
    inner: CheckpointSource,
    matrices: readonly DecodedMatrix[],
): CheckpointSource {
    if (matrices.length === 0) return inner;
    const byFile = new Map(matrices.map((matrix) => [fileOf(matrix), matrix]));
    const shared = new Shared(inner);
    return withOpen(inner, async (file) => {
        const matrix = byFile.get(file);
        return matrix ? shared.reader(matrix) : inner.open(file);
    });
}

/** Open files and cached parts of all decoded tensors; let go when the last reader is closed. */
class Shared {
    private readonly files = new Map<string, Promise<FileReader>>();
    private readonly cache = new Map<string, { value: Promise<unknown>; bytes: number }>();
    private cachedBytes = 0;
    private nReaders = 0;

    constructor(private readonly inner: CheckpointSource) {}

    reader(matrix: DecodedMatrix): FileReader {
        this.nReaders++;
        const rowLength = matrix.shape.at(-1) ?? 1;
        const sizeBytes = asTensor(matrix).bytes;
        let isOpen = true;
        return {
            sizeBytes,
            read: async (offset, length, signal) => {
                throwIfAborted(signal);
                if (offset < 0 || length < 0 || offset + length > sizeBytes)
                    throw new AppError("bug/internal", `${matrix.name} was read past its end`);
                if (length === 0) return new Uint8Array();
                const rowBytes = rowLength * 4;
                const first = Math.floor(offset / rowBytes);
                const last = Math.ceil((offset + length) / rowBytes);
                const values = await matrix.decode(first, last - first, this.io(signal));
                const start = offset - first * rowBytes;
                return float32Bytes(values).subarray(start, start + length);
            },
            close: async () => {
                if (!isOpen) return;
                isOpen = false;
                this.nReaders--;
                if (this.nReaders === 0) await this.release();
            },
        };
    }

    private io(signal: AbortSignal | undefined): DecoderIo {
        return {
            read: async ({ file, offset: start }, offset, length) => {
                const open = this.files.get(file) ?? this.inner.open(file);
                this.files.set(file, open);
                return (await open).read(start + offset, length, signal);
            },
            cached: (key, bytes, make) => this.remember(key, bytes, make),
        };
    }

    /** Least recently used goes first. What fails is not kept. */
    private remember<T>(key: string, bytes: number, make: () => Promise<T>): Promise<T> {
        const present = this.cache.get(key);
        if (present) {
            this.cache.delete(key);
            this.cache.set(key, present);
            return present.value as Promise<T>;
        }
        const value = make();
        this.cache.set(key, { value, bytes });
        this.cachedBytes += bytes;
        value.catch(() => this.forget(key));
        for (const oldest of this.cache.keys()) {
            if (this.cachedBytes <= CACHE_BYTES || oldest === key) break;
            this.forget(oldest);
        }
        return value;
    }

    private forget(key: string): void {
        this.cachedBytes -= this.cache.get(key)?.bytes ?? 0;
        this.cache.delete(key);
    }

    private async release(): Promise<void> {
        const opened = [...this.files.values()];
        this.files.clear();
        this.cache.clear();
        this.cachedBytes = 0;
        const readers = await Promise.allSettled(opened);
        for (const reader of readers) if (reader.status === "fulfilled") await reader.value.close();
    }
}
