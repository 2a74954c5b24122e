/** What the commands of the lab have in common: the options of a run over a text, and its progress. */

import { stat } from "node:fs/promises";
import { basename, join, posix, resolve, sep } from "node:path";
import { AppError } from "../base/errors";
import { formatDuration } from "../base/format";
import type { CalibrationParams, EvaluateOptions, LabEvent, TextFile } from "../protocol/lab";
import { usage, wholeNumber } from "./args";
import type { ProgressStep } from "./context";
import { FolderFiles } from "./folderFiles";

/** For readArgs. */
export const EVALUATE_ARGS = {
    text: { type: "string", multiple: true },
    ctx: { type: "string" },
    chunks: { type: "string" },
    threads: { type: "string" },
} as const;

export const EVALUATE_USAGE = "[--ctx TOKENS] [--chunks N] [--threads N]";

export interface EvaluateValues {
    ctx?: string | undefined;
    chunks?: string | undefined;
    threads?: string | undefined;
}

export function evaluateOptions({ ctx, chunks, threads }: EvaluateValues): EvaluateOptions {
    return {
        contextTokens: ctx === undefined ? undefined : wholeNumber(ctx, "--ctx", 4, 1 << 20),
        chunks: chunks === undefined ? undefined : wholeNumber(chunks, "--chunks", 1, 1e9),
        threads: threads === undefined ? undefined : wholeNumber(threads, "--threads", 1, 512),
    };
}

/** Undefined: each row is rounded by itself. */
export async function calibrationOptions(
    texts: readonly string[],
    chunks: string | undefined,
): Promise<CalibrationParams | undefined> {
    return texts.length === 0
        ? undefined
        : { texts: await textFiles(texts, "--calibrate"), ...evaluateOptions({ chunks }) };
}

/**
 * Files as they were named; of a folder those that may be shown to a model, by name. Where they lie is nobody's business: results name
 * a file of an absolute path without its folder. Throws AppError `user/usage` for a folder without any.
 */
export async function textFiles(names: readonly string[], option = "--text"): Promise<TextFile[]> {
    const files: TextFile[] = [];
    for (const name of names) {
        if (name === "") throw usage(`${option} names no file`);
        const path = resolve(name);
        const shown = path === name ? basename(name) : name;
        const status = await stat(path).catch(() => undefined);
        if (!status?.isDirectory()) {
            files.push({ path, name: shown });
            continue;
        }
        const found = await new FolderFiles(path).list();
        if (found.length === 0)
            throw new AppError(
                "user/usage",
                `There is no text in the folder ${shown} that is not ignored; name another one`,
            );
        for (const file of found)
            files.push({ path: join(path, file), name: posix.join(toSlashes(shown), file) });
    }
    return files;
}

function toSlashes(name: string): string {
    return sep === "/" ? name : name.replaceAll(sep, "/");
}

export function toStep(event: LabEvent): ProgressStep {
    const { stage, done, total, secondsLeft, perplexity, meanKld, exact } = event;
    const labels = {
        load: "loading",
        tokenize: "reading the text",
        evaluate: "evaluating",
        bench: "measuring",
        infill: "filling holes",
    };
    const details = [
        perplexity === undefined ? "" : `PPL ${perplexity.toFixed(4)}`,
        meanKld === undefined ? "" : `KLD ${meanKld.toFixed(6)}`,
        exact === undefined ? "" : `${(100 * exact).toFixed(0)} % exact`,
        secondsLeft === undefined ? "" : `${formatDuration(secondsLeft)} left`,
    ].filter(Boolean);
    return { label: labels[stage], done, total, detail: details.join(", ") || undefined };
}
