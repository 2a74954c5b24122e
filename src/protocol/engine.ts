/**
 * What the extension host (or the CLI) and the engine child say to each other. Plain data only.
 * The engine keeps the models named by `engine/configure`, loads them on first use and frees them when idle.
 */

import type { LogEntry } from "../base/log";
import type {
    ChatPrefillRequest,
    ChatPrefillResult,
    ChatProgress,
    ChatRequest,
    ChatResult,
    CountRequest,
} from "./chat";
import type {
    Alternative,
    CompletionOutcome,
    CompletionRequest,
    KeptPrompt,
    PrefillRequest,
    PrefillResult,
} from "./completion";
import type { EmbedRequest, EmbedResult } from "./embeddings";

export type GpuLayers = "auto" | "max" | number;

/** A model file and how to load it. */
export interface ModelSpec {
    /** Absolute path of the GGUF file. */
    path: string;
    gpuLayers: GpuLayers;
    /** Tokens of context wanted; the engine takes less when the model was trained on less. */
    contextTokens: number;
}

export interface EngineConfig {
    completion?: ModelSpec | undefined;
    chat?: ModelSpec | undefined;
    /** For VS Code's own Chat; undefined until it is used. */
    agent?: ModelSpec | undefined;
    /** Free models after this many ms without a request; 0 = never. */
    idleUnloadMs: number;
    /** Whether the engine may use idle time: to measure how a model works best, to save what it has read. */
    idleWork?: boolean | undefined;
    /** What earlier processes have saved is used only after `prefill/forget` was called, for none or some of it. */
    vetsSaved?: boolean | undefined;
    /** CPU threads for decoding; undefined = chosen by the engine. */
    threads?: number | undefined;
}

/** What a person chooses a model for. */
export type Role = "completion" | "chat";

/** What a model is loaded for: the roles, and VS Code's own Chat, which names its model with each request. */
export type ModelRole = Role | "agent";

export type FimSupport =
    | { supported: true; family: string }
    /** One sentence that says why and what to do. */
    | { supported: false; reason: string };

export interface ModelInfo {
    path: string;
    /** `general.name`, else the file name. */
    name: string;
    architecture: string;
    fileType: string;
    sizeBytes: number;
    nParameters: number;
    nVocabulary: number;
    nLayers: number;
    /** Layers on the GPU, output layer included: shown as `25/25`. */
    nLayersOffloaded: number;
    /** Display name of the device that holds the offloaded layers, else "CPU". */
    device: string;
    trainedContextTokens: number;
    contextTokens: number;
    threads: number;
    fim: FimSupport;
    hasChatTemplate: boolean;
    /** How its template writes calls of tools; `generic`: they are told to it in words. */
    toolForm?: string | undefined;
    loadMs: number;
}

export interface PromptRecord {
    kind: "completion" | "chat";
    model: string;
    /** The exact prompt, control tokens as text. */
    text: string;
    nTokens: number;
    /** Answer as generated, before trimming. */
    answer: string;
}

export interface EngineStatus {
    /** llama.cpp release, backend variant and devices; undefined until the native part is open. */
    release?: string | undefined;
    variant?: string | undefined;
    devices: {
        name: string;
        description: string;
        type: "cpu" | "gpu";
        memoryBytes: number;
        freeBytes: number;
    }[];
    models: (ModelInfo & { roles: ModelRole[] })[];
    rssBytes: number;
}

export interface EngineSide {
    requests: {
        "engine/configure": { params: EngineConfig; result: void };
        "engine/status": { params: void; result: EngineStatus };
        /** Loads the model of a role now; without it the first request does. */
        "model/load": { params: { role: Role }; result: ModelInfo; progress: { fraction: number } };
        "model/unload": { params: { role: Role }; result: void };
        /** Progress: pieces of the answer as it is generated, before trimming. */
        complete: {
            params: CompletionRequest;
            result: CompletionOutcome;
            progress: { text: string };
        };
        /** Distinct other answers than the one that `complete` gives, surest first. */
        alternatives: { params: CompletionRequest; result: Alternative[] };
        /** Evaluates the prompt of a place and keeps it; undefined when no model is loaded for it or that model cannot fill. */
        prefill: { params: PrefillRequest; result: PrefillResult | undefined };
        /** Writes what was read of the documents last worked in to disk now; else idle time does it. */
        "prefill/save": { params: void; result: void };
        /** The documents of which something is in the cache or on disk. */
        "prefill/kept": { params: void; result: KeptPrompt[] };
        /** Removes what is in the cache and on disk of documents that are not to be completed, or whose prompts show what may not be. */
        "prefill/forget": { params: { documents: string[] }; result: void };
        chat: { params: ChatRequest; result: ChatResult; progress: ChatProgress };
        /** Reads a question that is being typed; undefined when no model is there for it. What is read stays for `chat`. */
        "chat/prefill": { params: ChatPrefillRequest; result: ChatPrefillResult | undefined };
        /** Tokens; loads the model when it is not. */
        "chat/count": { params: CountRequest; result: number };
        /** Texts as vectors, for the search in a workspace. Pieces wait while somebody waits for anything else here. */
        embed: { params: EmbedRequest; result: EmbedResult };
        "debug/lastPrompt": { params: void; result: PromptRecord | undefined };
    };
    events: Record<never, never>;
}

export interface EngineClientSide {
    requests: Record<never, never>;
    events: {
        log: LogEntry;
        /** A model was loaded or freed. */
        "engine/changed": EngineStatus;
    };
}
