/**
 * The plan of a fit: sizes of everything that stays, errors of every tensor as every type, what those errors cost, and the types that
 * cost least within the budget. Nothing is written.
 */

import { AppError } from "../../base/errors";
import { throwIfAborted } from "../../base/cancel";
import { formatBytes } from "../../base/format";
import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import type { NativeAddon } from "../../node/native";
import type { FitEvent, FitParams, FitPlan } from "../../protocol/fit";
import { allocate } from "./allocate";
import { candidatesFor } from "./candidates";
import { Costs } from "./costs";
import { measureErrors, type Errors } from "./measure";
import {
    countOf,
    listOpenTensors,
    openFitModel,
    sizeOf,
    tensorBytes,
    type FitModel,
    type OpenCheckpoint,
    type OpenTensor,
} from "./model";
import { runProbes } from "./probe";
import { correctByProbes, sensitivitiesByRule } from "./sensitivity";
import { groupTensors, labelOf, nearestMixture } from "./summary";
import { budgetOf, readTarget } from "./target";

export interface FitEnvironment {
    /** With its libraries open. */
    native: NativeAddon;
    openSource: OpenCheckpoint;
    signal: AbortSignal;
    threads: number;
    /** How many values of a tensor are tried, when not the usual number; fewer only in tests. */
    sampleElements?: number | undefined;
    onProgress(event: FitEvent): void;
}

/** Throws AppError `user/usage` when nothing fits or everything does. */
export async function planFit(params: FitParams, environment: FitEnvironment): Promise<FitPlan> {
    const { signal, native, threads } = environment;
    const target = readTarget(params.target);
    const model = await openFitModel(params, environment.openSource, signal);
    throwIfAborted(signal);
    const tensors = listOpenTensors(model);
    refuseRequantizing(params, tensors);
    const measure = sizeOf(model);
    const restBytes = fixedBytes(tensors, measure);
    const budgetBytes = budgetOf(target, model.nParameters);
    const candidates = chooseCandidates(model, tensors, { budgetBytes, restBytes });
    const errors = await measureErrors(
        tensors.map(({ job }, i) => ({ job, types: candidates[i] ?? [] })),
        {
            source: model.source,
            native,
            threads,
            signal,
            sampleElements: environment.sampleElements,
            onProgress: (done, detail) =>
                environment.onProgress({ stage: "measure", done, total: tensors.length, detail }),
        },
    );
    const costs = new Costs(errors, await findSensitivities(params, tensors, errors, environment));
    const options = tensors.map((tensor, i) =>
        (candidates[i] ?? []).map((type) => ({
            type,
            bytes: tensorBytes(tensor.shape, type),
            cost: costs.of(i, type) ?? Infinity,
        })),
    );
    const result = allocate(options, budgetBytes - restBytes);
    if (!result) throw new AppError("bug/internal", "The smallest types are over the budget");
    const chosen = tensors.map(
        ({ source }, i) => options[i]?.[result.picks[i] ?? 0]?.type ?? source,
    );
    const types = new Map(tensors.map(({ name }, i) => [name, chosen[i] ?? "F16"]));
    const fileBytes = measure(types);
    return {
        type: labelOf(tensors, chosen),
        types: Object.fromEntries(types),
        commit: model.commit,
        fileBytes,
        budgetBytes,
        bitsPerWeight: (fileBytes * 8) / model.nParameters,
        groups: groupTensors(tensors, chosen, costs),
        beside: nearestMixture(model, tensors, costs, { fileBytes, cost: result.cost }),
    };
}

async function findSensitivities(
    { model, probe, recipe }: FitParams,
    tensors: readonly OpenTensor[],
    errors: readonly Errors[],
    environment: FitEnvironment,
): Promise<number[]> {
    const byRule = sensitivitiesByRule(tensors.map(({ name }) => name));
    if (!probe || model.kind !== "gguf") return byRule;
    const { native, threads, signal } = environment;
    const probes = await runProbes({
        ...{ file: model.file, tensors, errors, recipe, probe, native, threads, signal },
        onProgress: (done, total, detail) =>
            environment.onProgress({ stage: "probe", done, total, detail }),
    });
    return correctByProbes(byRule, probes);
}

/** As quantizing does, before anything is measured. */
function refuseRequantizing({ model }: FitParams, tensors: readonly OpenTensor[]): void {
    if (model.kind !== "gguf" || model.allowRequantize === true) return;
    const [first, ...more] = tensors.filter(({ source }) => GGML_TYPES[source].blockElements > 1);
    if (!first) return;
    throw new AppError(
        "data/unsupported",
        `${more.length + 1} tensors are quantized already (${first.name} is ${first.source}), and quantizing again loses more than quantizing the original once; allow it with --allow-requantize, or start from an F16 or BF16 file`,
    );
}

/** What the file has beside the open tensors: header, and all that keeps its type. */
function fixedBytes(
    tensors: readonly OpenTensor[],
    measure: (types: ReadonlyMap<string, GgmlTypeName>) => number,
): number {
    const halves = new Map(tensors.map(({ name }) => [name, "F16" as const]));
    return measure(halves) - total(tensors, ({ shape }) => tensorBytes(shape, "F16"));
}

/** Types of fewer than this part of the bits that there are on average are never chosen, and take long to try. */
const LEAST_PART = 0.5;

interface Budget {
    budgetBytes: number;
    /** Of what is not open. */
    restBytes: number;
}

function chooseCandidates(
    model: FitModel,
    tensors: readonly OpenTensor[],
    { budgetBytes, restBytes }: Budget,
): GgmlTypeName[][] {
    const list = (leastBits: number) =>
        tensors.map(({ shape, source, job }) =>
            candidatesFor({ shape, source, hasImportances: job.imatrix !== undefined }, leastBits),
        );
    const bytes = (lists: GgmlTypeName[][], choose: (...sizes: number[]) => number) =>
        restBytes +
        total(tensors, ({ shape }, i) =>
            choose(...(lists[i] ?? []).map((type) => tensorBytes(shape, type))),
        );
    const all = list(0);
    const least = bytes(all, Math.min);
    const most = bytes(all, Math.max);
    if (least > budgetBytes) throw tooSmall(model, least, budgetBytes);
    if (most <= budgetBytes)
        throw new AppError(
            "user/usage",
            `${model.name} has ${formatBytes(most)} with nothing quantized, which ${formatBytes(budgetBytes)} are enough for; name a smaller size, or BF16 or F16 as type`,
        );
    const open = (budgetBytes - restBytes) * 8;
    const few = list((LEAST_PART * open) / Math.max(1, total(tensors, countOf)));
    return bytes(few, Math.min) > budgetBytes ? all : few;
}

function tooSmall({ name, recipe }: FitModel, leastBytes: number, budgetBytes: number): AppError {
    const how = recipe.imatrix
        ? "allow more, or take a smaller model"
        : "allow more, or give an importance matrix, which smaller types need";
    return new AppError(
        "user/usage",
        `The smallest file that ${name} can become has ${formatBytes(leastBytes)}, more than ${formatBytes(budgetBytes)}; ${how}`,
    );
}

function total<T>(items: readonly T[], of: (item: T, index: number) => number): number {
    return items.reduce((sum, item, index) => sum + of(item, index), 0);
}
