/**
 * The hash of a remote file whose ranges arrive while it is converted: in order as they come, a little out of order by keeping them, gaps that
 * nobody read by fetching them at the end. Where that would cost too much it says that it does not know.
 */

import { Queue } from "../../base/async";
import { throwIfAborted } from "../../base/cancel";
import { startHash, type HashCheck } from "./frontHash";
import type { RangeSource } from "./rangeReader";

export type HashVerdict = "right" | "wrong" | "unknown";

/** Ranges that came too early are kept up to this many bytes. */
const MAX_EARLY_BYTES = 48 * 1024 * 1024;
/** Reading so much again, or this share of the file, is worth the certainty. */
const MAX_GAP_BYTES = 64 * 1024 * 1024;
const MAX_GAP_SHARE = 0.05;
const GAP_STEP_BYTES = 8 * 1024 * 1024;

export class StreamHash implements RangeSource {
    readonly sizeBytes: number;
    private readonly hash;
    private front = 0;
    private readonly early = new Map<number, Uint8Array>();
    private earlyBytes = 0;
    private readonly finishing = new Queue();
    private result: HashVerdict | undefined;

    constructor(
        private readonly source: RangeSource,
        private readonly check: HashCheck,
    ) {
        this.sizeBytes = source.sizeBytes;
        this.hash = startHash(check.kind, source.sizeBytes);
    }

    async readRange(start: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
        const bytes = await this.source.readRange(start, length, signal);
        this.take(start, bytes);
        return bytes;
    }

    release(): void {
        this.source.release();
    }

    /** Call when no more is read. */
    verdict(signal: AbortSignal): Promise<HashVerdict> {
        return this.finishing.add(async () => (this.result ??= await this.finish(signal)));
    }

    private async finish(signal: AbortSignal): Promise<HashVerdict> {
        const known = this.earlyBytes + this.front;
        const gapBytes = this.sizeBytes - known;
        if (gapBytes > Math.max(MAX_GAP_BYTES, this.sizeBytes * MAX_GAP_SHARE)) return "unknown";
        while (this.front < this.sizeBytes) {
            throwIfAborted(signal);
            const next = Math.min(this.sizeBytes, ...this.early.keys());
            const length = Math.min(GAP_STEP_BYTES, next - this.front);
            this.take(this.front, await this.source.readRange(this.front, length, signal));
        }
        return this.hash.digest("hex") === this.check.hex ? "right" : "wrong";
    }

    private take(start: number, bytes: Uint8Array): void {
        if (this.result !== undefined || start + bytes.length <= this.front) return;
        if (start > this.front) return this.keep(start, bytes);
        this.feed(start, bytes);
        for (let grew = true; grew;) {
            grew = false;
            for (const [at, kept] of this.early) {
                if (at > this.front) continue;
                this.early.delete(at);
                this.earlyBytes -= kept.length;
                this.feed(at, kept);
                grew = true;
            }
        }
    }

    private feed(start: number, bytes: Uint8Array): void {
        const fresh = bytes.subarray(Math.min(bytes.length, this.front - start));
        this.hash.update(fresh);
        this.front += fresh.length;
    }

    private keep(start: number, bytes: Uint8Array): void {
        if ((this.early.get(start)?.length ?? 0) >= bytes.length) return;
        this.earlyBytes += bytes.length - (this.early.get(start)?.length ?? 0);
        this.early.set(start, bytes);
        // The farthest one is needed last; at the end it counts as a gap.
        while (this.earlyBytes > MAX_EARLY_BYTES) {
            const farthest = Math.max(...this.early.keys());
            this.earlyBytes -= this.early.get(farthest)?.length ?? 0;
            this.early.delete(farthest);
        }
    }
}
