/** `ingot quantize FILE --type T`: a GGUF model into another type, in the worker child. */

import { basename, join, resolve } from "node:path";
import { defaultModelsFolder } from "../library/library";
import type { CalibrationParams } from "../protocol/lab";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { evaluateOptions, textFiles } from "./evaluate";
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

export const quantize: Command = {
    name: "quantize",
    usage: `FILE --type TYPE [--out FILE] [--overwrite] [--threads N] [--allow-requantize] [--dry-run] [--calibrate TEXT]... [--chunks N] ${RECIPE_USAGE}`,
    summary: "Makes another type of a GGUF model; COPY as type joins or splits files.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            type: { type: "string" },
            out: { type: "string" },
            threads: { type: "string" },
            overwrite: { type: "boolean", default: false },
            "allow-requantize": { type: "boolean", default: false },
            "dry-run": { type: "boolean", default: false },
            calibrate: { type: "string", multiple: true, default: [] },
            chunks: { type: "string" },
            ...RECIPE_ARGS,
        });
        const file = resolve(onePositional(positionals, "FILE"));
        const recipe = recipeOptions(values);
        const split = splitOptions(values);
        const allowRequantize = values["allow-requantize"];
        if (values["dry-run"]) {
            const out = values.out ? resolve(values.out) : defaultModelsFolder();
            const params = { file, recipe, out, allowRequantize };
            showPlan(context, await askWorker(context, "quantize/plan", params), values.type);
            return 0;
        }
        if (!values.type) throw usage("--type is missing; --dry-run lists the types");
        if (values.out === "") throw usage("--out names no file");
        const out = values.out ? resolve(values.out) : defaultOut(file, values.type);
        const result = await askWorker(
            context,
            "quantize/run",
            {
                file,
                type: values.type,
                out,
                overwrite: values.overwrite,
                threads: values.threads
                    ? wholeNumber(values.threads, "--threads", 1, 1024)
                    : undefined,
                recipe,
                split,
                allowRequantize,
                calibration: calibrationOptions(values.calibrate, values.chunks),
            },
            (event) => context.progress.show(toStep(event)),
        );
        showResult(context, result);
        return 0;
    },
};

/** Undefined: each row is rounded by itself. */
function calibrationOptions(
    texts: readonly string[],
    chunks: string | undefined,
): CalibrationParams | undefined {
    if (texts.length > 0)
        return { texts: textFiles(texts, "--calibrate"), ...evaluateOptions({ chunks }) };
    if (chunks !== undefined) throw usage("--chunks goes with --calibrate");
    return undefined;
}

/** In the library, named after the model: a type at the end of its name is replaced. */
function defaultOut(file: string, type: string): string {
    const stem = basename(file)
        .replace(/(-00001-of-\d{5})?\.gguf$/i, "")
        .replace(/[-.](I?Q\d\w*|TQ\d_0|MXFP4\w*|B?F16|F32)$/i, "");
    return join(defaultModelsFolder(), `${stem}-${type.toUpperCase()}.gguf`);
}
