/**
 * What is done while nobody waits: reading the text around a place that the cursor has come to, and what would be asked next if the
 * suggestion on the screen were taken. Ends at once when something is asked for or typed. Never rejects.
 */

import { isCancelled } from "../base/errors";
import type { Log } from "../base/log";
import { indentOf } from "../prompt/lines";
import type { CompletionOutcome, CompletionRequest, PrefillRequest } from "../protocol/completion";
import type { Clock } from "./clock";
import type { CompletionDocument, EnginePort } from "./request";

/** A person who does not type on within this time is reading the suggestion. */
const READING_MS = 250;
/** Nor is one soon typing on who has not for so long. */
const THINKING_MS = 1000;
/** Who does nothing for so much longer, after typing, gives the time to read more than what is around the cursor. */
const LONG_MS = 4000;
/** A cursor on its way through a document stops nowhere for so long. */
const RESTING_MS = 60;

export interface AheadOptions {
    engine: EnginePort;
    clock: Clock;
    log: Log;
    /** Whether an answer for this place is known. */
    knows: (document: CompletionDocument) => boolean;
    /** Asks the model for this place, or waits for a call that does; the answer is remembered. */
    ask: (document: CompletionDocument) => Promise<CompletionOutcome>;
    /** Whether only a new line can follow. */
    isAtEnd: (document: CompletionDocument) => boolean;
    /** Begins to look around a place where the cursor rests. */
    look: (document: CompletionDocument) => void;
}

/** The request for a place as it would be made now. */
type MakeRequest = () => CompletionRequest;

export class Ahead {
    private current = new AbortController();
    /** Reading between keystrokes, while it is under way. */
    private growth: AbortController | undefined;

    constructor(private readonly options: AheadOptions) {}

    /** Drops what waits and stops reading. A call that `follow` has asked for goes on: what is typed decides about it. */
    stop(): void {
        this.current.abort();
    }

    /** Does something after `ms` unless it is stopped before. */
    after(ms: number, work: () => void): void {
        this.start((signal) => this.pause(ms, signal).then(work));
    }

    /** Reads the prompt of a place into the cache once the cursor rests there, and what was found around it when that comes late. */
    read(place: MakeRequest, looked: Promise<void>): void {
        this.growth?.abort();
        this.growth = undefined;
        this.start(async (signal) => {
            await this.pause(RESTING_MS, signal);
            const first = place();
            await this.options.engine.prefill({ ...first, idle: "short" }, signal);
            await looked;
            const now = place();
            if (signal.aborted || now.snippets === first.snippets) return;
            await this.options.engine.prefill({ ...now, idle: "short" }, signal);
        });
    }

    /**
     * Once an answer has been on the screen for a while: what comes after its text, and when that is nothing, what the next line would
     * be. At last the prompt is made ready for more typing at `place`, where the person is.
     */
    follow(document: CompletionDocument, text: string, place: MakeRequest): void {
        const { knows, ask, look } = this.options;
        this.start(async (signal) => {
            await this.pause(READING_MS, signal);
            look(document);
            for (const next of this.nextPlaces(document, text)) {
                if (signal.aborted || knows(next)) break;
                const outcome = await ask(next);
                if (outcome.kind === "suggestion" || outcome.stage !== "filter") break;
            }
            await this.readResting(place, { ms: THINKING_MS, idle: "short" }, signal);
            await this.readResting(place, { ms: LONG_MS, idle: "long" }, signal);
        });
    }

    /**
     * Windows that are small, so that something is shown soon, or nearly full: larger or newer ones are read beside the typing, which
     * goes before.
     */
    grow(place: MakeRequest): void {
        if (this.growth) return;
        const growth = new AbortController();
        this.growth = growth;
        const done = () => {
            if (this.growth === growth) this.growth = undefined;
        };
        const request: PrefillRequest = { ...place(), idle: "typing" };
        this.options.engine.prefill(request, growth.signal).catch(this.report).finally(done);
    }

    /** Where the person may be next: behind the suggestion, where there can be more of the line, and on the next line. */
    private nextPlaces(document: CompletionDocument, text: string): CompletionDocument[] {
        const taken = { ...document, prefix: document.prefix + text };
        if (this.options.isAtEnd(taken)) return [nextLine(taken)];
        return text === "" ? [] : [taken, nextLine(taken)];
    }

    private async readResting(
        place: MakeRequest,
        { ms, idle }: { ms: number; idle: "short" | "long" },
        signal: AbortSignal,
    ): Promise<void> {
        await this.pause(ms, signal);
        await this.options.engine.prefill({ ...place(), idle }, signal);
    }

    private start(work: (signal: AbortSignal) => Promise<void>): void {
        this.stop();
        this.current = new AbortController();
        work(this.current.signal).catch(this.report);
    }

    private readonly report = (error: unknown) => {
        if (!isCancelled(error))
            this.options.log.debug("work ahead failed", { error: String(error) });
    };

    private async pause(ms: number, signal: AbortSignal): Promise<void> {
        await this.options.clock.delay(ms, signal);
    }
}

/** The document after Enter, indented like the line before. */
function nextLine(document: CompletionDocument): CompletionDocument {
    const { prefix } = document;
    const line = prefix.slice(prefix.lastIndexOf("\n") + 1);
    return { ...document, prefix: `${prefix}\n${indentOf(line)}` };
}
