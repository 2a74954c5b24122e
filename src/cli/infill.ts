/** `ingot infill MODEL --text FILE|FOLDER`: how well a model fills holes of one's own code, in the worker child. */

import { resolve } from "node:path";
import type { Estimate } from "../protocol/lab";
import type { InfillResult, InfillScore } from "../protocol/labInfill";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { textFiles, toStep } from "./evaluate";
import { table } from "./output";
import { askWorker } from "./worker";

const NAMES = { line: "rest of a line", lines: "whole lines" } as const;

export const infill: Command = {
    name: "infill",
    usage: "MODEL --text FILE|FOLDER [--text ...] [--holes N] [--layout append|psm] [--threads N]",
    summary: "Fills holes cut out of your code; says how often exactly.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            text: { type: "string", multiple: true },
            holes: { type: "string", default: "100" },
            layout: { type: "string", default: "append" },
            threads: { type: "string" },
        });
        const model = resolve(onePositional(positionals, "MODEL"));
        const { text = [], layout, threads } = values;
        if (text.length === 0) throw usage("--text is missing: the code to cut holes from");
        if (layout !== "psm" && layout !== "append") throw usage("--layout takes append or psm");
        const result = await askWorker(
            context,
            "lab/infill",
            {
                model,
                texts: await textFiles(text),
                holes: wholeNumber(values.holes, "--holes", 1, 100_000),
                layout,
                threads:
                    threads === undefined ? undefined : wholeNumber(threads, "--threads", 1, 512),
            },
            (event) => context.progress.show(toStep(event)),
        );
        context.progress.end();
        context.out(context.json ? `${JSON.stringify(result)}\n` : describe(result));
        return 0;
    },
};

function describe(result: InfillResult): string {
    const { kinds, nFiles, family, layout, seconds } = result;
    const row = (name: string, { nHoles, nExact, exact, similarity }: InfillScore) => [
        name,
        `${nHoles}`,
        `${nExact}`,
        percent(exact),
        percent(similarity),
    ];
    return `${table(
        [...kinds.map((kind) => row(NAMES[kind.kind], kind)), row("all", result)],
        ["", "holes", "exact", "", "edit similarity"],
    )}\n\n${nFiles} ${nFiles === 1 ? "file" : "files"}, prompts of ${family} (${layout}), ${seconds.toFixed(1)} s\n`;
}

/** Of a handful of holes no error is known. */
function percent({ value, error }: Estimate): string {
    if (error === null) return `${(100 * value).toFixed(1)} %`;
    return `${(100 * value).toFixed(1)} ± ${(100 * error).toFixed(1)} %`;
}
