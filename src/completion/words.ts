/** How an outcome is told to a person: a sentence for each reason, each stage and each way an answer ends. Pure. */

import type { FilterName, NoSuggestionReason, Stage } from "../protocol/completion";
import type { StopReason } from "../protocol/generation";
import type { OutcomeRecord } from "./records";

/** What happened and what to do, without a final period. */
export const REASON_SENTENCE: Readonly<Record<NoSuggestionReason, string>> = {
    disabled:
        "Completions are turned off here; run Ingot: Toggle Completions or change ingot.completion.enable",
    "language-off":
        "Completions are off for this language; run Ingot: Toggle Completions for This Language",
    snoozed: "Completions are snoozed; run Ingot: End Snooze",
    "secret-file": "The name of this file says that it holds secrets, so no model sees it",
    excluded:
        "The setting ingot.context.exclude names this file, so no completions are made in it; change it for suggestions here",
    "no-model": "No model is chosen that can be opened; run Ingot: Select Model...",
    "model-cannot-fill":
        "The model cannot complete in the middle of a text; choose a code model with Ingot: Select Model...",
    "model-failed": "The model could not be used; see Ingot: Show Log",
    "engine-gone": "The engine stopped during the request; the next keystroke starts it again",
    superseded: "Something newer was typed before the answer came",
    cancelled: "The editor withdrew the request, because the cursor moved or the editor closed",
    "document-too-large": "The document is too large",
    "mid-comment": "The comment goes on in the next line; ask for a suggestion with the command",
    "mid-word": "The cursor is inside a word; completions start at its end",
    "statement-end":
        "The statement before the cursor is complete; press Enter for the next line, or trigger a suggestion by hand",
    rejected:
        "The suggestion was dismissed or typed past at this place before; trigger a suggestion by hand to see it again",
    quiet: "Suggestions come only when they are asked for here; press Alt+\\ for one, or change ingot.completion.quiet",
    "on-battery":
        "The computer runs on its battery, so suggestions come only when they are asked for; press Alt+\\ for one, or change ingot.completion.quietOnBattery",
    "empty-answer": "The model had nothing to add at this place",
    "only-repeats-suffix": "The answer only repeated the text after the cursor",
    repetition: "The answer repeated itself, so it was dropped",
    "control-tokens": "The answer contained control tokens, so it was dropped",
    fence: "The answer was the end of a code block in a chat, so it was dropped",
    secret: "The answer held something like a key or a password, so it was dropped",
    licence: "The answer was a licence header, so it was dropped",
    comment: "The answer was nothing but comments, so it was dropped",
    "breaks-syntax":
        "The code would have had more syntax errors with the answer than without, so it was dropped; trigger a suggestion by hand to see it",
    unsure: "The model could only guess, so nothing is shown; trigger a suggestion by hand to see the guess",
};

/** Where it ended, to go on after a reason. */
export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
    gate: "before anything was asked",
    debounce: "before the model was asked",
    cache: "among the answers that are known",
    load: "while the model was loading",
    prompt: "before the model had read the prompt",
    generate: "while the model was asked",
    filter: "after the model had answered",
};

/** What ended an answer, after "The answer ended". */
export const STOP_WORDS: Readonly<Record<StopReason, string>> = {
    "end-of-text": "where the model ended it",
    "stop-text": "at a text that ends answers",
    "max-tokens": "at the limit of tokens",
    "max-lines": "at the limit of lines",
    "scope-end": "where its line or block is complete, or nothing more could be shown",
    unsure: "before a token that was a guess",
    filter: "where a rule would have taken off all that came after",
    aborted: "because it was not wanted any more",
};

/** What a rule took off, after "Taken off". */
export const CUT_WORDS: Readonly<Record<FilterName, string>> = {
    "control-tokens": "control tokens and what came after them",
    fence: "the end of a code block in a chat and what came after it",
    secret: "something like a key or a password and what came after it",
    licence: "a licence header",
    repetition: "what it said over and over",
    comment: "comments that go on and on",
    "blank-line": "text that begins below the cursor's empty line",
    "rest-of-line": "the rest of the line, which is there already",
    "following-lines": "lines that the document already has below the cursor",
    closers: "closers that are right of the cursor already",
};

/** The reason's sentence, with the detail of the engine when there is one; no final period. */
export function explainReason({ outcome }: Pick<OutcomeRecord, "outcome">): string {
    if (outcome.kind === "suggestion")
        return outcome.source === "cache"
            ? "Suggested from an answer that the model had already given"
            : "Suggested";
    const sentence = REASON_SENTENCE[outcome.reason];
    return outcome.detail ? `${sentence}: ${outcome.detail}` : sentence;
}

/** With a period, unless the title of a command ends it. */
export function sentence(text: string): string {
    return text.endsWith("...") ? text : `${text}.`;
}

/** `src/a.ts:12:5`, counted from 1 as editors do. */
export function placeOf({ path, position }: Pick<OutcomeRecord, "path" | "position">): string {
    return position ? `${path}:${position.line + 1}:${position.character + 1}` : path;
}
