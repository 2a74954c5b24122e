/** `ingot convert SOURCE --type T`: a Hugging Face folder or Hub repository becomes a GGUF file, in the worker child. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { defaultModelsFolder } from "../library/library";
import { atCommit } from "../protocol/fit";
import type { Source, Via } from "../protocol/worker";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { chooseTypes } from "./fit";
import { calibrationOptions } from "./evaluate";
import {
    RECIPE_ARGS,
    RECIPE_USAGE,
    recipeOptions,
    showPlan,
    showResult,
    splitOptions,
    toStep,
} from "./recipe";
import { askWorker } from "./worker";

const VIAS: readonly Via[] = ["auto", "bf16", "f16", "f32"];

export const convert: Command = {
    name: "convert",
    usage: `SOURCE --type TYPE [--out FILE] [--via auto|bf16|f16|f32] [--overwrite] [--threads N] [--as FAMILY] [--pre NAME] [--reference] [--revision R] [--dry-run] [--calibrate TEXT]... [--chunks N] ${RECIPE_USAGE}`,
    summary:
        "Converts a Hugging Face folder or Hub id to GGUF, in one pass; as type, fit:6GiB or bpw:4.5 chooses each tensor's own.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            type: { type: "string" },
            out: { type: "string" },
            via: { type: "string", default: "auto" },
            revision: { type: "string" },
            threads: { type: "string" },
            as: { type: "string" },
            pre: { type: "string" },
            reference: { type: "boolean", default: false },
            text: { type: "string", multiple: true },
            calibrate: { type: "string", multiple: true, default: [] },
            chunks: { type: "string" },
            overwrite: { type: "boolean", default: false },
            "dry-run": { type: "boolean", default: false },
            ...RECIPE_ARGS,
        });
        const source = parseSource(onePositional(positionals, "SOURCE"), values.revision);
        if (values.text)
            throw usage(
                "--text runs the model, which a checkpoint cannot do yet; convert it to BF16 and fit that with quantize, or leave --text out: errors are measured without it",
            );
        const { calibrate, chunks } = values;
        if (chunks !== undefined && calibrate.length === 0)
            throw usage("--chunks goes with --calibrate, of which it takes the first ones");
        const split = splitOptions(values);
        const via = parseVia(values.via);
        const threads = values.threads
            ? wholeNumber(values.threads, "--threads", 1, 1024)
            : undefined;
        const { reference, as: family, pre } = values;
        const { type, recipe, label, commit, isDone } = await chooseTypes(
            context,
            values.type,
            {
                model: { kind: "checkpoint", source, via, family, pre, reference },
                recipe: recipeOptions(values),
                threads,
            },
            values["dry-run"],
        );
        if (isDone) return 0;
        if (values["dry-run"]) {
            const out = values.out ? resolve(values.out) : defaultModelsFolder();
            const params = { source, recipe, out, family, reference };
            const plan = await askWorker(context, "convert/plan", params);
            showPlan(context, plan, type);
            if (calibrate.length > 0)
                context.note("With --calibrate a BF16 or F16 file stands beside it while it runs");
            return 0;
        }
        if (!type || !label) throw usage("--type is missing; --dry-run lists the types");
        if (values.out === "") throw usage("--out names no file");
        const result = await askWorker(
            context,
            "convert/run",
            {
                source: atCommit(source, commit),
                type,
                via,
                out: values.out ? resolve(values.out) : defaultOut(source, label),
                overwrite: values.overwrite,
                family,
                pre,
                reference,
                threads,
                recipe,
                split,
                calibration: await calibrationOptions(calibrate, chunks),
            },
            (event) => context.progress.show(toStep(event)),
        );
        showResult(context, result);
        return 0;
    },
};

/** An existing path is a folder; otherwise `owner/name` is a Hub id. `.` and `/` at the start always mean a path. */
export function parseSource(text: string, revision: string | undefined): Source {
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
function defaultOut(source: Source, label: string): string {
    const path = source.kind === "folder" ? source.path : source.repo;
    const name = path.split(/[\\/]/).filter(Boolean).at(-1) ?? "model";
    return join(defaultModelsFolder(), `${name}-${label}.gguf`);
}
