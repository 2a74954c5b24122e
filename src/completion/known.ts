/**
 * What the model has answered so far, as a session uses it: the rest of a known suggestion at a place, and what becomes known by an
 * answer. Forgets at once: an answer to a call from before says nothing any more.
 */

import type { CompletionOutcome } from "../protocol/completion";
import { AnswerCache, type CachedAnswer } from "./cache";
import type { CompletionDocument } from "./request";

/** No call of the log: what alternatives were asked of is not kept. */
const ALTERNATIVE = 0;

/** Where an answer comes from: its call in the log, and `KnownAnswers.epoch` when that was made. */
export interface Origin {
    call: number;
    epoch: number;
}

export class KnownAnswers {
    private readonly cache: AnswerCache;
    private nForgotten = 0;

    /** `capacity`: as AnswerCache. */
    constructor(capacity?: number) {
        this.cache = new AnswerCache(capacity);
    }

    /** Another one after each `forget`. */
    get epoch(): number {
        return this.nForgotten;
    }

    /** What is left of a known suggestion at this place. */
    at(document: CompletionDocument): Pick<CachedAnswer, "text" | "call"> | undefined {
        const { uri, prefix, suffix } = document;
        return this.cache.find(uri, prefix, suffix);
    }

    /** Does nothing with an outcome that is no whole suggestion, or comes from before the last `forget`. */
    remember(
        document: CompletionDocument,
        outcome: CompletionOutcome,
        { call, epoch }: Origin,
    ): void {
        if (epoch !== this.epoch) return;
        if (outcome.kind !== "suggestion" || outcome.stop === "aborted") return;
        const { uri, prefix, suffix, nAssumed = 0 } = document;
        const { text } = outcome;
        this.cache.add({ uri, prefix, suffix, text, call });
        if (nAssumed === 0) return;
        // The screen shows it from where the typing ends, and so it is typed.
        const typed = prefix.slice(0, -nAssumed);
        const all = prefix.slice(-nAssumed) + text;
        this.cache.add({ uri, prefix: typed, suffix, text: all, call });
    }

    /** Other texts than the one suggested here. */
    rememberOthers({ uri, prefix, suffix }: CompletionDocument, texts: readonly string[]): void {
        for (const text of texts)
            this.cache.add({ uri, prefix, suffix, text, call: ALTERNATIVE, isAlternative: true });
    }

    forget(): void {
        this.nForgotten++;
        this.cache.clear();
    }
}
