/** Measures an importance matrix of a model on texts, adds what other files hold, and writes it. */

import { rename, rm, stat, writeFile } from "node:fs/promises";
import { AppError } from "../../base/errors";
import { readImatrixFile } from "../../foundry/quant/imatrix";
import type { ImatrixSums } from "../../node/nativeLab";
import { physicalCores } from "../../node/threads";
import type { ImatrixParams, ImatrixResult } from "../../protocol/lab";
import { runJob, TimeLeft } from "../job";
import { withModel, type LabEnvironment } from "../openModel";
import { chunksOf, DEFAULT_CHUNK_TOKENS, readTexts } from "../texts";
import { addEntry, addFile, chunkCount, describeUnseen, type Imatrix } from "./matrix";
import { imatrixBytes } from "./write";

/** Throws AppError `user/usage` (texts, files to add), `user/no-model`, `data/gguf`, `data/unsupported`, `engine/load`, `cancelled`. */
export async function makeImatrix(
    params: ImatrixParams,
    environment: LabEnvironment,
): Promise<ImatrixResult> {
    const { out, texts } = params;
    if (params.overwrite !== true && (await stat(out).catch(() => undefined)))
        throw new AppError(
            "user/usage",
            `${out} exists already; name another file or allow to overwrite it`,
        );
    const merged: Imatrix = {
        entries: new Map(),
        datasets: [],
        chunkTokens: params.contextTokens ?? DEFAULT_CHUNK_TOKENS,
    };
    for (const { path, name } of params.merge ?? [])
        addFile(merged, await readImatrixFile(path, name));
    const write = (sums: readonly ImatrixSums[]) =>
        writeMatrix(
            withSums(
                merged,
                sums,
                texts.map(({ name }) => name),
            ),
            params,
        );

    const clock = new TimeLeft();
    const measured = texts.length > 0 ? await measure(params, environment, clock, write) : none;
    const { matrix, bytes } = await write(measured.sums);
    return {
        file: out,
        bytes,
        nEntries: matrix.entries.size,
        nChunksTotal: chunkCount(matrix),
        nChunks: measured.nChunks,
        nTokens: measured.nTokens,
        seconds: clock.seconds,
        warnings: describeUnseen(matrix),
    };
}

interface Measured {
    sums: readonly ImatrixSums[];
    nChunks: number;
    nTokens: number;
}
const none: Measured = { sums: [], nChunks: 0, nTokens: 0 };

async function measure(
    params: ImatrixParams,
    environment: LabEnvironment,
    clock: TimeLeft,
    save: (sums: readonly ImatrixSums[]) => Promise<unknown>,
): Promise<Measured> {
    const text = await readTexts(params.texts);
    const { signal, onProgress } = environment;
    return withModel(params.model, environment, async (model) => {
        onProgress({ stage: "tokenize", done: 0, total: 1 });
        const chunks = await chunksOf(model, text, params, signal);
        const total = chunks.tokens.length;
        let saving: Promise<unknown> = Promise.resolve();
        const sums = await runJob(
            () =>
                model.collectImatrix(
                    {
                        ...chunks,
                        threads: params.threads ?? physicalCores(),
                        withOutput: params.withOutput ?? false,
                        saveEvery: params.saveEvery ?? 0,
                    },
                    (nChunks, soFar) => {
                        const done = nChunks * chunks.contextTokens;
                        const secondsLeft = clock.left(done, total);
                        onProgress({ stage: "evaluate", done, total, secondsLeft });
                        // What cannot be saved in between is told at the end, when it cannot be either.
                        if (soFar) saving = saving.then(() => save(soFar)).catch(() => undefined);
                    },
                ),
            signal,
        );
        await saving;
        return { sums, nChunks: chunks.nChunks, nTokens: total };
    });
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
): Promise<{ matrix: Imatrix; bytes: number }> {
    const bytes = imatrixBytes(matrix, format);
    const part = `${out}.${process.pid}.part`;
    try {
        await writeFile(part, bytes);
        await rename(part, out);
    } catch (cause) {
        await rm(part, { force: true });
        throw new AppError(
            "env/disk",
            `${out} cannot be written; check the folder and the space on the disk`,
            { cause },
        );
    }
    return { matrix, bytes: bytes.length };
}
