/** A comparison read from a file: every field is checked, because anybody can have written it. Pure. */

import { AppError } from "../base/errors";
import {
    MEASURES,
    type BenchFacts,
    type Comparison,
    type CompareRow,
    type InfillFacts,
    type MachineFacts,
    type MeasureName,
    type Measures,
    type RowState,
    type TextFacts,
} from "../protocol/compare";

/** Of a file that is opened. */
export const MAX_RECORD_BYTES = 4_000_000;
const MAX_ROWS = 500;
const MAX_CHARACTERS = 4000;
const STATES: readonly RowState[] = ["waiting", "making", "measuring", "done", "failed"];

type Fields = Readonly<Record<string, unknown>>;

/** Throws AppError `user/usage` when the text is no comparison. `name`: of the file, for the sentence. */
export function parseComparison(text: string, name: string): Comparison {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        value = undefined;
    }
    const fields = fieldsOf(value);
    const rows = fields["rows"];
    const machine = machineOf(fieldsOf(fields["machine"]));
    if (fields["ingotComparison"] !== 1 || !Array.isArray(rows) || !machine)
        throw new AppError(
            "user/usage",
            `${name} is no comparison of this version of Ingot; run Ingot: Compare Quantizations again`,
        );
    const state = fields["state"];
    return {
        ingotComparison: 1,
        model: textOf(fields["model"]) ?? name,
        nParameters: positive(fields["nParameters"]) ?? 0,
        startedAt: textOf(fields["startedAt"]) ?? "",
        // Whoever wrote it last may be gone; who runs it says so.
        state: state === "done" ? "done" : "stopped",
        machine,
        cache: cacheOf(fieldsOf(fields["cache"])),
        imatrix: textOf(fields["imatrix"]),
        question: textOf(fields["question"]),
        text: textFacts(fieldsOf(fields["text"])),
        bench: benchFacts(fieldsOf(fields["bench"])),
        infill: infillFacts(fieldsOf(fields["infill"])),
        rows: rows.slice(0, MAX_ROWS).flatMap((row) => rowOf(fieldsOf(row))),
    };
}

function rowOf(fields: Fields): CompareRow[] {
    const file = textOf(fields["file"]);
    const type = textOf(fields["type"]);
    const bytes = positive(fields["bytes"]);
    if (file === undefined || type === undefined || bytes === undefined) return [];
    const state = STATES.find((one) => one === fields["state"]) ?? "done";
    const missing = Object.entries(fieldsOf(fields["missing"])).flatMap(([name, why]) => {
        const isKnown = (MEASURES as readonly string[]).includes(name);
        const reason = textOf(why);
        return isKnown && reason !== undefined ? [[name, reason] as const] : [];
    });
    return [
        {
            ...measuresOf(fields),
            file,
            type,
            label: textOf(fields["label"]) ?? type,
            bytes,
            bitsPerWeight: positive(fields["bitsPerWeight"]) ?? 0,
            isReference: fields["isReference"] === true,
            isKept: fields["isKept"] === true,
            state,
            problem: textOf(fields["problem"]),
            missing: Object.fromEntries(missing),
        },
    ];
}

/** The figures that are there. */
export function measuresOf(fields: Fields): Measures {
    const measures = MEASURES.flatMap((name): [MeasureName, number][] => {
        const value = numberOf(fields[name]);
        return value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(measures);
}

function machineOf(fields: Fields): MachineFacts | undefined {
    const cpu = textOf(fields["cpu"]);
    const ramBytes = positive(fields["ramBytes"]);
    const contextTokens = positive(fields["contextTokens"]);
    if (cpu === undefined || ramBytes === undefined || contextTokens === undefined)
        return undefined;
    return { cpu, ramBytes, gpuBytes: positive(fields["gpuBytes"]), contextTokens };
}

function cacheOf(fields: Fields): Comparison["cache"] {
    const bytesPerToken = numberOf(fields["bytesPerToken"]);
    const trainedTokens = numberOf(fields["trainedTokens"]);
    if (bytesPerToken === undefined || trainedTokens === undefined) return undefined;
    return { bytesPerToken, trainedTokens };
}

function textFacts(fields: Fields): TextFacts | undefined {
    const label = textOf(fields["label"]);
    if (label === undefined) return undefined;
    return {
        label,
        bytes: positive(fields["bytes"]) ?? 0,
        nChunks: positive(fields["nChunks"]) ?? 0,
        contextTokens: positive(fields["contextTokens"]) ?? 0,
    };
}

function benchFacts(fields: Fields): BenchFacts | undefined {
    const [promptTokens, generatedTokens, threads, repetitions] = [
        "promptTokens",
        "generatedTokens",
        "threads",
        "repetitions",
    ].map((name) => positive(fields[name]));
    if (!promptTokens || !generatedTokens || !threads || !repetitions) return undefined;
    return { promptTokens, generatedTokens, threads, repetitions };
}

function infillFacts(fields: Fields): InfillFacts | undefined {
    const label = textOf(fields["label"]);
    const nHoles = positive(fields["nHoles"]);
    return label === undefined || nHoles === undefined ? undefined : { label, nHoles };
}

function fieldsOf(value: unknown): Fields {
    return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value.slice(0, MAX_CHARACTERS) : undefined;
}

function numberOf(value: unknown): number | undefined {
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function positive(value: unknown): number | undefined {
    const number = numberOf(value);
    return number !== undefined && number > 0 ? number : undefined;
}
