/** What is measured of a model by a worker (the lab): parameters, progress and results. Plain data; paths are absolute. */

import type { BenchParams, BenchResult } from "./labBench";
import type { InfillParams, InfillResult } from "./labInfill";

export interface TextFile {
    path: string;
    /** As the person named it: what a result's metadata says. */
    name: string;
}

export interface EvaluateOptions {
    /** Tokens of a chunk; 512 when left out, as in llama.cpp's tools. */
    contextTokens?: number | undefined;
    /** At most so many chunks of the text. */
    chunks?: number | undefined;
    threads?: number | undefined;
}

/** Texts that say which rounding errors of a model matter. */
export interface CalibrationParams {
    texts: readonly TextFile[];
    /** At most so many chunks of them, of 512 tokens. */
    chunks?: number | undefined;
    /** What the result says that it learned from, when not the names of the texts. */
    datasets?: readonly string[] | undefined;
}

export interface LabEvent {
    stage: "load" | "tokenize" | "evaluate" | "bench" | "infill";
    /** Of `total`: percent while loading, then tokens, or holes. */
    done: number;
    total: number;
    secondsLeft?: number | undefined;
    /** Of what was evaluated so far. */
    perplexity?: number | undefined;
    meanKld?: number | undefined;
    /** Share of holes filled exactly. */
    exact?: number | undefined;
    /** What the person should know now, as a sentence; the work goes on. */
    warning?: string | undefined;
}

/** Of fewer values a standard error says nothing. */
export const MIN_FOR_ERROR = 11;

/** A value and its standard error; null where nothing is known of it. */
export interface Estimate {
    value: number;
    error: number | null;
}

/** The value that so many percent of all are not above: 100 is the maximum, 0 the minimum. */
export interface Quantile {
    percent: number;
    value: number;
}

export interface Evaluated {
    nChunks: number;
    nTokens: number;
    seconds: number;
}

export interface ImatrixParams extends EvaluateOptions {
    /** GGUF file; the first one of a split model. */
    model: string;
    /** Empty: the files of `merge` are only added up. */
    texts: readonly TextFile[];
    out: string;
    overwrite?: boolean | undefined;
    /** `dat`: llama.cpp's older format. */
    format: "gguf" | "dat";
    /** Importance matrices that are added to the result. */
    merge?: readonly TextFile[] | undefined;
    /** Also of `output.weight`. */
    withOutput?: boolean | undefined;
    /** Control tokens written in the text count as such. */
    parseSpecial?: boolean | undefined;
    /** Writes what there is after so many chunks each, to be looked at or merged. 0: never. */
    saveEvery?: number | undefined;
    /** What the file says that it was measured on, when not the names of the texts. */
    datasets?: readonly string[] | undefined;
}

export interface ImatrixResult extends Evaluated {
    file: string;
    bytes: number;
    nEntries: number;
    /** In the file, what was merged included. */
    nChunksTotal: number;
    /** Of `nChunks`, those that a run that ended early had measured. */
    resumedChunks: number;
    warnings: string[];
}

export interface PerplexityParams extends EvaluateOptions {
    model: string;
    texts: readonly TextFile[];
    /** Gets the log-probabilities in llama-perplexity's format. */
    saveLogits?: string | undefined;
    overwrite?: boolean | undefined;
}

export interface PerplexityResult extends Evaluated {
    perplexity: Estimate;
    /** Tokens that the figure is over. */
    nScored: number;
}

export interface CompareScoresParams extends EvaluateOptions {
    model: string;
    /** The model to compare with, and the texts; or the file of its log-probabilities, which holds the text. */
    base: { reference: string; texts: readonly TextFile[] } | { logits: string };
}

export interface Divergence {
    mean: Estimate;
    /** From the maximum down to the minimum. */
    quantiles: Quantile[];
}

export interface CompareScoresResult extends Evaluated {
    nScored: number;
    perplexity: Estimate;
    perplexityBase: Estimate;
    /** Of ln(PPL) of the two, -1 to 1; null where there is none to know. */
    correlation: number | null;
    lnRatio: Estimate;
    ratio: Estimate;
    difference: Estimate;
    /** In nats. */
    kld: Divergence;
    /** Change of the probability of the token that follows, -1 to 1. */
    pDiff: Divergence;
    pDiffRms: Estimate;
    /** Share of tokens where both think the same one most likely, 0 to 1. */
    sameTop: Estimate;
}

export interface LabRequests {
    "lab/bench": { params: BenchParams; result: BenchResult; progress: LabEvent };
    "lab/infill": { params: InfillParams; result: InfillResult; progress: LabEvent };
    "lab/imatrix": { params: ImatrixParams; result: ImatrixResult; progress: LabEvent };
    "lab/perplexity": { params: PerplexityParams; result: PerplexityResult; progress: LabEvent };
    "lab/compareScores": {
        params: CompareScoresParams;
        result: CompareScoresResult;
        progress: LabEvent;
    };
}
