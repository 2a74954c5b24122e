/**
 * The hash of a file that is still being filled: follows the front of what is there without a gap and reads it back from disk, so that at
 * the end only the last bytes are left. Hashes what lies on disk, not what came over the network.
 */

import type { FileHandle } from "node:fs/promises";
import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import { nodeHash, type RunningHash, type StartSha256 } from "../../node/hash";

/** LFS files are named by their SHA-256, all others by the SHA-1 that git gives a blob. */
export interface HashCheck {
    kind: "sha256" | "git-sha1";
    /** Lower case. */
    hex: string;
}

const STEP_BYTES = 4 * 1024 * 1024;

export function startHash(
    kind: HashCheck["kind"],
    sizeBytes: number,
    startSha256: StartSha256,
): RunningHash {
    return kind === "sha256" ? startSha256() : nodeHash("sha1", `blob ${sizeBytes}\0`);
}

export class FrontHash {
    private readonly hash;
    private readonly buffer = Buffer.allocUnsafe(STEP_BYTES);
    private hashed = 0;
    private front = 0;
    private running: Promise<void> | undefined;
    private failure: Error | undefined;
    private stopped = false;

    constructor(
        private readonly handle: FileHandle,
        private readonly check: HashCheck,
        private readonly sizeBytes: number,
        startSha256: StartSha256,
    ) {
        this.hash = startHash(check.kind, sizeBytes, startSha256);
    }

    /** The first `bytes` of the file are there. Returns at once. */
    advance(bytes: number): void {
        this.front = Math.max(this.front, bytes);
        if (this.running || this.stopped || this.front - this.hashed < STEP_BYTES) return;
        this.running = this.follow(STEP_BYTES)
            .catch((error: unknown) => {
                this.failure ??= error instanceof Error ? error : new Error(String(error));
            })
            .finally(() => {
                this.running = undefined;
            });
    }

    /** Reads the rest; the file must be whole. True when the hash is the expected one. */
    async finish(signal: AbortSignal): Promise<boolean> {
        await this.running;
        this.front = this.sizeBytes;
        if (this.failure === undefined) await this.follow(1, signal);
        if (this.failure !== undefined) throw this.failure;
        return (await this.hash.digest()) === this.check.hex;
    }

    /** Before the file is closed early. */
    stop(): void {
        this.stopped = true;
    }

    private async follow(least: number, signal?: AbortSignal): Promise<void> {
        while (!this.stopped && this.front - this.hashed >= least) {
            throwIfAborted(signal);
            const length = Math.min(STEP_BYTES, this.front - this.hashed);
            const { bytesRead } = await this.handle.read(this.buffer, 0, length, this.hashed);
            if (bytesRead === 0) throw new AppError("env/disk", "The download became shorter");
            await this.hash.update(this.buffer.subarray(0, bytesRead));
            this.hashed += bytesRead;
        }
    }
}
