/**
 * The opened addon and the starter model for the native suite. The model's answers mean nothing: a better one of the
 * same shape will replace it.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
    loadNative,
    platformBins,
    type ContextOptions,
    type GenerateChunk,
    type GenerateOptions,
    type GenerateResult,
    type NativeAddon,
    type NativeContext,
    type NativeModel,
} from "../../src/node/native";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const starter = join(root, "models", "starter", "starter-q8_0.gguf");

export function openAddon(): NativeAddon {
    const dir = platformBins("");
    if (dir === undefined) throw new Error("node-llama-cpp has no package for this platform");
    const addon = loadNative();
    addon.open({ dir, variant: dir.endsWith("-metal") ? "metal" : "" });
    return addon;
}

export const loadStarter = (): Promise<NativeModel> =>
    openAddon().loadModel({ path: starter, gpuLayers: 0 }).done;

export const contextOptions: ContextOptions = {
    contextTokens: 2048,
    nSequences: 2,
    sliceTokens: 64,
    threads: 1,
};

/** A prompt of exactly `length` tokens of code, different for each `salt`. */
export function promptOf(model: NativeModel, length: number, salt = ""): number[] {
    let text = "";
    for (let i = 0; text.length < length * 8; i++)
        text += `def f${salt}${i}(a, b):\n    return a * ${i} + b\n\n`;
    const tokens = model.tokenize(text).slice(0, length);
    if (tokens.length !== length) throw new Error("the text is too short");
    return tokens;
}

/** Everything that would end a generation by itself: banned where a test needs an exact count. */
export function endTokens(model: NativeModel): number[] {
    return Array.from({ length: model.info.nVocabulary }, (_, token) => token).filter((token) =>
        model.isEndOfGeneration(token),
    );
}

export interface Run extends GenerateResult {
    chunks: GenerateChunk[];
}

/** Generates greedily in sequence 0 unless told otherwise, and keeps the chunks. */
export async function generate(
    context: NativeContext,
    options: Partial<GenerateOptions> & { tokens: number[] },
): Promise<Run> {
    const chunks: GenerateChunk[] = [];
    const task = context.generate(
        { sequence: 0, priority: 1, maxTokens: 32, temperature: 0, ...options },
        (chunk) => chunks.push(chunk),
    );
    return { ...(await task.done), chunks };
}

/** Runs `use` with a context of its own. */
export async function inContext<T>(
    model: NativeModel,
    options: Partial<ContextOptions>,
    use: (context: NativeContext) => Promise<T>,
): Promise<T> {
    const context = model.createContext({ ...contextOptions, ...options });
    try {
        return await use(context);
    } finally {
        await context.close();
    }
}
