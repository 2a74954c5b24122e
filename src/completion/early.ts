/**
 * What a model has written so far, as an answer to show while it writes the rest: on a processor a block takes seconds, its first line
 * a fraction of one, its first word less. Pure; when to look is the session's.
 */

import { once } from "../base/once";
import { linePrefix, nextNonBlankLine } from "../prompt/lines";
import { findStop } from "../prompt/stop";
import { trimAnswer } from "../prompt/filters";
import type { CompletionOutcome, CompletionRequest } from "../protocol/completion";
import type { CompletionDocument } from "./request";

/** After so long a person is shown what there is instead of waiting for all of it. */
export const PATIENCE_MS = 200;

export interface CallSoFar {
    request: CompletionRequest;
    /** The document that the call was made for. */
    document: CompletionDocument;
    /** What the model has written after it. */
    text: string;
}

const WORD = once(() => /[\p{L}\p{N}_$]/u);
/** Fewer characters than this say nothing. */
const MIN_WORDS = 2;

/**
 * The finished lines as they continue `document`, which may be some typed text ahead of the call's; when there are none, the finished
 * words of the first line. Undefined when there is nothing to show.
 */
export function finishedText(
    { request, document: asked, text }: CallSoFar,
    document: CompletionDocument,
): CompletionOutcome | undefined {
    // Where the answer ends, its last line may not belong to it, and the whole answer is about to come.
    if (findStop(text, request)) return undefined;
    const nTyped = document.prefix.length - asked.prefix.length;
    if (nTyped < 0) return undefined;
    const end = text.lastIndexOf("\n");
    const isLine = end > nTyped && text.slice(nTyped, end).trim() !== "";
    const written = isLine ? text.slice(nTyped, end) : finishedWords(text.slice(nTyped));
    const { withoutFilters } = request.prompt ?? {};
    const trimmed = trimAnswer(written, { ...document, withoutFilters });
    if ("reason" in trimmed || isBeginningBelow(trimmed.text, document)) return undefined;
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

/** So far it is what the document has below: when the line is whole it may be taken off. */
function isBeginningBelow(text: string, { prefix, suffix }: CompletionDocument): boolean {
    const below = nextNonBlankLine(suffix)?.trim();
    const line = (linePrefix(prefix) + text).trim();
    return line !== "" && below?.startsWith(line) === true;
}

/** Without the word at the end, which may go on. */
function finishedWords(text: string): string {
    let end = text.length;
    while (end > 0 && WORD().test(text.charAt(end - 1))) end--;
    const words = text.slice(0, end).trimEnd();
    return words.trim().length < MIN_WORDS ? "" : words;
}
