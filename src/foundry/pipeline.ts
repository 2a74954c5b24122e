/**
 * Checkpoint to GGUF in one pass: `planConversion` says what every type would give before anything runs, `convert` does it. No file
 * stands between; every byte equals what llama.cpp's converter and llama-quantize write one after the other.
 */

import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import { FILE_TYPES, isFileTypeName, type FileTypeName } from "../gguf/types";
import { readGguf } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import type { NativeAddon } from "../node/native";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    TypePlan,
    Via,
} from "../protocol/worker";
import type { CheckpointSource } from "./checkpoint/source";
import {
    measureFiles,
    planFile,
    type FilePlan,
    type FileRequest,
    type FileSize,
} from "./fileLayout";
import type { FloatType } from "./floats";
import { readModel, type CheckpointModel, type FileLayout } from "./model";
import { diskError, PartFile } from "./partFile";
import { ProgressFeed } from "./progress";
import { WRITABLE_FILE_TYPES } from "./quant/rules";
import type { SpmScores } from "./tokenizer/spmJson";
import { writeAt, writeTensors } from "./writeTensors";

/** What a conversion needs from outside. */
export interface ConvertEnvironment {
    openSource(source: ConvertParams["source"], signal: AbortSignal): Promise<CheckpointSource>;
    /** With its libraries open. */
    native: NativeAddon;
    freeBytes?: ((folder: string) => Promise<number | undefined>) | undefined;
}

/** Choices that only comparisons with the reference need. */
export interface ReferenceOptions {
    /** Default: `converter` for F32, F16 and BF16, else `quantizer`. */
    layout?: FileLayout | undefined;
    spmScores?: SpmScores | undefined;
}

/** Below this many parameters nothing is gained by fewer bits, and small models suffer most from them. */
const TINY_PARAMETERS = 100e6;

export async function planConversion(
    source: CheckpointSource,
    signal?: AbortSignal,
): Promise<ConvertPlan> {
    const model = await readModel(source, {}, signal);
    const measure = measureFiles(model);
    return {
        name: source.name,
        architecture: model.family.arch,
        family: model.family.title,
        nParameters: model.counts.total,
        sourceBytes: model.sourceBytes,
        license: model.license,
        types: WRITABLE_FILE_TYPES.flatMap((type) => planType(model, type, measure)),
        warnings: model.warnings,
    };
}

/** Empty for a recipe that has no type for one of the model's row lengths, or that is Q8_0 under another name. */
function planType(
    model: CheckpointModel,
    type: FileTypeName,
    measure: (request: FileRequest) => FileSize,
): TypePlan[] {
    const hasExperts = model.keys.get(`${model.family.arch}.expert_count`) !== undefined;
    if (type === "MXFP4_MOE" && !hasExperts) return [];
    let size: FileSize;
    try {
        size = measure({ type, via: model.autoType, layout: defaultLayout(type) });
    } catch (error) {
        if (error instanceof AppError && error.code === "data/unsupported") return [];
        throw error;
    }
    const recommended = model.counts.total < TINY_PARAMETERS ? "Q8_0" : "Q4_K_M";
    return [
        {
            type,
            sizeBytes: size.fileBytes,
            bitsPerWeight: (size.fileBytes * 8) / model.counts.total,
            nFallback: size.nFallback,
            needsImatrix: size.needsImatrix,
            recommended: type === recommended,
        },
    ];
}

function defaultLayout(type: FileTypeName): FileLayout {
    return type === "F32" || type === "F16" || type === "BF16" ? "converter" : "quantizer";
}

/** Yields progress and returns the result. On failure or abort no file is left. */
export async function* convert(
    params: ConvertParams,
    signal: AbortSignal,
    environment: ConvertEnvironment,
    reference: ReferenceOptions = {},
): AsyncGenerator<ConvertEvent, ConvertResult, void> {
    const startMs = performance.now();
    yield { stage: "read", doneBytes: 0, totalBytes: 0 };
    const source = await environment.openSource(params.source, signal);
    const model = await readModel(
        source,
        { pre: params.pre, spmScores: reference.spmScores },
        signal,
    );
    const type = chooseType(params.type, model);
    const plan = planFile(model, {
        type,
        via: chooseVia(params.via, model),
        layout: reference.layout ?? defaultLayout(type),
    });
    refuseImatrix(type, plan);
    await refuseUnusable(plan, source.label);
    throwIfAborted(signal);
    const part = await PartFile.create({
        out: params.out,
        sizeBytes: plan.fileBytes,
        overwrite: params.overwrite ?? false,
        freeBytes: environment.freeBytes,
    });
    // Ends the work also when whoever reads the events stops reading.
    const stop = new AbortController();
    const job: Job = {
        source,
        plan,
        part,
        native: environment.native,
        threads: Math.max(1, params.threads ?? cpus().length),
        signal: AbortSignal.any([signal, stop.signal]),
    };
    try {
        yield* writeFile(job, model.sourceBytes);
        const sha256 = yield* verifyFile(job);
        const notes = (await source.verify?.(job.signal)) ?? [];
        throwIfAborted(signal);
        await part.commit();
        return {
            file: part.out,
            type,
            bytes: plan.fileBytes,
            sha256,
            seconds: (performance.now() - startMs) / 1000,
            warnings: [...model.warnings, ...notes],
        };
    } catch (error) {
        throw diskError(error, part.out);
    } finally {
        stop.abort();
        part.discard();
    }
}

interface Job {
    source: CheckpointSource;
    plan: FilePlan;
    part: PartFile;
    native: NativeAddon;
    threads: number;
    signal: AbortSignal;
}

/** Runs work beside the events that it reports. */
async function* follow<T>(feed: ProgressFeed, work: Promise<T>): AsyncGenerator<ConvertEvent, T> {
    const closed = work.finally(() => feed.close());
    closed.catch(() => undefined);
    yield* feed.events();
    return closed;
}

async function* writeFile(job: Job, sourceBytes: number): AsyncGenerator<ConvertEvent, void> {
    const feed = new ProgressFeed("convert", sourceBytes);
    const write = async () => {
        await job.part.handle.truncate(job.plan.fileBytes);
        await writeAt(job.part.handle, job.plan.header, 0);
        await writeTensors(job.plan.jobs, {
            source: job.source,
            out: job.part.handle,
            native: job.native,
            threads: job.threads,
            signal: job.signal,
            onProgress: (doneBytes, tensor) => feed.report(doneBytes, tensor),
        });
    };
    yield* follow(feed, write());
}

/** Reads the file back: its header must say what was planned, and its hash is the result's. */
async function* verifyFile(job: Job): AsyncGenerator<ConvertEvent, string> {
    const { fileBytes, jobs } = job.plan;
    const feed = new ProgressFeed("verify", fileBytes);
    const verify = async () => {
        const read = (offset: number, length: number) => readBack(job, offset, length);
        const file = await readGguf({ size: fileBytes, read });
        const same =
            file.tensors.length === jobs.length &&
            file.tensors.every(
                (tensor, index) =>
                    tensor.name === jobs[index]?.tensor.name &&
                    tensor.type === jobs[index].type &&
                    file.dataOffset + tensor.offset === jobs[index].offset,
            );
        if (!same) throw new AppError("bug/internal", "The written file does not match its plan");
        const hash = createHash("sha256");
        const step = 4 * 1024 * 1024;
        for (let offset = 0; offset < fileBytes; offset += step) {
            throwIfAborted(job.signal);
            hash.update(await read(offset, Math.min(step, fileBytes - offset)));
            feed.report(Math.min(offset + step, fileBytes));
        }
        return hash.digest("hex");
    };
    return yield* follow(feed, verify());
}

async function readBack(job: Job, offset: number, length: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length);
    let done = 0;
    while (done < length) {
        const at = { buffer, offset: done, length: length - done, position: offset + done };
        const { bytesRead } = await job.part.handle.read(at);
        if (bytesRead === 0) throw new AppError("env/disk", "The written file became shorter");
        done += bytesRead;
    }
    return buffer;
}

function chooseType(name: string, model: CheckpointModel): FileTypeName {
    if (name.toLowerCase() === "auto") return model.autoType;
    const type = name.toUpperCase();
    if (isFileTypeName(type) && (WRITABLE_FILE_TYPES as string[]).includes(type)) return type;
    throw new AppError(
        "user/usage",
        `There is no type ${name.slice(0, 40)}; choose one of ${WRITABLE_FILE_TYPES.join(", ")}`,
    );
}

function chooseVia(via: Via, model: CheckpointModel): FloatType {
    return via === "auto" ? model.autoType : (via.toUpperCase() as FloatType);
}

/** A config.json that does not fit its weights gives a file that nothing can load; better to say so before it is written. */
async function refuseUnusable({ header, fileBytes }: FilePlan, label: string): Promise<void> {
    const read = (offset: number, length: number) =>
        Promise.resolve(header.subarray(offset, offset + length));
    try {
        validateModel(await readGguf({ size: fileBytes, read }), { fileSizeBytes: fileBytes });
    } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== "data/gguf") throw cause;
        const why = cause.message.replace(/^[^:]*: /, "").replace(/;.*$/, "");
        throw new AppError(
            "data/checkpoint",
            `${label} gives a file that cannot be used: ${why}; download config.json and the tokenizer again`,
            { cause },
        );
    }
}

function refuseImatrix(type: FileTypeName, plan: FilePlan): void {
    if (!plan.needsImatrix) return;
    throw new AppError(
        "data/unsupported",
        `${type} (llama.cpp file type ${FILE_TYPES[type]}) needs an importance matrix, which this version cannot make yet; choose a type with at least 3 bits, such as Q3_K_M or IQ4_XS`,
    );
}
