/** `--type fit:6GiB` and `--type bpw:4.5`: asks for the plan, shows it, and gives what `convert` and `quantize` go on with. */

import { formatBytes, formatParameters } from "../base/format";
import { isFitTarget, type FitProbe, type FitParams, type FitPlan } from "../protocol/fit";
import type { RecipeOptions } from "../protocol/worker";
import { usage } from "./args";
import type { CliContext } from "./context";
import { evaluateOptions, textFiles } from "./evaluate";
import { table } from "./output";
import { askWorker } from "./worker";

/** `--text` for `quantize`: undefined when there is none. */
export async function probeOptions(values: {
    text?: string[] | undefined;
    chunks?: string | undefined;
}): Promise<FitProbe | undefined> {
    const { text = [], chunks } = values;
    return text.length === 0
        ? undefined
        : { texts: await textFiles(text), ...evaluateOptions({ chunks }) };
}

export interface Chosen {
    type: string | undefined;
    recipe: RecipeOptions | undefined;
    /** What the result is called by. */
    label: string | undefined;
    /** Of a Hub repository, what was measured. */
    commit?: string | undefined;
    /** A plan was shown, and no more is wanted. */
    isDone: boolean;
}

/** Any other type is given back as it is. With `--json` the plan goes to the output only when nothing is written after it. */
export async function chooseTypes(
    context: CliContext,
    type: string | undefined,
    params: Omit<FitParams, "target">,
    isDryRun: boolean,
): Promise<Chosen> {
    const { recipe } = params;
    if (params.probe && !isFitTarget(type ?? ""))
        throw usage(
            "--text says which tensors matter when a size is fitted; give a size as --type",
        );
    if (type === undefined || !isFitTarget(type))
        return { type, recipe, label: type?.toUpperCase(), isDone: false };
    const plan = await askWorker(
        context,
        "fit/plan",
        { ...params, target: type },
        ({ stage, ...step }) =>
            context.progress.show({
                label: stage === "probe" ? "Trying" : "Measuring",
                ...step,
            }),
    );
    context.progress.end();
    if (!context.json) context.out(describeFit(plan));
    else if (isDryRun) context.out(`${JSON.stringify(plan)}\n`);
    return {
        type: plan.type,
        recipe: { ...recipe, types: plan.types },
        commit: plan.commit,
        label: `${plan.bitsPerWeight.toFixed(2)}bpw`,
        isDone: isDryRun,
    };
}

export function describeFit(plan: FitPlan): string {
    const { groups, fileBytes, budgetBytes, bitsPerWeight, type, beside } = plan;
    const rows = groups.map((group) => [
        group.name,
        String(group.nTensors),
        formatParameters(group.nElements),
        formatBytes(group.bytes),
        ((group.bytes * 8) / group.nElements).toFixed(2),
        `${(group.share * 100).toFixed(1)} %`,
        group.types.map((one) => `${one.nTensors} x ${one.type}`).join(", "),
    ]);
    return [
        table(rows, ["tensors", "", "values", "size", "bits", "loss", "types"]),
        "",
        `${formatBytes(fileBytes)} (${fileBytes} bytes) of ${formatBytes(budgetBytes)}, ${bitsPerWeight.toFixed(2)} bits per weight, labelled ${type}.`,
        ...(beside
            ? [
                  `Expected loss ${beside.lossRatio.toFixed(2)} times that of ${beside.type} (${formatBytes(beside.fileBytes)}).`,
              ]
            : []),
        "",
    ].join("\n");
}
