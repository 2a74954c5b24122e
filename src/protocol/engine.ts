/**
 * What the extension host (or the CLI) and the engine child say to each other. Plain data only.
 * The engine keeps the models named by `engine/configure`, loads them on first use and frees them when idle.
 */

import type { LogEntry } from "../base/log";
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

export interface TokenCounts {
    /** Tokens of the prompt that went through the model in this call. */
    prompt: number;
    /** Tokens of the prompt that were already in the KV cache. */
    reused: number;
    generated: number;
    /** Tokens guessed from earlier text, and those of them that the model agreed with; left out: none. */
    drafted?: number | undefined;
    accepted?: number | undefined;
}

export interface Timings {
    loadMs: number;
    promptMs: number;
    generateMs: number;
    totalMs: number;
}

export interface CompletionRequest {
    /** Identifies the document; never shown to the model. */
    document: string;
    /** Path shown to the model, relative to its workspace folder, `/` separated. */
    path: string;
    languageId: string;
    repository?: string | undefined;
    /** Text before the cursor, from the start of the document or a window of it. */
    prefix: string;
    /** Text after the cursor. */
    suffix: string;
    /** Best first; the engine takes what it has read, and reads more when there is time. */
    snippets?: readonly Snippet[] | undefined;
    /** Most lines to suggest; 1 = single line only. */
    maxLines: number;
    maxTokens: number;
    trigger: "automatic" | "explicit";
    /** `ahead`: nobody waits for it yet; it runs when no keystroke does. */
    lane: CompletionLane;
    /** What the grammar says about the place; undefined: nothing, and indentation has to do. */
    syntax?: SyntaxRule | undefined;
    /** For measurements: another prompt than the engine would choose. */
    prompt?: PromptChoice | undefined;
}

export interface SyntaxRule {
    /** What the cursor is in; `after-statement`: right behind one that is complete. */
    at: "code" | "string" | "comment" | "after-statement";
    /** How many lines are wanted; undefined: whatever fits by indentation. */
    lines?: "one" | "several" | undefined;
}

export type CompletionLane = "keystroke" | "ahead";

/** Why a piece of another file is shown to the model. */
export type SnippetKind =
    "definition" | "import" | "edit" | "visited" | "related" | "clipboard" | "diagnostic";

/** A piece of another file, or of another place in this one. */
export interface Snippet {
    kind: SnippetKind;
    /** Relative to its workspace folder, `/` separated; what the model is shown as the file's name. */
    path: string;
    text: string;
    /**
     * URI of the file that the text is of, never shown to the model; left out: it is the document's own, or of no file. A prompt with a
     * piece of an unnamed file is never saved, because nobody could tell whether it may still be shown.
     */
    file?: string | undefined;
    /** Names of symbols that the text defines, when known. */
    symbols?: readonly string[] | undefined;
}

export interface PromptChoice {
    layout?: FimLayoutName | undefined;
    /** false: the prompt ends where the cursor is, also inside a token. */
    healing?: boolean | undefined;
    /** Instead of what the measured speed allows; the suffix gets a quarter of it. */
    maxPrefixTokens?: number | undefined;
    /** Instead of what the measured speed allows for pieces of other files. */
    maxPieceTokens?: number | undefined;
    /** true: the document's own path is named, also where no piece of another file is shown. */
    path?: boolean | undefined;
    /** false: one token at a time. */
    drafts?: boolean | undefined;
    /** false: the model's guesses are part of the answer. */
    gating?: boolean | undefined;
    /** A token less likely than this is a guess, 0 to 1. */
    minProbability?: number | undefined;
    /** Names of filters that are left out. */
    withoutFilters?: readonly string[] | undefined;
}

/** `append`: prefix last, so that typing only appends. `psm`: the order the family documents. */
export type FimLayoutName = "append" | "psm";

/**
 * A place in a document where a completion may soon be asked for. `idle`: there is time to read more. `short`: nobody is typing, so
 * that windows may move and grow; `long`: for a while already; `typing`: between keystrokes, only what first windows are too small for.
 */
export type PrefillRequest = { idle?: "typing" | "short" | "long" | undefined } & Pick<
    CompletionRequest,
    | "document"
    | "path"
    | "languageId"
    | "repository"
    | "prefix"
    | "suffix"
    | "snippets"
    | "maxTokens"
    | "prompt"
>;

export interface PrefillResult {
    tokens: TokenCounts;
    timings: Timings;
    /** The prompt is not wholly in the cache: something more urgent came, or the signal. */
    aborted: boolean;
}

/** What is kept of a document's prompt. */
export interface KeptPrompt {
    document: string;
    /** Empty when it is not known. */
    languageId: string;
    /** URIs of the other files that it shows pieces of. */
    files: string[];
}

export type NoSuggestionReason =
    | "disabled"
    | "language-off"
    | "snoozed"
    | "secret-file"
    /** A setting names the file. */
    | "excluded"
    | "no-model"
    | "model-cannot-fill"
    | "model-failed"
    | "engine-gone"
    | "superseded"
    | "cancelled"
    | "document-too-large"
    | "mid-word"
    | "mid-comment"
    /** The statement before the cursor is complete; the next line is suggested after Enter. */
    | "statement-end"
    /** Dismissed, or read and typed past, at this place before. */
    | "rejected"
    /** Suggestions come only when they are asked for: by a setting, or because the battery is in use. */
    | "quiet"
    | "on-battery"
    | "empty-answer"
    | "only-repeats-suffix"
    | "repetition"
    | "control-tokens"
    | "fence"
    | "secret"
    | "licence"
    | "comment"
    /** The code would have been more broken with it than without. */
    | "breaks-syntax"
    /** The model would only have guessed. */
    | "unsure";

/** Rules that take something off an answer (src/prompt/filters.ts). */
export type FilterName =
    | "control-tokens"
    | "fence"
    | "secret"
    | "licence"
    | "repetition"
    | "comment"
    | "blank-line"
    | "rest-of-line"
    | "following-lines"
    | "closers";

export type Stage = "gate" | "debounce" | "cache" | "load" | "prompt" | "generate" | "filter";

export type CompletionOutcome =
    | {
          kind: "suggestion";
          /** Inserted at the cursor. */
          text: string;
          source: "cache" | "model";
          tokens: TokenCounts;
          timings: Timings;
          /** Geometric mean probability of the tokens, 0..1; 1 from the cache. */
          confidence: number;
          stop: StopReason;
          /** The rule that has cut the answer short; left out: none. */
          filter?: FilterName | undefined;
          inspection?: Inspection | undefined;
      }
    | {
          kind: "none";
          reason: NoSuggestionReason;
          stage: Stage;
          /** A sentence for the inspector, when the reason alone does not say enough. */
          detail?: string | undefined;
          /** The rule that has taken all of the answer; left out: none. */
          filter?: FilterName | undefined;
          tokens?: TokenCounts | undefined;
          timings?: Timings | undefined;
          inspection?: Inspection | undefined;
      };

/** Another suggestion than the one on the screen. */
export interface Alternative {
    text: string;
    /** Geometric mean probability of its tokens, 0..1. */
    confidence: number;
}

/** How an answer of the model came about, for the inspector. It is document text: never in a log or a report. */
export interface Inspection {
    /** Display name, and what tells its file from others. */
    model: string;
    fingerprint: string;
    layout: FimLayoutName;
    /** The prompt, in the model's order. */
    parts: PromptPart[];
    /** Those of other files that are part of it, in order. */
    pieces: PromptPiece[];
    /** Most tokens that the windows of the document could have. */
    maxPrefixTokens: number;
    maxSuffixTokens: number;
    /** End of the prefix that was taken back: the answer had to begin with it. */
    forced: string;
    /** What was generated, `forced` included. */
    written: { text: string; probability: number }[];
    /** As generated, without `forced` and before trimming; so many characters of it the stop rule left. */
    answer: string;
    stop: StopReason;
    kept: number;
    /** What the filters took off after that, in order: which one, and how many characters it left. */
    cuts: { filter: FilterName; length: number }[];
    /** What the model wrote first and the document has below the cursor; `written` and `answer` are what it wrote in place of that. */
    instead?: string | undefined;
}

export interface PromptPiece {
    kind: SnippetKind;
    path: string;
    nTokens: number;
}

export interface PromptPart {
    /** As the layout names it: `prefix`, `suffix` ...; a control token by its role: `BOS`, `PRE`, `SUF`, `MID`. */
    part: string;
    text: string;
    nTokens: number;
}

/** `filter`: a rule of src/prompt/filters.ts lets nothing more through. */
export type StopReason =
    | "end-of-text"
    | "stop-text"
    | "max-tokens"
    | "max-lines"
    | "scope-end"
    | "unsure"
    | "filter"
    | "aborted";

export interface ChatMessage {
    /** `tool`: the result of one call. */
    role: "system" | "user" | "assistant" | "tool";
    content: string;
    /** Of an assistant: calls that its answer ended with. */
    toolCalls?: readonly ToolCall[] | undefined;
    /** Of a tool: which call this is the result of. */
    toolCallId?: string | undefined;
}

export interface ToolDefinition {
    name: string;
    description: string;
    /** JSON schema of the arguments, an object; undefined: it takes none. */
    parameters?: unknown;
}

export interface ToolCall {
    /** Given by who made the request of the call; ties its result to it. */
    id: string;
    name: string;
    arguments: Record<string, unknown>;
}

/**
 * Which KV sequence a chat uses, and how urgent it is. `chat`: the side bar's. `agent`: conversations of VS Code's own Chat, with the model and
 * the context of the role `agent`. `utility`: short requests of the same model for titles and the like, which wait for all others.
 */
export type ChatLane = "chat" | "agent" | "utility";

export interface ChatRequest {
    /** Left out: `chat`. */
    lane?: ChatLane | undefined;
    /** Path of the model that is meant. Rejected with AppError `user/no-model` and `retry` when the lane has another by now. */
    model?: string | undefined;
    /** What the answer may call; calls are held to these schemas. */
    tools?: readonly ToolDefinition[] | undefined;
    /** `required`: the answer is nothing but calls. Left out: `auto`. */
    toolMode?: "auto" | "required" | undefined;
    /** true: reasoning comes as progress of its own kind, not in the text. With tools, always. */
    separateReasoning?: boolean | undefined;
    /** Requests of one conversation reuse its KV prefix. */
    conversation: string;
    messages: ChatMessage[];
    maxTokens: number;
    /** Fewer than that, where the model does not think before it answers. */
    maxAnswerTokens?: number | undefined;
    /** 0 = greedy. */
    temperature: number;
    seed: number;
    /** What the answer begins with: the model goes on from there. Not part of the result. */
    answerStart?: string | undefined;
    /** The first of them ends the answer and is not part of it. */
    stopTexts?: readonly string[] | undefined;
    /** Text that the answer is likely to repeat: it is checked several tokens at a time. Only when greedy. */
    draftFrom?: string | undefined;
}
export type ChatProgress =
    | { kind: "load"; fraction: number }
    | { kind: "prompt"; done: number; total: number }
    | { kind: "text" | "reasoning"; text: string }
    /** A whole call; its id is made by who asked. */
    | { kind: "call"; name: string; arguments: Record<string, unknown> };
export interface ChatResult {
    text: string;
    stop: StopReason;
    tokens: TokenCounts;
    timings: Timings;
    /** Messages left out because the context was full (oldest turns first). */
    nDropped: number;
    /** Tokens that the chat's part of the context has room for. */
    contextTokens: number;
    /** The answer ended inside of a call, whose beginning is in the text. */
    isCallBroken?: boolean | undefined;
    /** Tokens of calls that were left out, as they only repeated those before them; undefined or 0: none. */
    repeatedTokens?: number | undefined;
}

/** A question while it is typed: the last message is its beginning. */
export type ChatPrefillRequest = Pick<ChatRequest, "conversation" | "messages" | "maxTokens">;

export interface ChatPrefillResult {
    tokens: TokenCounts;
    /** Of the whole prompt, if it were sent as it is. */
    nTokens: number;
    contextTokens: number;
    /** Not wholly read: something more urgent came, or the signal. */
    aborted: boolean;
}

/** What is to be counted with the tokenizer of a lane's model. */
export interface CountRequest {
    lane: ChatLane;
    /** As in ChatRequest. */
    model?: string | undefined;
    /** A text as it is; a message with what the model's template writes around it. */
    of: string | ChatMessage;
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
