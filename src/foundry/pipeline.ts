/**
 * Checkpoint to GGUF in one pass: `planConversion` says what every type would give before anything runs, `convert` does it. No file
 * stands between; every byte equals what llama.cpp's converter and llama-quantize write one after the other.
 */

import { AppError } from "../base/errors";
import { throwIfAborted } from "../base/cancel";
import type { FileTypeName } from "../gguf/types";
import { readGguf } from "../gguf/read";
import { validateModel } from "../gguf/validate";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertPlan,
    ConvertResult,
    PlanParams,
    Via,
} from "../protocol/worker";
import type { CheckpointSource } from "./checkpoint/source";
import { planFile, type FilePlan } from "./fileLayout";
import type { FloatType } from "./floats";
import { readModel, type CheckpointModel, type FileLayout } from "./model";
import { cacheOf, openRecipe, planTypes, freeDisk } from "./plans";
import { produce, refuseResults, type ProduceEnvironment } from "./produce";
import { hasChoices, readFileType } from "./quant/recipe";
import { checkSplit } from "./split";
import { checkTokenizer, expectTokens, type ExpectedTokens } from "./selfTest";

/** What a conversion needs from outside. */
export interface ConvertEnvironment extends ProduceEnvironment {
    openSource(source: ConvertParams["source"], signal: AbortSignal): Promise<CheckpointSource>;
}

/** A choice that only comparisons with the reference need. */
export interface LayoutOptions {
    /** Default: `converter` for F32, F16 and BF16, else `quantizer`. */
    layout?: FileLayout | undefined;
}

export async function planConversion(
    source: CheckpointSource,
    signal?: AbortSignal,
    options: Omit<PlanParams, "source"> = {},
): Promise<ConvertPlan> {
    const recipe = await openRecipe(options.recipe);
    const { family, reference } = options;
    const model = await readModel(source, { family, reference }, signal);
    return {
        name: source.name,
        architecture: model.family.arch,
        family: model.family.title,
        nParameters: model.counts.total,
        sourceBytes: model.storedBytes,
        license: model.license,
        cache: cacheOf(model),
        types: planTypes(model, model.counts.total, (type) => ({
            type,
            via: model.autoType,
            layout: defaultLayout(type, hasChoices(recipe.recipe)),
            ...recipe,
        })),
        warnings: model.warnings,
        freeDiskBytes: await freeDisk(options.out),
    };
}

/** Only llama-quantize knows recipes, so with one its layout is the file's. */
function defaultLayout(type: FileTypeName, hasRecipe: boolean): FileLayout {
    const isPlain = type === "F32" || type === "F16" || type === "BF16";
    return isPlain && !hasRecipe ? "converter" : "quantizer";
}

/** Yields progress and returns the result. On failure or abort no file is left. */
export async function* convert(
    params: ConvertParams,
    signal: AbortSignal,
    environment: ConvertEnvironment,
    options: LayoutOptions = {},
): AsyncGenerator<ConvertEvent, ConvertResult, void> {
    const startMs = performance.now();
    yield { stage: "read", doneBytes: 0, totalBytes: 0 };
    const work = await prepare(params, signal, environment, options);
    throwIfAborted(signal);
    const { native } = environment;
    const { notes, ...produced } = yield* produce(
        {
            plan: work.plan,
            source: work.source,
            sourceBytes: work.sourceBytes,
            request: params,
            identity: work.identity,
            check: (file, stop) =>
                checkTokenizer({ expected: work.expected, file, native, signal: stop }),
        },
        signal,
        environment,
    );
    return {
        ...produced,
        type: work.type,
        seconds: (performance.now() - startMs) / 1000,
        warnings: [...work.warnings, ...work.plan.warnings, ...notes],
    };
}

/** What `convert` would refuse before it writes, for work that comes before it. Throws what it would, and what `check` does. */
export async function refuseConvert(
    params: ConvertParams,
    signal: AbortSignal,
    environment: ConvertEnvironment,
    check: (plan: FilePlan) => void,
): Promise<void> {
    const { plan } = await prepare(params, signal, environment, {});
    check(plan);
    await refuseResults(plan, params);
}

interface Prepared {
    plan: FilePlan;
    type: FileTypeName;
    source: CheckpointSource;
    sourceBytes: number;
    identity: unknown[];
    warnings: string[];
    expected: ExpectedTokens;
}

/** Everything before the rows. Its result is small: vocabulary and tokenizer, a hundred megabytes of objects, are left behind. */
async function prepare(
    params: ConvertParams,
    signal: AbortSignal,
    environment: ConvertEnvironment,
    options: LayoutOptions,
): Promise<Prepared> {
    checkSplit(params.split);
    const recipe = await openRecipe(params.recipe);
    const source = await environment.openSource(params.source, signal);
    const model = await readModel(
        source,
        {
            family: params.family,
            pre: params.pre,
            reference: params.reference,
        },
        signal,
    );
    const type = params.type.toLowerCase() === "auto" ? model.autoType : readFileType(params.type);
    const layout = options.layout ?? defaultLayout(type, hasChoices(recipe.recipe));
    const via = chooseVia(params.via, model);
    const request = { type, via, layout, ...recipe };
    const whole = planFile(model, request);
    refuseWithoutImatrix(type, whole, recipe.imatrix?.name);
    await refuseUnusable(whole, source.label);
    return {
        plan: params.split ? planFile(model, request, params.split) : whole,
        type,
        source: model.source,
        sourceBytes: model.sourceBytes,
        identity: [via, recipe.imatrix?.sha256, model.family.id],
        warnings: model.warnings,
        expected: expectTokens(model.tokenizer),
    };
}

/** Which rounding is meant by `auto`. */
export function chooseVia(via: Via, model: CheckpointModel): FloatType {
    return via === "auto" ? model.autoType : (via.toUpperCase() as FloatType);
}

/** A config.json that does not fit its weights gives a file that nothing can load; better to say so before it is written. */
async function refuseUnusable({ volumes }: FilePlan, label: string): Promise<void> {
    const { header, fileBytes } = volumes[0] ?? { header: new Uint8Array(), fileBytes: 0 };
    const read = (offset: number, length: number) =>
        Promise.resolve(header.subarray(offset, offset + length));
    try {
        validateModel([await readGguf({ size: fileBytes, read })]);
    } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== "data/gguf") throw cause;
        const why = cause.message.replace(/^[^:]*: /, "").replace(/;.*$/, "");
        throw new AppError(
            "data/checkpoint",
            `${label} gives a file that cannot be used: ${why}; download config.json and the tokenizer again`,
            { cause },
        );
    }
}

/** Shared with quantizing a file: which tensors cannot be made, and what to do. */
export function refuseWithoutImatrix(type: string, plan: FilePlan, imatrix?: string): void {
    const [first, ...more] = plan.needImatrix;
    if (first === undefined) return;
    if (imatrix !== undefined)
        throw new AppError(
            "data/unsupported",
            `${imatrix} has no entry for ${first}${more.length > 0 ? ` and ${more.length} more` : ""}, which ${type} cannot do without; choose the importance matrix of this very model`,
        );
    throw new AppError(
        "data/unsupported",
        `${type} needs an importance matrix (for ${first}); give one with --imatrix, or choose a type with at least 3 bits, such as Q3_K_M or IQ4_XS`,
    );
}
