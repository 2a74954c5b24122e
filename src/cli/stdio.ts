/**
 * The adapter for benchmarks of typing (`ingot complete --stdio`): JSON lines in, JSON lines out, one editor at the other end. Uses
 * the real clock; with a virtual one only the debounce is left out, because that is the one thing here that waits.
 */

import { createInterface } from "node:readline";
import { throwIfAborted } from "../base/cancel";
import { silentLog } from "../base/log";
import { realClock } from "../completion/clock";
import { CompletionSession } from "../completion/session";
import type { CompletionSettings } from "../completion/request";
import type { EngineClient } from "../node/engineClient";
import type { CompletionOutcome } from "../protocol/engine";
import { defaultModelsFolder, resolveModel } from "../library/library";
import { usage } from "./args";
import type { CliContext } from "./context";
import { cliEngine } from "./engine";

interface Edit {
    start: number;
    end: number;
    text: string;
}

/** Lines from the bench; unknown types and fields are ignored. */
type Input =
    | { type: "start"; model?: string; settings?: Record<string, unknown>; clock?: string }
    | { type: "open"; path: string; languageId: string; text: string }
    | { type: "change"; path: string; edits: Edit[]; version?: number }
    | { type: "request"; id: number; path: string; offset: number; trigger: string }
    | { type: "cancel"; id: number }
    | { type: "sync"; id: number }
    | { type: "stop" };

interface OpenDocument {
    languageId: string;
    text: string;
    version: number;
}

/** Runs until `stop` or the end of stdin. */
export async function runStdio(
    context: CliContext,
    options: { model?: string | undefined; verbose: boolean },
): Promise<number> {
    const adapter = new StdioAdapter(context, options);
    try {
        for await (const line of createInterface({
            input: context.stdin,
            signal: context.signal,
        })) {
            if (line.trim() === "") continue;
            const input = JSON.parse(line) as Input;
            if (input.type === "stop") break;
            await adapter.handle(input);
        }
        throwIfAborted(context.signal);
        return 0;
    } finally {
        await adapter.dispose();
    }
}

class StdioAdapter {
    private readonly documents = new Map<string, OpenDocument>();
    private readonly running = new Map<number, AbortController>();
    /** Answers and model calls; a call may outlive the request that made it. */
    private readonly underWay = new Set<Promise<unknown>>();
    private engine: EngineClient | undefined;
    private session: CompletionSession | undefined;
    /** Id of the request whose model call comes next. */
    private current: number | undefined;

    constructor(
        private readonly context: CliContext,
        private readonly options: { model?: string | undefined; verbose: boolean },
    ) {}

    async handle(input: Input): Promise<void> {
        switch (input.type) {
            case "start":
                return this.start(input);
            case "open": {
                const { path, languageId, text } = input;
                const known = this.documents.get(path);
                this.documents.set(path, { languageId, text, version: known?.version ?? 1 });
                return;
            }
            case "change":
                return this.change(input);
            case "request":
                return this.request(input);
            case "cancel":
                this.running.get(input.id)?.abort();
                return;
            case "sync":
                while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
                return this.write({ type: "synced", id: input.id });
            case "stop":
                return;
        }
    }

    async dispose(): Promise<void> {
        for (const controller of this.running.values()) controller.abort();
        await this.engine?.dispose();
    }

    private async start(input: Extract<Input, { type: "start" }>): Promise<void> {
        const model = input.model ?? this.options.model;
        if (model === undefined) throw usage("start names no model");
        const number = (name: string, otherwise: number) => {
            const value = input.settings?.[name];
            return typeof value === "number" ? value : otherwise;
        };
        const path = await resolveModel(model, this.context.starterPath, defaultModelsFolder());
        const contextTokens = number("contextTokens", 4096);
        const threads = number("threads", 0) || undefined;
        const engine = cliEngine(
            this.context,
            { completion: { path, gpuLayers: "auto", contextTokens }, idleUnloadMs: 0, threads },
            this.options.verbose,
        );
        this.engine = engine;
        const settings: CompletionSettings = {
            enabled: true,
            snoozed: false,
            languages: {},
            maxLines: number("maxLines", 10),
            maxTokens: number("maxTokens", 128),
            debounceMs: input.clock === "virtual" ? 0 : number("debounceMs", 0),
        };
        this.session = new CompletionSession({
            clock: realClock,
            log: silentLog,
            settings: () => settings,
            engine: {
                complete: (request, signal, onText) => {
                    const startMs = performance.now();
                    const id = this.current;
                    return this.tracked(
                        engine.complete(request, signal, onText).then((outcome) => {
                            const ms = performance.now() - startMs;
                            this.reportWork(id, outcome, ms, signal.aborted);
                            return outcome;
                        }),
                    );
                },
            },
        });
        await engine.request("model/load", { role: "completion" });
        this.write({ type: "ready", engine: "ingot", version: this.context.build });
    }

    private change({ path, edits, version }: Extract<Input, { type: "change" }>): void {
        const document = this.documents.get(path);
        if (!document) return;
        let text = "";
        let at = 0;
        for (const edit of edits) {
            text += document.text.slice(at, edit.start) + edit.text;
            at = edit.end;
        }
        document.text = text + document.text.slice(at);
        document.version = version ?? document.version + 1;
    }

    private request(input: Extract<Input, { type: "request" }>): void {
        const { id, path, offset } = input;
        const document = this.documents.get(path);
        const { session } = this;
        if (!document || !session)
            return this.write({ type: "result", id, items: [], source: "none", reason: "unknown" });
        const controller = new AbortController();
        this.running.set(id, controller);
        this.current = id;
        const startMs = performance.now();
        const answer = session.request(
            {
                uri: path,
                path,
                languageId: document.languageId,
                version: document.version,
                prefix: document.text.slice(0, offset),
                suffix: document.text.slice(offset),
            },
            {
                trigger: input.trigger === "manual" ? "explicit" : "automatic",
                signal: controller.signal,
            },
        );
        void this.tracked(
            answer.then((outcome) => {
                this.running.delete(id);
                this.reportResult(input, outcome, performance.now() - startMs);
            }),
        );
    }

    private tracked<T>(promise: Promise<T>): Promise<T> {
        const settled = promise.finally(() => this.underWay.delete(settled));
        this.underWay.add(settled);
        return settled;
    }

    private reportWork(
        id: number | undefined,
        outcome: CompletionOutcome,
        ms: number,
        aborted: boolean,
    ): void {
        if (!outcome.tokens) return;
        this.write({
            type: "work",
            kind: "completion",
            id,
            ...counts(outcome),
            ms,
            ...(aborted ? { aborted } : {}),
        });
    }

    private reportResult(
        { id, offset }: { id: number; offset: number },
        outcome: CompletionOutcome,
        ms: number,
    ): void {
        const shown = outcome.kind === "suggestion";
        this.write({
            type: "result",
            id,
            items: shown ? [{ text: outcome.text, start: offset, end: offset }] : [],
            source: shown ? outcome.source : "none",
            ...counts(outcome),
            ms,
            ...(shown ? {} : { reason: outcome.reason }),
        });
    }

    private write(message: object): void {
        this.context.out(`${JSON.stringify(message)}\n`);
    }
}

function counts({ tokens }: CompletionOutcome): object {
    return {
        promptTokens: tokens?.prompt ?? 0,
        reusedTokens: tokens?.reused ?? 0,
        generatedTokens: tokens?.generated ?? 0,
    };
}
