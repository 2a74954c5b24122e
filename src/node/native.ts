/**
 * The typed surface of the native addon (native/), and how it is found and opened. Only children load it: a failed
 * GGML_ASSERT ends the process. Sizes in bytes, times in ms, token ids as plain numbers.
 */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../base/errors";
import type { NativeHessians } from "./nativeFeedback";
import type { NativeLab } from "./nativeLab";

/** Version of the surface below: INGOT_ABI of native/CMakeLists.txt. Both change together. */
export const NATIVE_ABI = 6;

/** Compiled into the addon; must equal what the shared libraries say (release) or loading is refused. */
export interface NativeBuild {
    /** llama.cpp release tag, e.g. `v0.5.0`. */
    release: string;
    commit: string;
    abi: number;
}

export interface OpenOptions {
    /** Folder with libllama, libggml and the backends (a node-llama-cpp platform package's `bins/<platform>`). */
    dir: string;
    /** `""` for CPU, else `vulkan`, `cuda`, `metal`: picks `libllama[.variant].<release>`. */
    variant: string;
    /** ggml's abort text (a failed assertion) is written here before the process dies. */
    abortFile?: string | undefined;
}

export interface NativeDevice {
    name: string;
    description: string;
    type: "cpu" | "gpu";
    memoryBytes: number;
    freeBytes: number;
}

export interface LoadModelOptions {
    path: string;
    /** Layers to offload; 0 = CPU only, 999 = all. */
    gpuLayers: number;
    /** Vocabulary only: tokenizer, no weights (self-tests). */
    vocabOnly?: boolean;
}

export interface NativeModelInfo {
    description: string;
    nParameters: number;
    sizeBytes: number;
    nVocabulary: number;
    nLayers: number;
    trainedContextTokens: number;
    /** As llama.cpp reports after loading, output layer included. */
    nLayersOffloaded: number;
    deviceName: string;
    addBos: boolean;
    chatTemplate: string | undefined;
    special: {
        bos: number;
        eos: number;
        eot: number;
        fimPrefix: number;
        fimSuffix: number;
        fimMiddle: number;
        fimPad: number;
        fimRepository: number;
        fimSeparator: number;
    };
    /** Whether a sequence's tail can be removed from memory (false: recurrent models start over). */
    canTrim: boolean;
}

export interface NativeModel extends NativeLab, NativeHessians {
    readonly info: NativeModelInfo;
    /** `parseSpecial`: control tokens written as text become their ids. No BOS unless `addSpecial`. */
    tokenize(text: string, options?: { addSpecial?: boolean; parseSpecial?: boolean }): number[];
    /** `special`: render control tokens as text too. */
    detokenize(tokens: number[], options?: { special?: boolean }): string;
    /** The raw piece of one token, control tokens as text. */
    piece(token: number): string;
    isEndOfGeneration(token: number): boolean;
    isControl(token: number): boolean;
    createContext(options: ContextOptions): NativeContext;
    /** Of a model that makes vectors of texts. */
    createEmbedder(options: EmbedderOptions): NativeEmbedder;
    /** Waits for its contexts' work to end, then frees the weights. */
    close(): Promise<void>;
}

export interface EmbedderOptions {
    /** Tokens of a batch, all its texts together. */
    maxTokens: number;
    /** Texts of a batch, 1 to 64. */
    maxTexts: number;
    /** How the vectors of a text's tokens become one: their mean, the first one's, the last one's. */
    pooling: "mean" | "cls" | "last";
}

/** Computes with one thread of low priority, one batch after the other. */
export interface NativeEmbedder {
    /** Values of a vector. */
    readonly dimensions: number;
    /** Of texts as tokens, control tokens included. */
    embed(texts: number[][]): NativeEmbedTask;
    close(): Promise<void>;
}

export interface NativeEmbedTask {
    /** A vector of length 1 for each text, one behind the other; undefined: aborted. */
    readonly done: Promise<Float32Array | undefined>;
    abort(): void;
}

export interface ContextOptions {
    /** Cells of the KV cache, shared by all sequences. */
    contextTokens: number;
    /** Greatest number of sequences alive at a time. */
    nSequences: number;
    /** Tokens per prompt slice, at most: the longest stretch that cannot be pre-empted. */
    sliceTokens: number;
    threads: number;
    /**
     * How long a slice should take at most: its size then is the largest of 8, 16, 32, ... sliceTokens that measured
     * less, and a request of higher priority for another sequence waits no longer than about that. 0: off.
     */
    sliceMs?: number | undefined;
}

export interface GenerateOptions {
    /** Which sequence's KV to use; the longest common prefix with what it holds is reused. */
    sequence: number;
    /** Higher runs first; equal ones take turns. A running lower lane stops at its next slice. */
    priority: number;
    tokens: number[];
    /** 0 = only evaluate the prompt (warm-up). */
    maxTokens: number;
    /** 0 = greedy. */
    temperature: number;
    topK?: number;
    topP?: number;
    minP?: number;
    repeatPenalty?: number;
    seed?: number;
    /** Ends generation, not part of the text. End-of-generation tokens always end it. */
    stopTokens?: number[];
    /** Ends generation at the first match; text from the match on is not delivered. */
    stopTexts?: string[];
    /** Never generated (leaked control tokens, fences). */
    bannedTokens?: number[];
    /** Token healing: bytes that the generated text must begin with (as UTF-8 text). Not delivered as part of the text. */
    forcedPrefix?: string;
    /**
     * Greatest length of a draft: tokens that followed an earlier occurrence of the last ones are evaluated together and
     * taken as far as they agree with what would have been generated. 0 = off; at most 16. Greedy only, and only where it
     * turns out faster; models that cannot trim ignore it.
     */
    draftTokens?: number;
    /** What the text is held to; not together with `forcedPrefix`. */
    heldTo?: HeldTo;
    /** Control tokens that are part of the text, as the one that begins a tool call may be. */
    shownTokens?: number[];
    /** More tokens that drafts come from; of equally long occurrences one in the prompt counts more. */
    lookup?: number[];
}

/**
 * A grammar (`numbers` of a Program in src/tools/grammar.ts) that every token has to agree with, from where it is in force. Then an
 * end comes only where the grammar has one, and at once where nothing else can follow.
 */
export interface HeldTo {
    numbers: readonly number[];
    /** In force from the first byte on; left out: from a trigger on. */
    root?: number | undefined;
    /** Text behind which the grammar holds, by its own root; `atStart`: only where the answer begins with it. */
    triggers?: readonly { text: string; root: number; atStart?: boolean | undefined }[] | undefined;
    /** Marks of reasoning in front of the answer, in which nothing triggers. */
    thinking?: { open: string; close: string } | undefined;
    /** Whether the text begins inside of the reasoning. */
    isThinking?: boolean | undefined;
    /** What the text begins with already: `tokens` end with it. */
    written?: string | undefined;
    /** Ends with stop `repetition` where a piece of up to 128 tokens comes again and again, for 256 tokens and 16 times at least. */
    endsRepetition?: boolean | undefined;
}

export interface GrammarCheck {
    numbers: readonly number[];
    root: number;
    text: string;
}

export interface GenerateChunk {
    /** Whole UTF-8 characters only; text that could be the beginning of a stop text is held back. */
    text: string;
    tokens: number[];
    /** Probability of each token, 0..1; among the tokens that fit while `forcedPrefix` is being written. */
    probabilities: number[];
    /** Prompt progress, while the prompt is evaluated. */
    promptDone?: number;
    promptTotal?: number;
}

export interface GenerateResult {
    text: string;
    tokens: number[];
    stop:
        | "end-of-generation"
        | "stop-token"
        | "stop-text"
        | "max-tokens"
        | "repetition"
        | "aborted"
        | "context-full";
    /** The stop text that matched. */
    stopText?: string;
    /** Of stop `repetition`: so many of the last tokens only repeat what stands in front of them. */
    repeatedTokens?: number;
    promptTokens: number;
    /** In how many slices the prompt's tokens were evaluated. */
    promptSlices: number;
    reusedTokens: number;
    generatedTokens: number;
    promptMs: number;
    generateMs: number;
    /** Geometric mean of the token probabilities; 1 when nothing was generated. */
    confidence: number;
    /** How often a higher lane interrupted this one. */
    preemptions: number;
    /** Tokens evaluated as drafts, and how many of them were right. */
    draftedTokens: number;
    acceptedTokens: number;
}

export interface NativeTask {
    readonly done: Promise<GenerateResult>;
    /**
     * `done` resolves with what there is and stop "aborted"; at once when the request waits. One that runs ends inside
     * its slice, whose tokens are lost, or after it (`afterSlice`), when they stay for the next request of the sequence.
     */
    abort(options?: { afterSlice?: boolean }): void;
}

export interface SavedSequence {
    tokens: number[];
    state: Uint8Array;
}

export interface NativeContext {
    generate(options: GenerateOptions, onChunk?: (chunk: GenerateChunk) => void): NativeTask;
    /** Tokens that a sequence holds in the KV cache. */
    sequenceLength(sequence: number): number;
    clearSequence(sequence: number): void;
    /**
     * What a sequence holds, to be kept: between two slices when it is in use. `state` is only good for this model, this
     * release of llama.cpp and the same backend; it has a checksum. Undefined when the sequence is empty.
     */
    saveSequence(sequence: number): Promise<SavedSequence | undefined>;
    /**
     * Makes a sequence hold what `saveSequence` gave, as if its tokens had been evaluated. Waits for a request of the
     * sequence that has begun. False, and the sequence is empty, when the state is damaged, of another model or release,
     * of other tokens, or does not fit.
     */
    restoreSequence(sequence: number, tokens: number[], state: Uint8Array): Promise<boolean>;
    close(): Promise<void>;
}

export interface QuantizeOptions {
    /** ggml type name of the result, e.g. `Q4_K`, `F16`, `F32`, `BF16`. */
    type: string;
    /** Little-endian values, whole rows. */
    source: Uint8Array;
    /** A float type, or any quantized ggml type; the same as `type`: the rows are checked and copied. */
    sourceType: string;
    rowLength: number;
    /** Rounding as if an intermediate file of that type had been written. */
    via: "F32" | "F16" | "BF16";
    /** Importance of each column (length rowLength). */
    imatrix?: Float32Array | undefined;
    /** ggml's own code also where there is a faster one with the same bytes: for comparisons. */
    plain?: boolean | undefined;
}

/** Of `QuantizeOptions`, with any number of types. */
export interface RowErrorOptions extends Omit<QuantizeOptions, "type" | "plain"> {
    types: readonly string[];
}

/** A SHA-256 taken on a native thread. Calls take effect in their order, each behind those before it. */
export interface NativeSha256 {
    /** Settles when the bytes are taken in; until then they must stay as they are. */
    update(bytes: Uint8Array): Promise<void>;
    /** The state after all updates so far: 40 to 103 bytes, the same on every machine. */
    save(): Promise<Uint8Array>;
    /** Of all updates so far, in lower-case hex; more may follow. */
    digest(): Promise<string>;
}

export interface NativeAddon {
    readonly build: NativeBuild;
    /** Opens the shared libraries, checks release and default parameters, loads the backends. Once per process. */
    open(options: OpenOptions): { release: string; systemInfo: string };
    devices(): NativeDevice[];
    /** llama.cpp's log lines: level 1 debug, 2 info, 3 warn, 4 error. */
    setLog(listener: ((level: number, text: string) => void) | undefined): void;
    loadModel(
        options: LoadModelOptions,
        onProgress?: (fraction: number) => void,
    ): { done: Promise<NativeModel>; abort(): void };
    /** On a worker thread; rejects when a row is not finite after rounding. */
    quantizeRows(options: QuantizeOptions): Promise<Uint8Array>;
    /**
     * What the rows lose as each type: squared errors, each times its column's importance, summed up; in front of them the same sum of
     * the values themselves. On a worker thread; rejects when a row is not finite.
     */
    rowErrors(options: RowErrorOptions): Promise<Float64Array>;
    /** How many bytes of a text a grammar allows, and what can be behind them: what `heldTo` does, without a model. Needs no `open`. */
    checkGrammar(check: GrammarCheck): {
        bytes: number;
        isComplete: boolean;
        canGoOn: boolean;
        hasGivenUp: boolean;
    };
    /**
     * What is `written` goes on with one piece after the other; behind each of them, the fewest bytes with which it may end. undefined:
     * there are none, or none were found. Needs no `open`.
     */
    shortestEnds(heldTo: HeldTo, pieces: readonly string[]): (Buffer | undefined)[];
    /** Whether `createSha256` uses the processor's own instructions; without them node's is about twice as fast. */
    readonly hasShaInstructions: boolean;
    /**
     * Goes on from a state that `save` gave, and throws when it is none. Needs no `open`. `plain`: without the processor's own
     * instructions for it, for comparisons.
     */
    createSha256(state?: Uint8Array, options?: { plain?: boolean }): NativeSha256;
    /** Bytes of one row of a type. */
    rowBytes(type: string, rowLength: number): number;
}

/** This file's folder and its parents: `dist` and the extension folder when bundled, the repository when not. */
function* homes(): Generator<string> {
    let folder = dirname(fileURLToPath(import.meta.url));
    for (let level = 0; level < 3; level++) {
        yield folder;
        folder = dirname(folder);
    }
}

/** Path of the addon: $INGOT_ADDON, else beside the bundle, else where native/install.mjs builds it. */
export function findAddon(): string | undefined {
    const override = process.env["INGOT_ADDON"];
    if (override !== undefined && override !== "") return override;
    for (const home of homes())
        for (const path of [join(home, "ingot.node"), join(home, "native", "build", "ingot.node")])
            if (existsSync(path)) return path;
    return undefined;
}

/**
 * Loads the addon; `open` still has to open llama.cpp's libraries. Never in the extension host or the CLI process: a
 * failed assertion in native code ends the process.
 * @throws AppError `env/binary`
 */
export function loadNative(path = findAddon()): NativeAddon {
    if (path === undefined)
        throw new AppError(
            "env/binary",
            "Ingot's native part is missing; install the extension again, or run npm run native in a source tree",
        );
    const addon = required(path);
    if (addon.build.abi !== NATIVE_ABI)
        throw new AppError(
            "env/binary",
            "Ingot's native part is of another version than the rest; install the extension again, or run npm run native and npm run build in a source tree",
            { detail: `${path}: surface ${addon.build.abi}, wanted ${NATIVE_ABI}` },
        );
    return addon;
}

function required(path: string): NativeAddon {
    try {
        return createRequire(import.meta.url)(path) as NativeAddon;
    } catch (error) {
        throw new AppError("env/binary", "Ingot's native part cannot be loaded on this computer", {
            detail: `${path}: ${error instanceof Error ? error.message : String(error)}`,
            cause: error,
        });
    }
}

/** Name of node-llama-cpp's platform package; its CPU build for macOS on ARM is the Metal one. */
function platformPackage(variant: string): string {
    const system = { darwin: "mac", win32: "win" }[process.platform as string] ?? process.platform;
    const machine = process.arch === "arm" ? "armv7l" : process.arch;
    const name = `${system}-${machine}`;
    if (name === "mac-arm64") return `${name}-metal`;
    return variant === "" ? name : `${name}-${variant}`;
}

/**
 * Folder with the shared libraries of a variant (`""` CPU, `vulkan`, `cuda`, `metal`), from the node_modules next to
 * the bundle; undefined when that package is not installed here.
 */
export function platformBins(variant: string): string | undefined {
    const name = platformPackage(variant);
    for (const home of homes()) {
        const folder = join(home, "node_modules", "@node-llama-cpp", name, "bins", name);
        if (existsSync(folder)) return folder;
    }
    return undefined;
}
