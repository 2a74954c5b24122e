/** A model as fitting sees it: what may be quantized at all, what else is in the file, and exact sizes. Nothing of the weights is read. */

import { AppError } from "../../base/errors";
import type { TensorJob } from "../../foundry/blocks";
import type { CheckpointSource } from "../../foundry/checkpoint/source";
import {
    measureFiles,
    planFile,
    type FileRequest,
    type LayoutModel,
} from "../../foundry/fileLayout";
import { openGgufModel } from "../../foundry/ggufSource";
import { readModel } from "../../foundry/model";
import { chooseVia } from "../../foundry/pipeline";
import { openRecipe, type OpenRecipe } from "../../foundry/plans";
import { GGML_TYPES, rowBytes, type FileTypeName, type GgmlTypeName } from "../../gguf/types";
import type { FitParams } from "../../protocol/fit";
import type { Source } from "../../protocol/worker";

export interface FitModel {
    name: string;
    layout: LayoutModel;
    source: CheckpointSource;
    nParameters: number;
    /** Of a Hub repository. */
    commit?: string | undefined;
    recipe: OpenRecipe;
    request(type: FileTypeName, types?: ReadonlyMap<string, GgmlTypeName>): FileRequest;
}

export interface OpenTensor {
    name: string;
    /** ne[0] first. */
    shape: readonly number[];
    source: GgmlTypeName;
    /** How its rows are read. */
    job: TensorJob;
}

export type OpenCheckpoint = (source: Source, signal: AbortSignal) => Promise<CheckpointSource>;

/** Throws AppError as conversion and quantization do. */
export async function openFitModel(
    { model, recipe: options }: FitParams,
    openSource: OpenCheckpoint,
    signal: AbortSignal,
): Promise<FitModel> {
    const recipe = await openRecipe(options);
    if (recipe.recipe.pure)
        throw new AppError(
            "user/usage",
            "--pure means one type for everything, so it does not go with fitting to a size; leave one of them out",
        );
    const withRecipe =
        (via: FileRequest["via"]) =>
        (type: FileTypeName, types?: ReadonlyMap<string, GgmlTypeName>): FileRequest => ({
            type,
            via,
            layout: "quantizer",
            imatrix: recipe.imatrix,
            recipe: types ? { ...recipe.recipe, types } : recipe.recipe,
        });
    if (model.kind === "gguf") {
        const opened = await openGgufModel(model.file);
        const { source, nParameters } = opened;
        return {
            name: source.name,
            layout: opened,
            source,
            nParameters,
            recipe,
            request: withRecipe("F32"),
        };
    }
    const { family, pre, reference, via } = model;
    const checkpoint = await openSource(model.source, signal);
    const opened = await readModel(checkpoint, { family, pre, reference }, signal);
    return {
        name: checkpoint.name,
        layout: opened,
        source: opened.source,
        nParameters: opened.counts.total,
        commit: checkpoint.commit,
        recipe,
        request: withRecipe(chooseVia(via, opened)),
    };
}

/** Tensors whose type is open: those that two plans of one type throughout make different. */
export function listOpenTensors(model: FitModel): OpenTensor[] {
    const plan = (type: FileTypeName) => {
        const request = model.request(type);
        const recipe = { ...model.recipe.recipe, pure: true };
        return planFile(model.layout, { ...request, recipe }).jobs;
    };
    const other = new Map(plan("Q8_0").map((job) => [job.tensor.name, job]));
    return plan("Q4_0").flatMap((job): OpenTensor[] => {
        const twin = other.get(job.tensor.name);
        if (twin === undefined || twin.type === job.type) return [];
        const { tensor } = job;
        return [
            {
                name: tensor.name,
                shape: [...tensor.shape].reverse(),
                source: sourceType(model, job),
                // A tensor that has one of the two types already is copied there, without importances.
                job: { ...job, imatrix: job.imatrix ?? twin.imatrix },
            },
        ];
    });
}

function sourceType({ layout }: FitModel, { tensor }: TensorJob): GgmlTypeName {
    const stored = layout.typeOf?.(tensor) ?? tensor.parts[0]?.source.dtype ?? "F32";
    return Object.hasOwn(GGML_TYPES, stored) ? (stored as GgmlTypeName) : "F32";
}

/** What a tensor takes in the file, with the gap behind it. */
export function tensorBytes(shape: readonly number[], type: GgmlTypeName): number {
    const [rowLength = 1, ...rest] = shape;
    const nRows = rest.reduce((product, n) => product * n, 1);
    const bytes = (rowBytes(type, rowLength) ?? Infinity) * nRows;
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

const ALIGNMENT = 32;

/** Exact size of the file with these types. */
export function sizeOf(model: FitModel): (types: ReadonlyMap<string, GgmlTypeName>) => number {
    const measure = measureFiles(model.layout);
    return (types) => measure(model.request("Q8_0", types)).fileBytes;
}

/** Values in a tensor. */
export function countOf(tensor: Pick<OpenTensor, "shape"> | undefined): number {
    return (tensor?.shape ?? []).reduce((product, n) => product * n, 1);
}
