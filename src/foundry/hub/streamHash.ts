/**
 * The hash of a remote file whose ranges arrive while it is converted: in order as they come, a little out of order by keeping them, gaps that
 * nobody read by fetching them at the end. Where that would cost too much it says that it does not know. Tells of its state on the way, so
 * that the next run of a killed conversion can go on with it.
 */

import { Queue } from "../../base/async";
import { throwIfAborted } from "../../base/cancel";
import type { RunningHash, StartSha256 } from "../../node/hash";
import type { HashMark } from "../sourceHashes";
import { startHash, type HashCheck } from "./frontHash";
import type { RangeSource } from "./rangeReader";

export type HashVerdict = "right" | "wrong" | "unknown";

/** Ranges that came too early are kept up to this many bytes. */
const MAX_EARLY_BYTES = 48 * 1024 * 1024;
/** Reading so much again, or this share of the file, is worth the certainty. */
const MAX_GAP_BYTES = 64 * 1024 * 1024;
const MAX_GAP_SHARE = 0.05;
const GAP_STEP_BYTES = 8 * 1024 * 1024;
/** Given to the hash and not taken in yet; beyond it, reading waits. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;
/** At least so much between two states that are told: what a kill costs. */
const MARK_BYTES = 4 * 1024 * 1024;

type Mark = Pick<HashMark, "bytes" | "state">;

export class StreamHash implements RangeSource {
    readonly sizeBytes: number;
    private hash: RunningHash;
    private front = 0;
    private readonly early = new Map<number, Uint8Array>();
    private earlyBytes = 0;
    /** Dropped although the hash still needs them, since rows are read. */
    private lostBytes = 0;
    private pendingBytes = 0;
    private taken: Promise<unknown> = Promise.resolve();
    private failure: Error | undefined;
    private isGivenUp = false;
    /** Ascending. */
    private cuts: number[] = [];
    private onMark: ((mark: Mark) => void) | undefined;
    private readonly finishing = new Queue();
    private result: HashVerdict | undefined;

    constructor(
        private readonly source: RangeSource,
        private readonly check: HashCheck,
        private readonly startSha256: StartSha256,
        private readonly markBytes = MARK_BYTES,
    ) {
        this.sizeBytes = source.sizeBytes;
        this.hash = startHash(check.kind, source.sizeBytes, startSha256);
    }

    async readRange(start: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
        const bytes = await this.source.readRange(start, length, signal);
        this.take(start, bytes);
        if (this.pendingBytes > MAX_PENDING_BYTES) await this.taken;
        return bytes;
    }

    release(): void {
        this.source.release();
    }

    /** False when more has been taken in: what was read then would not be in the hash that goes on. */
    canResume({ bytes }: Mark): boolean {
        return this.check.kind === "sha256" && bytes >= this.front && bytes <= this.sizeBytes;
    }

    resume({ bytes, state }: Mark): void {
        if (!state) {
            this.isGivenUp = true;
            this.forgetEarly();
            return;
        }
        this.hash = this.startSha256(state);
        this.front = bytes;
        this.feedEarly();
    }

    /** Tells of the state at some of these places, which ascend, and at the end of the file. */
    follow(cuts: readonly number[], onMark: (mark: Mark) => void): void {
        if (this.isGivenUp) return onMark({ bytes: 0, state: undefined });
        let last = this.front;
        this.cuts = cuts.filter((cut, index) => {
            const isWanted = cut - last >= this.markBytes || index === cuts.length - 1;
            if (isWanted) last = cut;
            return isWanted && cut > this.front;
        });
        this.onMark = onMark;
        this.lostBytes = 0;
        if (this.front === this.sizeBytes) this.mark();
    }

    /** Call when no more is read. */
    verdict(signal: AbortSignal): Promise<HashVerdict> {
        return this.finishing.add(async () => (this.result ??= await this.finish(signal)));
    }

    private async finish(signal: AbortSignal): Promise<HashVerdict> {
        const known = this.earlyBytes + this.front;
        if (this.isGivenUp || this.sizeBytes - known > this.maxGapBytes) return "unknown";
        while (this.front < this.sizeBytes) {
            throwIfAborted(signal);
            const next = Math.min(this.sizeBytes, ...this.early.keys());
            const length = Math.min(GAP_STEP_BYTES, next - this.front);
            this.take(this.front, await this.source.readRange(this.front, length, signal));
            await this.taken;
        }
        const hex = await this.hash.digest();
        if (this.failure) throw this.failure;
        return hex === this.check.hex ? "right" : "wrong";
    }

    private get maxGapBytes(): number {
        return Math.max(MAX_GAP_BYTES, this.sizeBytes * MAX_GAP_SHARE);
    }

    private take(start: number, bytes: Uint8Array): void {
        if (this.isGivenUp || this.result !== undefined) return;
        if (start + bytes.length <= this.front) return;
        if (start > this.front) return this.keep(start, bytes);
        this.feed(start, bytes);
        this.feedEarly();
    }

    private feedEarly(): void {
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
        const end = start + bytes.length;
        while (this.front < end) {
            const cut = this.cuts[0] ?? Infinity;
            const until = Math.min(end, cut);
            this.update(bytes.subarray(this.front - start, until - start));
            this.front = until;
            if (until === cut) this.cuts.shift();
            if (until === cut || until === this.sizeBytes) this.mark();
        }
    }

    private update(bytes: Uint8Array): void {
        this.pendingBytes += bytes.length;
        this.taken = this.hash
            .update(bytes)
            .then(() => (this.pendingBytes -= bytes.length))
            .catch((error: unknown) => (this.failure ??= toError(error)));
    }

    private mark(): void {
        const { front: bytes, onMark } = this;
        if (!onMark) return;
        this.hash
            .save()
            .then((state) => state && onMark({ bytes, state }))
            .catch((error: unknown) => (this.failure ??= toError(error)));
    }

    private keep(start: number, bytes: Uint8Array): void {
        if ((this.early.get(start)?.length ?? 0) >= bytes.length) return;
        this.earlyBytes += bytes.length - (this.early.get(start)?.length ?? 0);
        this.early.set(start, bytes);
        // The farthest one is needed last; at the end it counts as a gap.
        while (this.earlyBytes > MAX_EARLY_BYTES) {
            const farthest = Math.max(...this.early.keys());
            this.lose(this.early.get(farthest)?.length ?? 0);
            this.early.delete(farthest);
        }
    }

    /** Once the verdict is lost, the next run should not do everything again for its sake. */
    private lose(bytes: number): void {
        this.earlyBytes -= bytes;
        const before = this.lostBytes;
        this.lostBytes += bytes;
        if (before <= this.maxGapBytes && this.lostBytes > this.maxGapBytes)
            this.onMark?.({ bytes: 0, state: undefined });
    }

    private forgetEarly(): void {
        this.early.clear();
        this.earlyBytes = 0;
    }
}

function toError(error: unknown): Error {
    return error instanceof Error ? error : new Error(String(error));
}
