/** `ingot perplexity MODEL --text FILE`: how well a model foretells a text, and with a reference what its quantization lost. */

import { resolve } from "node:path";
import type {
    CompareScoresParams,
    CompareScoresResult,
    Estimate,
    PerplexityResult,
} from "../protocol/lab";
import { onePositional, readArgs, usage } from "./args";
import type { CliContext, Command } from "./context";
import { EVALUATE_ARGS, EVALUATE_USAGE, evaluateOptions, textFiles, toStep } from "./evaluate";
import { table } from "./output";
import { askWorker } from "./worker";

export const perplexity: Command = {
    name: "perplexity",
    usage: `MODEL --text FILE|FOLDER [--text ...] [--reference MODEL | --logits FILE] [--save-logits FILE] [--overwrite] ${EVALUATE_USAGE}`,
    summary: "Perplexity on a text; KL divergence from another model.",
    async run(context) {
        const { values, positionals } = readArgs(context.args, {
            ...EVALUATE_ARGS,
            reference: { type: "string" },
            logits: { type: "string" },
            "save-logits": { type: "string" },
            overwrite: { type: "boolean", default: false },
        });
        const model = resolve(onePositional(positionals, "MODEL"));
        const options = evaluateOptions(values);
        const { text = [], reference, logits } = values;
        const saveLogits = values["save-logits"];
        if ([reference, logits, saveLogits].filter(Boolean).length > 1)
            throw usage("--reference, --logits and --save-logits do not go together");
        if (logits) {
            if (text.length > 0) throw usage("--logits holds its text; leave --text out");
            if (values.ctx !== undefined || values.chunks !== undefined)
                throw usage("--logits says which chunks there are; leave --ctx and --chunks out");
            await compare(context, { model, base: { logits: resolve(logits) }, ...options });
            return 0;
        }
        if (text.length === 0) throw usage("--text is missing: the file to measure on");
        const texts = await textFiles(text);
        if (reference) {
            const base = { reference: resolve(reference), texts };
            await compare(context, { model, base, ...options });
            return 0;
        }
        const params = {
            model,
            texts,
            saveLogits: saveLogits ? resolve(saveLogits) : undefined,
            overwrite: values.overwrite,
            ...options,
        };
        show(
            context,
            await askWorker(context, "lab/perplexity", params, (event) =>
                context.progress.show(toStep(event)),
            ),
            (result) => `PPL = ${estimate(result.perplexity, 4)}\n`,
        );
        return 0;
    },
};

async function compare(context: CliContext, params: CompareScoresParams): Promise<void> {
    const result = await askWorker(context, "lab/compareScores", params, (event) =>
        context.progress.show(toStep(event)),
    );
    show(context, result, describe);
}

function show<R extends PerplexityResult | CompareScoresResult>(
    context: CliContext,
    result: R,
    describeResult: (result: R) => string,
): void {
    context.progress.end();
    const { nChunks, nTokens, nScored, seconds } = result;
    const run = `${nChunks} chunks, ${nTokens} tokens, ${nScored} of them scored, ${seconds.toFixed(1)} s\n`;
    context.out(context.json ? `${JSON.stringify(result)}\n` : `${describeResult(result)}${run}`);
}

function describe(result: CompareScoresResult): string {
    const percent = ({ value, error }: Estimate): Estimate => ({
        value: 100 * value,
        error: error === null ? null : 100 * error,
    });
    const { correlation } = result;
    const quantiles = result.pDiff.quantiles.map(({ percent: share, value }) => {
        const kld = result.kld.quantiles.find((one) => one.percent === share);
        return [labelOf(share), kld?.value.toFixed(6) ?? "", `${(100 * value).toFixed(3)} %`];
    });
    return [
        table([
            ["PPL(Q)", estimate(result.perplexity, 6)],
            ["PPL(base)", estimate(result.perplexityBase, 6)],
            [
                "Cor(ln PPL(Q), ln PPL(base))",
                correlation === null ? "-" : `${(100 * correlation).toFixed(2)} %`,
            ],
            ["ln(PPL(Q)/PPL(base))", estimate(result.lnRatio, 6)],
            ["PPL(Q)/PPL(base)", estimate(result.ratio, 6)],
            ["PPL(Q)-PPL(base)", estimate(result.difference, 6)],
            ["Mean KLD", estimate(result.kld.mean, 6)],
            ["Mean Δp", `${estimate(percent(result.pDiff.mean), 3)} %`],
            ["RMS Δp", `${estimate(percent(result.pDiffRms), 3)} %`],
            ["Same top p", `${estimate(percent(result.sameTop), 3)} %`],
        ]),
        "",
        table(quantiles, ["", "KLD", "Δp"]),
        "",
        "",
    ].join("\n");
}

function labelOf(percent: number): string {
    const names: Record<number, string> = { 100: "Maximum", 50: "Median", 0: "Minimum" };
    return names[percent] ?? `${percent.toFixed(1)} %`;
}

/** Of a handful of tokens no error is known. */
function estimate({ value, error }: Estimate, digits: number): string {
    if (error === null) return value.toFixed(digits);
    return `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;
}
