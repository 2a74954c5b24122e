/**
 * The worker's comparisons: each step runs in a worker of its own, started from here, because an assertion of llama.cpp ends a process, and one file
 * that cannot be measured may not end the others. A step that is cancelled is killed, so that it ends at once whatever it is in, and what it had
 * written is removed here.
 */

import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { onAbort, throwIfAborted } from "../base/cancel";
import { AppError, cancelled } from "../base/errors";
import type { Log } from "../base/log";
import { openGgufModel } from "../foundry/ggufSource";
import { journalPath, partPath } from "../foundry/leftovers";
import { cacheOf } from "../foundry/plans";
import { plainText } from "../foundry/publish/plainText";
import { planQuantize } from "../foundry/quantizeFile";
import { fileTypeOf, stringOf } from "../gguf/metadata";
import { compare } from "../lab/compare/run";
import type { CompareSteps, StepOptions } from "../lab/compare/steps";
import { readGgufParts } from "../library/ggufParts";
import { startChild } from "../node/child";
import type { CallContext } from "../protocol/channel";
import type { CompareEvent, CompareParams, Comparison } from "../protocol/compare";
import type { Estimate } from "../protocol/lab";
import type { WorkerClientSide, WorkerSide } from "../protocol/worker";
import { Running } from "./running";

type Requests = WorkerSide["requests"];
type Asked =
    | "fit/plan"
    | "quantize/run"
    | "lab/perplexity"
    | "lab/compareScores"
    | "lab/bench"
    | "lab/infill";
type ProgressOf<K extends keyof Requests> = Requests[K] extends { progress: infer P } ? P : never;

/** One sequence, three times. */
const BENCH = { promptTokens: [512], generateTokens: [64], parallel: [1, 1, 1] } as const;

export class CompareJobs {
    private readonly running = new Running();

    constructor(private readonly log: Log) {}

    readonly handlers = {
        "compare/run": (
            params: CompareParams,
            context: CallContext<CompareEvent>,
        ): Promise<Comparison> => {
            const { files, types, chunks } = params;
            this.log.info("comparison started", {
                files: files.length,
                types: types.length,
                chunks,
            });
            return this.running.run(context.signal, (signal) =>
                compare(params, stepsFor(params, this.log), {
                    signal,
                    onEvent: (event) => context.progress(event),
                }),
            );
        },
    };

    /** Ends what runs; settles when what it had made is removed. */
    stop(): Promise<void> {
        return this.running.stop();
    }
}

function stepsFor(params: CompareParams, log: Log): CompareSteps {
    const { imatrix, imatrixName, threads, chunks, contextTokens } = params;
    const recipe = imatrix === undefined ? undefined : { imatrix, imatrixName };
    const texts = params.text.files.map((path) => ({ path, name: path }));
    const evaluate = { contextTokens, chunks, threads };
    const evaluated = ({ done, total }: { done: number; total: number }) => done / total;
    return {
        async describe(file, signal) {
            throwIfAborted(signal);
            const { sizeBytes, first } = await readGgufParts(file);
            const model = await openGgufModel(file);
            const type = fileTypeOf(first);
            return {
                name: model.source.name,
                model: plainText(stringOf(first, "general.name")),
                type: type ?? "unknown",
                bytes: sizeBytes,
                nParameters: model.nParameters,
                cache: cacheOf(model),
            };
        },
        async planTypes(file, signal) {
            const { types } = await planQuantize({ file, recipe, allowRequantize: true });
            throwIfAborted(signal);
            return types.map(({ sizeBytes, ...type }) => ({ ...type, bytes: sizeBytes }));
        },
        async fit({ file, target }, options) {
            const model = { kind: "gguf", file, allowRequantize: true } as const;
            const plan = await ask(
                "fit/plan",
                { model, target, recipe, threads },
                options,
                log,
                evaluated,
            );
            const { type, types, fileBytes, bitsPerWeight } = plan;
            return { type, types, bytes: fileBytes, bitsPerWeight };
        },
        async quantize({ types, ...work }, options) {
            const ownRecipe = types === undefined ? recipe : { ...recipe, types };
            const request = { ...work, recipe: ownRecipe, threads, allowRequantize: true };
            await ask(
                "quantize/run",
                request,
                options,
                log,
                ({ stage, doneBytes, totalBytes }) =>
                    stage === "convert" && totalBytes > 0 ? doneBytes / totalBytes : undefined,
                (pid) => [partPath(work.out, pid), journalPath(work.out, pid)],
            );
        },
        async scores({ file, reference }, options) {
            const request = { ...evaluate, model: file, base: { reference, texts } };
            const result = await ask("lab/compareScores", request, options, log, (event) =>
                event.stage === "evaluate" ? evaluated(event) : undefined,
            );
            const { perplexity, perplexityBase, kld, sameTop, nChunks } = result;
            return {
                nChunks,
                file: {
                    ...pplOf(perplexity),
                    meanKl: kld.mean.value,
                    meanKlError: kld.mean.error ?? undefined,
                    kl99: kld.quantiles.find(({ percent }) => percent === 99)?.value,
                    sameTop: sameTop.value,
                },
                reference: pplOf(perplexityBase),
            };
        },
        async perplexity(file, options) {
            const request = { ...evaluate, model: file, texts };
            const { perplexity, nChunks } = await ask(
                "lab/perplexity",
                request,
                options,
                log,
                (event) => (event.stage === "evaluate" ? evaluated(event) : undefined),
            );
            return { ...pplOf(perplexity), nChunks };
        },
        async bench(file, options) {
            const request = { ...BENCH, model: file, threads };
            const {
                rows,
                memoryBytes,
                threads: used,
            } = await ask("lab/bench", request, options, log, (event) =>
                event.stage === "bench" ? evaluated(event) : undefined,
            );
            return {
                facts: {
                    promptTokens: BENCH.promptTokens[0],
                    generatedTokens: BENCH.generateTokens[0],
                    threads: used,
                    repetitions: BENCH.parallel.length,
                },
                measures: {
                    promptSpeed: middleOf(rows.map(({ promptSpeed }) => promptSpeed)),
                    generationSpeed: middleOf(rows.map(({ generateSpeed }) => generateSpeed)),
                    memoryBytes,
                },
            };
        },
        async infill(file, options) {
            const { files = [], holes } = params.infill ?? {};
            // Names decide which holes are cut: the same ones wherever the project lies.
            const code = files.map((path) => ({ path, name: basename(path) }));
            const request = { model: file, texts: code, holes, threads };
            const { exact, nHoles } = await ask("lab/infill", request, options, log, (event) =>
                event.stage === "infill" ? evaluated(event) : undefined,
            );
            return { infill: exact.value, nHoles };
        },
    };
}

function middleOf(values: readonly number[]): number | undefined {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function pplOf({ value, error }: Estimate): { ppl: number; pplError: number | undefined } {
    return { ppl: value, pplError: error ?? undefined };
}

async function ask<K extends Asked>(
    method: K,
    params: Requests[K]["params"],
    { signal, onFraction }: StepOptions,
    log: Log,
    fractionOf: (event: ProgressOf<K>) => number | undefined,
    /** What a killed process of that id leaves on the disk. */
    leftBy: (pid: number) => string[] = () => [],
): Promise<Requests[K]["result"]> {
    throwIfAborted(signal);
    const child = startChild<WorkerClientSide, WorkerSide>({
        name: "worker",
        // This very program.
        entry: process.argv[1] ?? "",
        build: __BUILD__,
        handlers: {},
        listeners: {
            log: ({ level, message, fields }) => log.child("step")[level](message, fields),
        },
    });
    const { pid } = child;
    const stop = onAbort(signal, () => kill(pid));
    try {
        await child.ready;
        const onProgress = (event: ProgressOf<K>) => {
            const fraction = fractionOf(event);
            if (fraction !== undefined) onFraction(fraction);
        };
        // The maps agree by K; TypeScript cannot see that through the channel's conditional types.
        const result: unknown = await child.channel.request(method, params as never, {
            onProgress,
        });
        return result as Requests[K]["result"];
    } catch (error) {
        throw signal.aborted ? cancelled() : asStepError(error);
    } finally {
        stop();
        await child.dispose();
        if (signal.aborted && pid !== undefined)
            for (const path of leftBy(pid)) await rm(path, { force: true });
    }
}

function kill(pid: number | undefined): void {
    try {
        if (pid !== undefined) process.kill(pid, "SIGKILL");
    } catch {
        // It had ended by itself.
    }
}

/** A step that died is not tried again by anybody. */
function asStepError(error: unknown): unknown {
    if (!(error instanceof AppError) || error.code !== "engine/gone") return error;
    return new AppError("native/failed", error.message.replace(/; try again$/, ""), {
        cause: error,
    });
}
