/**
 * A large file in the parts that the Hub has given addresses for, over several connections. A part that the store has acknowledged is in the journal
 * and is not sent again, also not by the next process.
 */

import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import { notAHub } from "../hub/api";
import { toError } from "../hub/guard";
import { discard, type RequestBody } from "../hub/http";
import { checkAddress, type Action } from "./action";
import { postJson, refusedWrite, toTarget } from "./ask";
import type { LfsOptions } from "./lfs";
import type { PieceReader } from "./pieces";
import type { MultipartUpload, UploadJournal } from "./uploadJournal";

export const LFS_TYPE = "application/vnd.git-lfs+json";
const CONNECTIONS = 4;
const MAX_PARTS = 100_000;

/** Undefined when the file goes in one piece. */
export function multipartOf(
    { href, header }: Action,
    { http, reader }: LfsOptions,
): MultipartUpload | undefined {
    if (header["chunk_size"] === undefined) return undefined;
    const chunkBytes = Number(header["chunk_size"]);
    const numbers = Object.keys(header)
        .filter((key) => /^\d{1,6}$/.test(key))
        .sort((a, b) => Number(a) - Number(b));
    const nParts = Math.ceil(reader.piece.sizeBytes / chunkBytes);
    const isWhole =
        Number.isSafeInteger(chunkBytes) &&
        nParts === numbers.length &&
        nParts <= MAX_PARTS &&
        numbers.every((key, index) => Number(key) === index + 1);
    if (!isWhole) throw notAHub(http.host, "the parts of an upload are not those of the file");
    return {
        chunkBytes,
        parts: numbers.map((key) => checkAddress(http, header[key])),
        completeUrl: href,
    };
}

/** Goes on with the upload of the journal, or with `fresh`; not done when addresses have run out. */
export async function sendParts(
    options: LfsOptions,
    journal: UploadJournal,
    fresh: MultipartUpload,
): Promise<{ isDone: boolean; sentBytes: number }> {
    const upload = await chooseUpload(journal, fresh);
    const run = new PartsRun(options, journal, upload);
    const isSent = await run.send();
    const isDone = isSent && (await complete(options, upload, journal.done));
    // The next addresses are tried instead of these.
    if (!isDone) journal.expire();
    return { isDone, sentBytes: run.sentBytes };
}

/** Addresses of the same upload keep what has arrived; those of another one begin anew, unless the old ones still hold. */
async function chooseUpload(
    journal: UploadJournal,
    fresh: MultipartUpload,
): Promise<MultipartUpload> {
    const { upload: before, isExpired } = journal;
    const isAlike =
        before?.chunkBytes === fresh.chunkBytes && before.parts.length === fresh.parts.length;
    const kept = isAlike ? [...journal.done] : [];
    if (before && kept.length > 0 && !isExpired) return before;
    await journal.begin(fresh);
    const isSame = before && uploadId(before) !== undefined && uploadId(before) === uploadId(fresh);
    if (isSame) for (const [part, tag] of kept) await journal.add(part, tag);
    return fresh;
}

function uploadId({ parts }: MultipartUpload): string | undefined {
    const [first] = parts;
    if (first === undefined) return undefined;
    return new URL(first).searchParams.get("uploadId") ?? undefined;
}

/** The missing parts, over some connections. */
class PartsRun {
    sentBytes = 0;
    private readonly inFlight = new Map<number, number>();
    private readonly stop = new AbortController();

    constructor(
        private readonly options: LfsOptions,
        private readonly journal: UploadJournal,
        private readonly upload: MultipartUpload,
    ) {}

    /** False when the addresses have run out. */
    async send(): Promise<boolean> {
        const { signal, connections = CONNECTIONS } = this.options;
        const missing = this.upload.parts
            .map((url, index) => ({ url, part: index + 1 }))
            .filter(({ part }) => !this.journal.done.has(part));
        const both = AbortSignal.any([signal, this.stop.signal]);
        let failure: Error | undefined;
        let isExpired = false;
        this.report();
        const work = async () => {
            for (;;) {
                const next = both.aborted || isExpired ? undefined : missing.shift();
                if (!next) return;
                try {
                    if (!(await this.sendOne(next.part, next.url, both))) isExpired = true;
                } catch (error) {
                    failure ??= toError(error);
                    this.stop.abort();
                }
            }
        };
        const n = Math.min(connections, missing.length);
        await Promise.all(Array.from({ length: n }, work));
        throwIfAborted(signal);
        if (failure) throw failure;
        return !isExpired;
    }

    private async sendOne(part: number, url: string, signal: AbortSignal): Promise<boolean> {
        const { http, repo, reader } = this.options;
        const { start, length } = this.placeOf(part);
        const body = counted(reader.body(start, length), (done) => {
            this.inFlight.set(part, done);
            this.report();
        });
        try {
            const answer = await http.request({ url, method: "PUT", body }, toTarget(repo), signal);
            const { status, ok, headers } = answer.response;
            if (status === 403) {
                await discard(answer.response);
                return false;
            }
            if (!ok) throw await refusedWrite(http, answer, repo);
            await discard(answer.response);
            const tag = headers.get("etag");
            if (!tag) throw notAHub(answer.host, "a part was taken without an ETag");
            await this.journal.add(part, tag);
            this.sentBytes += length;
            return true;
        } finally {
            this.inFlight.delete(part);
            this.report();
        }
    }

    private placeOf(part: number): { start: number; length: number } {
        const { chunkBytes } = this.upload;
        const start = (part - 1) * chunkBytes;
        return { start, length: Math.min(chunkBytes, this.options.reader.piece.sizeBytes - start) };
    }

    private report(): void {
        let done = 0;
        for (const part of this.journal.done.keys()) done += this.placeOf(part).length;
        for (const bytes of this.inFlight.values()) done += bytes;
        this.options.onProgress(Math.min(done, this.options.reader.piece.sizeBytes));
    }
}

/** False when the store no longer knows the upload. */
async function complete(
    { http, repo, signal, reader, oid }: LfsOptions,
    { completeUrl, parts }: MultipartUpload,
    tags: ReadonlyMap<number, string>,
): Promise<boolean> {
    const request = postJson(
        completeUrl,
        { oid, parts: parts.map((_, i) => ({ partNumber: i + 1, etag: tags.get(i + 1) ?? "" })) },
        LFS_TYPE,
    );
    const answer = await http.request(request, toTarget(repo), signal);
    const { status, ok } = answer.response;
    if (ok || status === 403 || status === 404) {
        await discard(answer.response);
        return ok;
    }
    if (status === 400 || status === 422) throw await damaged(reader, answer.host);
    throw await refusedWrite(http, answer, repo);
}

/** The parts in the journal are no beginning of anything. */
export async function damaged(reader: PieceReader, host: string): Promise<AppError> {
    await reader.checkUnchanged();
    return new AppError(
        "data/hash",
        `${reader.piece.path} arrived damaged at ${host}: its SHA-256 is another one; publish again`,
    );
}

/** The same bytes; tells how many were taken. */
export function counted(body: RequestBody, onBytes: (doneBytes: number) => void): RequestBody {
    return {
        sizeBytes: body.sizeBytes,
        async *open() {
            let done = 0;
            for await (const chunk of body.open()) {
                yield chunk;
                done += chunk.length;
                onBytes(done);
            }
        },
    };
}
