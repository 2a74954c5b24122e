/** The list of types of a model, with an importance matrix when the person has one. What it says is typeRows.ts's. */

import type { ConvertPlan } from "../../protocol/worker";
import { askFitTarget, FIT_ROW } from "./fit";
import { pickImatrix } from "./imatrix";
import { pickOne, type PickRow } from "./pick";
import { fileName } from "./source";
import type { TypeList } from "./typeRows";

export interface TypeChoice {
    /** Or a size to fit to. */
    type: string;
    /** Absolute path. */
    imatrix?: string | undefined;
}

export interface TypePickOptions {
    title: (plan: ConvertPlan) => string;
    homeFolder: string;
    imatrix?: string | undefined;
    /** Sizes depend on the importance matrix, so the plan is made anew with one. */
    plan: (imatrix: string | undefined) => Promise<ConvertPlan>;
    list: (plan: ConvertPlan, imatrix: string | undefined) => TypeList;
}

type Step = { kind: "type"; type: string } | { kind: "fit" } | { kind: "imatrix" };

/** Undefined when the person stopped. */
export async function pickType(options: TypePickOptions): Promise<TypeChoice | undefined> {
    const { homeFolder } = options;
    let { imatrix } = options;
    for (;;) {
        const plan = await options.plan(imatrix);
        const { rows, advice } = options.list(plan, imatrix);
        const picked = await pickOne<Step>({
            title: options.title(plan),
            placeholder: advice,
            rows: [
                ...rows.map((row): PickRow<Step> => ({
                    ...row,
                    value: { kind: "type", type: row.value },
                })),
                { separator: "By size" },
                { ...FIT_ROW, value: { kind: "fit" } },
                { separator: "Importance matrix" },
                imatrixRow(imatrix),
            ],
        });
        if (!picked) return undefined;
        if (picked.kind === "fit") {
            const target = await askFitTarget();
            return target === undefined ? undefined : { type: target, imatrix };
        }
        const type = picked.kind === "type" ? picked.type : undefined;
        if (type !== undefined && !needsImatrix(plan, type)) return { type, imatrix };
        const chosen = await pickImatrix(type ?? plan.name, homeFolder);
        if (!chosen) return undefined;
        if (chosen.kind === "file") imatrix = chosen.path;
        if (chosen.kind === "file" && type !== undefined) return { type, imatrix };
    }
}

/** Whether the type cannot be made with what there is. */
export function needsImatrix(plan: ConvertPlan, wanted: string): boolean {
    return plan.types.find(({ type }) => type === wanted.toUpperCase())?.needsImatrix === true;
}

function imatrixRow(imatrix: string | undefined): PickRow<Step> {
    const value = { kind: "imatrix" } as const;
    if (imatrix === undefined)
        return {
            label: "$(add) Use an Importance Matrix...",
            detail: "A file of llama-imatrix that says which weights matter; makes types of few bits better",
            value,
        };
    return { label: `$(check) ${fileName(imatrix)}`, detail: "Choose another one", value };
}
