/**
 * The columns of a comparison: how a measure is written, with its unit, and how it was had. One list for the page, the terminal and the
 * exports. Pure.
 */

import { formatBytes } from "../base/format";
import type { Comparison, CompareRow, MeasureName } from "../protocol/compare";
import { isFitTarget } from "../protocol/fit";

export type ColumnId =
    | "type"
    | "size"
    | "bits"
    | "ppl"
    | "kl"
    | "kl99"
    | "top"
    | "prompt"
    | "tg"
    | "memory"
    | "infill";

export interface Column {
    id: ColumnId;
    title: string;
    /** Below the title; empty when the cells carry theirs. */
    unit: string;
    /** One sentence: what it is. */
    hint: string;
    /** What decides whether a row has it; undefined: every row does. */
    measure?: MeasureName;
    /** What rows are sorted by; undefined: not there. */
    value(row: CompareRow): number | string | undefined;
    text(row: CompareRow): string;
    /** Which way is better; undefined: neither. */
    better?: "less" | "more";
}

/** What stands where there is no figure. */
export const NONE = "-";

/** Between a figure and its standard error. */
export const ERROR_SIGN = " ± ";

export const COLUMNS: readonly Column[] = [
    {
        id: "type",
        title: "Type",
        unit: "",
        hint: "The file type by llama.cpp's name; the file's own where several are of one type",
        value: ({ label }) => label,
        text: ({ label }) => label,
    },
    {
        id: "size",
        title: "Size",
        unit: "",
        hint: "Of the file, or of all its parts",
        value: ({ bytes }) => bytes,
        text: ({ bytes }) => formatBytes(bytes),
        better: "less",
    },
    {
        id: "bits",
        title: "Bits",
        unit: "per weight",
        hint: "Size of the file in bits, divided by the number of weights",
        value: ({ bitsPerWeight }) => bitsPerWeight,
        text: ({ bitsPerWeight }) => bitsPerWeight.toFixed(2),
        better: "less",
    },
    {
        id: "ppl",
        title: "Perplexity",
        unit: "± error",
        hint: "How surprised the model is by the text, with the standard error; lower is better",
        measure: "ppl",
        value: ({ ppl }) => ppl,
        text: ({ ppl, pplError }) => withError(ppl, pplError),
        better: "less",
    },
    {
        id: "kl",
        title: "Mean KL",
        unit: "nats per token",
        hint: "Divergence of its next-token probabilities from the reference's; 0 is the same",
        measure: "meanKl",
        value: ({ meanKl }) => meanKl,
        text: ({ meanKl }) => small(meanKl),
        better: "less",
    },
    {
        id: "kl99",
        title: "99 % KL",
        unit: "nats",
        hint: "99 of 100 tokens diverge less than this",
        measure: "kl99",
        value: ({ kl99 }) => kl99,
        text: ({ kl99 }) => small(kl99),
        better: "less",
    },
    {
        id: "top",
        title: "Same top",
        unit: "token",
        hint: "Share of tokens where the likeliest next token is the reference's",
        measure: "sameTop",
        value: ({ sameTop }) => sameTop,
        text: ({ sameTop }) => percent(sameTop),
        better: "more",
    },
    {
        id: "prompt",
        title: "Prompt",
        unit: "tokens/s",
        hint: "Speed of reading a prompt",
        measure: "promptSpeed",
        value: ({ promptSpeed }) => promptSpeed,
        text: ({ promptSpeed }) => speed(promptSpeed),
        better: "more",
    },
    {
        id: "tg",
        title: "Generation",
        unit: "tokens/s",
        hint: "Speed of writing",
        measure: "generationSpeed",
        value: ({ generationSpeed }) => generationSpeed,
        text: ({ generationSpeed }) => speed(generationSpeed),
        better: "more",
    },
    {
        id: "memory",
        title: "Memory",
        unit: "at most",
        hint: "Most memory of the process that ran the benchmark with it",
        measure: "memoryBytes",
        value: ({ memoryBytes }) => memoryBytes,
        text: ({ memoryBytes }) => (memoryBytes === undefined ? NONE : formatBytes(memoryBytes)),
        better: "less",
    },
    {
        id: "infill",
        title: "Infilling",
        unit: "exact",
        hint: "Share of holes in code that it filled with exactly what stood there",
        measure: "infill",
        value: ({ infill }) => infill,
        text: ({ infill }) => percent(infill),
        better: "more",
    },
];

/** Columns that say something: a measure that was not asked for has no column. One that was and could not be had is `-`, with its reason. */
export function columnsOf({ rows, bench, infill }: Comparison): readonly Column[] {
    const isAsked = ({ id, measure }: Column) => {
        if (id === "prompt" || id === "tg" || id === "memory")
            return bench !== undefined || has(rows, measure);
        return id !== "infill" || infill !== undefined || has(rows, measure);
    };
    return COLUMNS.filter(isAsked);
}

/** Why a row lacks a figure, as a sentence; undefined when it has it, or is still to be measured. */
export function whyMissing(row: CompareRow, { measure }: Column): string | undefined {
    if (measure === undefined || row[measure] !== undefined) return undefined;
    return row.missing[measure] ?? row.problem;
}

/** How the figures were had, a sentence each. */
export function methodOf(comparison: Comparison): string[] {
    const { text, bench, infill, imatrix, machine, rows } = comparison;
    const reference = rows.find(({ isReference }) => isReference);
    return [
        ...(text
            ? [
                  `Text: ${text.label} (${formatBytes(text.bytes)}); perplexity and KL over ${text.nChunks === 0 ? "chunks" : count(text.nChunks, "chunk")} of ${text.contextTokens} tokens, the second half of each scored.`,
              ]
            : []),
        ...(reference ? [`KL and same top token: against ${reference.label} of the model.`] : []),
        imatrix === undefined
            ? "Types were made without an importance matrix."
            : `Types were made with the importance matrix ${imatrix}.`,
        ...(rows.some(({ type }) => isFitTarget(type))
            ? [
                  "fit and bpw: each tensor has the type of its own that loses least within that size.",
              ]
            : []),
        ...(bench
            ? [
                  `Speed: ${bench.promptTokens} tokens read, ${bench.generatedTokens} written, ${count(bench.threads, "thread")}, the middle one of ${bench.repetitions}; memory is the highest resident size of that process.`,
              ]
            : []),
        ...(infill ? [`Infilling: ${infill.nHoles} holes of ${infill.label}.`] : []),
        `Computer: ${machine.cpu}, ${formatBytes(machine.ramBytes)} of memory${machine.gpuBytes ? `, graphics card with ${formatBytes(machine.gpuBytes)}` : ""}; ${comparison.startedAt.slice(0, 10)}.`,
    ];
}

/** Figures that are not there, with the reason: `Q2_K: perplexity: the file is no model`. */
export function reasonsOf(comparison: Comparison): string[] {
    const columns = columnsOf(comparison);
    return comparison.rows.flatMap((row) => {
        if (row.state === "failed" && row.problem !== undefined)
            return [`${row.label}: ${row.problem}.`];
        const byReason = new Map<string, string[]>();
        for (const column of columns) {
            const why = whyMissing(row, column);
            if (why === undefined) continue;
            byReason.set(why, [...(byReason.get(why) ?? []), column.title]);
        }
        return [...byReason].map(([why, titles]) => `${row.label}, ${titles.join(", ")}: ${why}.`);
    });
}

export function percent(share: number | undefined): string {
    return share === undefined ? NONE : `${(share * 100).toFixed(1)} %`;
}

/** Three digits that count; below what the arithmetic can tell apart, that it is below. */
export function small(value: number | undefined): string {
    if (value === undefined) return NONE;
    if (value === 0) return "0";
    if (Math.abs(value) < 0.00001) return "< 0.00001";
    return Number(value.toPrecision(3)).toString();
}

function speed(value: number | undefined): string {
    if (value === undefined) return NONE;
    return value < 10 ? value.toFixed(1) : Math.round(value).toString();
}

function withError(value: number | undefined, error: number | undefined): string {
    if (value === undefined) return NONE;
    const shown = value < 1000 ? value.toFixed(4) : value.toFixed(1);
    if (error === undefined) return shown;
    return `${shown}${ERROR_SIGN}${error < 10 ? error.toFixed(4) : error.toFixed(1)}`;
}

function count(n: number, what: string): string {
    return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function has(rows: readonly CompareRow[], measure: MeasureName | undefined): boolean {
    return (
        measure !== undefined &&
        rows.some((row) => row[measure] !== undefined || row.missing[measure] !== undefined)
    );
}
