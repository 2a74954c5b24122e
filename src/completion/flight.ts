/**
 * One call to the model under way, and those who wait for it. A call lives longer than the request that began it: while what is
 * typed agrees with the answer so far, the next request joins it instead of starting over. That is what lets text appear on a
 * computer that needs longer for an answer than a person for a key.
 */

import { onAbort } from "../base/cancel";
import { cancelled, isCancelled } from "../base/errors";
import type { CompletionOutcome, CompletionRequest } from "../protocol/completion";
import { onlyGainedClosers } from "./cache";
import type { Clock } from "./clock";
import type { CompletionDocument, EnginePort } from "./request";

/** How long a call goes on with nobody waiting. An editor cancels at a keystroke and asks again some 50 ms later. */
const GRACE_MS = 75;

/**
 * `whole`: the model's outcome, for the call's own document; `early`: what there is of it, for the document that joined; `diverged`:
 * what was typed is not what the model writes.
 */
export type Joined = { how: "whole" | "early"; outcome: CompletionOutcome } | { how: "diverged" };

/** An answer made of what the model has written so far, for who has waited `waitedMs` since the call began; undefined: wait on. */
export type EarlyAnswer = (text: string, waitedMs: number) => CompletionOutcome | undefined;

export interface FlightOptions {
    /** Of the call, in the log of calls. */
    id: number;
    engine: Pick<EnginePort, "complete">;
    clock: Clock;
    document: CompletionDocument;
    request: CompletionRequest;
}

export class Flight {
    readonly id: number;
    readonly document: CompletionDocument;
    readonly request: CompletionRequest;
    /** The model's outcome; rejects as EnginePort.complete. */
    readonly done: Promise<CompletionOutcome>;
    private readonly controller = new AbortController();
    private readonly watchers = new Set<() => void>();
    private readonly clock: Clock;
    private readonly startMs: number;
    private text = "";
    private nWaiting = 0;
    /** Wanted although nobody waits: its beginning is on the screen, or somebody is about to ask. */
    private isKept = false;
    private hasLanded = false;

    constructor({ id, engine, clock, document, request }: FlightOptions) {
        this.id = id;
        this.document = document;
        this.request = request;
        this.clock = clock;
        this.startMs = clock.now();
        this.done = engine.complete(request, this.controller.signal, (text) => {
            this.text += text;
            for (const watcher of [...this.watchers]) watcher();
        });
        const land = () => {
            this.hasLanded = true;
        };
        this.done.then(land, land);
    }

    get isAborted(): boolean {
        return this.controller.signal.aborted;
    }

    abort(): void {
        this.controller.abort();
    }

    /** Lets it go on with nobody waiting, until somebody has joined and left. */
    keep(): void {
        this.isKept = true;
    }

    /** Whether a document is this call's with something typed that agrees with the answer so far. */
    agrees(document: CompletionDocument): boolean {
        const { uri, prefix, suffix } = this.document;
        if (this.isAborted || document.uri !== uri) return false;
        if (!onlyGainedClosers(suffix, document.suffix)) return false;
        if (!document.prefix.startsWith(prefix)) return false;
        const typed = document.prefix.slice(prefix.length);
        return typed.startsWith(this.text) || this.text.startsWith(typed);
    }

    /**
     * Waits for the outcome as long as it can concern `document`, or for an early answer, after which the call goes on. Rejects as
     * cancelled when the signal aborts.
     */
    join(
        document: CompletionDocument,
        signal: AbortSignal,
        early: EarlyAnswer = () => undefined,
    ): Promise<Joined> {
        // Whoever has gone already neither waits nor lets go of a call that is kept.
        if (signal.aborted) return Promise.reject(cancelled());
        this.nWaiting++;
        this.isKept = false;
        return new Promise<Joined>((resolve, reject) => {
            const watcher = () => {
                const agrees = this.agrees(document);
                const outcome = agrees && early(this.text, this.clock.now() - this.startMs);
                if (outcome === undefined) return;
                this.isKept = agrees;
                leave();
                resolve(outcome === false ? { how: "diverged" } : { how: "early", outcome });
            };
            let here = true;
            const leave = () => {
                if (!here) return;
                here = false;
                stopListening();
                this.watchers.delete(watcher);
                this.left();
            };
            this.watchers.add(watcher);
            const stopListening = onAbort(signal, () => {
                leave();
                reject(cancelled());
            });
            this.done.then(
                (outcome) => {
                    leave();
                    resolve({ how: "whole", outcome });
                },
                (error: unknown) => {
                    leave();
                    reject(error instanceof Error ? error : new Error(String(error)));
                },
            );
            watcher();
        });
    }

    private left(): void {
        if (--this.nWaiting > 0 || this.hasLanded || this.isKept) return;
        this.clock
            .delay(GRACE_MS)
            .then(() => {
                if (this.nWaiting <= 0 && !this.isKept) this.abort();
            })
            .catch((error: unknown) => {
                if (!isCancelled(error)) throw error;
            });
    }
}
