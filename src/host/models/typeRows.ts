/** The types that a file can be written as, as rows with their exact sizes. Pure; convert.ts and quantize.ts show them. */

import { AppError } from "../../base/errors";
import type { MachineMemory } from "../../library/memory";
import type { ConvertPlan, TypePlan } from "../../protocol/worker";
import { exactSize, memoryNote, notes } from "./needs";
import type { PickRow } from "./pick";

export const FEWER_BITS = "Fewer bits make a smaller and faster file that knows a little less";

export interface TypeList {
    rows: PickRow<string>[];
    /** A sentence under the title: what the person should know before choosing. */
    advice: string;
}

export interface TypeFacts {
    memory: MachineMemory;
    /** Path of the importance matrix that the plan was made with. */
    imatrix?: string | undefined;
}

/** Types that cannot be made without an importance matrix come last, and say so. */
export function typeRows(plan: ConvertPlan, { memory, imatrix }: TypeFacts): PickRow<string>[] {
    const { types, cache } = plan;
    return inOrder(types).map((type) => ({
        label: type.type,
        description: notes([
            exactSize(type.sizeBytes),
            `${type.bitsPerWeight.toFixed(2)} bits per weight`,
            type.needsImatrix && imatrixNote(imatrix),
        ]),
        detail: notes([
            type.recommended && "recommended",
            memoryNote({ sizeBytes: type.sizeBytes, cache }, memory),
        ]),
        value: type.type,
    }));
}

/** Why a type cannot be made as things are; choosing it asks for the file. */
export function imatrixNote(imatrix?: string): string {
    return imatrix === undefined
        ? "needs an importance matrix"
        : "the importance matrix does not cover it";
}

/**
 * Types of a GGUF file: only those that make it smaller, because no type brings back what the file has lost.
 * Throws AppError `user/usage` when there is none.
 */
export function quantizeRows(
    plan: ConvertPlan,
    file: { sizeBytes: number },
    facts: TypeFacts,
): TypeList {
    const types = plan.types.filter(({ sizeBytes }) => sizeBytes < file.sizeBytes);
    const rows = typeRows({ ...plan, types }, facts);
    if (rows.length === 0)
        throw new AppError(
            "user/usage",
            `No type makes ${plan.name} smaller than it is; convert the original instead`,
        );
    // The planner's warning, without the command line's words.
    const isAgain = plan.warnings.some((warning) => warning.includes("quantized already"));
    const advice = isAgain
        ? "Quantized already: quantizing again loses more than converting the original"
        : FEWER_BITS;
    return { rows, advice };
}

/** `coder-Q8_0.gguf` -> `coder`: the stem of what is made from it. */
export function stemOf(file: string): string {
    const name = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.gguf$/i, "");
    const whole = name.replace(/-\d{5}-of-\d{5}$/, "");
    return whole.replace(/[-.](?:(?:I?Q|TQ)\d\w*|[\d.]+bpw|B?F16|F32|MXFP4\w*)$/i, "") || whole;
}

/** The recommended type, then quantized ones from the best down, then those that quantize nothing, then those that cannot be made yet. */
function inOrder(types: readonly TypePlan[]): TypePlan[] {
    const rank = ({ type, recommended, needsImatrix }: TypePlan) =>
        needsImatrix ? 3 : recommended ? 0 : /^B?F\d+$/.test(type) ? 2 : 1;
    return [...types].sort((a, b) => rank(a) - rank(b) || b.sizeBytes - a.sizeBytes);
}
