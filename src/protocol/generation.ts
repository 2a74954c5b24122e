/** What every answer of a model says of itself, completion or chat: tokens, times, and what ended it. */

export interface TokenCounts {
    /** Tokens of the prompt that went through the model in this call. */
    prompt: number;
    /** Tokens of the prompt that were already in the KV cache. */
    reused: number;
    generated: number;
    /** Tokens guessed from earlier text, and those of them that the model agreed with; left out: none. */
    drafted?: number | undefined;
    accepted?: number | undefined;
}

export interface Timings {
    loadMs: number;
    promptMs: number;
    generateMs: number;
    totalMs: number;
}

/** `filter`: a rule of src/prompt/filters.ts lets nothing more through. */
export type StopReason =
    | "end-of-text"
    | "stop-text"
    | "max-tokens"
    | "max-lines"
    | "scope-end"
    | "unsure"
    | "filter"
    | "aborted";
