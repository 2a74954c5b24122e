/** What a comparison needs done: each step by a process of its own in the product, by a script in tests. */

import type { CacheShape } from "../../protocol/hub";
import type { BenchFacts, Measures } from "../../protocol/compare";

export interface FileFacts {
    /** Of the file, for people. */
    name: string;
    /** Of the model, as its metadata says. */
    model?: string | undefined;
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

/** What a size came to: types of tensors, and the file type that it is labelled with. */
export interface FittedSize {
    type: string;
    types: Readonly<Record<string, string>>;
    bytes: number;
    bitsPerWeight: number;
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

export interface QuantizeWork {
    file: string;
    type: string;
    /** Of tensors by name, before the type's own. */
    types?: Readonly<Record<string, string>> | undefined;
    out: string;
    overwrite: boolean;
}

/** Every step rejects with AppError; `cancelled` ends the whole, anything else only what it was for. */
export interface CompareSteps {
    describe(file: string, signal: AbortSignal): Promise<FileFacts>;
    /** Exact sizes of all types that can be made of a file. */
    planTypes(file: string, signal: AbortSignal): Promise<PlannedType[]>;
    /** `target` as `fit:300MB` or `bpw:4.5`. */
    fit(work: { file: string; target: string }, options: StepOptions): Promise<FittedSize>;
    quantize(work: QuantizeWork, options: StepOptions): Promise<void>;
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
