/** What the commands of the lab have in common: the options of a run over a text, and its progress. */

import { basename, resolve } from "node:path";
import { formatDuration } from "../base/format";
import type { EvaluateOptions, LabEvent, TextFile } from "../protocol/lab";
import { usage, wholeNumber } from "./args";
import type { ProgressStep } from "./context";

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

/** Files as they were named. Where they lie is nobody's business: results name a file of an absolute path without its folder. */
export function textFiles(names: readonly string[], option = "--text"): TextFile[] {
    return names.map((name) => {
        if (name === "") throw usage(`${option} names no file`);
        const path = resolve(name);
        return { path, name: path === name ? basename(name) : name };
    });
}

export function toStep(event: LabEvent): ProgressStep {
    const { stage, done, total, secondsLeft, perplexity, meanKld } = event;
    const labels = { load: "loading", tokenize: "reading the text", evaluate: "evaluating" };
    const details = [
        perplexity === undefined ? "" : `PPL ${perplexity.toFixed(4)}`,
        meanKld === undefined ? "" : `KLD ${meanKld.toFixed(6)}`,
        secondsLeft === undefined ? "" : `${formatDuration(secondsLeft)} left`,
    ].filter(Boolean);
    return { label: labels[stage], done, total, detail: details.join(", ") || undefined };
}
