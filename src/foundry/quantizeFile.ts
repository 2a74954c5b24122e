/**
 * A GGUF model into another type, through the same rows as a conversion: `planQuantize` says what every type would give,
 * `quantizeFile` does it. Bytes and refusals are llama-quantize's.
 */

import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import { fileTypeName, GGML_TYPES, isFileTypeName, type FileTypeName } from "../gguf/types";
import { numberOf } from "../gguf/metadata";
import type {
    ConvertEvent,
    ConvertPlan,
    ConvertResult,
    QuantizeParams,
    QuantizePlanParams,
} from "../protocol/worker";
import { planFile, type FilePlan, type FileRequest } from "./fileLayout";
import { openGgufModel, type GgufModel } from "./ggufSource";
import { refuseWithoutImatrix } from "./pipeline";
import { freeDisk, cacheOf, openRecipe, planTypes, type OpenRecipe } from "./plans";
import { produce, type ProduceEnvironment } from "./produce";
import type { Calibration, Rounding } from "./rounding";
import { readFileType } from "./quant/recipe";
import { checkSplit } from "./split";

export async function planQuantize(params: QuantizePlanParams): Promise<ConvertPlan> {
    const recipe = await openRecipe(params.recipe);
    const model = await openGgufModel(params.file);
    const nQuantized = model.tensors.filter((tensor) => isQuantized(model.typeOf(tensor))).length;
    return {
        name: model.source.name,
        architecture: model.arch,
        family: model.arch,
        nParameters: model.nParameters,
        sourceBytes: model.sourceBytes,
        license: model.license,
        cache: cacheOf(model),
        types: planTypes(model, model.nParameters, (type) => request(type, recipe)),
        warnings: nQuantized > 0 ? [requantizing(nQuantized, params.allowRequantize)] : [],
        freeDiskBytes: await freeDisk(params.out),
    };
}

function request(type: FileTypeName, recipe: OpenRecipe, copy?: boolean): FileRequest {
    return { type, via: "F32", layout: "quantizer", copy, ...recipe };
}

function requantizing(nTensors: number, isAllowed: boolean | undefined): string {
    const loss = "quantizing again loses more than quantizing the original once";
    const how = isAllowed ? "" : "; --allow-requantize does it nevertheless";
    return `${nTensors} tensors of the file are quantized already, and ${loss}${how}`;
}

/** Yields progress and returns the result. On failure or abort no file is left. */
export async function* quantizeFile(
    params: QuantizeParams,
    signal: AbortSignal,
    environment: ProduceEnvironment & { calibration?: Calibration | undefined },
): AsyncGenerator<ConvertEvent, ConvertResult, void> {
    const { calibration } = environment;
    const startMs = performance.now();
    yield { stage: "read", doneBytes: 0, totalBytes: 0 };
    checkSplit(params.split);
    const recipe = await openRecipe(params.recipe);
    const model = await openGgufModel(params.file);
    const isCopy = params.type.toUpperCase() === "COPY";
    const type = isCopy ? ownFileType(model) : readFileType(params.type);
    const plan = planFile(
        model,
        { ...request(type, recipe, isCopy), moreKeys: calibration?.keys },
        params.split,
    );
    refuseWithoutImatrix(type, plan, recipe.imatrix?.name);
    const nAgain = refuseRequantizing(plan, params.allowRequantize ?? false);
    calibration?.check(plan);
    throwIfAborted(signal);
    let rounding: Rounding | undefined;
    const { notes, ...produced } = yield* produce(
        {
            plan,
            source: model.source,
            sourceBytes: model.sourceBytes,
            request: params,
            identity: [recipe.imatrix?.sha256, ...(calibration?.identity ?? [])],
            startRounding:
                calibration &&
                async function* () {
                    return (rounding = yield* calibration.start(plan, signal));
                },
        },
        signal,
        environment,
    );
    return {
        ...produced,
        type,
        seconds: (performance.now() - startMs) / 1000,
        warnings: [
            ...plan.warnings,
            ...notes,
            ...(rounding?.notes() ?? []),
            ...(nAgain > 0 ? [requantizing(nAgain, true)] : []),
        ],
    };
}

/** What the file says it is; a copy says the same. */
function ownFileType(model: GgufModel): FileTypeName {
    const id = numberOf(model.first, "general.file_type");
    const name = id === undefined ? undefined : fileTypeName(id);
    if (name !== undefined && isFileTypeName(name)) return name;
    throw new AppError(
        "data/unsupported",
        `${model.source.label} does not say which type it is of, so it cannot be copied; name a type instead of COPY`,
    );
}

function isQuantized(type: string): boolean {
    const known = Object.hasOwn(GGML_TYPES, type)
        ? GGML_TYPES[type as keyof typeof GGML_TYPES]
        : undefined;
    return (known?.blockElements ?? 1) > 1;
}

/** How many tensors are quantized a second time. */
function refuseRequantizing(plan: FilePlan, isAllowed: boolean): number {
    const again = plan.jobs.filter(({ tensor, type }) => {
        const from = tensor.parts[0]?.source.dtype ?? type;
        return from !== type && isQuantized(from);
    });
    const [first] = again;
    if (first && !isAllowed)
        throw new AppError(
            "data/unsupported",
            `${again.length} tensors are quantized already (${first.tensor.name} is ${first.tensor.parts[0]?.source.dtype}), and quantizing again loses more than quantizing the original once; allow it with --allow-requantize, or start from an F16 or BF16 file`,
        );
    return again.length;
}
