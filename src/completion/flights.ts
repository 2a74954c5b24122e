/**
 * The one call to the model under way in a session: made, joined by what is typed on, ended. A call may answer early with what it has
 * finished; the rest is told when it comes, as long as it is wanted. When to ask is the session's.
 */

import { isBelowAlready } from "../prompt/filters";
import type { CompletionOutcome, CompletionRequest } from "../protocol/completion";
import { CallLog, type CallRecord } from "./calls";
import { finishedText } from "./early";
import { Flight, type EarlyAnswer, type Joined } from "./flight";
import type { KnownAnswers } from "./known";
import { none } from "./outcomes";
import type { CompletionDocument, EnginePort, Trigger } from "./request";
import type { CompletionSessionOptions } from "./sessionOptions";
import { verified } from "./verified";

export interface FlightsOptions extends Pick<
    CompletionSessionOptions,
    "engine" | "clock" | "syntax" | "patienceMs" | "onGrown"
> {
    known: KnownAnswers;
    /** Another number after everything that decides anew what is on the screen. */
    turn: () => number;
}

/** Filled in while a request is answered. */
export interface Seen {
    /** Id of the call that answered, or was to. */
    call?: number;
}

export class Flights {
    private readonly calls = new CallLog();
    private current: Flight | undefined;

    constructor(private readonly options: FlightsOptions) {}

    /** What is known of a call; undefined when that is too long ago, or it failed. */
    call(id: number): CallRecord | undefined {
        return this.calls.get(id);
    }

    abort(): void {
        this.current?.abort();
    }

    /** The call under way when what was typed agrees with its answer so far. */
    agreeing(document: CompletionDocument): Flight | undefined {
        return this.current?.agrees(document) ? this.current : undefined;
    }

    /** The call under way when its answer can be the answer here. Who asks explicitly gets a call of their own: it may give more. */
    joinable(document: CompletionDocument, trigger: Trigger): Flight | undefined {
        return trigger === "automatic" ? this.agreeing(document) : undefined;
    }

    /** Joins the call under way as long as it agrees with the document, else makes a new one. Rejects as EnginePort.complete. */
    async ask(
        document: CompletionDocument,
        request: CompletionRequest,
        signal: AbortSignal,
        seen: Seen,
    ): Promise<CompletionOutcome> {
        const flight = this.joinable(document, request.trigger);
        if (flight) {
            const joined = await this.join(flight, document, signal, seen);
            if (joined.how === "early") return joined.outcome;
            if (joined.how === "whole") {
                const { outcome } = joined;
                const { prefix, suffix } = flight.document;
                const isSame = document.prefix === prefix && document.suffix === suffix;
                if (isSame && !hasMore(flight, outcome)) return outcome;
                const rest = this.options.known.at(document);
                if (rest && outcome.kind === "suggestion") return { ...outcome, text: rest.text };
            }
            flight.abort();
        }
        const joined = await this.join(this.launch(document, request), document, signal, seen);
        // A call always agrees with the document that it was made for.
        return joined.how === "diverged" ? none("cancelled", "generate") : joined.outcome;
    }

    /** Makes a call; the one before is ended. */
    launch(document: CompletionDocument, request: CompletionRequest): Flight {
        const { engine, clock, syntax, known } = this.options;
        // Nobody could end it any more, and requests for one document wait for each other.
        this.abort();
        const { epoch } = known;
        const { trigger } = request;
        const complete: EnginePort["complete"] = async (...call) =>
            verified(await engine.complete(...call), document, { syntax, trigger });
        const flight = new Flight({ ...this.calls.next({ complete }), clock, document, request });
        this.current = flight;
        const land = () => {
            if (this.current === flight) this.current = undefined;
        };
        // Registered before anybody joins: whoever waits finds the answer in the cache.
        flight.done.then((outcome) => {
            known.remember(document, outcome, { call: flight.id, epoch });
            land();
        }, land);
        return flight;
    }

    private async join(
        flight: Flight,
        document: CompletionDocument,
        signal: AbortSignal,
        seen: Seen,
    ): Promise<Joined> {
        seen.call = flight.id;
        const joined = await flight.join(document, signal, this.early(flight, document));
        if (joined.how === "early") this.awaitRest(flight, document, joined.outcome);
        return joined;
    }

    /** Who asked explicitly wants all of it, and so does whoever has no patience set. */
    private early({ document: own, request }: Flight, now: CompletionDocument) {
        const { patienceMs, syntax } = this.options;
        const { trigger } = request;
        if (patienceMs === undefined || trigger === "explicit") return undefined;
        const answer: EarlyAnswer = (text, waitedMs) => {
            if (waitedMs < patienceMs) return undefined;
            const found = finishedText({ request, document: own, text }, now);
            const shown = found && verified(found, now, { syntax, trigger });
            return shown?.kind === "suggestion" ? shown : undefined;
        };
        return answer;
    }

    private awaitRest(
        flight: Flight,
        document: CompletionDocument,
        shown: CompletionOutcome,
    ): void {
        const { known, turn, onGrown } = this.options;
        const before = turn();
        const { epoch } = known;
        // Without a rest, what was shown is all there is.
        const keep = () => {
            if (known.at(document) === undefined)
                known.remember(document, shown, { call: flight.id, epoch });
        };
        flight.done.then((outcome) => {
            // A rule has taken off what was shown: it goes from the screen as well.
            if (outcome.kind === "none" && outcome.stage === "filter") {
                if (turn() === before) onGrown?.(document.uri, document.version);
                return;
            }
            const text = turn() === before ? known.at(document)?.text : undefined;
            const isShown = shown.kind === "suggestion" && shown.text === text;
            if (text !== undefined && !isShown) onGrown?.(document.uri, document.version);
            keep();
        }, keep);
    }
}

/** Whether there may be another answer: ahead of a question the engine gives up where what it wrote is below the cursor already. */
function hasMore({ request }: Flight, outcome: CompletionOutcome): boolean {
    if (request.lane !== "ahead" || outcome.kind !== "none") return false;
    return isBelowAlready(outcome.filter, outcome.reason);
}
