/**
 * One request of a session, from the gates to its outcome: said without the model where that is possible, else asked once the typing
 * rests. The newest request wins: the one before ends as `superseded`.
 */

import { onAbort, throwIfAborted } from "../base/cancel";
import type { CompletionOutcome, CompletionRequest, Stage } from "../protocol/completion";
import type { Ahead } from "./ahead";
import type { Clock } from "./clock";
import { isAtEnd } from "./cursor";
import type { Flights, Seen } from "./flights";
import { gate } from "./gates";
import type { KnownAnswers } from "./known";
import { failed, fromCache, none } from "./outcomes";
import type { Rejections } from "./rejections";
import type { CompletionDocument, CompletionSettings, Trigger } from "./request";
import type { RequestOptions } from "./sessionOptions";
import type { Syntax } from "../syntax/syntax";
import type { Surroundings } from "./surroundings";

export interface AnsweringOptions {
    clock: Clock;
    known: KnownAnswers;
    rejections: Rejections;
    flights: Flights;
    ahead: Pick<Ahead, "stop">;
    surroundings: Surroundings;
    syntax: Syntax | undefined;
    toRequest: (
        document: CompletionDocument,
        settings: CompletionSettings,
        trigger: Trigger,
    ) => CompletionRequest;
}

export class Answering {
    private newest: AbortController | undefined;
    /** When the change was made that nobody has asked about yet: the debounce counts from there. */
    private changedMs: number | undefined;

    constructor(private readonly options: AnsweringOptions) {}

    /** The document was changed just now. */
    changed(): void {
        this.changedMs = this.options.clock.now();
    }

    /** Never rejects: a failure is an outcome with a reason. */
    async answer(
        document: CompletionDocument,
        settings: CompletionSettings,
        { trigger, signal }: RequestOptions,
        seen: Seen,
    ): Promise<CompletionOutcome> {
        this.newest?.abort();
        const controller = new AbortController();
        this.newest = controller;
        const outcome = this.withoutModel(document, settings, trigger, seen);
        if (outcome) return outcome;
        const { clock, flights, surroundings, toRequest } = this.options;
        const stop = onAbort(signal, () => controller.abort());
        let stage: Stage = "debounce";
        try {
            if (!flights.joinable(document, trigger)) {
                flights.abort();
                if (controller.signal.aborted) return none("cancelled", stage);
                const nowMs = clock.now();
                const waitMs = (this.changedMs ?? nowMs) + settings.debounceMs - nowMs;
                this.changedMs = undefined;
                if (trigger === "automatic" && waitMs > 0)
                    await clock.delay(waitMs, controller.signal);
                const looked = surroundings.ready(document, controller.signal);
                if (looked) await looked;
                throwIfAborted(controller.signal);
            }
            stage = "generate";
            const request = toRequest(document, settings, trigger);
            return await flights.ask(document, request, controller.signal, seen);
        } catch (error) {
            if (controller.signal.aborted)
                return none(signal?.aborted ? "cancelled" : "superseded", stage);
            return failed(error, stage);
        } finally {
            stop();
            if (this.newest === controller) this.newest = undefined;
        }
    }

    /** What is to be said without asking. Leaves the work ahead alone only where there is an answer. */
    private withoutModel(
        document: CompletionDocument,
        settings: CompletionSettings,
        trigger: Trigger,
        seen: Seen,
    ): CompletionOutcome | undefined {
        const { known: answers, rejections, flights, ahead } = this.options;
        const reason = gate(document, settings, trigger);
        const known = answers.at(document);
        // What was asked for stays on the screen while it is typed.
        const isShown = reason === settings.onDemand && rejections.continues(document);
        if (reason && !(known && isShown)) return none(reason, "gate");
        if (known) {
            seen.call = known.call;
            return fromCache(known.text);
        }
        ahead.stop();
        const isOver = trigger === "automatic" && isAtEnd(document, this.options.syntax);
        const isUnderWay = flights.joinable(document, trigger) !== undefined;
        return isOver && !isUnderWay ? none("statement-end", "gate") : undefined;
    }
}
