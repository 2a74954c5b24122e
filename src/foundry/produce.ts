/**
 * From a plan to files: makes the parts, goes on with what a killed run left, writes the rows and reads everything back behind them,
 * gives the files their names. The same for checkpoints and for GGUF files; what stands in the plan is theirs.
 */

import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import { readGguf } from "../gguf/read";
import type { NativeAddon } from "../node/native";
import type { TokenizerCheck } from "../protocol/tokenizerCheck";
import type { ConvertEvent, ConvertParams, ConvertResult, WrittenFile } from "../protocol/worker";
import type { CheckpointSource } from "./checkpoint/source";
import { fastestSha256 } from "../node/hash";
import { refuseExisting, refuseOwnSource } from "../node/outPlace";
import { placedBlocks } from "./blocks";
import { diskError } from "./diskErrors";
import { EarlyFlush } from "./earlyFlush";
import type { FilePlan, Volume } from "./fileLayout";
import { isIntact } from "./journal";
import { isMendable, keptError } from "./kept";
import { PartFile } from "./partFile";
import { countElements } from "./parts";
import { ProgressFeed } from "./progress";
import { ReadBack } from "./readBack";
import type { Rounding } from "./rounding";
import { cutsOf, resumeHashes } from "./sourceHashes";
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
    /** Learns how to round, which may take hours: begun when nothing is in the result's way. Left out: every row by itself. */
    startRounding?: (() => AsyncGenerator<ConvertEvent, Rounding, void>) | undefined;
    /** Looks at the first file while the rows are written, when its header is there; a split model's when all of it has its name. */
    check?: ((file: string, signal: AbortSignal) => Promise<TokenizerCheck>) | undefined;
}

export type Produced = Pick<
    ConvertResult,
    "file" | "bytes" | "sha256" | "files" | "resumedBytes" | "tokenizer"
> & {
    /** What could not be checked about the source, in sentences. */
    notes: string[];
};

interface Job extends ProduceOptions {
    part: PartFile;
    readBack: ReadBack;
    flush: EarlyFlush;
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
    const { out } = options.request;
    const paths = resultPaths(plan, options.request);
    const part = await createPart(options, paths, environment);
    const { suspend } = environment;
    // Ends the work also when whoever reads the events stops reading.
    const stop = new AbortController();
    const ending = AbortSignal.any([signal, stop.signal, ...(suspend ? [suspend] : [])]);
    const verifying = new ProgressFeed("verify", plan.fileBytes);
    const job: Job = {
        ...options,
        part,
        native: environment.native,
        signal: ending,
        flush: new EarlyFlush(() => part.flush()),
        readBack: new ReadBack({
            read: (offset, length, into) => part.read(offset, length, into),
            sizes: plan.volumes.map(({ fileBytes }) => fileBytes),
            signal: ending,
            startSha256: fastestSha256(environment.native),
            onProgress: (readBytes) => verifying.report(readBytes),
        }),
    };
    let isKept = false;
    try {
        const written = yield* writeFiles(job);
        const files = yield* follow(verifying, verifyFiles(job, paths));
        let tokenizer = await written.checking;
        const notes = (await job.source.verify?.(job.signal)) ?? [];
        throwIfAborted(job.signal);
        await part.commit();
        const { file = out, sha256 = "" } = files[0] ?? {};
        tokenizer ??= await options.check?.(file, job.signal);
        const { resumedBytes } = written;
        return { file, sha256, bytes: plan.fileBytes, files, resumedBytes, notes, tokenizer };
    } catch (error) {
        isKept = isMendable(error) && part.canGoOn;
        throw isMendable(error) && isKept ? keptError(error) : diskError(error, part.out);
    } finally {
        stop.abort();
        job.readBack.stop();
        if (isKept || (isGone(signal, suspend) && part.canGoOn)) part.suspend();
        else part.discard();
    }
}

async function createPart(
    options: ProduceOptions,
    paths: readonly string[],
    { freeBytes }: ProduceEnvironment,
): Promise<PartFile> {
    const { plan, source, request } = options;
    const { out, overwrite = false } = request;
    await refuseOwnSource(source.localPaths?.() ?? [], paths);
    return PartFile.create({
        out,
        volumes: plan.volumes.map(({ fileBytes }, index) => ({
            path: paths[index] ?? out,
            sizeBytes: fileBytes,
        })),
        overwrite,
        identity: identityOf(options),
        freeBytes,
    });
}

/** Of all files of a result, in order. */
function resultPaths(
    { volumes }: FilePlan,
    { out, split }: Pick<ConvertParams, "out" | "split">,
): string[] {
    return volumes.map((_, index) =>
        split ? splitPath(resolve(out), index, volumes.length) : resolve(out),
    );
}

/** Throws AppError `env/permission` when a file of a result may not be written. For work that comes long before `produce`. */
export async function refuseResults(
    plan: FilePlan,
    request: Pick<ConvertParams, "out" | "split" | "overwrite">,
): Promise<void> {
    for (const path of resultPaths(plan, request))
        await refuseExisting(path, request.overwrite ?? false);
}

/** Nobody cancelled: whoever asked is gone, so that the work may be wanted again. */
export function isGone(signal: AbortSignal, suspend: AbortSignal | undefined): boolean {
    if (!signal.aborted) return suspend?.aborted ?? false;
    return signal.reason instanceof AppError && signal.reason.code === "engine/gone";
}

/** Undefined when the source cannot tell whether it changed. */
function identityOf({ plan, source, identity }: ProduceOptions): string | undefined {
    if (source.identity === undefined) return undefined;
    const hash = createHash("sha256");
    hash.update(JSON.stringify([__BUILD__, source.identity, ...identity]));
    for (const { header } of plan.volumes) hash.update(header);
    // Where rows are read from is said by headers that no hash has confirmed yet.
    for (const { tensor } of plan.jobs)
        for (const { source: from } of tensor.parts)
            hash.update(JSON.stringify([from.file, from.offset, from.bytes, from.dtype]));
    return hash.digest("hex");
}

/** Runs work beside the events that it reports. */
export async function* follow<T>(
    feed: ProgressFeed,
    work: Promise<T>,
): AsyncGenerator<ConvertEvent, T> {
    const closed = work.finally(() => feed.close());
    closed.catch(() => undefined);
    yield* feed.events();
    return closed;
}

interface Written {
    /** Source bytes that needed not be done again. */
    resumedBytes: number;
    checking: Promise<TokenizerCheck> | undefined;
}

async function* writeFiles(job: Job): AsyncGenerator<ConvertEvent, Written> {
    const { part, plan, readBack, flush, signal, startRounding } = job;
    const rounding = startRounding && (yield* startRounding());
    const feed = new ProgressFeed("convert", job.sourceBytes);
    const write = async (): Promise<Written> => {
        const done = await openEarlier(job);
        for (const volume of plan.volumes) {
            await writeAt(part, volume.header, volume.start);
            await compareHeader(job, volume);
            for (const [offset, length] of holesOf(volume)) readBack.written(offset, length);
        }
        const { check } = job;
        const checking =
            check && plan.volumes.length === 1
                ? part.lend(0, (path) => check(path, signal))
                : undefined;
        let resumedBytes = 0;
        await writeTensors(plan.jobs, {
            source: job.source,
            out: part,
            native: job.native,
            rounding,
            threads: Math.max(1, job.request.threads ?? cpus().length),
            signal,
            onProgress: (doneBytes, tensor) => feed.report(doneBytes, tensor),
            isDone: (offset, length, sourceBytes) => {
                const isDone = done.get(offset) === length;
                if (isDone) resumedBytes += sourceBytes;
                return isDone;
            },
            onBlock: async (offset, length, bytes) => {
                readBack.written(offset, length);
                flush.written(length);
                if (bytes) await part.journal?.append(offset, bytes);
            },
        });
        return { resumedBytes, checking };
    };
    return yield* follow(feed, write());
}

/** Header and padding of a file, start and length: what no tensor's rows are written to. */
function holesOf({ header, start, fileBytes, jobs }: Volume): [number, number][] {
    const holes: [number, number][] = [];
    let begin = start;
    let end = start + header.length;
    for (const job of [...jobs].sort((a, b) => a.offset - b.offset)) {
        const nRows = countElements(job.tensor.shape.slice(0, -1));
        holes.push([begin, Math.max(end, job.offset) - begin]);
        begin = end = job.offset + nRows * job.rowBytes;
    }
    end = start + fileBytes;
    holes.push([begin, end - begin]);
    return holes;
}

/** Blocks of an earlier run that need not be done again: offset to length. Has the source's hashes go on from there. */
async function openEarlier(job: Job): Promise<ReadonlyMap<number, number>> {
    const intact = await checkEarlier(job);
    const { part, plan, source } = job;
    const { hashes } = source;
    if (!hashes) return intact;
    const blocks = placedBlocks(plan.jobs);
    const { marks } = part.earlier;
    const files = new Set(source.files.keys());
    const done = resumeHashes({ blocks, intact, marks, hashes, files });
    // A line that is lost, also because the journal is closed already, costs the next run no more than reading again.
    hashes.follow(
        cutsOf(blocks),
        (mark) => void part.journal?.appendMark(mark).catch(() => undefined),
    );
    return done;
}

/** Blocks of an earlier run that are on the disk as its journal says. */
async function checkEarlier({ part, signal }: Job): Promise<Map<number, number>> {
    const done = new Map<number, number>();
    for (const entry of part.earlier.entries) {
        throwIfAborted(signal);
        if (isIntact(entry, await part.read(entry.offset, entry.length)))
            done.set(entry.offset, entry.length);
    }
    return done;
}

/** All of every file was read back from where it lies, and is on the disk. */
async function verifyFiles(job: Job, paths: readonly string[]): Promise<WrittenFile[]> {
    const hashes = await job.readBack.finish();
    await job.flush.finish();
    return job.plan.volumes.map(({ fileBytes }, index) => ({
        file: paths[index] ?? "",
        bytes: fileBytes,
        sha256: hashes[index] ?? "",
    }));
}

/** What is read back must say what was planned. */
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
