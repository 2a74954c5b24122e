/**
 * One person typing: decides for each position whether to ask the model, answers from what is already known, lets the newest
 * request win, works ahead while nobody waits, and records every outcome with its reason. Used by the extension's provider and by
 * the CLI alike. Knows nothing of editors, processes or models: documents come as text, the engine as a port, time as a clock.
 */

import { onAbort, throwIfAborted } from "../base/cancel";
import type { Log } from "../base/log";
import type { ContextSource } from "../context/snippet";
import { endsStatement } from "../prompt/statement";
import type {
    CompletionLane,
    CompletionOutcome,
    CompletionRequest,
    PromptChoice,
    Stage,
} from "../protocol/engine";
import type { Syntax } from "../syntax/syntax";
import { Alternatives } from "./alternatives";
import { Ahead } from "./ahead";
import { AnswerCache, type CachedAnswer } from "./cache";
import { CallLog, type CallRecord } from "./calls";
import type { Clock } from "./clock";
import { finishedText } from "./early";
import { Flight, type EarlyAnswer } from "./flight";
import { gate } from "./gates";
import { failed, fromCache, isOvertaken, none } from "./outcomes";
import { Records, type OutcomeRecord } from "./records";
import { Rejections } from "./rejections";
import {
    keptPart,
    type CompletionDocument,
    type CompletionSettings,
    type EnginePort,
    type Trigger,
} from "./request";
import { Surroundings } from "./surroundings";
import { verified } from "./verified";

export interface CompletionSessionOptions {
    engine: EnginePort;
    clock: Clock;
    /** Read at each request: settings can differ by language and folder. */
    settings: (document: CompletionDocument) => CompletionSettings;
    log: Log;
    /** Where pieces of other files come from; without it the model sees the document only. */
    context?: ContextSource | undefined;
    /** What grammars say of the code; without it, or where it knows nothing, indentation decides. */
    syntax?: Syntax | undefined;
    /**
     * After so long a call answers with what it has finished, and goes on. Undefined: every answer is whole.
     */
    patienceMs?: number | undefined;
    /** A call that has answered early has more of its answer now, and nothing was asked since: ask again. */
    onGrown?: ((uri: string, version: number) => void) | undefined;
    /** For measurements: other prompts than the engine would make. */
    prompt?: PromptChoice | undefined;
    /** For measurements: how much document text the known answers may hold. */
    cacheCharacters?: number | undefined;
}

export interface RequestOptions {
    trigger: Trigger;
    signal?: AbortSignal | undefined;
}

/** Filled in while a request is answered. */
interface Seen {
    call?: number;
}

/** No call of the log: what alternatives were asked of is not kept. */
const ALTERNATIVE = 0;

export class CompletionSession {
    private readonly cache: AnswerCache;
    private readonly calls = new CallLog();
    private readonly records: Records;
    private readonly rejections = new Rejections();
    private newest: AbortController | undefined;
    private flight: Flight | undefined;
    private readonly ahead: Ahead;
    private readonly surroundings: Surroundings;
    private readonly others: Alternatives;
    /** When the change was made that nobody has asked about yet: the debounce counts from there. */
    private changedMs: number | undefined;
    /** How often everything was forgotten: a call from before says nothing any more. */
    private nForgotten = 0;
    /** How often something was sent away: what was still growing then is not shown any more. */
    private nDismissed = 0;
    private nextId = 1;

    constructor(private readonly options: CompletionSessionOptions) {
        this.cache = new AnswerCache(options.cacheCharacters);
        this.records = new Records(options.log);
        const { clock, log, context: source } = options;
        this.surroundings = new Surroundings({ source, clock, log });
        this.others = new Alternatives(options.engine);
        this.ahead = new Ahead({
            engine: options.engine,
            clock: options.clock,
            log: options.log,
            knows: (document) => this.known(document) !== undefined,
            ask: (document) => this.askAhead(document),
            isAtEnd: (document) => this.isAtEnd(document),
            look: (document) => void this.surroundings.look(document),
        });
    }

    /** The document changed at the cursor: what a suggestion needs begins before it is asked for. */
    anticipate(document: CompletionDocument): void {
        const { clock } = this.options;
        const now = normalized(document);
        this.changedMs = clock.now();
        this.rejections.changed(now, clock.now());
        this.ahead.stop();
        const settings = this.options.settings(now);
        if (gate(now, settings, "automatic")) return;
        if (isLineStart(now)) void this.surroundings.look(now);
        if (this.known(now) !== undefined) return;
        const flight = this.joinable(now, "automatic");
        if (flight) return flight.keep();
        this.flight?.abort();
        if (this.isAtEnd(now)) return;
        const begin = () => this.launch(now, this.toRequest(now, settings, "keystroke"));
        if (settings.debounceMs <= 0) begin();
        else this.ahead.after(settings.debounceMs, begin);
    }

    /** The person has sent away what is shown in a document: no more of it comes, nor the same again at this place. */
    dismiss(uri: string): void {
        if (!this.rejections.dismiss(uri)) return;
        this.nDismissed++;
        this.ahead.stop();
        this.flight?.abort();
    }

    /** The cursor is at another place, or another document is in front: it is read while nobody waits. */
    visit(document: CompletionDocument): void {
        const now = normalized(document);
        const settings = this.options.settings(now);
        this.ahead.stop();
        if (this.flight && !this.flight.agrees(now)) this.flight.abort();
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
        const decided = await this.decide(asked, settings, { trigger, signal }, seen);
        const outcome = this.unlessRejected(asked, decided, trigger);
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
        if (this.flight?.agrees(now)) await this.flight.done.catch(() => undefined);
        else this.flight?.abort();
        const found = await this.others.find(now, request, { shown, signal });
        const { uri, prefix, suffix } = now;
        for (const { text } of found)
            this.cache.add({ uri, prefix, suffix, text, call: ALTERNATIVE, isAlternative: true });
        return found.map(({ text }) => text);
    }

    /** The last 100 outcomes, newest last. */
    outcomes(): readonly OutcomeRecord[] {
        return this.records.all();
    }

    /** What is known of a record's call; undefined when that is too long ago, or the call failed. */
    call(id: number): CallRecord | undefined {
        return this.calls.get(id);
    }

    /** Forgets every known answer: after another model or other settings, old ones no longer hold. */
    forget(): void {
        this.nForgotten++;
        this.ahead.stop();
        this.flight?.abort();
        this.rejections.clear();
        this.others.clear();
        this.cache.clear();
        this.surroundings.forget();
    }

    /** These files may not be shown any more. The documents of which the engine may still hold something of them. */
    withdraw(paths: readonly string[]): string[] {
        return this.surroundings.withdraw(paths);
    }

    /** What is to be said without asking. Leaves the work ahead alone only where there is an answer. */
    private withoutModel(
        document: CompletionDocument,
        settings: CompletionSettings,
        trigger: Trigger,
        seen: Seen,
    ): CompletionOutcome | undefined {
        const reason = gate(document, settings, trigger);
        const known = this.known(document);
        // What was asked for stays on the screen while it is typed.
        const isShown = reason === settings.onDemand && this.rejections.continues(document);
        if (reason && !(known && isShown)) return none(reason, "gate");
        if (known) {
            seen.call = known.call;
            return fromCache(known.text);
        }
        this.ahead.stop();
        const isOver = trigger === "automatic" && this.isAtEnd(document);
        const isUnderWay = this.joinable(document, trigger) !== undefined;
        return isOver && !isUnderWay ? none("statement-end", "gate") : undefined;
    }

    /** Whether only a new line can follow. */
    private isAtEnd(document: CompletionDocument): boolean {
        return endsStatement(document, () => this.options.syntax?.rule(document));
    }

    private async decide(
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
        const stop = onAbort(signal, () => controller.abort());
        let stage: Stage = "debounce";
        try {
            if (!this.joinable(document, trigger)) {
                this.flight?.abort();
                if (controller.signal.aborted) return none("cancelled", stage);
                const nowMs = this.options.clock.now();
                const waitMs = (this.changedMs ?? nowMs) + settings.debounceMs - nowMs;
                this.changedMs = undefined;
                if (trigger === "automatic" && waitMs > 0)
                    await this.options.clock.delay(waitMs, controller.signal);
                const looked = this.surroundings.ready(document, controller.signal);
                if (looked) await looked;
                throwIfAborted(controller.signal);
            }
            stage = "generate";
            const request = this.toRequest(document, settings, "keystroke", trigger);
            return await this.ask(document, request, controller.signal, seen);
        } catch (error) {
            if (controller.signal.aborted)
                return none(signal?.aborted ? "cancelled" : "superseded", stage);
            return failed(error, stage);
        } finally {
            stop();
            if (this.newest === controller) this.newest = undefined;
        }
    }

    /** Joins the call under way as long as it agrees with the document, else makes a new one. */
    private async ask(
        document: CompletionDocument,
        request: CompletionRequest,
        signal: AbortSignal,
        seen: Seen,
    ): Promise<CompletionOutcome> {
        const flight = this.joinable(document, request.trigger);
        if (flight) {
            seen.call = flight.id;
            const joined = await flight.join(document, signal, this.early(flight, document));
            if (joined.how === "early") {
                this.awaitRest(flight, document, joined.outcome);
                return joined.outcome;
            }
            if (joined.how === "whole") {
                const { outcome } = joined;
                const { prefix, suffix } = flight.document;
                if (document.prefix === prefix && document.suffix === suffix) return outcome;
                const rest = this.known(document);
                if (rest && outcome.kind === "suggestion") return { ...outcome, text: rest.text };
            }
            flight.abort();
        }
        const own = this.launch(document, request);
        seen.call = own.id;
        const joined = await own.join(document, signal, this.early(own, document));
        if (joined.how === "early") this.awaitRest(own, document, joined.outcome);
        // A call always agrees with the document that it was made for.
        return joined.how === "diverged" ? none("cancelled", "generate") : joined.outcome;
    }

    private awaitRest(
        flight: Flight,
        document: CompletionDocument,
        shown: CompletionOutcome,
    ): void {
        const turn = this.nextId;
        const { nForgotten, nDismissed } = this;
        // Without a rest, what was shown is all there is.
        const keep = () => {
            if (this.known(document) === undefined)
                this.remember(document, shown, { call: flight.id, nForgotten });
        };
        flight.done.then(() => {
            const text = this.nextId === turn ? this.known(document)?.text : undefined;
            const isShown = shown.kind === "suggestion" && shown.text === text;
            const isWanted = nDismissed === this.nDismissed;
            if (text !== undefined && !isShown && isWanted)
                this.options.onGrown?.(document.uri, document.version);
            keep();
        }, keep);
    }

    /** Who asked explicitly wants all of it, and so does whoever has no patience set. */
    private early(flight: Flight, document: CompletionDocument): EarlyAnswer | undefined {
        const { patienceMs, syntax } = this.options;
        const { request } = flight;
        if (patienceMs === undefined || request.trigger === "explicit") return undefined;
        return (text, waitedMs) => {
            if (waitedMs < patienceMs) return undefined;
            const found = finishedText({ request, document: flight.document, text }, document);
            const shown = found && verified(found, document, { syntax, trigger: request.trigger });
            return shown?.kind === "suggestion" ? shown : undefined;
        };
    }

    /** The call under way when its answer can be the answer here. Who asks explicitly gets a call of their own: it may give more. */
    private joinable(document: CompletionDocument, trigger: Trigger): Flight | undefined {
        return trigger === "automatic" && this.flight?.agrees(document) ? this.flight : undefined;
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
        this.ahead.follow(document, text, () => this.toRequest(document, settings, "ahead"));
    }

    private askAhead(document: CompletionDocument): Promise<CompletionOutcome> {
        const flight =
            this.joinable(document, "automatic") ??
            this.launch(
                document,
                this.toRequest(document, this.options.settings(document), "ahead"),
            );
        flight.keep();
        return flight.done;
    }

    private launch(document: CompletionDocument, request: CompletionRequest): Flight {
        const { engine, clock, syntax } = this.options;
        // Nobody could end it any more, and requests for one document wait for each other.
        this.flight?.abort();
        const { nForgotten } = this;
        const { trigger } = request;
        const complete: EnginePort["complete"] = async (...call) =>
            verified(await engine.complete(...call), document, { syntax, trigger });
        const flight = new Flight({ ...this.calls.next({ complete }), clock, document, request });
        this.flight = flight;
        const land = () => {
            if (this.flight === flight) this.flight = undefined;
        };
        // Registered before anybody joins: whoever waits finds the answer in the cache.
        flight.done.then((outcome) => {
            this.remember(document, outcome, { call: flight.id, nForgotten });
            land();
        }, land);
        return flight;
    }

    /** What is left of a known suggestion at this place. */
    private known({
        uri,
        prefix,
        suffix,
    }: CompletionDocument): Pick<CachedAnswer, "text" | "call"> | undefined {
        return this.cache.find(uri, prefix, suffix);
    }

    /** `nForgotten`: when its call was made; one that was ended by `forget` can still have answered. */
    private remember(
        document: CompletionDocument,
        outcome: CompletionOutcome,
        { call, nForgotten }: { call: number; nForgotten: number },
    ): void {
        if (nForgotten !== this.nForgotten) return;
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

/** The model and every comparison see `\n` only; the editor restores its own line ends on insertion. */
function normalized(document: CompletionDocument): CompletionDocument {
    if (!document.prefix.includes("\r") && !document.suffix.includes("\r")) return document;
    return {
        ...document,
        prefix: document.prefix.replace(/\r\n?/g, "\n"),
        suffix: document.suffix.replace(/\r\n?/g, "\n"),
    };
}

/** Nothing but indentation before the cursor: what is written next may need other things. */
function isLineStart({ prefix }: CompletionDocument): boolean {
    return prefix.slice(prefix.lastIndexOf("\n") + 1).trim() === "";
}
