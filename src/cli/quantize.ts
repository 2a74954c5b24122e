/** `ingot quantize FILE --type T`: a GGUF model into another type, in the worker child. */

import { basename, join, resolve } from "node:path";
import { defaultModelsFolder } from "../library/library";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { calibrationOptions } from "./evaluate";
import { chooseTypes, probeOptions } from "./fit";
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
    usage: `FILE --type TYPE [--out FILE] [--overwrite] [--threads N] [--allow-requantize] [--dry-run] [--text FILE]... [--calibrate TEXT]... [--chunks N] ${RECIPE_USAGE}`,
    summary:
        "Makes another type of a GGUF model; as type, fit:6GiB or bpw:4.5 chooses each tensor's own, COPY joins or splits files.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            type: { type: "string" },
            out: { type: "string" },
            threads: { type: "string" },
            overwrite: { type: "boolean", default: false },
            "allow-requantize": { type: "boolean", default: false },
            "dry-run": { type: "boolean", default: false },
            text: { type: "string", multiple: true, default: [] },
            calibrate: { type: "string", multiple: true, default: [] },
            chunks: { type: "string" },
            ...RECIPE_ARGS,
        });
        const file = resolve(onePositional(positionals, "FILE"));
        const split = splitOptions(values);
        const allowRequantize = values["allow-requantize"];
        const threads = values.threads
            ? wholeNumber(values.threads, "--threads", 1, 1024)
            : undefined;
        const given = recipeOptions(values);
        const { text, calibrate, chunks } = values;
        if (chunks !== undefined && text.length + calibrate.length === 0)
            throw usage(
                "--chunks goes with --text and --calibrate, of which it takes the first ones",
            );
        const { type, recipe, label, isDone } = await chooseTypes(
            context,
            values.type,
            {
                model: { kind: "gguf", file, allowRequantize },
                recipe: given,
                probe: await probeOptions({ text, chunks }),
                threads,
            },
            values["dry-run"],
        );
        if (isDone) return 0;
        if (values["dry-run"]) {
            const out = values.out ? resolve(values.out) : defaultModelsFolder();
            const params = { file, recipe, out, allowRequantize };
            showPlan(context, await askWorker(context, "quantize/plan", params), type);
            return 0;
        }
        if (!type || !label) throw usage("--type is missing; --dry-run lists the types");
        if (values.out === "") throw usage("--out names no file");
        const out = values.out ? resolve(values.out) : defaultOut(file, label);
        const result = await askWorker(
            context,
            "quantize/run",
            {
                file,
                type,
                out,
                overwrite: values.overwrite,
                threads,
                recipe,
                split,
                allowRequantize,
                calibration: await calibrationOptions(calibrate, chunks),
            },
            (event) => context.progress.show(toStep(event)),
        );
        showResult(context, result);
        return 0;
    },
};

/** In the library, named after the model: a type at the end of its name is replaced. */
function defaultOut(file: string, label: string): string {
    const stem = basename(file)
        .replace(/(-00001-of-\d{5})?\.gguf$/i, "")
        .replace(/[-.](I?Q\d\w*|[\d.]+bpw|TQ\d_0|MXFP4\w*|B?F16|F32)$/i, "");
    return join(defaultModelsFolder(), `${stem}-${label}.gguf`);
}
