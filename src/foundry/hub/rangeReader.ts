/**
 * Turns the converter's many small reads into a few ranged requests: a span grows as reads go on in sequence, the next spans are asked for
 * before they are needed, spans are shared by concurrent reads and kept while memory allows. What a request needs to succeed is
 * remoteFile.ts's.
 */

import { AppError, cancelled } from "../../base/errors";
import { Deferred } from "../../base/async";
import { onAbort, throwIfAborted } from "../../base/cancel";
import { memoryFor, type FileReader } from "../checkpoint/source";

/** What spans are read from: remoteFile.ts. */
export interface RangeSource {
    readonly sizeBytes: number;
    readRange(start: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
    /** No reader is left that needs what it keeps. */
    release(): void;
}

/** A first read brings at least this much: small headers come with their length. */
const FIRST_SPAN_BYTES = 64 * 1024;
const MAX_SPAN_BYTES = 8 * 1024 * 1024;
/** Asked for ahead of the last read, once reads have gone on in sequence for so many times and bytes: headers alone do not. */
const AHEAD_BYTES = 20 * 1024 * 1024;
const AHEAD_AFTER_READS = 4;
const AHEAD_AFTER_BYTES = 1024 * 1024;

interface Span {
    start: number;
    end: number;
    bytes: Promise<Uint8Array>;
    drop(): void;
}

/** What all files of one source share: how many requests run at once, and how many bytes are kept. */
export class SpanPool {
    private readonly spans = new Set<Span>();
    private kept = 0;
    private nRunning = 0;
    private readonly waiting: Deferred<void>[] = [];

    constructor(
        private readonly maxBytes = 40 * 1024 * 1024,
        private readonly maxRequests = 4,
    ) {}

    /** Bytes of all spans that are not dropped, arrived or on their way. */
    get keptBytes(): number {
        return this.kept;
    }

    /** How much may be asked for ahead, so that nothing is dropped before it is read. */
    get aheadBytes(): number {
        return this.maxBytes / 2;
    }

    /** Marks a span as used last; the one used longest ago goes when there are too many bytes. */
    touch(span: Span): void {
        if (!this.spans.delete(span)) this.kept += span.end - span.start;
        this.spans.add(span);
        for (const oldest of this.spans) {
            if (this.kept <= this.maxBytes || oldest === span) break;
            this.remove(oldest);
        }
    }

    remove(span: Span): void {
        if (!this.spans.delete(span)) return;
        this.kept -= span.end - span.start;
        span.drop();
    }

    async request<T>(work: () => Promise<T>): Promise<T> {
        if (this.nRunning >= this.maxRequests) {
            const turn = new Deferred<void>();
            this.waiting.push(turn);
            await turn.promise;
        } else this.nRunning++;
        try {
            return await work();
        } finally {
            const next = this.waiting.shift();
            if (next) next.resolve();
            else this.nRunning--;
        }
    }
}

/** A file of the repository as the converter reads it. `signal` ends everything, `close` ends this reader's requests. */
export class RangeReader implements FileReader {
    readonly sizeBytes: number;
    private readonly spans = new Set<Span>();
    private readonly closed = new AbortController();
    private readonly signal: AbortSignal;
    /** Reads in sequence: how many, from where, up to where. */
    private streak = { nReads: 0, start: 0, end: 0 };

    constructor(
        private readonly file: RangeSource,
        private readonly name: string,
        private readonly pool: SpanPool,
        signal: AbortSignal,
    ) {
        this.sizeBytes = file.sizeBytes;
        this.signal = AbortSignal.any([signal, this.closed.signal]);
    }

    async read(
        offset: number,
        length: number,
        signal?: AbortSignal,
        into?: Uint8Array,
    ): Promise<Uint8Array> {
        throwIfAborted(signal);
        throwIfAborted(this.signal);
        if (offset < 0 || length < 0 || offset + length > this.sizeBytes)
            throw new AppError("data/checkpoint", `${this.name} is shorter than expected`);
        const out = memoryFor(length, into);
        const copy = async (span: Span) => {
            const bytes = await untilAborted(span.bytes, signal);
            const from = Math.max(offset, span.start);
            const to = Math.min(offset + length, span.end);
            out.set(bytes.subarray(from - span.start, to - span.start), from - offset);
        };
        const spans = this.cover(offset, offset + length);
        this.readAhead(offset, offset + length);
        await Promise.all(spans.map(copy));
        return out;
    }

    async close(): Promise<void> {
        this.closed.abort();
        for (const span of [...this.spans]) this.pool.remove(span);
        this.file.release();
    }

    /** Spans, old and new, that hold every byte from `start` to `end`. */
    private cover(start: number, end: number): Span[] {
        const result: Span[] = [];
        for (let at = start; at < end;) {
            const span = this.find(at) ?? this.fetch(at, end);
            this.pool.touch(span);
            result.push(span);
            at = span.end;
        }
        return result;
    }

    /** Keeps several requests under way in front of a reader that goes on in sequence, so that it never waits for a round trip. */
    private readAhead(start: number, end: number): void {
        const { streak } = this;
        const follows = start >= streak.start && Math.abs(start - streak.end) <= end - start;
        this.streak = follows
            ? { nReads: streak.nReads + 1, start: streak.start, end: Math.max(streak.end, end) }
            : { nReads: 1, start, end };
        const { nReads, start: first, end: last } = this.streak;
        if (nReads < AHEAD_AFTER_READS || last - first < AHEAD_AFTER_BYTES) return;
        const until = Math.min(this.sizeBytes, last + Math.min(AHEAD_BYTES, this.pool.aheadBytes));
        if (last < until) this.cover(last, until);
    }

    private find(at: number): Span | undefined {
        for (const span of this.spans) if (span.start <= at && at < span.end) return span;
        return undefined;
    }

    private fetch(start: number, end: number): Span {
        let ahead = FIRST_SPAN_BYTES;
        let limit = this.sizeBytes;
        for (const other of this.spans) {
            if (other.end === start) ahead = 2 * (other.end - other.start);
            if (other.start > start) limit = Math.min(limit, other.start);
        }
        const length = Math.min(Math.max(ahead, end - start), MAX_SPAN_BYTES, limit - start);
        const bytes = this.pool.request(async () => {
            throwIfAborted(this.signal);
            return this.file.readRange(start, length, this.signal);
        });
        const drop = () => this.spans.delete(span);
        const span: Span = { start, end: start + length, bytes, drop };
        this.spans.add(span);
        bytes.catch(() => this.pool.remove(span));
        return span;
    }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!signal) return work;
    const stop = new Deferred<never>();
    const stopListening = onAbort(signal, () => stop.reject(cancelled()));
    stop.promise.catch(() => undefined);
    try {
        return await Promise.race([work, stop.promise]);
    } finally {
        stopListening();
    }
}
