/** The rows of a comparison before anything is measured: which file is the reference, which types are made of it, what each is called. */

import { basename, join } from "node:path";
import { AppError } from "../../base/errors";
import type { CompareParams, CompareRow, Comparison, MeasureName } from "../../protocol/compare";
import { isFitTarget } from "../../protocol/fit";
import type { FileFacts, FittedSize, PlannedType } from "./steps";

export interface Described {
    file: string;
    facts: FileFacts;
}

const FLOATS = new Set(["F32", "F16", "BF16"]);

/** The file of most bits: an unquantized one before a quantized one. Throws AppError when there is none. */
export function chooseReference(described: readonly Described[]): Described {
    const [first] = [...described].sort(
        (a, b) =>
            Number(FLOATS.has(b.facts.type)) - Number(FLOATS.has(a.facts.type)) ||
            b.facts.bytes - a.facts.bytes,
    );
    if (first) return first;
    throw new AppError("user/usage", "There is no file to compare; give at least one GGUF model");
}

export function existingRow({ file, facts }: Described, isReference: boolean): CompareRow {
    const { type, bytes, nParameters } = facts;
    const row = newRow(file, type, bytes, (bytes * 8) / nParameters);
    return { ...row, isReference, isKept: true };
}

/** Each once: file types, and sizes that are fitted to, which stay as they were typed. */
export function wantedTypes(types: readonly string[]): { names: string[]; targets: string[] } {
    const keys = types.map((type) => type.toUpperCase());
    const isFirst = (_: string, index: number) => keys.indexOf(keys[index] ?? "") === index;
    return {
        names: keys.filter(isFirst).filter((type) => !isFitTarget(type)),
        targets: types.filter(isFirst).filter(isFitTarget),
    };
}

/** Types of the reference. A type that cannot be made fails at once; one that there is not is the person's mistake. */
export function plannedRows(
    reference: Described,
    plan: readonly PlannedType[],
    names: readonly string[],
    { keepIn, imatrixName }: Pick<CompareParams, "keepIn" | "imatrixName">,
): CompareRow[] {
    return names.map((type) => {
        const planned = plan.find((one) => one.type === type);
        if (!planned)
            throw new AppError(
                "user/usage",
                `${reference.facts.name} cannot be of type ${type}; choose among ${plan.map((one) => one.type).join(", ")}, or a size such as fit:6GiB or bpw:4.5. A file that was made otherwise, as with error feedback, is compared as it is when it is one of the files`,
            );
        const file = madePath(reference.file, type, keepIn);
        const row = newRow(file, type, planned.bytes, planned.bitsPerWeight);
        if (!planned.needsImatrix) return { ...row, isKept: keepIn !== undefined };
        const problem =
            imatrixName === undefined
                ? `${type} needs an importance matrix, and none was given`
                : `the importance matrix ${imatrixName} does not cover all that ${type} needs`;
        return { ...row, state: "failed", problem };
    });
}

/** Sizes that the reference is fitted to, called by their bits per weight as those of `quantize`. Throws AppError when two come to one name. */
export function fittedRows(
    reference: Described,
    fits: ReadonlyMap<string, FittedSize>,
    { keepIn }: Pick<CompareParams, "keepIn">,
): CompareRow[] {
    const rows = [...fits].map(([target, { bytes, bitsPerWeight }]) => {
        const file = madePath(reference.file, `${bitsPerWeight.toFixed(2)}bpw`, keepIn);
        const row = newRow(file, target, bytes, bitsPerWeight);
        return { ...row, isKept: keepIn !== undefined };
    });
    for (const { file, type } of rows) {
        const other = rows.find((one) => one.file === file && one.type !== type);
        if (other)
            throw new AppError(
                "user/usage",
                `${type} and ${other.type} both come to ${basename(file)}; leave one out`,
            );
    }
    return rows;
}

/** The reference first, then from large to small. */
export function inOrder(rows: readonly CompareRow[]): CompareRow[] {
    return labelled(
        [...rows].sort(
            (a, b) => Number(b.isReference) - Number(a.isReference) || b.bytes - a.bytes,
        ),
    );
}

/** `coder-F16.gguf`, `Q4_K_M` -> `coder-Q4_K_M.gguf`. */
export function madeName(file: string, type: string): string {
    return `${withoutType(stem(file))}-${type}.gguf`;
}

function madePath(file: string, type: string, keepIn: string | undefined): string {
    const name = madeName(file, type);
    return keepIn === undefined ? name : join(keepIn, name);
}

export function withoutType(name: string): string {
    return name.replace(/[-.](?:(?:I?Q|TQ)\d\w*|[\d.]+bpw|B?F16|F32|MXFP4\w*)$/i, "") || name;
}

/** Why the reference has no divergence. */
export const OWN_REFERENCE = "it is what the others are compared with";

export function isDone(row: CompareRow): boolean {
    return row.state === "done" || row.state === "failed";
}

/** A row that an earlier, unfinished run had finished. */
export function measuredBefore(
    row: CompareRow,
    earlier: Comparison | undefined,
): CompareRow | undefined {
    const before = earlier?.rows.find(({ file, type }) => file === row.file && type === row.type);
    if (before?.state !== "done" || before.bytes !== row.bytes) return undefined;
    return { ...before, label: row.label };
}

/** Says of measures why they are not there. */
export function withMissing(
    row: CompareRow,
    measures: readonly MeasureName[],
    why: string,
): CompareRow {
    const missing = Object.fromEntries(measures.map((measure) => [measure, why]));
    return { ...row, missing: { ...row.missing, ...missing } };
}

function newRow(file: string, type: string, bytes: number, bitsPerWeight: number): CompareRow {
    return {
        file,
        type,
        label: type,
        bytes,
        bitsPerWeight,
        isReference: false,
        isKept: false,
        state: "waiting",
        missing: {},
    };
}

/** Several files of one type are called by their names. */
function labelled(rows: readonly CompareRow[]): CompareRow[] {
    return rows.map((row) => {
        const isAlone = rows.filter(({ type }) => type === row.type).length === 1;
        return isAlone ? row : { ...row, label: stem(row.file) };
    });
}

function stem(file: string): string {
    return basename(file)
        .replace(/\.gguf$/i, "")
        .replace(/-\d{5}-of-\d{5}$/, "");
}
