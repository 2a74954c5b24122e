/**
 * What a model takes in memory, one formula for the planner, the lists and the engine: its weights, the KV cache of the context that the engine
 * will make, and what is allowed for buffers. Pure.
 */

import type { CacheShape } from "../protocol/hub";

/** The setting `ingot.engine.contextTokens` where nobody chose. */
export const DEFAULT_CONTEXT_TOKENS = 8192;

/** KV sequences of completions: the files that were completed in last each keep their prompt. */
export const COMPLETION_SEQUENCES = [0, 1, 2, 3] as const;
/** Cells are shared: room for so many of the longest prompts, or for more that are shorter. */
const N_LONGEST = 2;
/** What completion prompts need at most: the largest budgets for windows and for pieces of other files, an answer, control tokens. */
const COMPLETION_TOKENS = 3840;
const SLACK_TOKENS = 64;
/** A title, a summary, a commit message: longer requests are the agent's own. */
export const UTILITY_TOKENS = 2048;

export interface ContextSizes {
    /** Greatest length of one completion prompt with its answer, of one chat, of one agent conversation; 0 = role not used. */
    completion: number;
    chat: number;
    agent: number;
    /** Of a short request beside the agent's conversation, which stays where it is. */
    utility: number;
    /** Cells of the whole cache. */
    total: number;
}

/** Cells for the prompts of completions; what is beyond is the chat's. */
export function completionCells({ completion }: Pick<ContextSizes, "completion">): number {
    return completion * N_LONGEST;
}

/** `wanted`: tokens of context for each role that uses the model; `trainedTokens`: 0 = not known. */
export function contextSizes(
    wanted: {
        completion?: number | undefined;
        chat?: number | undefined;
        agent?: number | undefined;
    },
    trainedTokens: number,
): ContextSizes {
    const limit = (tokens: number | undefined) =>
        tokens === undefined ? 0 : Math.max(128, Math.min(tokens, trainedTokens || tokens));
    const completion = Math.min(limit(wanted.completion), COMPLETION_TOKENS);
    const chat = limit(wanted.chat);
    const agent = limit(wanted.agent);
    const utility = Math.min(agent, UTILITY_TOKENS);
    const used = completionCells({ completion }) + chat + agent + utility + SLACK_TOKENS;
    return { completion, chat, agent, utility, total: Math.ceil(used / 256) * 256 };
}

/** A number, a list with one per layer, or undefined, by the key's name without the architecture. */
export type ReadKey = (key: string) => number | ArrayLike<number> | undefined;

const F16_BYTES = 2;

/** From a file's metadata; undefined when it does not say. Layers without attention (Qwen3-Next, hybrids) are told by their own keys. */
export function readCacheShape(read: ReadKey): CacheShape | undefined {
    const number = (key: string) => {
        const value = read(key);
        return typeof value === "number" ? value : value?.[0];
    };
    const nLayers = number("block_count");
    const nHeads = number("attention.head_count");
    if (nLayers === undefined || nHeads === undefined) return undefined;
    const usual = nHeads > 0 ? Math.floor((number("embedding_length") ?? 0) / nHeads) : 0;
    const keyLength = number("attention.key_length") ?? usual;
    // Multi-head latent attention reads its values from the keys.
    const isLatent = read("attention.key_length_mla") !== undefined;
    const valueLength = isLatent ? 0 : (number("attention.value_length") ?? usual);
    const heads = read("attention.head_count_kv") ?? nHeads;
    const nHeadsInAll =
        typeof heads === "number"
            ? heads * Math.floor(nLayers / (number("full_attention_interval") ?? 1))
            : Array.from(heads).reduce((sum, count) => sum + count, 0);
    return {
        bytesPerToken: nHeadsInAll * (keyLength + valueLength) * F16_BYTES,
        trainedTokens: number("context_length") ?? 0,
    };
}

/** Memory of this computer, in bytes, and what it is to be used for. */
export interface MachineMemory {
    ramBytes: number;
    /** Memory of the largest graphics card, when one is usable. */
    gpuBytes?: number | undefined;
    /** Tokens of context that completions and chat get; default 8192. */
    contextTokens?: number | undefined;
}

/** A model file as the formula sees it. */
export interface ModelNeeds {
    sizeBytes: number;
    cache?: CacheShape | undefined;
}

/**
 * Compute buffers, vocabulary, the engine's own process: 0.2 GB of the 860 MB that a 491 MB model took on a processor (docs/measuring.md), and
 * 0.3 GB for the logits of a card's slices of 512 tokens over 150,000 words.
 */
export const OVERHEAD_BYTES = 0.5e9;
/** A KV cache that is not known, as a share of the file. */
const USUAL_CACHE_SHARE = 0.2;
/** Share of the main memory that one model may have at most. */
const MOST_OF_RAM = 0.75;
/** And of that, where a longer context is only nice to have. */
const AGENT_SHARE_OF_RAM = 0.5;

/** What loading the file takes, its context included. */
export function neededMemory(
    { sizeBytes, cache }: ModelNeeds,
    contextTokens = DEFAULT_CONTEXT_TOKENS,
): number {
    const wanted = { completion: contextTokens, chat: contextTokens };
    const cacheBytes = cache
        ? cache.bytesPerToken * contextSizes(wanted, cache.trainedTokens).total
        : sizeBytes * USUAL_CACHE_SHARE;
    return sizeBytes + cacheBytes + OVERHEAD_BYTES;
}

/** Sizes of context worth having for VS Code's agent, whose own words take some 16,000 tokens. */
const AGENT_SIZES = [65_536, 49_152, 32_768, 24_576, 16_384, 8192, 4096];

/** Tokens of context that an agent's conversation can have beside completions and the side bar's chat on the same model. */
export function agentTokens(needs: ModelNeeds, memory: MachineMemory): number {
    const { cache, sizeBytes } = needs;
    const others = memory.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
    const trained = cache?.trainedTokens || DEFAULT_CONTEXT_TOKENS;
    const most = Math.max(memory.ramBytes * AGENT_SHARE_OF_RAM, memory.gpuBytes ?? 0);
    const fits = (agent: number) => {
        const { total } = contextSizes({ completion: others, chat: others, agent }, trained);
        const cacheBytes = cache ? cache.bytesPerToken * total : sizeBytes * USUAL_CACHE_SHARE;
        return sizeBytes + cacheBytes + OVERHEAD_BYTES <= most;
    };
    const sizes = AGENT_SIZES.map((size) => Math.min(size, trained));
    return sizes.find(fits) ?? Math.min(AGENT_SIZES.at(-1) ?? trained, trained);
}

/** The most that one model may take, beside the rest of the system. */
export function mostMemory({ ramBytes, gpuBytes = 0 }: MachineMemory): number {
    return Math.max(ramBytes * MOST_OF_RAM, gpuBytes);
}

/** Whether it can be loaded at all. */
export function fitsMemory(needs: ModelNeeds, memory: MachineMemory): boolean {
    return neededMemory(needs, memory.contextTokens) <= mostMemory(memory);
}
