/** `ingot bench MODEL`: how fast a model reads and writes on this computer, alone and with several at once, in the worker child. */

import { resolve } from "node:path";
import { formatBytes } from "../base/format";
import type { BenchResult, BenchRow } from "../protocol/labBench";
import { onePositional, readArgs, usage, wholeNumber } from "./args";
import type { Command } from "./context";
import { toStep } from "./evaluate";
import { table } from "./output";
import { askWorker } from "./worker";

export const bench: Command = {
    name: "bench",
    usage: "MODEL [--pp TOKENS,...] [--tg TOKENS,...] [--parallel N,...] [--shared-prompt] [--threads N]",
    summary: "Speed and memory of a model on this computer.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            pp: { type: "string", default: "512" },
            tg: { type: "string", default: "128" },
            parallel: { type: "string", default: "1,2,4" },
            "shared-prompt": { type: "boolean", default: false },
            threads: { type: "string" },
        });
        const { threads } = values;
        const result = await askWorker(
            context,
            "lab/bench",
            {
                model: resolve(onePositional(positionals, "MODEL")),
                promptTokens: numbers(values.pp, "--pp", 1 << 17),
                generateTokens: numbers(values.tg, "--tg", 1 << 17),
                parallel: numbers(values.parallel, "--parallel", 256),
                isShared: values["shared-prompt"],
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

/** Whole numbers with commas between them. */
function numbers(text: string, name: string, most: number): number[] {
    const found = text.split(",").map((one) => wholeNumber(one.trim(), name, 1, most));
    if (found.length > 16) throw usage(`${name} takes up to 16 numbers`);
    return found;
}

/** The columns of llama-batched-bench, by its names. */
const COLUMNS: readonly [string, (row: BenchRow) => string][] = [
    ["PP", (row) => `${row.promptTokens}`],
    ["TG", (row) => `${row.generateTokens}`],
    ["B", (row) => `${row.parallel}`],
    ["N_KV", (row) => `${row.cacheTokens}`],
    ["T_PP s", (row) => row.promptSeconds.toFixed(3)],
    ["S_PP t/s", (row) => row.promptSpeed.toFixed(2)],
    ["T_TG s", (row) => row.generateSeconds.toFixed(3)],
    ["S_TG t/s", (row) => row.generateSpeed.toFixed(2)],
    ["T s", (row) => row.seconds.toFixed(3)],
    ["S t/s", (row) => row.speed.toFixed(2)],
];

function describe({ rows, single, loadSeconds, memoryBytes, threads }: BenchResult): string {
    const lines = [
        table(
            rows.map((row) => COLUMNS.map(([, of]) => of(row))),
            COLUMNS.map(([name]) => name),
        ),
        "",
        `loaded in ${loadSeconds.toFixed(2)} s, ${formatBytes(memoryBytes)} of memory at most, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    ];
    if (single)
        lines.push(
            `alone: first token after ${single.firstTokenSeconds.toFixed(3)} s (${single.promptTokens} tokens read), then ${single.tokenMsP50.toFixed(1)} ms per token (half of them), ${single.tokenMsP95.toFixed(1)} ms (95 of 100)`,
        );
    return `${lines.join("\n")}\n`;
}
