/**
 * The engine as the extension host and the CLI use it: started by the first request, configured after each start, its log lines
 * and changes passed on. Holds no policy about models or prompts.
 */

import { Emitter } from "../base/event";
import type { Log, LogEntry } from "../base/log";
import type { CallOptions } from "../protocol/channel";
import type {
    Alternative,
    CompletionOutcome,
    CompletionRequest,
    PrefillRequest,
    PrefillResult,
} from "../protocol/completion";
import type { EngineClientSide, EngineConfig, EngineSide, EngineStatus } from "../protocol/engine";
import { startChild } from "./child";
import { Supervisor, type SupervisorState } from "./supervisor";

export interface EngineClientOptions {
    /** Absolute path of `dist/engine.mjs`. */
    entry: string;
    build: string;
    log: Log;
    config: EngineConfig;
    execPath?: string | undefined;
    env?: Readonly<Record<string, string>> | undefined;
}

type Requests = EngineSide["requests"];

export class EngineClient {
    private readonly logEntries = new Emitter<LogEntry>();
    private readonly changes = new Emitter<EngineStatus>();
    private readonly supervisor: Supervisor<EngineClientSide, EngineSide>;
    private config: EngineConfig;
    /** Log lines of the engine. */
    readonly onLog = this.logEntries.event;
    /** A model was loaded or freed. */
    readonly onChanged = this.changes.event;

    constructor(options: EngineClientOptions) {
        this.config = options.config;
        const { entry, build, log, execPath, env } = options;
        this.supervisor = new Supervisor<EngineClientSide, EngineSide>({
            log,
            start: () =>
                startChild<EngineClientSide, EngineSide>({
                    name: "engine",
                    entry,
                    build,
                    execPath,
                    env,
                    handlers: {},
                    listeners: {
                        log: (entry) => this.logEntries.fire(entry),
                        "engine/changed": (status) => this.changes.fire(status),
                    },
                    onOutput: (line) => log.debug("engine output", { line }),
                    onFault: (error) => log.error("listener failed", { error: String(error) }),
                }),
            prepare: (child) => child.channel.request("engine/configure", this.config),
        });
    }

    /** Starting, running, crashed with the reason, or failed for good until `restart`. */
    get state(): SupervisorState {
        return this.supervisor.state;
    }

    get onState() {
        return this.supervisor.onState;
    }

    /** Keeps the configuration for every start, and tells a running engine. */
    async configure(config: EngineConfig): Promise<void> {
        this.config = config;
        await this.supervisor.running?.channel.request("engine/configure", config);
    }

    /** Starts the engine when needed. Rejects with AppError `engine/gone` and the reason when it dies meanwhile. */
    async request<K extends keyof Requests>(
        method: K,
        params: Requests[K]["params"],
        options: CallOptions<Requests[K] extends { progress: infer P } ? P : never> = {},
    ): Promise<Requests[K]["result"]> {
        const { channel } = await this.supervisor.get();
        // The maps agree by K; TypeScript cannot see that through the channel's conditional types.
        const result: unknown = await channel.request(method, params as never, options);
        return result as Requests[K]["result"];
    }

    /** `onText` gets the answer's pieces while it is generated, before trimming. */
    complete(
        request: CompletionRequest,
        signal: AbortSignal,
        onText?: (text: string) => void,
    ): Promise<CompletionOutcome> {
        const onProgress = onText && (({ text }: { text: string }) => onText(text));
        return this.request("complete", request, { signal, onProgress });
    }

    /** Undefined when no engine runs (asking does not start one), or as the engine says. */
    alternatives(request: CompletionRequest, signal: AbortSignal): Promise<Alternative[]> {
        return this.request("alternatives", request, { signal });
    }

    async prefill(
        request: PrefillRequest,
        signal: AbortSignal,
    ): Promise<PrefillResult | undefined> {
        const { kind } = this.state;
        if (kind !== "running" && kind !== "starting") return undefined;
        return this.request("prefill", request, { signal });
    }

    /** Asks a running engine; undefined when none runs (asking does not start one). */
    async status(): Promise<EngineStatus | undefined> {
        return this.supervisor.running?.channel.request("engine/status", undefined);
    }

    restart(): Promise<void> {
        return this.supervisor.restart();
    }

    /** Ends the engine and frees its memory; the next request starts it again. */
    stop(): Promise<void> {
        return this.supervisor.stop();
    }

    /** Settles when the process is gone: wait for it before this process ends. */
    async dispose(): Promise<void> {
        await this.supervisor.dispose();
        this.logEntries.dispose();
        this.changes.dispose();
    }
}
