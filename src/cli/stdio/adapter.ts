/**
 * The adapter for benchmarks of typing (`ingot complete --stdio`): JSON lines in, JSON lines out, one editor at the other end. Uses
 * the session as the extension does, with a real or a virtual clock.
 */

import { createInterface } from "node:readline";
import { throwIfAborted } from "../../base/cancel";
import { silentLog } from "../../base/log";
import { realClock } from "../../completion/clock";
import { PATIENCE_MS } from "../../completion/early";
import { CompletionSession } from "../../completion/session";
import type { CompletionDocument, EnginePort } from "../../completion/request";
import type { ContextSource } from "../../context/snippet";
import type { Syntax } from "../../syntax/syntax";
import { explainReason, STAGE_WORDS } from "../../completion/words";
import type { EngineClient } from "../../node/engineClient";
import type { CompletionOutcome } from "../../protocol/completion";
import type { TokenCounts } from "../../protocol/generation";
import { defaultModelsFolder, resolveModel } from "../../library/library";
import { usage } from "../args";
import type { CliContext } from "../context";
import { cliEngine } from "../engine";
import { cliSyntax } from "../syntax";
import { FolderSource } from "../folderSource";
import { keepChatting, type Chatting } from "./chatting";
import { withoutParts } from "./leaveOut";
import {
    applyEdits,
    counts,
    positionAt,
    readSettings,
    type BenchSettings,
    type Input,
    type OpenDocument,
} from "./messages";
import { VirtualClock } from "./virtualClock";

/** Of the document that a chat beside the typing is about. */
const CHAT_CHARACTERS = 3000;

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
            await adapter.handle(input);
            if (input.type === "stop") break;
        }
        throwIfAborted(context.signal);
        return 0;
    } finally {
        // Whoever said stop may keep the pipe open, and that would keep this process.
        context.stdin.destroy();
        await adapter.dispose();
    }
}

class StdioAdapter {
    private readonly documents = new Map<string, OpenDocument>();
    private readonly running = new Map<number, AbortController>();
    /** Answers and model calls; a call may outlive the request that made it. */
    private readonly underWay = new Set<Promise<unknown>>();
    private readonly virtual = new VirtualClock();
    private isVirtual = false;
    private savesPrompts = false;
    private anticipates = true;
    /** As the bench named them, and what they come to. The session reads the latter at each request. */
    private given: Readonly<Record<string, unknown>> = {};
    private asking: Pick<BenchSettings, "settings" | "prompt" | "kinds" | "snippets"> | undefined;
    private inspects = false;
    /** Of the chat beside: the typing is over. */
    private readonly ended = new AbortController();
    private chatting: Chatting | undefined;
    private engine: EngineClient | undefined;
    private session: CompletionSession | undefined;
    private syntax: Syntax | undefined;
    /** Id of the request whose model call comes next. */
    private current: number | undefined;
    /** Why the next prefill is made. */
    private visiting: "context" | "prefill" = "context";

    constructor(
        private readonly context: CliContext,
        private readonly options: { model?: string | undefined; verbose: boolean },
    ) {}

    async handle(input: Input): Promise<void> {
        if (this.isVirtual && input.t !== undefined)
            await this.virtual.moveTo(input.t, () => this.settled());
        switch (input.type) {
            case "start":
                return this.start(input);
            case "set":
                return this.set(input.settings);
            case "open":
                return this.open(input);
            case "cursor":
                return this.visit(input.path, input.cursor, "prefill");
            case "change":
                return this.change(input);
            case "request":
                return this.request(input);
            case "cancel":
                return this.cancel(input.id);
            case "sync":
                return this.sync(input.id);
            case "close":
                this.documents.clear();
                return this.session?.forget();
            case "stop":
                if (this.savesPrompts) await this.engine?.request("prefill/save", undefined);
                return;
        }
    }

    private async sync(id: number): Promise<void> {
        // Reading ahead comes after a chat, which would never let it settle.
        this.ended.abort();
        await this.settled();
        this.write({ type: "synced", id, chatTokens: this.chatting?.nTokens });
    }

    async dispose(): Promise<void> {
        this.ended.abort();
        for (const controller of this.running.values()) controller.abort();
        await this.engine?.dispose();
    }

    private async start(input: Extract<Input, { type: "start" }>): Promise<void> {
        const model = input.model ?? this.options.model;
        if (model === undefined) throw usage("start names no model");
        const path = await resolveModel(model, this.context.starterPath, defaultModelsFolder());
        this.given = input.settings ?? {};
        const asked = readSettings(this.given);
        const { settings, prompt, contextTokens, threads, savesPrompts, without } = asked;
        this.asking = asked;
        const spec = { path, gpuLayers: "auto" as const, contextTokens };
        if (asked.chats && input.clock === "virtual")
            throw usage("chats goes with the real clock only");
        const chat = asked.chats ? spec : undefined;
        const engine = cliEngine(
            this.context,
            { completion: spec, chat, idleUnloadMs: 0, threads },
            this.options.verbose,
        );
        this.engine = engine;
        this.savesPrompts = savesPrompts;
        this.inspects = asked.inspects;
        this.isVirtual = input.clock === "virtual";
        this.anticipates = !without.has("anticipation");
        const isPatient = this.isVirtual || without.has("early-words");
        this.syntax = without.has("syntax") ? undefined : cliSyntax(this.context);
        this.session = new CompletionSession({
            clock: this.isVirtual ? this.virtual : realClock,
            patienceMs: isPatient ? undefined : PATIENCE_MS,
            cacheCharacters: without.has("type-through") ? 0 : undefined,
            log: silentLog,
            syntax: this.syntax,
            settings: () => settings,
            prompt,
            context: this.contextOf(asked),
            engine: withoutParts(this.reporting(engine), without),
        });
        await engine.request("model/load", { role: "completion" });
        if (chat)
            this.chatting = keepChatting(engine, {
                about: () =>
                    [...this.documents.values()].at(-1)?.text.slice(0, CHAT_CHARACTERS) ?? "",
                signal: this.ended.signal,
                onFailure: (error) =>
                    void this.context.stderr.write(`the chat ended: ${String(error)}\n`),
            });
        const { build: version } = this.context;
        this.write({ type: "ready", engine: "ingot", version, layouts: ["append", "documented"] });
    }

    /** Those that hold for a request are from now on the settings of the start with `changed`; what an earlier `set` said is no longer so. */
    private set(changed: Readonly<Record<string, unknown>>): void {
        const { settings, prompt, kinds, snippets } = readSettings({ ...this.given, ...changed });
        if (!this.asking) return;
        this.asking.kinds = kinds;
        this.asking.snippets = snippets;
        Object.assign(this.asking.settings, settings);
        Object.assign(this.asking.prompt, prompt);
        this.session?.forget();
    }

    /** The engine, each of whose calls is reported. */
    private reporting(engine: EngineClient): EnginePort {
        return {
            complete: (request, signal, onText) => {
                const startMs = performance.now();
                const isAhead = request.lane === "ahead";
                const id = isAhead ? undefined : this.current;
                const kind = isAhead ? "speculation" : "completion";
                return this.tracked(
                    engine.complete(request, signal, onText).then((outcome) => {
                        const ms = performance.now() - startMs;
                        this.reportWork({ kind, id, ms, aborted: signal.aborted }, outcome);
                        return outcome;
                    }),
                );
            },
            prefill: (request, signal) => {
                const startMs = performance.now();
                const kind = this.visiting;
                return this.tracked(
                    engine.prefill(request, signal).then((read) => {
                        const ms = performance.now() - startMs;
                        if (read) this.reportWork({ kind, ms, aborted: read.aborted }, read);
                        return read;
                    }),
                );
            },
        };
    }

    /** What is given, else what is found. */
    private contextOf({ snippets, without }: BenchSettings): ContextSource | undefined {
        if (!snippets && without.has("context")) return undefined;
        const source = new FolderSource({
            syntax: this.syntax,
            kinds: () => this.asking?.kinds,
            folderOf: (path) => this.documents.get(path)?.folder,
            visited: (path) =>
                [...this.documents]
                    .filter(([other]) => other !== path)
                    .map(([other, { name = other, text }]) => ({ path: name, text }))
                    .reverse(),
        });
        return {
            gather: (place) => {
                const given = this.asking?.snippets;
                return given ? Promise.resolve(given) : this.tracked(source.gather(place));
            },
        };
    }

    private async open(input: Extract<Input, { type: "open" }>): Promise<void> {
        const { path, cursor, languageId, text, name, folder, repository } = input;
        // Loaded before anything is asked, so that answers do not depend on how long that takes.
        await this.syntax?.prepare(languageId);
        const version = this.documents.get(path)?.version ?? 1;
        // Last looked at is last.
        this.documents.delete(path);
        const document = { languageId, text, version, name, folder, repository };
        this.documents.set(path, document);
        this.visit(path, cursor ?? 0, "context");
    }

    private visit(path: string, cursor: number, kind: "context" | "prefill"): void {
        this.visiting = kind;
        this.at(path, cursor, (document) => this.session?.visit(document));
    }

    /** Does something with the document cut at an offset, when it is open. */
    private at(path: string, offset: number, work: (document: CompletionDocument) => void): void {
        const document = this.documents.get(path);
        if (!document) return;
        const { languageId, version, text, name = path, repository } = document;
        work({
            uri: path,
            path: name,
            languageId,
            version,
            repository,
            prefix: text.slice(0, offset),
            suffix: text.slice(offset),
            position: this.inspects ? positionAt(text, offset) : undefined,
        });
    }

    private change({ path, edits, cursor, version }: Extract<Input, { type: "change" }>): void {
        const document = this.documents.get(path);
        if (!document) return;
        document.text = applyEdits(document.text, edits);
        document.version = version ?? document.version + 1;
        if (cursor !== undefined && this.anticipates)
            this.at(path, cursor, (document) => this.session?.anticipate(document));
    }

    private request(input: Extract<Input, { type: "request" }>): void {
        const { id, path, offset } = input;
        const { session } = this;
        if (!this.documents.has(path) || !session)
            return this.write({ type: "result", id, items: [], source: "none", reason: "unknown" });
        const controller = new AbortController();
        this.running.set(id, controller);
        this.current = id;
        const startMs = performance.now();
        const trigger = input.trigger === "manual" ? "explicit" : "automatic";
        this.at(path, offset, (document) => {
            const answer = session.request(document, { trigger, signal: controller.signal });
            void this.tracked(
                answer.then((outcome) => {
                    this.running.delete(id);
                    this.reportResult(input, outcome, performance.now() - startMs);
                }),
            );
        });
    }

    private cancel(id: number): void {
        this.running.get(id)?.abort();
    }

    /** Until nothing is under way; what waits for a later time does not count. */
    private async settled(): Promise<void> {
        do {
            await Promise.allSettled(this.underWay);
            // What an answer leads to begins in its promise's reactions.
            await new Promise((resolve) => setImmediate(resolve));
        } while (this.underWay.size > 0);
    }

    private tracked<T>(promise: Promise<T>): Promise<T> {
        const settled = promise.finally(() => this.underWay.delete(settled));
        this.underWay.add(settled);
        return settled;
    }

    private reportWork(
        work: { kind: string; id?: number | undefined; ms: number; aborted: boolean },
        { tokens }: { tokens?: TokenCounts | undefined },
    ): void {
        const { aborted, ...rest } = work;
        if (!tokens) return;
        this.write({ type: "work", ...rest, ...counts(tokens), ...(aborted ? { aborted } : {}) });
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
            ...counts(outcome.tokens),
            ms,
            ...(shown ? {} : { reason: outcome.reason }),
            ...(this.inspects ? this.inspection(outcome) : {}),
        });
    }

    private inspection(outcome: CompletionOutcome): object {
        const { session } = this;
        const record = session?.outcomes().findLast((candidate) => candidate.outcome === outcome);
        if (!session || !record) return {};
        const call = record.call === undefined ? undefined : session.call(record.call);
        const stage = outcome.kind === "none" ? STAGE_WORDS[outcome.stage] : undefined;
        return { record, call, words: explainReason(record), stage };
    }

    private write(message: object): void {
        this.context.out(`${JSON.stringify(message)}\n`);
    }
}
