/**
 * The typed surface of native/lab: what is measured with a loaded model, each call on a thread of its own. Texts are evaluated as
 * llama.cpp's imatrix and perplexity tools do: in chunks of `contextTokens` that know nothing of each other.
 */

import type { NativeModel } from "./native";

/** `done` rejects with code `cancelled` after `abort`, `data/gguf` when the model computes values that are no finite numbers. */
export interface NativeJob<T> {
    readonly done: Promise<T>;
    abort(): void;
    /** How often it has looked whether it is to end: behind every node of a graph, and before every scored token. */
    steps(): number;
}

export interface ChunkOptions {
    /** Cut into whole chunks; what is left over is not looked at. */
    tokens: Int32Array;
    /** Of a chunk, at least 4. */
    contextTokens: number;
    threads: number;
}

export interface ImatrixOptions extends ChunkOptions {
    /** Also what `output.weight` is multiplied with. */
    withOutput?: boolean | undefined;
    /** After how many chunks `onProgress` gets what there is; 0: not by their number. Otherwise nothing is copied. */
    saveEvery?: number | undefined;
    /** And after how long since the last time, behind the batch that runs then; left out: not by time. */
    saveMs?: number | undefined;
    /** Those before it were evaluated by an earlier run: as many as `onProgress` told it once. */
    firstChunk?: number | undefined;
    /** What that run gave with that number: the rows of the others are added as it would have gone on. */
    earlier?: readonly ImatrixSums[] | undefined;
}

/** What a weight was multiplied with: of each column the sum of squares, matrix by matrix. */
export interface ImatrixSums {
    name: string;
    sums: Float32Array;
    /** Rows: one number for the tensor, or one per expert. */
    counts: Float64Array;
}

/** One value for each scored token, in the text's order. */
export interface Divergences {
    /** -ln of the probability of the token that follows. */
    nll: Float64Array;
    nllBase: Float64Array;
    /** Kullback-Leibler divergence from the reference, in nats. */
    kld: Float64Array;
    /** Probability of the token that follows, less the reference's. */
    pDiff: Float32Array;
    /** 1: both think the same token most likely. */
    sameTop: Uint8Array;
}

/** `meanKld` is 0 without a reference. */
export type ScoreProgress = (doneTokens: number, meanNll: number, meanKld: number) => void;

/** Sequences of random tokens that are read and written together. */
export interface BenchRun {
    /** Of each sequence. */
    promptTokens: number;
    generateTokens: number;
    /** Sequences. */
    parallel: number;
}

export interface BenchOptions {
    runs: readonly BenchRun[];
    /** The prompt is read once for all sequences of a run. */
    isShared: boolean;
    /** Given to llama.cpp at once, and of that evaluated at once. */
    batchTokens: number;
    microBatchTokens: number;
    threads: number;
}

export interface BenchTimes {
    promptSeconds: number;
    /** Of each step, in which every sequence got one token. */
    stepSeconds: Float64Array;
}

export interface NativeLab {
    /** As `tokenize`, off the JavaScript thread; for whole corpora. Cannot be ended early. */
    tokenizeText(
        text: string,
        options?: { addSpecial?: boolean; parseSpecial?: boolean },
    ): NativeJob<Int32Array>;
    /** Entries sorted by name. */
    collectImatrix(
        options: ImatrixOptions,
        onProgress?: (doneChunks: number, soFar: ImatrixSums[] | undefined) => void,
    ): NativeJob<ImatrixSums[]>;
    /** Resolves with the -ln p of each scored token: positions contextTokens / 2 to contextTokens - 2 of each chunk. */
    scorePerplexity(
        options: ChunkOptions & {
            /** File that gets the log-probabilities, in the format of `llama-perplexity --kl-divergence-base`. */
            saveLogits?: string | undefined;
        },
        onProgress?: ScoreProgress,
    ): NativeJob<Float64Array>;
    /**
     * Against a reference that evaluates the same text in lockstep, or against a file of its log-probabilities. Throws
     * `data/unsupported` when the vocabularies differ.
     */
    scoreDivergence(
        options: (ChunkOptions & { reference: NativeModel }) | { logits: string; threads: number },
        onProgress?: ScoreProgress,
    ): NativeJob<Divergences>;
    /** One result for each run. `onProgress`: the run, prompt tokens of all its sequences read, steps written. */
    benchmark(
        options: BenchOptions,
        onProgress?: (run: number, readTokens: number, steps: number) => void,
    ): NativeJob<BenchTimes[]>;
}
