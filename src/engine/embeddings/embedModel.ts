/**
 * One embedding model in memory: its file validated as every other, texts cut to what it reads, batches, vectors. It computes on the processor
 * with one thread of low priority (native/embedder.h), so that it takes nothing from the models that a person waits for.
 */

import { createHash } from "node:crypto";
import { totalmem } from "node:os";
import { basename } from "node:path";
import { onAbort } from "../../base/cancel";
import { AppError, cancelled } from "../../base/errors";
import { namedPooling, purposeOf } from "../../gguf/purpose";
import { validateModel } from "../../gguf/validate";
import { readGgufParts } from "../../library/ggufParts";
import { fingerprint } from "../../node/fingerprint";
import type { NativeEmbedder, NativeModel } from "../../node/native";
import type { EmbedKind } from "../../protocol/embeddings";
import { describeModel } from "../describe";
import type { Backend } from "../loadedModel";
import { prefixesOf, type Prefixes } from "./prefixes";

export interface EmbedModel {
    name: string;
    /** Tells vectors that can be compared from others. */
    key: string;
    dimensions: number;
    /** A vector of length 1 for each text, one behind the other. Throws AppError `cancelled`. */
    embed(texts: readonly string[], kind: EmbedKind, options: EmbedOptions): Promise<Float32Array>;
    close(): Promise<void>;
}

export interface EmbedOptions {
    signal: AbortSignal;
    /** Settles at once when there is nothing to wait for. */
    turn: () => Promise<void>;
    /** Calls a listener when the running batch has to stop. */
    onInterrupt: (listener: () => void) => { dispose(): void };
}

/** Tokens of a text that are read, at most: the rest of a long function says little more of what it is for. */
const MAX_TEXT_TOKENS = 256;
const MIN_TEXT_TOKENS = 16;
const MAX_TEXTS = 32;
/** llama.cpp reserves a row of the vocabulary's length for each token of a batch. */
const MAX_LOGITS_BYTES = 256e6;
/** Before it is made tokens of: more is never read. */
const MAX_CHARACTERS = 8 * MAX_TEXT_TOKENS;

/** Throws AppError: `data/gguf`, `data/unsupported` (no embedding model), `engine/load`, `user/no-model` (no such file). */
export async function loadEmbedModel(path: string, backend: Backend): Promise<EmbedModel> {
    const { first, files } = await readGgufParts(path);
    validateModel(files, { memoryBytes: totalmem() });
    const { name, architecture } = describeModel(first, path);
    if (purposeOf(first) !== "embeddings")
        throw new AppError(
            "data/unsupported",
            `${name} makes no embeddings; choose a model that was made for them`,
        );
    const native = await backend.addon.loadModel({ path, gpuLayers: 0 }).done.catch((error) => {
        throw new AppError(
            "engine/load",
            `llama.cpp cannot load ${basename(path)}; choose another model or convert it again`,
            { detail: String(error), cause: error },
        );
    });
    try {
        const maxTokens = textTokens(native);
        const pooling = namedPooling(first) ?? "mean";
        const embedder = native.createEmbedder({ maxTokens, maxTexts: MAX_TEXTS, pooling });
        const prefixes = prefixesOf([name, architecture, basename(path)]);
        const key = createHash("sha256")
            .update(JSON.stringify([fingerprint(path), prefixes, pooling, maxTokens]))
            .digest("hex")
            .slice(0, 32);
        return {
            name,
            key,
            dimensions: embedder.dimensions,
            embed: (texts, kind, options) =>
                embed({ native, embedder, maxTokens, prefixes }, texts, kind, options),
            close: async () => {
                await embedder.close();
                await native.close();
            },
        };
    } catch (error) {
        await native.close();
        throw error;
    }
}

function textTokens({ info }: NativeModel): number {
    const byMemory = Math.floor(MAX_LOGITS_BYTES / 4 / Math.max(1, info.nVocabulary));
    const most = Math.min(MAX_TEXT_TOKENS, byMemory, info.trainedContextTokens);
    return Math.max(Math.min(MIN_TEXT_TOKENS, info.trainedContextTokens), most);
}

interface Parts {
    native: Pick<NativeModel, "tokenize" | "info">;
    embedder: Pick<NativeEmbedder, "embed" | "dimensions">;
    maxTokens: number;
    prefixes: Prefixes;
}

async function embed(
    { native, embedder, maxTokens, prefixes }: Parts,
    texts: readonly string[],
    kind: EmbedKind,
    options: EmbedOptions,
): Promise<Float32Array> {
    const tokens = texts.map((text) =>
        cut(
            native.tokenize(prefixes[kind] + text.slice(0, MAX_CHARACTERS), { addSpecial: true }),
            maxTokens,
        ),
    );
    const values = new Float32Array(texts.length * embedder.dimensions);
    for (const { first, batch } of batches(tokens, maxTokens)) {
        const found = await computeBatch(embedder, batch, options);
        values.set(found, first * embedder.dimensions);
    }
    return values;
}

/** Begins anew after each interruption, when it is its turn again. Throws AppError `cancelled`. */
export async function computeBatch(
    embedder: Pick<NativeEmbedder, "embed">,
    batch: number[][],
    { signal, turn, onInterrupt }: EmbedOptions,
): Promise<Float32Array> {
    for (;;) {
        await turn();
        if (signal.aborted) throw cancelled();
        const task = embedder.embed(batch);
        const stopListening = onAbort(signal, () => task.abort());
        const interrupt = onInterrupt(() => task.abort());
        try {
            const found = await task.done;
            if (found) return found;
        } finally {
            stopListening();
            interrupt.dispose();
        }
    }
}

/** The end belongs to the tokens that close a text: some models take the vector from there. */
function cut(tokens: number[], most: number): number[] {
    if (tokens.length === 0) return [0];
    if (tokens.length <= most) return tokens;
    return [...tokens.slice(0, most - 1), tokens.at(-1) ?? 0];
}

/** In their order, so many that they fit. */
export function* batches(
    texts: readonly number[][],
    maxTokens: number,
    maxTexts = MAX_TEXTS,
): Generator<{ first: number; batch: number[][] }> {
    for (let first = 0; first < texts.length;) {
        let end = first;
        let nTokens = 0;
        while (end < texts.length && end - first < maxTexts) {
            nTokens += texts[end]?.length ?? 0;
            if (end > first && nTokens > maxTokens) break;
            end++;
        }
        yield { first, batch: texts.slice(first, end) };
        first = end;
    }
}
