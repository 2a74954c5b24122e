/**
 * What a model takes in memory: weights, KV cache and the rest at each length of context, and how much of it is on the graphics card when so many
 * layers are. The formula is src/library/memory.ts's, the same as in the lists and the engine.
 */

import { numbersOf } from "../../gguf/metadata";
import {
    DEFAULT_CONTEXT_TOKENS,
    neededMemory,
    OVERHEAD_BYTES,
    readCacheShape,
} from "../../library/memory";
import type { NeedsView } from "../../protocol/inspector";
import type { InspectedModel } from "./model";

const CONTEXTS = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 1_048_576];
const MOST_STEPS = 9;

export function needsOf(model: InspectedModel, contextTokens = DEFAULT_CONTEXT_TOKENS): NeedsView {
    const cache = readCacheShape((key) =>
        numbersOf(model.first, `${model.architecture ?? ""}.${key}`),
    );
    const perToken = cache?.bytesPerToken ?? 0;
    const trained = cache?.trainedTokens ?? 0;
    const weights = model.tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const longest = trained || CONTEXTS[4] || 0;
    const lengths = [...new Set([...CONTEXTS.filter((n) => n < longest), longest])].slice(
        -MOST_STEPS,
    );
    const tokens = Math.min(Math.max(1, Math.floor(contextTokens) || 1), longest);
    return {
        weights,
        overhead: OVERHEAD_BYTES,
        trainedTokens: trained,
        knowsCache: cache !== undefined,
        asLoaded: neededMemory({ sizeBytes: model.sizeBytes, cache }),
        asLoadedTokens: DEFAULT_CONTEXT_TOKENS,
        contexts: lengths.map((n) => ({
            tokens: n,
            cache: n * perToken,
            total: weights + n * perToken + OVERHEAD_BYTES,
        })),
        tokens,
        offload: offload(model, perToken * tokens),
    };
}

/** The last layers go to the card first, the output layer counts as one more; the token embedding stays in main memory. */
function offload(model: InspectedModel, cacheBytes: number): NeedsView["offload"] {
    const byLayer: number[] = [];
    let [output, embedding, other] = [0, 0, 0];
    for (const { name, sizeBytes } of model.tensors) {
        const layer = /^blk\.(\d{1,4})\./.exec(name)?.[1];
        if (layer !== undefined) byLayer[Number(layer)] = (byLayer[Number(layer)] ?? 0) + sizeBytes;
        else if (name.startsWith("output")) output += sizeBytes;
        else if (name.startsWith("token_embd")) embedding += sizeBytes;
        else other += sizeBytes;
    }
    const nLayers = byLayer.length;
    if (nLayers === 0) return [];
    // A model without an output matrix of its own uses the embedding's, which then is on the card too.
    const isTied = !model.tensors.some(({ name }) => name === "output.weight");
    const outputOnCard = output + (isTied ? embedding : 0);
    const all = byLayer.reduce((sum, bytes) => sum + (bytes ?? 0), 0) + output + embedding + other;
    return steps(nLayers).map((layers) => {
        const isWhole = layers > nLayers;
        const nOnCard = Math.min(layers, nLayers);
        const weights = byLayer
            .slice(nLayers - nOnCard)
            .reduce((sum, bytes) => sum + (bytes ?? 0), 0);
        const onCard =
            layers === 0
                ? 0
                : weights + (isWhole ? outputOnCard : 0) + (cacheBytes * nOnCard) / nLayers;
        const moved = layers === 0 ? 0 : weights + (isWhole ? output : 0);
        const inMain = all - moved + (cacheBytes * (nLayers - nOnCard)) / nLayers;
        return { layers, isWhole, card: onCard, main: inMain };
    });
}

/** None, all, and some between. `nLayers + 1`: the output layer too. */
function steps(nLayers: number): number[] {
    const quarters = [0, 1, 2, 3, 4].map((i) => Math.round((i * nLayers) / 4));
    return [...new Set([...quarters, nLayers + 1])];
}
