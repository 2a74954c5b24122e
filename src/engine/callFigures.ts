/** What a call to the model cost, as the protocol tells it. */

import type { GenerateResult } from "../node/native";
import type { Timings, TokenCounts } from "../protocol/generation";

export function countsOf(result: GenerateResult): TokenCounts {
    return {
        prompt: result.promptTokens,
        reused: result.reusedTokens,
        generated: result.generatedTokens,
        drafted: result.draftedTokens,
        accepted: result.acceptedTokens,
    };
}

/** `startMs`: when the request came; `loadMs`: of that, until the model was there. */
export function timesOf(result: GenerateResult, startMs: number, loadMs: number): Timings {
    return {
        loadMs,
        promptMs: result.promptMs,
        generateMs: result.generateMs,
        totalMs: performance.now() - startMs,
    };
}

/**
 * What two calls, one after the other for the same purpose, cost together; the rest is the second's. Each token of the prompt counts
 * once: what the second finds in the cache is what the first has found or read.
 */
export function sumOf(a: GenerateResult, b: GenerateResult): GenerateResult {
    return {
        ...b,
        promptTokens: a.promptTokens + b.promptTokens,
        reusedTokens: a.reusedTokens,
        generatedTokens: a.generatedTokens + b.generatedTokens,
        draftedTokens: a.draftedTokens + b.draftedTokens,
        acceptedTokens: a.acceptedTokens + b.acceptedTokens,
        promptMs: a.promptMs + b.promptMs,
        generateMs: a.generateMs + b.generateMs,
    };
}
