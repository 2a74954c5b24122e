/**
 * The engine as the window uses it: created on first need, configured from the settings, its state, models and load progress in
 * one place. Starting, restarting and why it died are `src/node`; what the engine does is the engine's.
 */

import { AppError, cancelled, isCancelled, toWire, type ErrorCode } from "../base/errors";
import { Emitter, type Event } from "../base/event";
import type { Log, LogEntry } from "../base/log";
import { EngineClient } from "../node/engineClient";
import type { SupervisorState } from "../node/supervisor";
import type { CallOptions } from "../protocol/channel";
import type {
    ChatPrefillRequest,
    ChatPrefillResult,
    ChatProgress,
    ChatRequest,
    ChatResult,
} from "../protocol/chat";
import type {
    Alternative,
    CompletionOutcome,
    CompletionRequest,
    PrefillRequest,
    PrefillResult,
} from "../protocol/completion";
import type { EngineConfig, EngineStatus, ModelInfo, Role } from "../protocol/engine";

export interface EngineOptions {
    /** Absolute path of `dist/engine.mjs`. */
    entry: string;
    log: Log;
    /** Log lines of the engine process. */
    writeLog: (entry: LogEntry) => void;
    /** Read at the first start and on `reconfigure`. */
    config: () => EngineConfig;
}

/** VS Code gives a window that closes a few seconds. */
const SAVE_MS = 1500;

/** A model that could not be loaded; stays until the settings change, a restart, or a load that works. */
export interface LoadFailure {
    path: string;
    code: ErrorCode;
    /** Sentence without a final period. */
    message: string;
}

export class Engine {
    private readonly changed = new Emitter<void>();
    /** State, models or load progress changed. */
    readonly onDidChange: Event<void> = this.changed.event;
    private client: EngineClient | undefined;
    private lastStatus: EngineStatus | undefined;
    private loadFraction: number | undefined;
    private failure: LoadFailure | undefined;

    constructor(private readonly options: EngineOptions) {}

    get state(): SupervisorState {
        return this.client?.state ?? { kind: "stopped" };
    }

    /** What the running engine last said; undefined when none runs. */
    get status(): EngineStatus | undefined {
        return this.state.kind === "running" ? this.lastStatus : undefined;
    }

    /** 0..1 while a model is loading. */
    get loading(): number | undefined {
        return this.loadFraction;
    }

    get loadFailure(): LoadFailure | undefined {
        return this.failure;
    }

    /** Process id, for tests and the report. */
    get pid(): number | undefined {
        return this.state.kind === "running" ? this.state.pid : undefined;
    }

    /** The model that serves a role, when it is in memory. */
    loaded(role: Role): EngineStatus["models"][number] | undefined {
        return this.status?.models.find((model) => model.roles.includes(role));
    }

    /** Starts the engine and loads the model when needed; not for work ahead, which is cancelled then. */
    async complete(
        request: CompletionRequest,
        signal: AbortSignal,
        onText?: (text: string) => void,
    ): Promise<CompletionOutcome> {
        if (request.lane === "ahead" && !this.loaded("completion")) throw cancelled();
        this.warm("completion");
        return this.open().complete(request, signal, onText);
    }

    /** Starts nothing: none when no model is there. */
    async alternatives(request: CompletionRequest, signal: AbortSignal): Promise<Alternative[]> {
        if (!this.loaded("completion")) return [];
        return (await this.client?.alternatives(request, signal)) ?? [];
    }

    /** Starts nothing: undefined when no engine or no model is there. */
    async prefill(
        request: PrefillRequest,
        signal: AbortSignal,
    ): Promise<PrefillResult | undefined> {
        return this.client?.prefill(request, signal);
    }

    /** One turn; loading, reading and text arrive as progress. */
    async chat(request: ChatRequest, options: CallOptions<ChatProgress>): Promise<ChatResult> {
        return this.open().request("chat", request, options);
    }

    /** Reads a question that is being typed, once the model is there: it begins to load. An engine that fails is left to the question itself. */
    async prefillChat(
        request: ChatPrefillRequest,
        signal: AbortSignal,
    ): Promise<ChatPrefillResult | undefined> {
        this.warm("chat");
        const { kind } = this.state;
        if (this.failure || kind === "crashed" || kind === "failed") return undefined;
        return this.open().request("chat/prefill", request, { signal });
    }

    readonly request: EngineClient["request"] = (method, params, options) =>
        this.open().request(method, params, options);

    /** Loads the model of a role now. Rejects with AppError. */
    async load(role: Role, signal?: AbortSignal): Promise<ModelInfo> {
        const spec = this.options.config()[role];
        if (!spec)
            throw new AppError("user/no-model", "No model is chosen; run Ingot: Select Model...");
        this.setLoading(0);
        try {
            const info = await this.open().request(
                "model/load",
                { role },
                { signal, onProgress: ({ fraction }) => this.setLoading(fraction) },
            );
            this.failure = undefined;
            return info;
        } catch (error) {
            if (!isCancelled(error) && this.state.kind === "running") {
                const { code, message } = toWire(error);
                this.failure = { path: spec.path, code, message };
            }
            throw error;
        } finally {
            this.setLoading(undefined);
        }
    }

    /**
     * Starts loading the model of a role unless it is there, on its way or known to fail. A crashed engine is left to the next
     * request. Never rejects: a failure becomes the status, and a request for the model fails with it.
     */
    warm(role: Role): void {
        const { kind } = this.state;
        if (kind === "crashed" || kind === "failed") return;
        if (this.loadFraction !== undefined || this.failure || this.loaded(role)) return;
        this.load(role).catch(() => undefined);
    }

    /** Asks a running engine for its status; undefined when none runs. */
    async refresh(): Promise<EngineStatus | undefined> {
        const status = await this.client?.status();
        if (status) this.setStatus(status);
        return status;
    }

    /** Tells the engine about changed settings. */
    async reconfigure(): Promise<void> {
        this.failure = undefined;
        this.changed.fire();
        await this.client?.configure(this.options.config());
    }

    /** Writes down what the model has read, when an engine runs and has the time for it. Never rejects. */
    async save(): Promise<void> {
        if (this.state.kind !== "running") return;
        const timeUp = AbortSignal.timeout(SAVE_MS);
        await this.client
            ?.request("prefill/save", undefined, { signal: timeUp })
            .catch(() => undefined);
    }

    async restart(): Promise<void> {
        this.failure = undefined;
        await this.open().restart();
    }

    async dispose(): Promise<void> {
        await this.client?.dispose();
        this.changed.dispose();
    }

    private open(): EngineClient {
        if (this.client) return this.client;
        const { entry, log, writeLog, config } = this.options;
        const client = new EngineClient({ entry, build: __BUILD__, log, config: config() });
        this.client = client;
        client.onLog(writeLog);
        client.onChanged((status) => this.setStatus(status));
        client.onState((state) => {
            if (state.kind !== "running") this.lastStatus = undefined;
            this.changed.fire();
        });
        return client;
    }

    private setStatus(status: EngineStatus): void {
        this.lastStatus = status;
        this.changed.fire();
    }

    private setLoading(fraction: number | undefined): void {
        this.loadFraction = fraction;
        this.changed.fire();
    }
}
