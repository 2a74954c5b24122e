/**
 * From a plan to files: makes the parts, goes on with what a killed run left, writes the rows, reads everything back, gives the
 * files their names. The same for checkpoints and for GGUF files; what stands in the plan is theirs.
 */

import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import { readGguf } from "../gguf/read";
import type { NativeAddon } from "../node/native";
import type { ConvertEvent, ConvertParams, ConvertResult, WrittenFile } from "../protocol/worker";
import type { CheckpointSource } from "./checkpoint/source";
import { diskError } from "./diskErrors";
import type { FilePlan, Volume } from "./fileLayout";
import { isIntact } from "./journal";
import { isMendable, keptError } from "./kept";
import { PartFile } from "./partFile";
import { ProgressFeed } from "./progress";
import { splitPath } from "./split";
import { writeAt, writeTensors } from "./writeTensors";

/** What the work needs from outside. */
export interface ProduceEnvironment {
    /** With its libraries open. */
    native: NativeAddon;
    freeBytes?: ((folder: string) => Promise<number | undefined>) | undefined;
    /** Ends the work as a kill would: what is done stays, for the next run. */
    suspend?: AbortSignal | undefined;
}

export interface ProduceOptions {
    plan: FilePlan;
    source: CheckpointSource;
    sourceBytes: number;
    /** Where to and how, as it was asked for. */
    request: Pick<ConvertParams, "out" | "split" | "overwrite" | "threads">;
    /** Beside the headers and the source: what else decides about the bytes. */
    identity: readonly unknown[];
}

export type Produced = Pick<
    ConvertResult,
    "file" | "bytes" | "sha256" | "files" | "resumedBytes"
> & {
    /** What could not be checked about the source, in sentences. */
    notes: string[];
};

interface Job extends ProduceOptions {
    part: PartFile;
    native: NativeAddon;
    signal: AbortSignal;
}

/** Yields progress. On failure or abort no file is left; without a network the part is, and its error says so. */
export async function* produce(
    options: ProduceOptions,
    signal: AbortSignal,
    environment: ProduceEnvironment,
): AsyncGenerator<ConvertEvent, Produced, void> {
    const { plan } = options;
    const { out, split, overwrite = false } = options.request;
    const paths = plan.volumes.map((_, index) =>
        split ? splitPath(resolve(out), index, plan.volumes.length) : resolve(out),
    );
    const part = await PartFile.create({
        out,
        volumes: plan.volumes.map(({ fileBytes }, index) => ({
            path: paths[index] ?? out,
            sizeBytes: fileBytes,
        })),
        overwrite,
        identity: identityOf(options),
        freeBytes: environment.freeBytes,
    });
    const { suspend } = environment;
    // Ends the work also when whoever reads the events stops reading.
    const stop = new AbortController();
    const signals = [signal, stop.signal, ...(suspend ? [suspend] : [])];
    const job: Job = {
        ...options,
        part,
        native: environment.native,
        signal: AbortSignal.any(signals),
    };
    let isKept = false;
    try {
        const resumedBytes = yield* writeFiles(job);
        const files = yield* verifyFiles(job, paths);
        const notes = (await job.source.verify?.(job.signal)) ?? [];
        throwIfAborted(job.signal);
        await part.commit();
        const { file = out, sha256 = "" } = files[0] ?? {};
        return { file, sha256, bytes: plan.fileBytes, files, resumedBytes, notes };
    } catch (error) {
        isKept = isMendable(error) && part.canGoOn;
        throw isMendable(error) && isKept ? keptError(error) : diskError(error, part.out);
    } finally {
        stop.abort();
        if (isKept || isGone(signal, suspend)) part.suspend();
        else part.discard();
    }
}

/** Nobody cancelled: whoever asked is gone, so that the work may be wanted again. */
function isGone(signal: AbortSignal, suspend: AbortSignal | undefined): boolean {
    if (!signal.aborted) return suspend?.aborted ?? false;
    return signal.reason instanceof AppError && signal.reason.code === "engine/gone";
}

/** Undefined when the source cannot tell whether it changed. */
function identityOf({ plan, source, identity }: ProduceOptions): string | undefined {
    if (source.identity === undefined) return undefined;
    const hash = createHash("sha256");
    hash.update(JSON.stringify([__BUILD__, source.identity, ...identity]));
    for (const { header } of plan.volumes) hash.update(header);
    return hash.digest("hex");
}

/** Runs work beside the events that it reports. */
async function* follow<T>(feed: ProgressFeed, work: Promise<T>): AsyncGenerator<ConvertEvent, T> {
    const closed = work.finally(() => feed.close());
    closed.catch(() => undefined);
    yield* feed.events();
    return closed;
}

/** Returns the source bytes that need not be done again. */
async function* writeFiles(job: Job): AsyncGenerator<ConvertEvent, number> {
    const { part, plan } = job;
    const feed = new ProgressFeed("convert", job.sourceBytes);
    const write = async () => {
        const done = await checkEarlier(job);
        for (const { header, start } of plan.volumes) await writeAt(part, header, start);
        let resumedBytes = 0;
        await writeTensors(plan.jobs, {
            source: job.source,
            out: part,
            native: job.native,
            threads: Math.max(1, job.request.threads ?? cpus().length),
            signal: job.signal,
            onProgress: (doneBytes, tensor) => feed.report(doneBytes, tensor),
            resume: {
                isDone: (offset, length, sourceBytes) => {
                    const isDone = done.get(offset) === length;
                    if (isDone) resumedBytes += sourceBytes;
                    return isDone;
                },
                onBlock: async (offset, bytes) => part.journal?.append(offset, bytes),
            },
        });
        return resumedBytes;
    };
    return yield* follow(feed, write());
}

/** Blocks of an earlier run that are on the disk as its journal says: offset to length. */
async function checkEarlier({ part, signal }: Job): Promise<Map<number, number>> {
    const done = new Map<number, number>();
    for (const entry of part.earlier) {
        throwIfAborted(signal);
        if (isIntact(entry, await part.read(entry.offset, entry.length)))
            done.set(entry.offset, entry.length);
    }
    return done;
}

/** Reads the files back: their headers must say what was planned, and their hashes are the result's. */
async function* verifyFiles(
    job: Job,
    paths: string[],
): AsyncGenerator<ConvertEvent, WrittenFile[]> {
    const feed = new ProgressFeed("verify", job.plan.fileBytes);
    const verify = async () => {
        const files: WrittenFile[] = [];
        // The disk writes while the files are read back from memory.
        const flushed = job.part.flush();
        flushed.catch(() => undefined);
        for (const [index, volume] of job.plan.volumes.entries()) {
            await compareHeader(job, volume);
            const sha256 = await hashVolume(job, volume, feed);
            files.push({ file: paths[index] ?? "", bytes: volume.fileBytes, sha256 });
        }
        await flushed;
        return files;
    };
    return yield* follow(feed, verify());
}

async function compareHeader({ part }: Job, { start, fileBytes, jobs }: Volume): Promise<void> {
    const read = (offset: number, length: number) => part.read(start + offset, length);
    const file = await readGguf({ size: fileBytes, read });
    const same =
        file.tensors.length === jobs.length &&
        file.tensors.every(
            (tensor, index) =>
                tensor.name === jobs[index]?.tensor.name &&
                tensor.type === jobs[index].type &&
                start + file.dataOffset + tensor.offset === jobs[index].offset,
        );
    if (!same) throw new AppError("bug/internal", "The written file does not match its plan");
}

async function hashVolume(
    { part, signal }: Job,
    { start, fileBytes }: Volume,
    feed: ProgressFeed,
): Promise<string> {
    const hash = createHash("sha256");
    const step = 4 * 1024 * 1024;
    const readAt = (offset: number) =>
        part.read(start + offset, Math.max(0, Math.min(step, fileBytes - offset)));
    // The next stretch is read while this one is hashed.
    let next = readAt(0);
    for (let offset = 0; offset < fileBytes; offset += step) {
        const bytes = await next;
        throwIfAborted(signal);
        next = readAt(offset + step);
        next.catch(() => undefined);
        hash.update(bytes);
        feed.report(start + offset + bytes.length);
    }
    return hash.digest("hex");
}
