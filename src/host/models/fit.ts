/**
 * "Fit to a Size...": how large, measured in front of the person, then what would be written, to be agreed to. What the types become is
 * the worker's; as every other type it is then a job.
 */

import { window } from "vscode";
import { formatBytes } from "../../base/format";
import { isFitTarget, type FitGroup, type FitParams, type FitPlan } from "../../protocol/fit";
import type { RecipeOptions } from "../../protocol/worker";
import type { Jobs } from "./jobs";
import { withNotification } from "./notification";
import { pickOne } from "./pick";

export const FIT_ROW = {
    label: "$(dashboard) Fit to a Size...",
    detail: "Each tensor gets the type of its own that loses least within so many bytes or bits per weight",
};

/** As it stands where a type could; undefined when the person stopped. */
export async function askFitTarget(): Promise<string | undefined> {
    const text = await window.showInputBox({
        title: "Fit to a Size",
        prompt: "How large the file may be, such as 6GiB or 800MB, or how many bits a weight may have, such as 4.5",
        placeHolder: "6GiB",
        ignoreFocusOut: true,
        validateInput: (value) =>
            targetOf(value) === undefined
                ? "Write a size such as 6GiB or 800MB, or bits per weight such as 4.5"
                : undefined,
    });
    return text === undefined ? undefined : targetOf(text);
}

/** Undefined when it means nothing. */
export function targetOf(text: string): string | undefined {
    const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]i?b?)?\s*$/i.exec(text) ?? [];
    if (number === undefined || !(Number(number) > 0)) return undefined;
    return unit === undefined ? `bpw:${number}` : `fit:${number}${unit}`;
}

export interface Fitted {
    /** A file type. */
    type: string;
    recipe: RecipeOptions | undefined;
    /** What the file is called by. */
    label: string;
    /** Of a Hub repository, what was measured. */
    commit?: string | undefined;
}

/** A type that is no target is given back. `isAsked`: the person sees the plan first; undefined when it was not agreed to. */
export async function fitType(
    jobs: Pick<Jobs, "fitPlan">,
    params: FitParams,
    isAsked: boolean,
): Promise<Fitted | undefined> {
    const { target, recipe } = params;
    if (!isFitTarget(target)) return { type: target, recipe, label: target };
    const plan = await withNotification(
        `Fitting to ${target.replace(/^\w+:/, "")}`,
        (signal, report) => {
            let shown = 0;
            return jobs.fitPlan(params, signal, ({ done, total, detail }) => {
                const percent = Math.floor((done / Math.max(1, total)) * 100);
                report({ message: detail, increment: percent - shown });
                shown = percent;
            });
        },
    );
    const fitted: Fitted = {
        type: plan.type,
        recipe: { ...recipe, types: plan.types },
        label: `${plan.bitsPerWeight.toFixed(2)}bpw`,
        commit: plan.commit,
    };
    if (!isAsked) return fitted;
    const agreed = await pickOne<true>({
        title: "Fit to a Size: What Would Be Written",
        placeholder: describeGain(plan),
        rows: [
            {
                label: `$(check) Write ${formatBytes(plan.fileBytes)}`,
                description: `${plan.bitsPerWeight.toFixed(2)} bits per weight`,
                value: true,
            },
            { separator: "What each part gets" },
            ...plan.groups.map((group) => ({ ...describeGroup(group), value: true as const })),
        ],
    });
    return agreed ? fitted : undefined;
}

function describeGain({ beside }: FitPlan): string {
    if (!beside) return "Any row writes it; Escape does not";
    return `Expected loss ${beside.lossRatio.toFixed(2)} times that of ${beside.type} (${formatBytes(beside.fileBytes)})`;
}

function describeGroup(group: FitGroup): { label: string; description: string } {
    return {
        label: group.name,
        description: `${formatBytes(group.bytes)}: ${group.types.map(({ type, nTensors }) => `${nTensors} x ${type}`).join(", ")}`,
    };
}
