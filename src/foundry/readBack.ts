/**
 * Reads a result back while it is still being written and hashes what lies there, from the beginning as far as it is without a gap: at the
 * end little is left to do. Several files are seen as one run of bytes, as everywhere in the foundry; each gets its own hash.
 * INVARIANT: every byte is read after it was written, and none is hashed that may still change.
 */

import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import type { StartSha256 } from "../node/hash";

/** Memory that is read into and hashed in turn; shorter steps cost more calls. */
const STEP_BYTES = 1024 * 1024;

export interface ReadBackOptions {
    /** Exactly `length` bytes, in the memory of `into`. */
    read(offset: number, length: number, into: Uint8Array): Promise<Uint8Array>;
    /** Sizes of the files, in their order. */
    sizes: readonly number[];
    /** Ends reading, with an error from `finish`. */
    signal: AbortSignal;
    startSha256: StartSha256;
    onProgress?: ((readBytes: number) => void) | undefined;
}

export class ReadBack {
    private readonly totalBytes: number;
    private readonly memory = new Uint8Array(STEP_BYTES);
    /** Written beyond the front: start to end. */
    private readonly ahead = new Map<number, number>();
    /** Everything before it is written. */
    private front = 0;
    private position = 0;
    private hash;
    private readonly digests: string[] = [];
    private fileEnd: number;
    private running: Promise<void> | undefined;
    private failure: Error | undefined;
    private isStopped = false;

    constructor(private readonly options: ReadBackOptions) {
        this.totalBytes = options.sizes.reduce((sum, size) => sum + size, 0);
        this.fileEnd = options.sizes[0] ?? 0;
        this.hash = options.startSha256();
    }

    /** These bytes are there and stay as they are. Throws when they were said to be there before. */
    written(offset: number, length: number): void {
        if (length === 0) return;
        if (offset < this.front || this.ahead.has(offset))
            throw new AppError("bug/internal", `Two pieces of the file begin at ${offset}`);
        this.ahead.set(offset, offset + length);
        for (let end; (end = this.ahead.get(this.front)) !== undefined;) {
            this.ahead.delete(this.front);
            this.front = end;
        }
        if (this.running || this.isStopped || this.front - this.position < STEP_BYTES) return;
        this.running = this.follow(STEP_BYTES)
            .catch((error: unknown) => {
                this.failure ??= error instanceof Error ? error : new Error(String(error));
            })
            .finally(() => (this.running = undefined));
    }

    /** Reads what is left; returns the SHA-256 of each file. Throws when something was never written. */
    async finish(): Promise<string[]> {
        while (this.running) await this.running;
        if (this.failure) throw this.failure;
        if (this.front !== this.totalBytes)
            throw new AppError(
                "bug/internal",
                `Nothing was written at ${this.front} of ${this.totalBytes} bytes`,
            );
        await this.follow(1);
        return this.digests;
    }

    /** Before the file is closed early. */
    stop(): void {
        this.isStopped = true;
    }

    private async follow(least: number): Promise<void> {
        while (!this.isStopped && this.front - this.position >= least) {
            throwIfAborted(this.options.signal);
            const end = Math.min(this.front, this.fileEnd, this.position + STEP_BYTES);
            const length = end - this.position;
            await this.hash.update(await this.options.read(this.position, length, this.memory));
            this.position = end;
            if (end === this.fileEnd) await this.nextFile();
            this.options.onProgress?.(end);
        }
    }

    private async nextFile(): Promise<void> {
        this.digests.push(await this.hash.digest());
        this.hash = this.options.startSha256();
        this.fileEnd += this.options.sizes[this.digests.length] ?? 0;
    }
}
