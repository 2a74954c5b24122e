/**
 * One person typing, from one end to the other: what is typed, asked for and sent away reaches the parts that it concerns (`answering.ts` a
 * request, `flights.ts` the call to the model, `known.ts` its answers, `ahead.ts` the work that nobody waits for), and every outcome is
 * recorded with its reason. Used by the extension's provider and by the CLI alike. Knows nothing of editors, processes or models: documents
 * come as text, the engine as a port, time as a clock.
 */

import type { CompletionLane, CompletionOutcome, CompletionRequest } from "../protocol/completion";
import { Ahead } from "./ahead";
import { Alternatives } from "./alternatives";
import { Answering } from "./answering";
import type { CallRecord } from "./calls";
import { isAtEnd, isLineStart, normalized } from "./cursor";
import { Flights, type Seen } from "./flights";
import { gate } from "./gates";
import { KnownAnswers } from "./known";
import { isOvertaken, none } from "./outcomes";
import { Records, type OutcomeRecord } from "./records";
import { Rejections } from "./rejections";
import {
    keptPart,
    type CompletionDocument,
    type CompletionSettings,
    type Trigger,
} from "./request";
import type { CompletionSessionOptions, RequestOptions } from "./sessionOptions";
import { Surroundings } from "./surroundings";

export class CompletionSession {
    private readonly known: KnownAnswers;
    private readonly records: Records;
    private readonly rejections = new Rejections();
    private readonly flights: Flights;
    private readonly ahead: Ahead;
    private readonly answering: Answering;
    private readonly surroundings: Surroundings;
    private readonly others: Alternatives;
    /** How often something was sent away: what was still growing then is not shown any more. */
    private nDismissed = 0;
    private nextId = 1;

    constructor(private readonly options: CompletionSessionOptions) {
        const { engine, clock, log, context: source } = options;
        this.known = new KnownAnswers(options.cacheCharacters);
        this.records = new Records(log);
        this.surroundings = new Surroundings({ source, clock, log });
        this.others = new Alternatives(engine);
        this.flights = new Flights({
            ...options,
            known: this.known,
            turn: () => this.nextId + this.nDismissed,
        });
        this.ahead = new Ahead({
            engine,
            clock,
            log,
            knows: (document) => this.known.at(document) !== undefined,
            ask: (document) => this.askAhead(document),
            isAtEnd: (document) => isAtEnd(document, options.syntax),
            look: (document) => void this.surroundings.look(document),
        });
        this.answering = new Answering({
            clock,
            known: this.known,
            rejections: this.rejections,
            flights: this.flights,
            ahead: this.ahead,
            surroundings: this.surroundings,
            syntax: options.syntax,
            toRequest: (document, settings, trigger) =>
                this.toRequest(document, settings, "keystroke", trigger),
        });
    }

    /** The document changed at the cursor: what a suggestion needs begins before it is asked for. */
    anticipate(document: CompletionDocument): void {
        const { clock } = this.options;
        const now = normalized(document);
        this.answering.changed();
        this.rejections.changed(now, clock.now());
        this.ahead.stop();
        const settings = this.options.settings(now);
        if (gate(now, settings, "automatic")) return;
        if (isLineStart(now)) void this.surroundings.look(now);
        if (this.known.at(now) !== undefined) return;
        const flight = this.flights.agreeing(now);
        if (flight) return flight.keep();
        this.flights.abort();
        if (isAtEnd(now, this.options.syntax)) return;
        const begin = () => this.flights.launch(now, this.toRequest(now, settings, "keystroke"));
        if (settings.debounceMs <= 0) begin();
        else this.ahead.after(settings.debounceMs, begin);
    }

    /** The person has sent away what is shown in a document: no more of it comes, nor the same again at this place. */
    dismiss(uri: string): void {
        if (!this.rejections.dismiss(uri)) return;
        this.nDismissed++;
        this.ahead.stop();
        this.flights.abort();
    }

    /** Another editor is in front, or none: what was shown is not on the screen any more, and was not decided about. */
    left(): void {
        this.rejections.left();
    }

    /** Whether a suggestion is on the screen at this place. */
    isShown(document: CompletionDocument): boolean {
        return this.rejections.continues(normalized(document));
    }

    /** The cursor is at another place, or another document is in front: it is read while nobody waits. */
    visit(document: CompletionDocument): void {
        const now = normalized(document);
        const settings = this.options.settings(now);
        this.ahead.stop();
        if (!this.flights.agreeing(now)) this.flights.abort();
        // Snoozed or on the battery nothing is read for nothing; in quiet mode it is there when it is asked for.
        const isSparing = settings.snoozed || settings.onDemand === "on-battery";
        if (gate(now, settings, "explicit") || isSparing) return;
        const looked = this.surroundings.look(now);
        this.ahead.read(() => this.toRequest(now, settings, "ahead"), looked);
    }

    /**
     * Never rejects: a failure is an outcome with a reason. A newer request ends an older one as `superseded`, but takes over its
     * call to the model when that agrees with what was typed.
     */
    async request(
        document: CompletionDocument,
        { trigger, signal }: RequestOptions,
    ): Promise<CompletionOutcome> {
        const id = this.nextId++;
        const atMs = this.options.clock.now();
        const asked = normalized(document);
        const settings = this.options.settings(asked);
        this.rejections.changed(asked, atMs);
        const seen: Seen = {};
        const answer = await this.answering.answer(asked, settings, { trigger, signal }, seen);
        const outcome = this.unlessRejected(asked, answer, trigger);
        this.lookAhead(asked, settings, outcome);
        const totalMs = this.options.clock.now() - atMs;
        const { uri, path, languageId, version, position } = document;
        const place = { uri, path, languageId, version, position };
        this.records.add({ id, atMs, totalMs, ...place, trigger, outcome, call: seen.call });
        return outcome;
    }

    /** What the editor shows now, unless it was rejected here; who asks for it gets it all the same. */
    private unlessRejected(
        document: CompletionDocument,
        outcome: CompletionOutcome,
        trigger: Trigger,
    ): CompletionOutcome {
        if (isOvertaken(outcome)) return outcome;
        const text = outcome.kind === "suggestion" ? outcome.text : undefined;
        const isRejected =
            text !== undefined && trigger === "automatic" && this.rejections.has(document, text);
        this.rejections.show(document, isRejected ? undefined : text, this.options.clock.now());
        return isRejected ? none("rejected", "filter") : outcome;
    }

    /** Other texts than `shown`, which is on the screen at this place, surest first. Never rejects. */
    async alternatives(
        document: CompletionDocument,
        shown: string,
        signal: AbortSignal,
    ): Promise<string[]> {
        const now = normalized(document);
        const request = this.toRequest(now, this.options.settings(now), "keystroke");
        this.ahead.stop();
        // More of what is on the screen still comes; anything else is in the way.
        const flight = this.flights.agreeing(now);
        if (flight) await flight.done.catch(() => undefined);
        else this.flights.abort();
        const found = await this.others.find(now, request, { shown, signal });
        const texts = found.map(({ text }) => text);
        this.known.rememberOthers(now, texts);
        return texts;
    }

    /** The last 100 outcomes, newest last. */
    outcomes(): readonly OutcomeRecord[] {
        return this.records.all();
    }

    /** What is known of a record's call; undefined when that is too long ago, or the call failed. */
    call(id: number): CallRecord | undefined {
        return this.flights.call(id);
    }

    /** Forgets every known answer: after another model or other settings, old ones no longer hold. */
    forget(): void {
        this.ahead.stop();
        this.flights.abort();
        this.rejections.clear();
        this.others.clear();
        this.known.forget();
        this.surroundings.forget();
    }

    /** These files may not be shown any more: nothing that was made of them is either. What the engine holds of them is not removed here. */
    withdraw(files: readonly string[]): void {
        if (!this.surroundings.withdraw(files)) return;
        this.ahead.stop();
        this.flights.abort();
        this.others.clear();
        this.known.forget();
    }

    private lookAhead(
        document: CompletionDocument,
        settings: CompletionSettings,
        outcome: CompletionOutcome,
    ): void {
        const isNext = outcome.kind === "none" && outcome.reason === "statement-end";
        const isOver = outcome.kind === "none" && outcome.stage !== "filter";
        if (isOver && !isNext) return;
        const text = outcome.kind === "suggestion" ? outcome.text : "";
        const place = () => this.toRequest(document, settings, "ahead");
        // An answer that was known has not made the prompt longer.
        if (outcome.kind === "none" || outcome.source !== "cache") this.ahead.grow(place);
        this.ahead.follow(document, text, place);
    }

    private askAhead(document: CompletionDocument): Promise<CompletionOutcome> {
        const settings = this.options.settings(document);
        const flight =
            this.flights.agreeing(document) ??
            this.flights.launch(document, this.toRequest(document, settings, "ahead"));
        flight.keep();
        return flight.done;
    }

    private toRequest(
        document: CompletionDocument,
        { maxLines, maxTokens }: CompletionSettings,
        lane: CompletionLane,
        trigger: Trigger = "automatic",
    ): CompletionRequest {
        const { uri, path, languageId, repository } = document;
        return {
            document: uri,
            path,
            languageId,
            repository,
            ...keptPart(document),
            snippets: this.surroundings.of(uri),
            maxLines,
            maxTokens,
            trigger,
            lane,
            syntax: this.options.syntax?.rule(document),
            prompt: this.options.prompt,
        };
    }
}
