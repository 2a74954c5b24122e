/** What the inspector and the report say of outcomes: the sentence for a place, which requests belong together, counts. Pure. */

import { formatMs } from "../../base/format";
import type { OutcomeRecord } from "../../completion/records";
import { explainReason, REASON_SENTENCE, sentence } from "../../completion/words";
import type { NoSuggestionReason } from "../../protocol/completion";
import type { TokenCounts } from "../../protocol/generation";

export interface Place {
    /** undefined: no text editor has the focus. */
    path: string | undefined;
    /** Of the document; tells files of the same name in several folders apart. */
    uri?: string | undefined;
    languageId?: string | undefined;
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
    if (place.gate) return sentence(REASON_SENTENCE[place.gate]);
    if (place.model) return sentence(place.model);
    const own = records.filter((record) => isAt(record, place));
    const last = own.findLast((record) => !isOvertaken(record)) ?? own.at(-1);
    if (!last) return "Nothing was asked in this file yet: type, or run Trigger Inline Suggestion.";
    if (last.outcome.kind === "suggestion") {
        return `The last request in this file gave a suggestion after ${formatMs(last.totalMs)}.`;
    }
    return sentence(explainReason(last));
}

/** Whether a request was in the place's document. */
export function isAt(record: OutcomeRecord, { uri, path }: Place): boolean {
    return uri === undefined ? record.path === path : record.uri === uri;
}

/** Requests that typing on overtook say nothing each: in one file, one after the other, they are one entry. */
export function runsOf(records: readonly OutcomeRecord[]): OutcomeRecord[][] {
    const runs: OutcomeRecord[][] = [];
    for (const record of records) {
        const run = runs.at(-1);
        const last = run?.at(-1);
        if (run && last?.uri === record.uri && isOvertaken(last) && isOvertaken(record)) {
            run.push(record);
        } else {
            runs.push([record]);
        }
    }
    return runs;
}

export function isOvertaken({ outcome }: OutcomeRecord): boolean {
    return (
        outcome.kind === "none" &&
        (outcome.reason === "cancelled" || outcome.reason === "superseded")
    );
}

/** Undefined as well for the beginning of an answer that the model is still writing. */
export function countedTokens(outcome: OutcomeRecord["outcome"]): TokenCounts | undefined {
    const { tokens } = outcome;
    const isWritten = outcome.kind === "none" || outcome.source === "cache";
    return isWritten || (tokens && tokens.generated > 0) ? tokens : undefined;
}
