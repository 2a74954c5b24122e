/**
 * The lines that a model has finished so far, as an answer to show while it writes the rest: on a processor a block takes seconds,
 * its first line a fraction of one. Pure; when to look is the session's.
 */

import { findStop } from "../prompt/stop";
import { trimAnswer } from "../prompt/trim";
import type { CompletionOutcome, CompletionRequest } from "../protocol/engine";
import type { CompletionDocument } from "./request";

/** After so long a person is shown the lines that are finished instead of waiting for all of them. */
export const PATIENCE_MS = 300;

export interface CallSoFar {
    request: CompletionRequest;
    /** The document that the call was made for. */
    document: CompletionDocument;
    /** What the model has written after it. */
    text: string;
}

/** The finished lines as they continue `document`, which may be some typed text ahead of the call's; undefined when there is none. */
export function finishedLines(
    { request, document: asked, text }: CallSoFar,
    document: CompletionDocument,
): CompletionOutcome | undefined {
    // Where the answer ends, its last line may not belong to it, and the whole answer is about to come.
    if (findStop(text, request)) return undefined;
    const nTyped = document.prefix.length - asked.prefix.length;
    const end = text.lastIndexOf("\n");
    if (nTyped < 0 || end <= nTyped) return undefined;
    const trimmed = trimAnswer(text.slice(nTyped, end), document);
    if ("reason" in trimmed) return undefined;
    return {
        kind: "suggestion",
        text: trimmed.text,
        source: "model",
        tokens: { prompt: 0, reused: 0, generated: 0 },
        timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 },
        confidence: 1,
        stop: "max-lines",
    };
}
