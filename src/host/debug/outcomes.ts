/**
 * The words of `Ingot: Why No Suggestion?`: a sentence for each reason, and the last outcomes as a table. Pure; holds no text
 * of a suggestion or a document.
 */

import type { OutcomeRecord } from "../../completion/session";
import type { NoSuggestionReason, TokenCounts } from "../../protocol/engine";

/** What happened and what to do, without a final period. */
export const REASON_SENTENCE: Readonly<Record<NoSuggestionReason, string>> = {
    disabled:
        "Completions are turned off here; run Ingot: Toggle Completions or change ingot.completion.enable",
    "language-off":
        "Completions are off for this language; run Ingot: Toggle Completions for This Language",
    snoozed: "Completions are snoozed; run Ingot: End Snooze",
    "secret-file": "The name of this file says that it holds secrets, so no model sees it",
    "no-model": "No model is chosen that can be opened; run Ingot: Select Model...",
    "model-cannot-fill":
        "The model cannot complete in the middle of a text; choose a code model with Ingot: Select Model...",
    "model-failed": "The model could not be used; see Ingot: Show Log",
    "engine-gone": "The engine stopped during the request; the next keystroke starts it again",
    superseded: "Something newer was typed before the answer came",
    cancelled: "The editor withdrew the request, because the cursor moved or the editor closed",
    "document-too-large": "The document is too large",
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

export interface Place {
    /** undefined: no text editor has the focus. */
    path: string | undefined;
    /** Why the position would not be asked about now. */
    gate: NoSuggestionReason | undefined;
    /** False for editors that Ingot does not serve (output, search, diff). */
    isServed: boolean;
    /** Why the model serves no place at all: it could not be loaded, or cannot fill in the middle. */
    model?: string | undefined;
}

/** One plain sentence for where the cursor is now. */
export function explainPlace(place: Place, records: readonly OutcomeRecord[]): string {
    if (place.path === undefined) return "No text editor has the focus.";
    if (!place.isServed) return "Completions are not offered in this kind of editor.";
    if (place.gate) return `${REASON_SENTENCE[place.gate]}.`;
    if (place.model) return `${place.model}.`;
    const last = records.findLast((record) => record.path === place.path);
    if (!last) return "Nothing was asked in this file yet: type, or run Trigger Inline Suggestion.";
    const ms = Math.round(last.totalMs);
    if (last.outcome.kind === "suggestion") {
        return `The last request in this file gave a suggestion after ${ms} ms.`;
    }
    return `${explainReason(last)}.`;
}

/** The reason's sentence, with the detail of the engine when there is one. */
export function explainReason(record: OutcomeRecord): string {
    const { outcome } = record;
    if (outcome.kind === "suggestion") return `Suggested (${outcome.source})`;
    const sentence = REASON_SENTENCE[outcome.reason];
    return outcome.detail ? `${sentence}: ${outcome.detail}` : sentence;
}

/** The whole document: the sentence, then the newest outcomes first. */
export function describeOutcomes(place: Place, records: readonly OutcomeRecord[]): string {
    const lines = [explainPlace(place, records), ""];
    if (records.length === 0) return lines.concat("No request was made yet.", "").join("\n");
    lines.push(`The last ${records.length} requests, newest first:`, "", row(HEADINGS));
    for (const run of runsOf([...records].reverse())) lines.push(row(cellsOfRun(run)));
    return lines.concat("").join("\n");
}

/** Requests that typing on overtook say nothing each: in one file, one after the other, they are one entry. */
function runsOf(records: readonly OutcomeRecord[]): OutcomeRecord[][] {
    const runs: OutcomeRecord[][] = [];
    for (const record of records) {
        const run = runs.at(-1);
        const last = run?.at(-1);
        if (run && last?.path === record.path && isOvertaken(last) && isOvertaken(record)) {
            run.push(record);
        } else {
            runs.push([record]);
        }
    }
    return runs;
}

function isOvertaken({ outcome }: OutcomeRecord): boolean {
    return (
        outcome.kind === "none" &&
        (outcome.reason === "cancelled" || outcome.reason === "superseded")
    );
}

function cellsOfRun(run: readonly OutcomeRecord[]): string[] {
    const [newest] = run;
    const oldest = run.at(-1);
    if (!newest || !oldest) return [];
    if (run.length === 1) return cells(newest);
    const ids = `${oldest.id}-${newest.id}`;
    return [ids, "", `${run.length} typed over`, "", "", "", "", "", newest.trigger, newest.path];
}

const HEADINGS = [
    "id",
    "ms",
    "outcome",
    "stage",
    "prompt",
    "reused",
    "new",
    "sure",
    "trigger",
    "file",
];
const WIDTHS = [8, 7, 20, 9, 7, 7, 5, 5, 10, 0];

function row(values: readonly string[]): string {
    return values
        .map((value, index) => value.padEnd(WIDTHS[index] ?? 0))
        .join(" ")
        .trimEnd();
}

/** Undefined as well for the beginning of an answer that the model is still writing. */
export function countedTokens(outcome: OutcomeRecord["outcome"]): TokenCounts | undefined {
    const { tokens } = outcome;
    const isWritten = outcome.kind === "none" || outcome.source === "cache";
    return isWritten || (tokens && tokens.generated > 0) ? tokens : undefined;
}

/** How sure the model was of a suggestion that it has just written, as the mean of its tokens. */
function sureness(outcome: OutcomeRecord["outcome"]): string {
    if (outcome.kind === "none" || countedTokens(outcome) === undefined) return "";
    return outcome.source === "model" ? `${Math.round(100 * outcome.confidence)}%` : "";
}

function cells(record: OutcomeRecord): string[] {
    const { outcome } = record;
    const tokens = countedTokens(outcome);
    return [
        `${record.id}`,
        `${Math.round(record.totalMs)}`,
        outcome.kind === "suggestion" ? `suggested (${outcome.source})` : outcome.reason,
        outcome.kind === "suggestion" ? "" : outcome.stage,
        `${tokens?.prompt ?? ""}`,
        `${tokens?.reused ?? ""}`,
        `${tokens?.generated ?? ""}`,
        sureness(outcome),
        record.trigger,
        record.path + note(outcome),
    ];
}

/** What there is to say besides: the engine's own words, or the rule that has cut the answer. */
function note(outcome: OutcomeRecord["outcome"]): string {
    if (outcome.kind === "none" && outcome.detail) return `  (${outcome.detail})`;
    return outcome.filter ? `  (cut by ${outcome.filter})` : "";
}
