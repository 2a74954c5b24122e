/**
 * The list of types of a model, with an importance matrix when the person has one, and with error feedback on a text. What it says of types is
 * typeRows.ts's.
 */

import type { ConvertPlan } from "../../protocol/worker";
import type { AskText, TextChoice } from "../lab/textPick";
import { askCalibration, calibrationRow } from "./calibration";
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
    /** For error feedback. */
    calibration?: TextChoice | undefined;
}

export interface TypePickOptions {
    title: (plan: ConvertPlan) => string;
    homeFolder: string;
    modelsFolder: string;
    /** Measures an importance matrix; left out: there is no GGUF file yet. */
    makeImatrix?: (() => Promise<string | undefined>) | undefined;
    /** For error feedback. */
    askText: AskText;
    /** What that takes beside time, to be said with it. */
    feedbackNote?: ((plan: ConvertPlan) => string | undefined) | undefined;
    imatrix?: string | undefined;
    /** Sizes depend on the importance matrix, so the plan is made anew with one. */
    plan: (imatrix: string | undefined) => Promise<ConvertPlan>;
    list: (plan: ConvertPlan, imatrix: string | undefined) => TypeList;
}

type Step =
    | { kind: "type"; type: string }
    | { kind: "fit" | "imatrix" }
    | { kind: "calibrate"; ask: () => Promise<TextChoice | undefined> };

/** Undefined when the person stopped. */
export async function pickType(options: TypePickOptions): Promise<TypeChoice | undefined> {
    const { homeFolder, modelsFolder, makeImatrix: make } = options;
    let { imatrix } = options;
    let calibration: TextChoice | undefined;
    for (;;) {
        const plan = await options.plan(imatrix);
        const picked = await pickStep(options, plan, { imatrix, calibration });
        if (!picked) return undefined;
        if (picked.kind === "fit") {
            const target = await askFitTarget();
            return target === undefined ? undefined : { type: target, imatrix, calibration };
        }
        if (picked.kind === "calibrate") {
            calibration = calibration ? undefined : await picked.ask();
            continue;
        }
        const type = picked.kind === "type" ? picked.type : undefined;
        if (type !== undefined && !needsImatrix(plan, type)) return { type, imatrix, calibration };
        const { name } = plan;
        const chosen = await pickImatrix({
            what: type ?? name,
            model: name,
            homeFolder,
            modelsFolder,
            isForTypes: true,
            make,
        });
        if (!chosen) return undefined;
        if (chosen.kind === "file") imatrix = chosen.path;
        if (chosen.kind === "file" && type !== undefined) return { type, imatrix, calibration };
    }
}

function pickStep(
    options: TypePickOptions,
    plan: ConvertPlan,
    { imatrix, calibration }: Omit<TypeChoice, "type">,
): Promise<Step | undefined> {
    const { rows, advice } = options.list(plan, imatrix);
    const { nParameters } = plan;
    return pickOne<Step>({
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
            { separator: "Error feedback" },
            {
                ...calibrationRow(calibration, nParameters, options.feedbackNote?.(plan)),
                value: {
                    kind: "calibrate",
                    ask: () => askCalibration(options.askText, nParameters),
                },
            },
        ],
    });
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
            detail: "Says which weights matter on a text; makes types of few bits better",
            value,
        };
    return { label: `$(check) ${fileName(imatrix)}`, detail: "Choose another one", value };
}
