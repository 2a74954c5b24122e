/**
 * One file of a repository, read by byte ranges over HTTP: finds the signed address, asks again when it has expired, goes on where a
 * broken connection stopped, and refuses to mix two versions of the file. Caches nothing (see rangeReader.ts).
 */

import { AppError } from "../../base/errors";
import { Queue } from "../../base/async";
import { throwIfAborted } from "../../base/cancel";
import { formatBytes } from "../../base/format";
import type { Log } from "../../base/log";
import { changedError, offlineError, type Target } from "./errors";
import type { RangeSource } from "./rangeReader";
import { backOffMs, discard, type Answer, type HubHttp } from "./http";

export interface RemoteFileOptions {
    /** `ENDPOINT/REPO/resolve/COMMIT/PATH`. */
    url: string;
    target: Target;
    sizeBytes: number;
    sha256: string | undefined;
    log: Log;
}

/** A signed address answers with one of these when its time is over, depending on the store. */
const EXPIRED = new Set([400, 401, 403, 404, 410]);
const MAX_RENEWALS = 3;
/** Connections in a row that break without bringing anything worth counting. */
const MAX_BREAKS = 5;
const PROGRESS_BYTES = 64 * 1024;
/** Largest file that is taken whole from a server that does not send ranges. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;

/** A store may name the same bytes otherwise than the next one does, so an ETag belongs to its address. */
interface Place {
    url: string;
    etag: string | undefined;
}

export class RemoteFile implements RangeSource {
    readonly sizeBytes: number;
    /** Where the bytes are. Until it is known requests go one by one, so that only one of them asks. */
    private place: Place | undefined;
    private readonly locating = new Queue();
    /** Of the file, as the Hub itself says; the same at every place. */
    private linkedEtag: string | undefined;
    /** Stands in for it where the Hub does not say. */
    private lastEtag: string | undefined;
    private whole: Promise<Uint8Array> | undefined;

    constructor(
        private readonly http: HubHttp,
        private readonly options: RemoteFileOptions,
    ) {
        this.sizeBytes = options.sizeBytes;
        this.linkedEtag = options.sha256;
    }

    /** Exactly `length` bytes from `start`; the range must lie inside the file and not be empty. */
    async readRange(start: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
        const out = new Uint8Array(length);
        let done = 0;
        for (let nBreaks = 0; ;) {
            if (this.whole) return (await this.whole).slice(start, start + length);
            const answer = await this.request(start + done, start + length - 1, signal);
            if (answer.response.status === 200) {
                await this.takeWhole(answer, signal);
                continue;
            }
            const before = done;
            const broken = await this.receive(answer, (chunk) => {
                const fitting = chunk.subarray(0, length - done);
                out.set(fitting, done);
                done += fitting.length;
                return done < length;
            });
            if (done === length) return out;
            nBreaks = done - before >= PROGRESS_BYTES ? 1 : nBreaks + 1;
            await this.pause(answer, nBreaks, start + done, broken, signal);
        }
    }

    /**
     * Gives `length` bytes from `start` to `take`, in order and as they come. False, and nothing taken, when the server sends no
     * ranges: then `streamWhole` is the way.
     */
    async streamRange(
        start: number,
        length: number,
        take: (chunk: Uint8Array) => Promise<void>,
        signal: AbortSignal,
    ): Promise<boolean> {
        let done = 0;
        for (let nBreaks = 0; done < length;) {
            const answer = await this.request(start + done, start + length - 1, signal);
            if (answer.response.status !== 206) {
                await discard(answer.response);
                if (done === 0) return false;
                throw this.changed("the server sends no ranges any more");
            }
            const before = done;
            const broken = await this.pass(answer, async (chunk) => {
                const fitting = chunk.subarray(0, length - done);
                done += fitting.length;
                await take(fitting);
                return done < length;
            });
            if (done === length) break;
            nBreaks = done - before >= PROGRESS_BYTES ? 1 : nBreaks + 1;
            await this.pause(answer, nBreaks, start + done, broken, signal);
        }
        return true;
    }

    /** The whole file from a server without ranges; what comes before `start` is thrown away. Broken connections begin again. */
    async streamWhole(
        start: number,
        take: (chunk: Uint8Array) => Promise<void>,
        signal: AbortSignal,
    ): Promise<void> {
        let done = start;
        for (let nBreaks = 1; ; nBreaks++) {
            const answer = await this.request(0, undefined, signal);
            const before = done;
            let at = 0;
            const broken = await this.pass(answer, async (chunk) => {
                const fresh = chunk.subarray(Math.max(0, Math.min(chunk.length, done - at)));
                at += chunk.length;
                if (at > this.sizeBytes) return false;
                done += fresh.length;
                if (fresh.length > 0) await take(fresh);
                return true;
            });
            if (at > this.sizeBytes) throw this.changed("the file is longer than its listing says");
            if (done === this.sizeBytes) return;
            if (done - before >= PROGRESS_BYTES) nBreaks = 1;
            await this.pause(answer, nBreaks, done, broken, signal);
        }
    }

    /** Like `receive`, for a taker that may be slow. Its own errors are thrown, those of the connection returned. */
    private async pass(
        answer: Answer,
        take: (chunk: Uint8Array) => Promise<boolean>,
    ): Promise<unknown> {
        const chunks = answer.chunks();
        try {
            for (;;) {
                let next: IteratorResult<Uint8Array, void>;
                try {
                    next = await chunks.next();
                } catch (error) {
                    return error;
                }
                if (next.done || !(await take(next.value))) return undefined;
            }
        } finally {
            await chunks.return();
        }
    }

    /** Forgets a file that had to be kept whole. */
    release(): void {
        this.whole = undefined;
    }

    /** Feeds the body to `take` until it wants no more. Returns what broke the connection, if something did. */
    private async receive(answer: Answer, take: (chunk: Uint8Array) => boolean): Promise<unknown> {
        try {
            for await (const chunk of answer.chunks()) if (!take(chunk)) break;
        } catch (error) {
            return error;
        }
        return undefined;
    }

    private async pause(
        answer: Answer,
        nBreaks: number,
        offset: number,
        broken: unknown,
        signal: AbortSignal,
    ): Promise<void> {
        throwIfAborted(signal);
        if (nBreaks >= MAX_BREAKS) throw offlineError(answer.host, broken);
        const { file } = this.options.target;
        this.options.log.debug("connection broke", { host: answer.host, file, offset, nBreaks });
        await this.http.io.delay(backOffMs(nBreaks), signal);
    }

    /** The server sends no ranges: a small file is read whole and kept, a large one would be read again for every block. */
    private async takeWhole(answer: Answer, signal: AbortSignal): Promise<void> {
        const { target } = this.options;
        if (this.sizeBytes > MAX_WHOLE_BYTES) {
            await discard(answer.response);
            throw new AppError(
                "net/http",
                `${answer.host} does not send parts of files, which ${target.file ?? ""} (${formatBytes(this.sizeBytes)}) needs; download the repository and convert the folder`,
            );
        }
        if (this.whole) await discard(answer.response);
        this.whole ??= this.readWhole(answer, signal);
        try {
            await this.whole;
        } catch (error) {
            this.whole = undefined;
            throw error;
        }
    }

    private async readWhole(first: Answer, signal: AbortSignal): Promise<Uint8Array> {
        const out = new Uint8Array(this.sizeBytes);
        for (let answer = first, nBreaks = 1; ; nBreaks++) {
            let done = 0;
            const broken = await this.receive(answer, (chunk) => {
                if (done + chunk.length <= out.length) out.set(chunk, done);
                done += chunk.length;
                return done <= out.length;
            });
            if (done > out.length) throw this.changed("the file is longer than its listing says");
            if (done === out.length) return out;
            await this.pause(answer, nBreaks, done, broken, signal);
            answer = await this.request(0, this.sizeBytes - 1, signal);
        }
    }

    /** A checked answer, 206 or 200, for the bytes `first` to `last`; without `last` for the whole file, without a range. */
    private async request(
        first: number,
        last: number | undefined,
        signal: AbortSignal,
    ): Promise<Answer> {
        const { target, log } = this.options;
        for (let nRenewals = 0; ; nRenewals++) {
            const known = this.place;
            const { answer, place } = known
                ? { answer: await this.send(known, first, last, signal), place: known }
                : await this.locating.add(() => this.locate(first, last, signal));
            const { status } = answer.response;
            const isOld = place.url !== this.options.url && EXPIRED.has(status);
            if (!isOld || nRenewals >= MAX_RENEWALS) {
                if (status === 416) throw await this.tooShort(answer);
                await this.http.expectOk(answer, target);
                const problem = this.findProblem(answer, place, first);
                if (!problem) return answer;
                await discard(answer.response);
                throw problem;
            }
            log.debug("address expired", { host: answer.host, file: target.file, status });
            await discard(answer.response);
            if (this.place === place) this.place = undefined;
        }
    }

    /** Asks the Hub, unless the request before this one in the queue has done so. */
    private async locate(
        first: number,
        last: number | undefined,
        signal: AbortSignal,
    ): Promise<{ answer: Answer; place: Place }> {
        const known = this.place;
        if (known) return { answer: await this.send(known, first, last, signal), place: known };
        const hub: Place = { url: this.options.url, etag: undefined };
        const answer = await this.send(hub, first, last, signal);
        if (!answer.response.ok) return { answer, place: hub };
        const isNamed = answer.firstHop.has("x-linked-etag");
        this.place = { url: answer.url, etag: isNamed ? undefined : this.lastEtag };
        return { answer, place: this.place };
    }

    private send(
        place: Place,
        first: number,
        last: number | undefined,
        signal: AbortSignal,
    ): Promise<Answer> {
        // Ranges of a compressed body would be ranges of something else.
        const headers: Record<string, string> = { "Accept-Encoding": "identity" };
        if (last !== undefined) headers["Range"] = `bytes=${first}-${last}`;
        const { etag } = place;
        if (last !== undefined && etag !== undefined && !etag.startsWith("W/"))
            headers["If-Range"] = etag;
        return this.http.get(place.url, this.options.target, headers, signal);
    }

    /** What says that these are not the bytes asked for, of the version whose other bytes were read before. */
    private findProblem(answer: Answer, place: Place, first: number): AppError | undefined {
        const { firstHop, response } = answer;
        const linkedSize = firstHop.get("x-linked-size");
        if (linkedSize !== null && Number(linkedSize) !== this.sizeBytes)
            return this.changed(`its size was ${this.sizeBytes} and is ${linkedSize}`);
        const linked = plainEtag(firstHop.get("x-linked-etag"));
        this.linkedEtag ??= linked;
        if (linked !== undefined && linked !== this.linkedEtag)
            return this.changed(`its linked ETag was ${this.linkedEtag} and is ${linked}`);
        const etag = response.headers.get("etag") ?? undefined;
        place.etag ??= etag;
        this.lastEtag = place.etag;
        if (etag !== undefined && etag !== place.etag)
            return this.changed(`its ETag was ${place.etag} and is ${etag}`);
        return response.status === 206 ? this.findRangeProblem(answer, first) : undefined;
    }

    private findRangeProblem({ response, host }: Answer, first: number): AppError | undefined {
        const range = response.headers.get("content-range") ?? "";
        const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
        if (total !== undefined && total !== "*" && Number(total) !== this.sizeBytes)
            return this.changed(`its size was ${this.sizeBytes} and is ${total}`);
        if (Number(from ?? NaN) === first) return undefined;
        return new AppError(
            "net/http",
            `${host} sent other bytes than those asked for; try again later`,
            { detail: `asked from ${first}, got ${range}` },
        );
    }

    /** The range lies behind the end of what the server has. */
    private async tooShort({ response }: Answer): Promise<AppError> {
        await discard(response);
        const total = response.headers.get("content-range") ?? "";
        return this.changed(`its size was ${this.sizeBytes} and is ${total}`);
    }

    private changed(detail: string): AppError {
        return changedError(this.options.target, detail);
    }
}

function plainEtag(etag: string | null): string | undefined {
    return etag === null ? undefined : etag.replace(/^W\//, "").replaceAll('"', "");
}
