/** Outcomes that need no model, and what a failed call comes to. Pure. */

import { AppError, isCancelled } from "../base/errors";
import type { CompletionOutcome, NoSuggestionReason, Stage } from "../protocol/completion";

/** Something newer decides what is on the screen. */
export function isOvertaken(outcome: CompletionOutcome): boolean {
    return (
        outcome.kind === "none" &&
        (outcome.reason === "superseded" || outcome.reason === "cancelled")
    );
}

type None = Extract<CompletionOutcome, { kind: "none" }>;

export function none(reason: NoSuggestionReason, stage: Stage, detail?: string): None {
    return { kind: "none", reason, stage, ...(detail === undefined ? {} : { detail }) };
}

/** A known text. */
export function fromCache(text: string): CompletionOutcome {
    return {
        kind: "suggestion",
        text,
        source: "cache",
        tokens: { prompt: 0, reused: 0, generated: 0 },
        timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 },
        confidence: 1,
        stop: "end-of-text",
    };
}

/** What went wrong with a call, as a reason. */
export function failed(error: unknown, stage: Stage): CompletionOutcome {
    if (isCancelled(error)) return none("cancelled", stage);
    const message = error instanceof Error ? error.message : String(error);
    const gone = error instanceof AppError && error.code === "engine/gone";
    const noModel = error instanceof AppError && error.code === "user/no-model";
    return none(gone ? "engine-gone" : noModel ? "no-model" : "model-failed", stage, message);
}
