/** What a typing session is given: a document cut at the cursor, the settings that hold there, and the engine as a port. */

import type { Place } from "../context/snippet";
import { steppedStart } from "../prompt/budget";
import type {
    Alternative,
    CompletionOutcome,
    CompletionRequest,
    PrefillRequest,
    PrefillResult,
} from "../protocol/completion";

export type Trigger = "automatic" | "explicit";

/** What a completion is asked for. */
export interface CompletionDocument extends Place {
    repository?: string | undefined;
    /** So many characters at the end of the prefix are not typed but the rest of an item that is selected in a list. */
    nAssumed?: number | undefined;
    /** Of the cursor, from 0, for people to read. */
    position?: { line: number; character: number } | undefined;
}

/** What of a document is sent to the engine, in characters; far more than any prompt budget holds. */
const SENT_PREFIX_CHARACTERS = 48_000;
const SENT_SUFFIX_CHARACTERS = 16_000;

export function keptPart({
    prefix,
    suffix,
}: Pick<CompletionDocument, "prefix" | "suffix">): Pick<CompletionDocument, "prefix" | "suffix"> {
    return {
        prefix: prefix.slice(steppedStart(prefix.length, SENT_PREFIX_CHARACTERS)),
        suffix: suffix.slice(0, SENT_SUFFIX_CHARACTERS),
    };
}

export interface CompletionSettings {
    enabled: boolean;
    /** A setting keeps the document from the model. */
    excluded?: boolean | undefined;
    snoozed: boolean;
    /** Nothing comes by itself, for this reason; who asks explicitly gets it. */
    onDemand?: "quiet" | "on-battery" | undefined;
    /** By language id; `"*"` stands for all others; a missing entry is on. */
    languages: Readonly<Record<string, boolean>>;
    /** Most lines suggested; 1 = rest of the line only. */
    maxLines: number;
    maxTokens: number;
    /** Wait after a keystroke before the model is asked. */
    debounceMs: number;
}

export interface EnginePort {
    /**
     * `onText` gets the answer's pieces as they come, before trimming. Rejects with an AppError. When the signal aborts: `cancelled`,
     * as an outcome or as an error.
     */
    complete(
        request: CompletionRequest,
        signal: AbortSignal,
        onText: (text: string) => void,
    ): Promise<CompletionOutcome>;
    /** Other answers for a place, surest first. Left out: there are none. Rejects as `complete`. */
    alternatives?(request: CompletionRequest, signal: AbortSignal): Promise<Alternative[]>;
    /** Reads the text around a place into the cache; undefined when there is no model in memory. Rejects as `complete`. */
    prefill(request: PrefillRequest, signal: AbortSignal): Promise<PrefillResult | undefined>;
}
