/**
 * A conversion with error feedback. For that the model has to be run, so a file of its own type stands beside the result until that is there: it
 * is made as every conversion's is, quantized as every file's, and removed. A run that is gone on with later finds it by its name.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { AppError } from "../../base/errors";
import type { CheckpointSource } from "../../foundry/checkpoint/source";
import { diskError } from "../../foundry/diskErrors";
import { convert, refuseConvert, type ConvertEnvironment } from "../../foundry/pipeline";
import { isGone } from "../../foundry/produce";
import { readFileType } from "../../foundry/quant/recipe";
import { lockFile, type FileLock } from "../../node/lockFile";
import { refuseExisting } from "../../node/outPlace";
import type { CalibrationParams } from "../../protocol/lab";
import type { ConvertEvent, ConvertParams, ConvertResult } from "../../protocol/worker";
import { refuseNothingFed } from "./passes";
import { quantizeCalibrated } from "./run";

/** As `convert` and `quantizeCalibrated`. On failure or abort neither file is left. */
export async function* convertCalibrated(
    params: ConvertParams,
    calibration: CalibrationParams,
    signal: AbortSignal,
    environment: ConvertEnvironment,
): AsyncGenerator<ConvertEvent, ConvertResult, void> {
    const { type, out, overwrite = false, threads, recipe, split } = params;
    const { source: from, via, family, pre, reference } = params;
    readFileType(type);
    // Not after an hour.
    if (!split) await refuseExisting(out, overwrite);
    const source = await environment.openSource(from, signal);
    const whole = wholePath(params, source);
    const { suspend } = environment;
    const lock = await hold(whole);
    let first: ConvertResult | undefined;
    let isKept = false;
    try {
        if (!(await stat(whole).catch(() => undefined))) {
            const own = { ...environment, openSource: () => Promise.resolve(source) };
            await refuseConvert(params, signal, own, ({ jobs }) => refuseNothingFed(jobs, type));
            first = yield* convert(
                {
                    source: from,
                    type: wholeType(via),
                    via,
                    family,
                    pre,
                    reference,
                    out: whole,
                    threads,
                },
                signal,
                own,
            );
        }
        const result = yield* quantizeCalibrated(
            { file: whole, type, out, overwrite, threads, recipe, split },
            calibration,
            signal,
            environment,
        );
        return {
            ...result,
            seconds: result.seconds + (first?.seconds ?? 0),
            warnings: [...new Set([...(first?.warnings ?? []), ...result.warnings])],
            tokenizer: first?.tokenizer,
        };
    } catch (error) {
        isKept = isGone(signal, suspend);
        throw error;
    } finally {
        if (!isKept) await rm(whole, { force: true });
        await lock.release();
    }
}

/** For one run alone: another one would remove the file while it is read. Throws AppError `env/permission`. */
async function hold(whole: string): Promise<FileLock> {
    const path = `${whole}.lock`;
    try {
        await mkdir(dirname(whole), { recursive: true });
        const lock = await lockFile(path);
        if (lock) return lock;
    } catch (cause) {
        throw diskError(cause, whole);
    }
    const pid = await readFile(path, "utf8").catch(() => "");
    throw new AppError(
        "env/permission",
        `Another conversion is making ${basename(whole)} (process ${pid}); wait for it or cancel it, or, when none is running, remove ${basename(path)} beside it`,
    );
}

/** What the values would be rounded to anyway. */
function wholeType(via: ConvertParams["via"]): string {
    return via === "auto" ? "auto" : via.toUpperCase();
}

/** Another one for everything that decides about the file's bytes; of this process alone when the source cannot tell whether it changed. */
function wholePath(
    { out, via, family, pre, reference }: ConvertParams,
    { identity = String(process.pid) }: CheckpointSource,
): string {
    const key = createHash("sha256").update(
        JSON.stringify([__BUILD__, identity, via, family, pre, reference]),
    );
    const stem = resolve(out).replace(/\.gguf$/i, "");
    return `${stem}.unquantized-${key.digest("hex").slice(0, 12)}.gguf`;
}
