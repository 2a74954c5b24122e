/** Perplexity of a model on a text, and its distance from another model: the runs. Statistics: statistics.ts. */

import { rm } from "node:fs/promises";
import { removeDeadParts } from "../../foundry/leftovers";
import type {
    CompareScoresParams,
    CompareScoresResult,
    PerplexityParams,
    PerplexityResult,
} from "../../protocol/lab";
import type { ScoreProgress } from "../../node/nativeLab";
import { runJob, TimeLeft } from "../job";
import { withModel, type LabEnvironment } from "../openModel";
import { chunksOf, readTexts } from "../texts";
import { nameResult } from "../../node/nameResult";
import { refuseOut } from "../../node/outPlace";
import { physicalCores } from "../../node/threads";
import { readLogitsHeader } from "./logitsFile";
import { comparisonOf, perplexityOf } from "./statistics";

/** Throws AppError `env/permission` (the file to save), `user/usage` (texts), `user/no-model`, `data/gguf`, `env/memory`, `engine/load`, `native/failed`, `cancelled`. */
export async function scorePerplexity(
    params: PerplexityParams,
    environment: LabEnvironment,
): Promise<PerplexityResult> {
    const text = await readTexts(params.texts);
    const { saveLogits } = params;
    if (saveLogits !== undefined) {
        const inputs = [params.model, ...params.texts.map(({ path }) => path)];
        await refuseOut(saveLogits, params.overwrite, inputs);
        await removeDeadParts(saveLogits);
    }
    return withModel(params.model, environment, async (model) => {
        const { signal } = environment;
        environment.onProgress({ stage: "tokenize", done: 0, total: 1 });
        const chunks = await chunksOf(model, text, params, signal);
        const clock = new TimeLeft();
        const part = saveLogits === undefined ? undefined : `${saveLogits}.${process.pid}.part`;
        try {
            const nll = await runJob(
                () =>
                    model.scorePerplexity(
                        {
                            ...chunks,
                            threads: params.threads ?? physicalCores(),
                            ...(part === undefined ? {} : { saveLogits: part }),
                        },
                        watch(chunks.tokens.length, clock, environment, false),
                    ),
                signal,
            );
            if (part !== undefined && saveLogits !== undefined)
                await nameResult(part, saveLogits, params.overwrite);
            return {
                perplexity: perplexityOf(nll),
                nScored: nll.length,
                nChunks: chunks.nChunks,
                nTokens: chunks.tokens.length,
                seconds: clock.seconds,
            };
        } finally {
            if (part !== undefined) await rm(part, { force: true });
        }
    });
}

/** Throws as `scorePerplexity`, and `data/unsupported` when the two have different vocabularies. */
export async function compareScores(
    params: CompareScoresParams,
    environment: LabEnvironment,
): Promise<CompareScoresResult> {
    const { base, model: path } = params;
    const threads = params.threads ?? physicalCores();
    const { signal } = environment;
    if ("logits" in base) {
        const { contextTokens, nChunks } = await readLogitsHeader(base.logits);
        const nTokens = contextTokens * nChunks;
        return withModel(path, environment, async (model) => {
            const clock = new TimeLeft();
            const scores = await runJob(
                () =>
                    model.scoreDivergence(
                        { logits: base.logits, threads },
                        watch(nTokens, clock, environment, true),
                    ),
                signal,
            );
            return { ...comparisonOf(scores), nChunks, nTokens, seconds: clock.seconds };
        });
    }
    const text = await readTexts(base.texts);
    return withModel(path, environment, (model) =>
        withModel(base.reference, environment, async (reference) => {
            environment.onProgress({ stage: "tokenize", done: 0, total: 1 });
            const chunks = await chunksOf(model, text, params, signal);
            const clock = new TimeLeft();
            const scores = await runJob(
                () =>
                    model.scoreDivergence(
                        { ...chunks, threads, reference },
                        watch(chunks.tokens.length, clock, environment, true),
                    ),
                signal,
            );
            return {
                ...comparisonOf(scores),
                nChunks: chunks.nChunks,
                nTokens: chunks.tokens.length,
                seconds: clock.seconds,
            };
        }),
    );
}

function watch(
    total: number,
    clock: TimeLeft,
    { onProgress }: LabEnvironment,
    isCompared: boolean,
): ScoreProgress {
    return (done, meanNll, meanKld) =>
        onProgress({
            stage: "evaluate",
            done,
            total,
            secondsLeft: clock.left(done, total),
            perplexity: meanNll > 0 ? Math.exp(meanNll) : undefined,
            meanKld: isCompared ? meanKld : undefined,
        });
}
