/** What a comparison needs done: each step by a process of its own in the product, by a script in tests. */

import type { CacheShape } from "../../protocol/hub";
import type { BenchFacts, Measures } from "../../protocol/compare";

export interface FileFacts {
    /** For people. */
    name: string;
    /** File type name. */
    type: string;
    bytes: number;
    nParameters: number;
    cache?: CacheShape | undefined;
}

export interface PlannedType {
    type: string;
    bytes: number;
    bitsPerWeight: number;
    /** It cannot be made as things are. */
    needsImatrix: boolean;
}

/** 0 to 1 of the step. */
export type OnFraction = (fraction: number) => void;

export interface StepOptions {
    signal: AbortSignal;
    onFraction: OnFraction;
}

export interface Scores {
    nChunks: number;
    /** Of the file, against the reference. */
    file: Pick<Measures, "ppl" | "pplError" | "meanKl" | "meanKlError" | "kl99" | "sameTop">;
    reference: Pick<Measures, "ppl" | "pplError">;
}

/** Every step rejects with AppError; `cancelled` ends the whole, anything else only what it was for. */
export interface CompareSteps {
    describe(file: string, signal: AbortSignal): Promise<FileFacts>;
    /** Exact sizes of all types that can be made of a file. */
    planTypes(file: string, signal: AbortSignal): Promise<PlannedType[]>;
    quantize(
        work: { file: string; type: string; out: string; overwrite: boolean },
        options: StepOptions,
    ): Promise<void>;
    /** Both models on the same text. */
    scores(work: { file: string; reference: string }, options: StepOptions): Promise<Scores>;
    /** One model alone, when there is nothing to compare it with. */
    perplexity(
        file: string,
        options: StepOptions,
    ): Promise<Scores["reference"] & { nChunks: number }>;
    bench?: (
        file: string,
        options: StepOptions,
    ) => Promise<{
        facts: BenchFacts;
        measures: Pick<Measures, "promptSpeed" | "generationSpeed" | "memoryBytes">;
    }>;
    infill?: (file: string, options: StepOptions) => Promise<{ infill: number; nHoles: number }>;
}
