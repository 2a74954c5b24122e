/**
 * Measures an importance matrix of a model on texts, adds what other files hold, and writes it. A run that ended early is gone on with: the
 * file has the same bytes as if it had never ended.
 */

import { createHash } from "node:crypto";
import { rm, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { AppError, toWire } from "../../base/errors";
import { removeDeadParts } from "../../foundry/leftovers";
import { readImatrixFile, type ImatrixFile } from "../../foundry/quant/imatrix";
import { readGgufParts } from "../../library/ggufParts";
import type { ImatrixSums } from "../../node/nativeLab";
import { nameResult } from "../../node/nameResult";
import { refuseExisting, refuseOut } from "../../node/outPlace";
import { physicalCores } from "../../node/threads";
import type { ImatrixParams, ImatrixResult, LabEvent } from "../../protocol/lab";
import { runJob, TimeLeft } from "../job";
import { withModel, type LabEnvironment } from "../openModel";
import { chunksOf, DEFAULT_CHUNK_TOKENS, readTexts, type Chunks } from "../texts";
import { KeptMeasurement } from "./kept";
import {
    addEntry,
    addFile,
    chunkCount,
    describeUnseen,
    refuseForeign,
    type Imatrix,
} from "./matrix";
import { imatrixBytes } from "./write";

/** Between two times that the sums are kept: what a killed run loses at most. */
const KEEP_MS = 10_000;

export interface KeepOptions {
    /** Where; in the data folder when left out. */
    folder?: string | undefined;
    /** Another pace only in tests. */
    everyMs?: number | undefined;
}

/** Throws AppError `env/permission` (the result's place), `user/usage` (texts, files to add), `user/no-model`, `data/gguf`, `data/unsupported`, `engine/load`, `cancelled`. */
export async function makeImatrix(
    params: ImatrixParams,
    environment: LabEnvironment,
    keep: KeepOptions = {},
): Promise<ImatrixResult> {
    const { out, texts } = params;
    const names = params.datasets ?? texts.map(({ name }) => name);
    await refuseOut(out, params.overwrite, [params.model, ...texts.map(({ path }) => path)]);
    await removeDeadParts(out);
    const merged: Imatrix = {
        entries: new Map(),
        datasets: [],
        chunkTokens: params.contextTokens ?? DEFAULT_CHUNK_TOKENS,
    };
    for (const { path, name } of params.merge ?? []) {
        const file = await readImatrixFile(path, name);
        await refuseOfAnother(file, params.model);
        addFile(merged, file);
    }
    // What was saved in between is replaced, too.
    let isOurs = params.overwrite === true;
    const write = async (sums: readonly ImatrixSums[]) => {
        const written = await writeMatrix(withSums(merged, sums, names), params, isOurs);
        isOurs = true;
        return written;
    };
    const save = async (sums: readonly ImatrixSums[]) => {
        // Only the last one has to lie somewhere.
        await refuseExisting(out, isOurs);
        await write(sums);
    };

    const clock = new TimeLeft();
    const measured =
        texts.length > 0 ? await measure(params, environment, clock, { save, keep }) : none;
    const { matrix, bytes } = await write(measured.sums);
    await measured.kept?.remove();
    return {
        file: out,
        bytes,
        nEntries: matrix.entries.size,
        nChunksTotal: chunkCount(matrix),
        nChunks: measured.nChunks,
        nTokens: measured.nTokens,
        resumedChunks: measured.resumedChunks,
        seconds: clock.seconds,
        warnings: describeUnseen(matrix),
    };
}

/** Not after the measurement. Throws also what is wrong with the model. */
async function refuseOfAnother(file: ImatrixFile, model: string): Promise<void> {
    const { files } = await readGgufParts(model);
    const tensors = files.flatMap((one) => one.tensors);
    refuseForeign(file, basename(model), tensors);
}

interface Measured {
    sums: readonly ImatrixSums[];
    nChunks: number;
    nTokens: number;
    resumedChunks: number;
    /** Needed until the result is on the disk. */
    kept?: KeptMeasurement;
}
const none: Measured = { sums: [], nChunks: 0, nTokens: 0, resumedChunks: 0 };

interface Saving {
    /** The result so far, for who asked for it by `saveEvery`. */
    save: (sums: readonly ImatrixSums[]) => Promise<unknown>;
    keep: KeepOptions;
}

async function measure(
    params: ImatrixParams,
    environment: LabEnvironment,
    clock: TimeLeft,
    { save: saveResult, keep }: Saving,
): Promise<Measured> {
    const text = await readTexts(params.texts);
    const { signal, onProgress } = environment;
    return withModel(params.model, environment, async (model) => {
        onProgress({ stage: "tokenize", done: 0, total: 1 });
        const chunks = await chunksOf(model, text, params, signal);
        const kept = new KeptMeasurement(await identityOf(params, chunks), keep.folder);
        const earlier = await kept.read(chunks.nChunks);
        const resumedChunks = earlier?.nChunks ?? 0;
        const resumedTokens = resumedChunks * chunks.contextTokens;
        const total = chunks.tokens.length;
        const { saveEvery = 0 } = params;
        let writtenChunks = resumedChunks;
        let saving: Promise<unknown> = Promise.resolve();
        let hasWarned = false;
        // At the end it may be possible again, and if not, ends the run as a failure.
        const warn = (error: unknown) => {
            if (hasWarned) return;
            hasWarned = true;
            const warning = `What there is so far was not saved: ${toWire(error).message}`;
            onProgress({ ...progress, warning });
        };
        let progress: LabEvent = { stage: "evaluate", done: 0, total };
        const save = (work: () => Promise<unknown>) => {
            saving = saving.then(work).catch(warn);
        };
        const onChunks = (nChunks: number, soFar: ImatrixSums[] | undefined) => {
            const done = nChunks * chunks.contextTokens;
            const secondsLeft = clock.left(done - resumedTokens, total - resumedTokens);
            progress = { stage: "evaluate", done, total, secondsLeft };
            onProgress(progress);
            if (!soFar) return;
            if (saveEvery > 0 && nChunks - writtenChunks >= saveEvery) {
                writtenChunks = nChunks;
                save(() => saveResult(soFar));
            }
            save(() => kept.write({ nChunks, sums: soFar }));
        };
        try {
            const sums = await runJob(
                () =>
                    model.collectImatrix(
                        {
                            ...chunks,
                            threads: params.threads ?? physicalCores(),
                            withOutput: params.withOutput ?? false,
                            saveEvery,
                            saveMs: keep.everyMs ?? KEEP_MS,
                            firstChunk: resumedChunks,
                            earlier: earlier?.sums,
                        },
                        onChunks,
                    ),
                signal,
            );
            return { sums, nChunks: chunks.nChunks, nTokens: total, resumedChunks, kept };
        } finally {
            await saving;
        }
    });
}

/** Equal only while the sums are: any number of threads gives the same ones. */
async function identityOf(params: ImatrixParams, chunks: Chunks): Promise<unknown[]> {
    const { paths } = await readGgufParts(params.model);
    const files = await Promise.all(
        paths.map(async (path) => {
            const { size, mtimeMs } = await stat(path);
            return [path, size, mtimeMs];
        }),
    );
    const { buffer, byteOffset, byteLength } = chunks.tokens;
    const tokens = createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength));
    return [
        __BUILD__,
        files,
        tokens.digest("hex"),
        chunks.contextTokens,
        params.withOutput ?? false,
    ];
}

/** A copy of `merged` with what was measured. */
function withSums(
    merged: Imatrix,
    sums: readonly ImatrixSums[],
    names: readonly string[],
): Imatrix {
    const entries = new Map(merged.entries);
    for (const { name, ...entry } of sums) addEntry(entries, name, entry, "The model");
    return { ...merged, entries, datasets: [...merged.datasets, ...names] };
}

async function writeMatrix(
    matrix: Imatrix,
    { out, format }: ImatrixParams,
    overwrite: boolean,
): Promise<{ matrix: Imatrix; bytes: number }> {
    const bytes = imatrixBytes(matrix, format);
    const part = `${out}.${process.pid}.part`;
    try {
        await writeFile(part, bytes);
        await nameResult(part, out, overwrite);
    } catch (cause) {
        await rm(part, { force: true });
        if (cause instanceof AppError) throw cause;
        throw new AppError(
            "env/disk",
            `${out} cannot be written; check the folder and the space on the disk`,
            { cause },
        );
    }
    return { matrix, bytes: bytes.length };
}
