/** Options that `ingot convert` and `ingot quantize` share: recipe, splits, progress, and how plans and results are shown. */

import { basename, resolve } from "node:path";
import { AppError } from "../base/errors";
import { formatBytes, formatDuration, formatParameters, formatRate } from "../base/format";
import { describeTokenizerCheck } from "../protocol/tokenizerCheck";
import type {
    ConvertEvent,
    ConvertPlan,
    ConvertResult,
    Fallback,
    RecipeOptions,
    SplitOptions,
} from "../protocol/worker";
import { usage, wholeNumber } from "./args";
import type { CliContext, ProgressStep } from "./context";
import { table } from "./output";

export const RECIPE_USAGE =
    "[--imatrix FILE] [--tensor-type PATTERN=TYPE]... [--output-tensor-type TYPE] [--token-embedding-type TYPE] [--pure] [--leave-output-tensor] [--split-max-size N(M|G) | --split-max-tensors N]";

export const RECIPE_ARGS = {
    imatrix: { type: "string" },
    "tensor-type": { type: "string", multiple: true },
    "output-tensor-type": { type: "string" },
    "token-embedding-type": { type: "string" },
    pure: { type: "boolean" },
    "leave-output-tensor": { type: "boolean" },
    "split-max-size": { type: "string" },
    "split-max-tensors": { type: "string" },
} as const;

interface RecipeValues {
    imatrix?: string | undefined;
    "tensor-type"?: string[] | undefined;
    "output-tensor-type"?: string | undefined;
    "token-embedding-type"?: string | undefined;
    pure?: boolean | undefined;
    "leave-output-tensor"?: boolean | undefined;
    "split-max-size"?: string | undefined;
    "split-max-tensors"?: string | undefined;
}

/** Undefined when nothing was said. */
export function recipeOptions(values: RecipeValues): RecipeOptions | undefined {
    const { imatrix } = values;
    if (imatrix === "") throw usage("--imatrix names no file");
    const recipe: RecipeOptions = {
        imatrix: imatrix === undefined ? undefined : resolve(imatrix),
        imatrixName: imatrix,
        tensorTypes: values["tensor-type"],
        outputType: values["output-tensor-type"],
        embeddingType: values["token-embedding-type"],
        pure: values.pure,
        leaveOutput: values["leave-output-tensor"],
    };
    return Object.values(recipe).some((value) => value !== undefined) ? recipe : undefined;
}

export function splitOptions(values: RecipeValues): SplitOptions | undefined {
    const size = values["split-max-size"];
    const tensors = values["split-max-tensors"];
    if (size !== undefined && tensors !== undefined)
        throw usage("--split-max-size and --split-max-tensors do not go together");
    if (tensors !== undefined)
        return { maxTensors: wholeNumber(tensors, "--split-max-tensors", 1, 1e6) };
    if (size === undefined) return undefined;
    // As llama-gguf-split counts: a million, a thousand million.
    const [, number = "", unit] = /^(\d{1,6})([MG])$/i.exec(size) ?? [];
    const maxBytes = Number(number) * (unit?.toUpperCase() === "G" ? 1e9 : 1e6);
    if (!(maxBytes > 0)) throw usage("--split-max-size takes a number with M or G, such as 2G");
    return { maxBytes };
}

const LABELS: Record<ConvertEvent["stage"], string> = {
    read: "Reading",
    calibrate: "Calibrating",
    convert: "Converting",
    verify: "Verifying",
};

export function toStep(event: ConvertEvent): ProgressStep {
    const { bytesPerSecond, secondsLeft } = event;
    const left = secondsLeft === undefined ? "" : `${formatDuration(secondsLeft)} left`;
    const isBytes = event.stage !== "calibrate" && bytesPerSecond !== undefined;
    const detail = left && isBytes ? `${formatRate(bytesPerSecond)}, ${left}` : left || undefined;
    return { label: LABELS[event.stage], done: event.doneBytes, total: event.totalBytes, detail };
}

export function showResult(context: CliContext, result: ConvertResult): void {
    context.progress.end();
    for (const warning of result.warnings) context.note(warning);
    context.out(context.json ? `${JSON.stringify(result)}\n` : describe(result));
}

function describe(result: ConvertResult): string {
    const { files, resumedBytes } = result;
    const resumed = resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} done by an earlier run` : "";
    return [
        result.file,
        `${result.type}, ${formatBytes(result.bytes)}${files.length > 1 ? ` in ${files.length} files` : ""}, ${result.seconds.toFixed(1)} s${resumed}`,
        ...files.map(
            ({ file, sha256 }) =>
                `sha256 ${sha256}${files.length > 1 ? `  ${basename(file)}` : ""}`,
        ),
        ...(result.tokenizer ? [describeTokenizerCheck(result.tokenizer)] : []),
        "",
    ].join("\n");
}

/** Shows the plan; only `type` when it is given. */
export function showPlan(context: CliContext, plan: ConvertPlan, type: string | undefined): void {
    const types = plan.types.filter(
        (entry) => type === undefined || entry.type === type.toUpperCase(),
    );
    if (types.length === 0)
        throw new AppError(
            "user/usage",
            `${plan.name} cannot be of type ${type ?? ""}; --dry-run without --type lists the types`,
        );
    const shown = { ...plan, types };
    context.out(context.json ? `${JSON.stringify(shown)}\n` : describePlan(shown, type));
}

function describePlan(plan: ConvertPlan, type: string | undefined): string {
    const rows = plan.types.map((entry) => [
        entry.type,
        formatBytes(entry.sizeBytes),
        entry.bitsPerWeight.toFixed(2),
        formatBytes(entry.memoryBytes),
        [
            entry.fitsMemory ? "" : "does not fit this computer's memory",
            entry.nFallback > 0 ? `${entry.nFallback} tensors of another type` : "",
            entry.needsImatrix ? "needs an importance matrix" : "",
            entry.recommended ? "recommended" : "",
        ]
            .filter(Boolean)
            .join(", "),
    ]);
    const fallbacks = type === undefined ? [] : plan.types.flatMap((entry) => entry.fallbacks);
    const free = plan.freeDiskBytes;
    return [
        `${plan.name}: ${plan.architecture}, ${formatParameters(plan.nParameters)} parameters, ${formatBytes(plan.sourceBytes)} to read${plan.license ? `, licence ${plan.license}` : ""}`,
        ...plan.warnings,
        "",
        table(rows, ["type", "size", "bits", "memory"]),
        ...fallbacks.map(describeFallback),
        "",
        `The result's size is all the disk that is needed${free === undefined ? "" : `; ${formatBytes(free)} are free`}.`,
        "",
    ].join("\n");
}

function describeFallback({ wanted, type, rowLength, nTensors, example }: Fallback): string {
    const others = nTensors > 1 ? ` and ${nTensors - 1} more` : "";
    return `${example}${others}: ${type} instead of ${wanted}, whose blocks do not divide rows of ${rowLength}`;
}
