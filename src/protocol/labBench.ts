/** How fast a model is and what it takes, measured by a worker: parameters and results. Times in seconds where not said otherwise. */

export interface BenchParams {
    model: string;
    /** Every combination of the three is a row. Tokens of each sequence that are read, and written. */
    promptTokens: readonly number[];
    generateTokens: readonly number[];
    /** Sequences at once. */
    parallel: readonly number[];
    /** One prompt, read once, for all sequences of a row. */
    isShared?: boolean | undefined;
    threads?: number | undefined;
}

/** The figures of llama-batched-bench. Speeds are tokens per second of all sequences together. */
export interface BenchRow {
    promptTokens: number;
    generateTokens: number;
    parallel: number;
    /** In the cache at the end. */
    cacheTokens: number;
    promptSeconds: number;
    promptSpeed: number;
    generateSeconds: number;
    generateSpeed: number;
    seconds: number;
    speed: number;
}

/** One sequence alone: what a person who waits feels. */
export interface SingleStream {
    promptTokens: number;
    generateTokens: number;
    /** From an empty cache until the first token can be chosen. */
    firstTokenSeconds: number;
    /** From one token to the next: what half of all took at most, and 95 of 100. */
    tokenMsP50: number;
    tokenMsP95: number;
    promptSpeed: number;
    generateSpeed: number;
}

export interface BenchResult {
    rows: BenchRow[];
    /** Of the first row with one sequence; undefined when there is none. */
    single?: SingleStream | undefined;
    /** Reading the weights; the system may still have had them in memory. */
    loadSeconds: number;
    /** The most that the process ever had in memory, weights and cache included. */
    memoryBytes: number;
    threads: number;
    seconds: number;
}
