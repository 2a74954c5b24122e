/**
 * A comparison of quantizations: what was asked, what was measured of each file, and how. The same record is streamed by the worker, kept as
 * `NAME.comparison.json`, shown by the page and read by `ingot publish --table`. Plain data only.
 */

import type { CacheShape } from "./hub";

/** What is measured of a file. Each can be missing, and then `missing` says why. */
export interface Measures {
    /** Perplexity of the text, and its standard error. */
    ppl?: number | undefined;
    pplError?: number | undefined;
    /** Kullback-Leibler divergence from the reference in nats per token: mean with its standard error, 99th percentile. */
    meanKl?: number | undefined;
    meanKlError?: number | undefined;
    kl99?: number | undefined;
    /** Share (0 to 1) of tokens whose likeliest next token is the reference's. */
    sameTop?: number | undefined;
    /** Tokens per second. */
    promptSpeed?: number | undefined;
    generationSpeed?: number | undefined;
    /** Most resident memory of a process that loads the file and runs the benchmark. */
    memoryBytes?: number | undefined;
    /** Share (0 to 1) of holes that were filled with exactly what stood there. */
    infill?: number | undefined;
}

export type MeasureName = keyof Measures;

/** What the reference itself has not. */
export const DIVERGENCE = ["meanKl", "meanKlError", "kl99", "sameTop"] as const;
/** Of a text that is evaluated. */
export const SCORES = ["ppl", "pplError", ...DIVERGENCE] as const;
/** Of a benchmark. */
export const SPEEDS = ["promptSpeed", "generationSpeed", "memoryBytes"] as const;
/** All of them. */
export const MEASURES = [...SCORES, ...SPEEDS, "infill"] as const satisfies readonly MeasureName[];

export type RowState = "waiting" | "making" | "measuring" | "done" | "failed";

export interface CompareRow extends Measures {
    /** Absolute path; of a type that was made for the comparison only, the name that it would have. */
    file: string;
    /** llama.cpp file type name, e.g. `Q4_K_M`; of one that was fitted to a size what was asked for, e.g. `fit:300MB`. */
    type: string;
    /** What it is called in the table: the type, or more where several files are of one. */
    label: string;
    /** Of all parts. */
    bytes: number;
    bitsPerWeight: number;
    /** What the others are compared with. */
    isReference: boolean;
    /** The file is there, not only its figures. */
    isKept: boolean;
    state: RowState;
    /** Why it failed, as a sentence. */
    problem?: string | undefined;
    /** Why a measure is not there, as a sentence. */
    missing: Partial<Record<MeasureName, string>>;
}

/** The text that perplexity and divergence are of. */
export interface TextFacts {
    /** Where it comes from, for people: `37 files of basket`. */
    label: string;
    bytes: number;
    /** Windows of the text that were scored, and their length. 0 until known. */
    nChunks: number;
    contextTokens: number;
}

export interface BenchFacts {
    /** Tokens of the prompt, generated tokens. */
    promptTokens: number;
    generatedTokens: number;
    threads: number;
    /** Runs of each; the middle one counts. */
    repetitions: number;
}

export interface InfillFacts {
    label: string;
    nHoles: number;
}

/** The computer that the advice is for. */
export interface MachineFacts {
    cpu: string;
    ramBytes: number;
    /** Memory of the largest graphics card, when one is usable. */
    gpuBytes?: number | undefined;
    /** Tokens of context that completions and chat get. */
    contextTokens: number;
}

export interface Comparison {
    /** Tells such a file from other JSON; another number is another form. */
    ingotComparison: 1;
    /** Of the model, for people. */
    model: string;
    nParameters: number;
    /** Date of the start, ISO 8601. */
    startedAt: string;
    state: "running" | "done" | "stopped";
    machine: MachineFacts;
    /** KV cache of the model; undefined when its header does not say. */
    cache?: CacheShape | undefined;
    /** Name of the importance matrix that the types were made with. */
    imatrix?: string | undefined;
    /** Hash of what was asked: only a run of the same question goes on with the rows. */
    question?: string | undefined;
    text?: TextFacts | undefined;
    bench?: BenchFacts | undefined;
    infill?: InfillFacts | undefined;
    rows: CompareRow[];
}

export interface CompareParams {
    /** Absolute paths of GGUF files; the first ones of split models. The largest one is the reference, and types are made of it. */
    files: readonly string[];
    /** Types to make of the reference, and sizes to fit it to (`isFitTarget`). */
    types: readonly string[];
    /** Absolute path of an importance matrix. */
    imatrix?: string | undefined;
    /** As the person named that file. */
    imatrixName?: string | undefined;
    text: {
        label: string;
        /** Absolute paths, read in this order. */
        files: readonly string[];
        bytes: number;
    };
    /** Most windows of the text, and their length. */
    chunks: number;
    contextTokens: number;
    /** Files whose holes are filled; undefined: no infilling score. */
    infill?: { label: string; files: readonly string[]; holes: number } | undefined;
    /** Whether speed and memory are measured. */
    bench: boolean;
    /** Folder in which the types that are made stay; undefined: each is removed after its measuring. */
    keepIn?: string | undefined;
    threads?: number | undefined;
    machine: MachineFacts;
    /** Figures of an earlier, unfinished run. Its finished rows are not measured again when its question was this one. */
    earlier?: Comparison | undefined;
}

export interface CompareEvent {
    /** What is done now, for people: `Q4_K_M: divergence from the original`. */
    step: string;
    /** Of the whole work, 0 to 1. */
    fraction: number;
    secondsLeft?: number | undefined;
    /** The record as it is now, when a row has changed. */
    comparison?: Comparison | undefined;
}

export interface CompareRequests {
    "compare/run": { params: CompareParams; result: Comparison; progress: CompareEvent };
}

/** What the page shows. */
export interface CompareView {
    comparison: Comparison;
    /** `file` of the recommended row, and the sentences. */
    advice: { file?: string | undefined; sentences: string[] };
    /** Set while it runs here. */
    progress?: CompareProgress | undefined;
}

export type CompareProgress = Omit<CompareEvent, "comparison">;

export type ExportFormat = "svg" | "png" | "markdown" | "csv" | "json";

/** What the page asks of the host. */
export interface CompareHostSide {
    requests: {
        /** Asks where to, and writes. `png`: the picture in base64, which only the page can draw. Resolves with the file, or undefined. */
        export: {
            params: { format: ExportFormat; png?: string | undefined };
            result: string | undefined;
        };
        stop: { params: undefined; result: void };
        /** Uses the file of a row for completions, or makes it in the library. */
        use: { params: { file: string }; result: void };
    };
    events: { ready: undefined };
}

/** What the page is told. */
export interface ComparePageSide {
    requests: Record<never, never>;
    events: { state: CompareView; progress: CompareProgress };
}
