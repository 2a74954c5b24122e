/** `ingot imatrix MODEL --text FILE`: how much each column of each weight matters, measured on texts, in the worker child. */

import { basename, resolve } from "node:path";
import { formatBytes } from "../base/format";
import type { TextFile } from "../protocol/lab";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { EVALUATE_ARGS, EVALUATE_USAGE, evaluateOptions, textFiles, toStep } from "./evaluate";
import { askWorker } from "./worker";

export const imatrix: Command = {
    name: "imatrix",
    usage: `MODEL --text FILE|FOLDER [--text ...] [--out FILE] [--merge FILE]... [--format gguf|dat] [--output-weight] [--parse-special] [--save-every CHUNKS] [--overwrite] ${EVALUATE_USAGE}`,
    summary: "Measures an importance matrix on texts, for convert and quantize.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            ...EVALUATE_ARGS,
            out: { type: "string" },
            merge: { type: "string", multiple: true, default: [] },
            format: { type: "string", default: "gguf" },
            "output-weight": { type: "boolean", default: false },
            "parse-special": { type: "boolean", default: false },
            "save-every": { type: "string", default: "0" },
            overwrite: { type: "boolean", default: false },
        });
        const model = resolve(onePositional(positionals, "MODEL"));
        const { format, text = [], merge } = values;
        if (format !== "gguf" && format !== "dat") throw usage("--format takes gguf or dat");
        if (text.length === 0 && merge.length === 0)
            throw usage("--text is missing: the file to measure on");
        if (values.out === "") throw usage("--out names no file");
        const result = await askWorker(
            context,
            "lab/imatrix",
            {
                model,
                texts: await textFiles(text),
                out: values.out ? resolve(values.out) : defaultOut(model, format),
                overwrite: values.overwrite,
                format,
                merge: merge.map(matrixFile),
                withOutput: values["output-weight"],
                parseSpecial: values["parse-special"],
                saveEvery: wholeNumber(values["save-every"], "--save-every", 0, 1e9),
                ...evaluateOptions(values),
            },
            (event) => {
                if (event.warning !== undefined) {
                    context.progress.end();
                    context.note(event.warning);
                }
                context.progress.show(toStep(event));
            },
        );
        context.progress.end();
        for (const warning of result.warnings) context.note(warning);
        const { file, bytes, nEntries, nChunks, nChunksTotal, resumedChunks } = result;
        const { nTokens, seconds } = result;
        const before = resumedChunks > 0 ? `, ${resumedChunks} of them by an earlier run` : "";
        const measured = `${nChunks} chunks (${nTokens} tokens) in ${seconds.toFixed(1)} s${before}`;
        context.out(
            context.json
                ? `${JSON.stringify(result)}\n`
                : `${file}\n${nEntries} weights, ${formatBytes(bytes)}, ${measured}${nChunksTotal > nChunks ? `, ${nChunksTotal} chunks in all` : ""}\n`,
        );
        return 0;
    },
};

/** As it was named, without the folder of an absolute path: `textFiles` says why. */
function matrixFile(name: string): TextFile {
    if (name === "") throw usage("--merge names no file");
    const path = resolve(name);
    return { path, name: path === name ? basename(name) : name };
}

/** In the current folder, named after the model. */
function defaultOut(model: string, format: "gguf" | "dat"): string {
    const stem = basename(model).replace(/(-00001-of-\d{5})?\.gguf$/i, "");
    return resolve(`${stem}.imatrix.${format}`);
}
