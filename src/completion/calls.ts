/**
 * The last calls to the model, for the inspector: what each was sent and what came of it. They hold document text, so they stay in
 * memory, bounded by their characters, and end with the session.
 */

import { Lru } from "../base/lru";
import type {
    CompletionLane,
    CompletionOutcome,
    Inspection,
    Snippet,
} from "../protocol/completion";
import type { EnginePort } from "./request";

export interface CallRecord {
    id: number;
    lane: CompletionLane;
    /** The call's own outcome: a request that joined late, or was answered from the cache, saw a part of it. */
    outcome: CompletionOutcome;
    /** Undefined when the model was not reached. */
    inspection: Inspection | undefined;
    /** What was offered of other files, best first. */
    snippets: readonly Snippet[];
}

type Calls = Pick<EnginePort, "complete">;

/** Characters of prompts, answers and snippets; what else a call and a token take up counts as so many. */
const CAPACITY = 4_000_000;
const PER_CALL = 1000;
const PER_TOKEN = 30;
const NO_SNIPPETS: readonly Snippet[] = [];

export class CallLog {
    private readonly calls: Lru<number, CallRecord>;
    private nextId = 1;
    /** The snippets that were counted last. */
    private counted: readonly Snippet[] = NO_SNIPPETS;

    constructor(capacity = CAPACITY) {
        this.calls = new Lru(capacity, (call) => this.weigh(call));
    }

    /** Undefined when it is forgotten, is still under way or failed. */
    get(id: number): CallRecord | undefined {
        return this.calls.get(id);
    }

    /** An id for the next call, and an engine that notes down that call under it. */
    next(engine: Calls): { id: number; engine: Calls } {
        const id = this.nextId++;
        const complete: Calls["complete"] = async (request, signal, onText) => {
            const { inspection, ...outcome } = await engine.complete(request, signal, onText);
            const { lane, snippets = NO_SNIPPETS } = request;
            this.calls.set(id, { id, lane, outcome, inspection, snippets });
            return outcome;
        };
        return { id, engine: { complete } };
    }

    private weigh({ inspection, snippets }: CallRecord): number {
        const { parts = [], written = [], answer = "" } = inspection ?? {};
        // Calls one after the other share what was gathered once.
        const isShared = snippets === this.counted;
        this.counted = snippets;
        const own = PER_CALL + PER_TOKEN * written.length + answer.length + textLength(parts);
        return own + (isShared ? 0 : textLength(snippets));
    }
}

function textLength(texts: readonly { text: string }[]): number {
    return texts.reduce((sum, { text }) => sum + text.length, 0);
}
