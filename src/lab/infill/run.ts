/** Fills holes of source files with a model, greedily, with the prompts that completions have, and scores the answers. */

import { readFile, stat } from "node:fs/promises";
import { onAbort, throwIfAborted } from "../../base/cancel";
import { AppError, cancelled } from "../../base/errors";
import { decodeSource, MAX_SOURCE_BYTES } from "../../context/sourceText";
import type { NativeContext, NativeModel } from "../../node/native";
import { physicalCores } from "../../node/threads";
import { fitBudget, prefixWindow, suffixWindow } from "../../prompt/budget";
import { resolveFim, stopTextsOf, type ResolvedFim } from "../../prompt/families";
import { buildFimPrompt } from "../../prompt/fim";
import type { FimLayoutName } from "../../protocol/completion";
import type { TextFile } from "../../protocol/lab";
import type { HoleKind, InfillParams, InfillResult } from "../../protocol/labInfill";
import { languageOf } from "../../syntax/languages";
import { TimeLeft } from "../job";
import { withModel, type LabEnvironment } from "../openModel";
import { cutHoles, type Hole, type Source } from "./holes";
import { isComplete, judge, scoreOf, type Filled } from "./score";

const DEFAULT_HOLES = 100;
/** The same windows for every model and machine, so that scores can be compared. */
const WINDOWS = { maxPrefixTokens: 1024, maxSuffixTokens: 256 };
const CONTEXT_TOKENS = 2048;
const SLICE_TOKENS = 512;
/** More than the hole's text takes, when it is written in other tokens. */
const SPARE_TOKENS = 16;

/** Throws AppError `user/usage` (no holes, a model that cannot fill), `user/no-model`, `data/gguf`, `env/memory`, `engine/load`, `cancelled`. */
export async function scoreInfill(
    params: InfillParams,
    environment: LabEnvironment,
): Promise<InfillResult> {
    const sources = await readSources(params.texts, environment.signal);
    const holes = cutHoles(sources, params.holes ?? DEFAULT_HOLES);
    if (holes.length === 0)
        throw new AppError(
            "user/usage",
            "There is no code to cut holes from; name source files, or a folder with some",
        );
    return withModel(params.model, environment, async (model) => {
        const fim = resolveFim({
            tokenizeSpecial: (text) => model.tokenize(text, { parseSpecial: true }),
            piece: (token) => model.piece(token),
            fimPrefixHint: model.info.special.fimPrefix,
        });
        if ("reason" in fim) throw new AppError("user/usage", fim.reason);
        const layout = params.layout ?? "append";
        const context = model.createContext({
            contextTokens: Math.min(CONTEXT_TOKENS, model.info.trainedContextTokens),
            nSequences: 1,
            sliceTokens: SLICE_TOKENS,
            threads: params.threads ?? physicalCores(),
        });
        const clock = new TimeLeft();
        try {
            const filled = await fillAll(
                holes,
                { model, context, fim, layout },
                clock,
                environment,
            );
            const kinds = (["line", "lines"] as const)
                .map((kind: HoleKind) => ({ kind, of: filled.filter((one) => one.kind === kind) }))
                .filter(({ of }) => of.length > 0);
            return {
                ...scoreOf(filled),
                kinds: kinds.map(({ kind, of }) => ({ kind, ...scoreOf(of) })),
                nFiles: new Set(holes.map(({ name }) => name)).size,
                family: fim.family,
                layout,
                seconds: clock.seconds,
            };
        } finally {
            await context.close();
        }
    });
}

interface Filler {
    model: NativeModel;
    context: NativeContext;
    fim: ResolvedFim;
    layout: FimLayoutName;
}

async function fillAll(
    holes: readonly Hole[],
    filler: Filler,
    clock: TimeLeft,
    { signal, onProgress }: LabEnvironment,
): Promise<Filled[]> {
    const filled: Filled[] = [];
    const total = holes.length;
    for (const hole of holes) {
        const done = filled.length;
        onProgress({
            stage: "infill",
            done,
            total,
            secondsLeft: clock.left(done, total),
            exact: done > 0 ? scoreOf(filled).exact.value : undefined,
        });
        filled.push(judge(hole.kind, await fill(hole, filler, signal), hole.truth));
    }
    return filled;
}

/** The model's text for a hole, until it has as many lines. */
async function fill(
    { prefix, suffix, truth }: Hole,
    { model, context, fim, layout }: Filler,
    signal: AbortSignal,
): Promise<string> {
    throwIfAborted(signal);
    const count = (text: string) => model.tokenize(text).length;
    const maxTokens = count(truth) + SPARE_TOKENS;
    const { trainedContextTokens, addBos, special } = model.info;
    const size = Math.min(CONTEXT_TOKENS, trainedContextTokens);
    const { maxPrefixTokens, maxSuffixTokens } = fitBudget(WINDOWS, size, maxTokens);
    const { tokens, forcedPrefix } = buildFimPrompt({
        fim,
        layout,
        healing: true,
        prefix: prefixWindow(prefix, maxPrefixTokens, count).text,
        suffix: suffixWindow(suffix, maxSuffixTokens, count),
        bos: addBos ? special.bos : undefined,
        tokenizer: model,
    });
    let text = "";
    const task = context.generate(
        {
            sequence: 0,
            priority: 0,
            tokens,
            maxTokens,
            temperature: 0,
            stopTokens: [...fim.stopTokens],
            stopTexts: stopTextsOf(fim),
            forcedPrefix,
        },
        (chunk) => {
            text += chunk.text;
            if (isComplete(text, truth)) task.abort();
        },
    );
    const stop = onAbort(signal, () => task.abort());
    try {
        const result = await task.done;
        if (signal.aborted) throw cancelled();
        return result.text;
    } finally {
        stop();
    }
}

/** Those that are text; throws AppError `user/usage` for one that is not there. */
async function readSources(files: readonly TextFile[], signal: AbortSignal): Promise<Source[]> {
    const sources: Source[] = [];
    for (const { path, name } of files) {
        throwIfAborted(signal);
        const status = await stat(path).catch(() => undefined);
        if (!status?.isFile())
            throw new AppError("user/usage", `There is no text file ${name}; name another one`);
        if (status.size > MAX_SOURCE_BYTES) continue;
        const lines = decodeSource(await readFile(path));
        if (lines) sources.push({ name, languageId: languageOf(path), text: lines.join("\n") });
    }
    return sources;
}
