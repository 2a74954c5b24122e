/** `ingot convert SOURCE --type T`: a Hugging Face folder or Hub repository becomes a GGUF file, in the worker child. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatBytes, formatDuration, formatParameters, formatRate } from "../base/format";
import { defaultModelsFolder } from "../library/library";
import type { ConvertEvent, ConvertPlan, ConvertResult, Source, Via } from "../protocol/worker";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { CliContext, Command, ProgressStep } from "./context";
import { table } from "./output";
import { askWorker } from "./worker";

const VIAS: readonly Via[] = ["auto", "bf16", "f16", "f32"];

export const convert: Command = {
    name: "convert",
    usage: "SOURCE --type TYPE [--out FILE] [--via auto|bf16|f16|f32] [--overwrite] [--threads N] [--pre NAME] [--revision R] [--dry-run]",
    summary: "Converts a Hugging Face folder or Hub id to GGUF, in one pass.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            type: { type: "string" },
            out: { type: "string" },
            via: { type: "string", default: "auto" },
            revision: { type: "string" },
            threads: { type: "string" },
            pre: { type: "string" },
            overwrite: { type: "boolean", default: false },
            "dry-run": { type: "boolean", default: false },
        });
        const source = parseSource(onePositional(positionals, "SOURCE"), values.revision);
        if (values["dry-run"]) return showPlan(context, source, values.type);
        if (!values.type) throw usage("--type is missing; --dry-run lists the types");
        if (values.out === "") throw usage("--out names no file");
        const type = values.type;
        const result = await askWorker(
            context,
            "convert/run",
            {
                source,
                type,
                via: parseVia(values.via),
                out: values.out ? resolve(values.out) : defaultOut(source, type),
                overwrite: values.overwrite,
                pre: values.pre,
                threads: values.threads
                    ? wholeNumber(values.threads, "--threads", 1, 1024)
                    : undefined,
            },
            (event) => context.progress.show(toStep(event)),
        );
        context.progress.end();
        for (const warning of result.warnings) context.note(warning);
        context.out(context.json ? `${JSON.stringify(result)}\n` : describe(result));
        return 0;
    },
};

/** An existing path is a folder; otherwise `owner/name` is a Hub id. `.` and `/` at the start always mean a path. */
function parseSource(text: string, revision: string | undefined): Source {
    const isId = /^[\w.-]+\/[\w.-]+$/.test(text) && !text.startsWith(".");
    if (!isId || existsSync(resolve(text))) return { kind: "folder", path: resolve(text) };
    return { kind: "hub", repo: text, revision };
}

function parseVia(text: string): Via {
    const via = VIAS.find((name) => name === text.toLowerCase());
    if (!via) throw usage(`--via takes ${VIAS.join(", ")}`);
    return via;
}

/** In the library, where `ingot models list` finds it. */
function defaultOut(source: Source, type: string): string {
    const path = source.kind === "folder" ? source.path : source.repo;
    const name = path.split(/[\\/]/).filter(Boolean).at(-1) ?? "model";
    return join(defaultModelsFolder(), `${name}-${type.toUpperCase()}.gguf`);
}

const LABELS: Record<ConvertEvent["stage"], string> = {
    read: "Reading",
    convert: "Converting",
    verify: "Verifying",
};

function toStep(event: ConvertEvent): ProgressStep {
    const { bytesPerSecond, secondsLeft } = event;
    const detail =
        bytesPerSecond === undefined || secondsLeft === undefined
            ? undefined
            : `${formatRate(bytesPerSecond)}, ${formatDuration(secondsLeft)} left`;
    return { label: LABELS[event.stage], done: event.doneBytes, total: event.totalBytes, detail };
}

function describe(result: ConvertResult): string {
    return [
        result.file,
        `${result.type}, ${formatBytes(result.bytes)}, ${result.seconds.toFixed(1)} s`,
        `sha256 ${result.sha256}`,
        "",
    ].join("\n");
}

async function showPlan(
    context: CliContext,
    source: Source,
    type: string | undefined,
): Promise<number> {
    const plan = await askWorker(context, "convert/plan", { source });
    const types = plan.types.filter(
        (entry) => type === undefined || entry.type === type.toUpperCase(),
    );
    if (types.length === 0) throw usage(`${plan.name} cannot be of type ${type ?? ""}`);
    const shown = { ...plan, types };
    context.out(context.json ? `${JSON.stringify(shown)}\n` : describePlan(shown));
    return 0;
}

function describePlan(plan: ConvertPlan): string {
    const rows = plan.types.map((entry) => [
        entry.type,
        formatBytes(entry.sizeBytes),
        entry.bitsPerWeight.toFixed(2),
        entry.nFallback > 0 ? `${entry.nFallback} tensors of another type` : "",
        entry.needsImatrix ? "needs an importance matrix" : entry.recommended ? "recommended" : "",
    ]);
    return [
        `${plan.name}: ${plan.architecture}, ${formatParameters(plan.nParameters)} parameters, ${formatBytes(plan.sourceBytes)} to read${plan.license ? `, licence ${plan.license}` : ""}`,
        ...plan.warnings,
        "",
        table(rows, ["type", "size", "bits"]),
        "",
    ].join("\n");
}
