/** The last outcomes of a session, each of which is also a line in the log. The log never gets a text. */

import type { Log } from "../base/log";
import type { CompletionOutcome } from "../protocol/completion";
import type { Trigger } from "./request";

/** One request as `Why No Suggestion?` shows it. A suggestion's text is document content: keep it out of reports. */
export interface OutcomeRecord {
    id: number;
    /** `Clock.now()` when the request came. */
    atMs: number;
    totalMs: number;
    uri: string;
    path: string;
    languageId: string;
    version: number;
    /** Where the cursor was; undefined where nobody counts lines. */
    position?: { line: number; character: number } | undefined;
    trigger: Trigger;
    outcome: CompletionOutcome;
    /** Id of the call to the model that it came from, or that it waited for. */
    call?: number | undefined;
}

const MAX_RECORDS = 100;

export class Records {
    private readonly records: OutcomeRecord[] = [];

    constructor(private readonly log: Log) {}

    /** Newest last. */
    all(): readonly OutcomeRecord[] {
        return this.records;
    }

    add(entry: OutcomeRecord): void {
        this.records.push(entry);
        if (this.records.length > MAX_RECORDS) this.records.shift();
        const { outcome } = entry;
        const tokens = outcome.tokens;
        this.log.info("completion", {
            id: entry.id,
            outcome: outcome.kind === "suggestion" ? outcome.source : outcome.reason,
            stage: outcome.kind === "none" ? outcome.stage : undefined,
            stop: outcome.kind === "suggestion" ? outcome.stop : undefined,
            filter: outcome.filter,
            ms: entry.totalMs,
            prompt: tokens?.prompt,
            reused: tokens?.reused,
            generated: tokens?.generated,
            confidence: outcome.kind === "suggestion" ? outcome.confidence.toFixed(2) : undefined,
            detail: outcome.kind === "none" ? outcome.detail : undefined,
        });
    }
}
