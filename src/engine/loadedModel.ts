/**
 * One model in memory with its context: validated, opened through the addon, its control tokens and chat template looked up.
 * Knows nothing of who uses it or for how long; models.ts does.
 */

import { statSync } from "node:fs";
import { totalmem } from "node:os";
import { basename } from "node:path";
import { AppError, isCancelled } from "../base/errors";
import { onAbort } from "../base/cancel";
import { formatBytes } from "../base/format";
import type { Log } from "../base/log";
import { readGgufParts } from "../library/ggufParts";
import { contextSizes, type ContextSizes } from "../library/memory";
import { purposeOf, type Purpose } from "../gguf/purpose";
import { validateModel } from "../gguf/validate";
import { fingerprint } from "../node/fingerprint";
import type { NativeAddon, NativeContext, NativeModel } from "../node/native";
import { decodeThreads } from "../node/threads";
import { ChatTemplate } from "../prompt/chatTemplate";
import { fimSupport, resolveFim, type ResolvedFim } from "../prompt/families";
import type { ModelInfo } from "../protocol/engine";
import { describeModel } from "./describe";
import { N_SEQUENCES, type LoadPlan } from "./plan";
import { Speed } from "./speed";

/** What the engine needs of the native part, found out by the probe. */
export interface Backend {
    addon: NativeAddon;
    /** `""` = CPU. */
    variant: string;
    release: string;
    /** Layers of a model that fit on the GPU beside a context; 0 without one. */
    fittingLayers(path: string, contextTokens: number): Promise<number>;
}

export interface LoadedModel {
    plan: LoadPlan;
    info: ModelInfo;
    /** Tells the file from others. */
    fingerprint: string;
    /** llama.cpp's, on which the form of a saved KV state depends. */
    release: string;
    native: NativeModel;
    context: NativeContext;
    sizes: ContextSizes;
    speed: Speed;
    fim: ResolvedFim | { reason: string };
    /** The model's own template; undefined when it has none. */
    template: string | undefined;
    close(): Promise<void>;
}

export interface LoadOptions {
    backend: () => Promise<Backend>;
    log: Log;
    signal: AbortSignal;
    onProgress: (fraction: number) => void;
}

/** Most prompt tokens of a slice, and how long one should take: what a keystroke waits for when something else is being read. */
const SLICE_TOKENS = { cpu: 64, gpu: 512 };
const SLICE_MS = 160;
/** Prompt tokens per second before anything was measured. */
const EXPECTED_SPEED = { cpu: 100, gpu: 2000 };
const ALL_LAYERS = 999;

/** Loads a model; llama.cpp finds the other parts of a split one by itself. Throws AppError: `user/no-model` (file gone), `data/gguf`, `env/memory`, `engine/load`. */
export async function loadModel(plan: LoadPlan, options: LoadOptions): Promise<LoadedModel> {
    const startMs = performance.now();
    refuseMissing(plan.path);
    const { first, files, sizeBytes } = await readGgufParts(plan.path);
    refuseOtherPurpose(purposeOf(first), describeModel(first, plan.path).name);
    const backend = await options.backend();
    const gpuBytes = backend.addon
        .devices()
        .filter((device) => device.type === "gpu")
        .reduce((sum, device) => sum + device.memoryBytes, 0);
    validateModel(files, { memoryBytes: totalmem() + gpuBytes });
    const gpuLayers = await resolveLayers(plan, backend);
    const native = await loadWeights(plan, backend, gpuLayers, options);
    try {
        const threads = plan.threads ?? decodeThreads();
        const sizes = contextSizes(plan.roles, native.info.trainedContextTokens);
        const context = native.createContext({
            contextTokens: sizes.total,
            nSequences: N_SEQUENCES,
            sliceTokens: gpuLayers > 0 ? SLICE_TOKENS.gpu : SLICE_TOKENS.cpu,
            sliceMs: SLICE_MS,
            threads,
        });
        const fim = resolveFim({
            tokenizeSpecial: (text) => native.tokenize(text, { parseSpecial: true }),
            piece: (token) => native.piece(token),
            fimPrefixHint: native.info.special.fimPrefix,
        });
        const nOffloaded = native.info.nLayersOffloaded;
        const info: ModelInfo = {
            path: plan.path,
            ...describeModel(first, plan.path),
            sizeBytes,
            nParameters: native.info.nParameters,
            nVocabulary: native.info.nVocabulary,
            nLayers: native.info.nLayers,
            nLayersOffloaded: nOffloaded,
            device: nOffloaded > 0 ? native.info.deviceName : "CPU",
            trainedContextTokens: native.info.trainedContextTokens,
            contextTokens: Math.max(sizes.chat, sizes.completion),
            threads,
            fim: fimSupport(fim),
            hasChatTemplate: Boolean(native.info.chatTemplate),
            loadMs: performance.now() - startMs,
        };
        logLoaded(options.log, info);
        return {
            plan,
            info,
            fingerprint: fingerprint(plan.path),
            release: backend.release,
            native,
            context,
            sizes,
            speed: new Speed(gpuLayers > 0 ? EXPECTED_SPEED.gpu : EXPECTED_SPEED.cpu),
            fim,
            template: native.info.chatTemplate,
            close: async () => {
                await context.close();
                await native.close();
            },
        };
    } catch (error) {
        await native.close();
        throw error;
    }
}

/** The chat template, ready to render. Throws AppError `data/template`. */
export function chatTemplateOf(model: LoadedModel): ChatTemplate {
    if (!model.template)
        throw new AppError(
            "data/template",
            `${model.info.name} has no chat template, so it cannot chat; choose an instruct model for chat`,
        );
    const { bos, eos } = model.native.info.special;
    const text = (token: number) => (token < 0 ? "" : model.native.piece(token));
    return new ChatTemplate(model.template, { bos: text(bos), eos: text(eos) });
}

function logLoaded(log: Log, info: ModelInfo): void {
    log.info(`offloaded ${info.nLayersOffloaded}/${info.nLayers + 1} layers to ${info.device}`);
    log.info("model loaded", {
        name: info.name,
        architecture: info.architecture,
        type: info.fileType,
        size: formatBytes(info.sizeBytes),
        context: info.contextTokens,
        threads: info.threads,
        fim: info.fim.supported ? info.fim.family : "none",
        ms: info.loadMs,
    });
}

function refuseMissing(path: string): void {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile())
        throw new AppError(
            "user/no-model",
            `The model file ${basename(path)} is not there any more; choose another model`,
            { detail: path },
        );
}

/** llama.cpp would end the process when it is to write with such a model. */
function refuseOtherPurpose(purpose: Purpose, name: string): void {
    if (purpose === "text") return;
    const what = purpose === "embeddings" ? "makes embeddings" : "ranks texts";
    throw new AppError(
        "data/unsupported",
        `${name} ${what} and cannot write text; choose another model for completions and chat`,
    );
}

async function resolveLayers(plan: LoadPlan, backend: Backend): Promise<number> {
    if (backend.variant === "") return 0;
    if (plan.gpuLayers === "max") return ALL_LAYERS;
    if (plan.gpuLayers !== "auto") return plan.gpuLayers;
    const wanted = contextSizes(plan.roles, 0).total;
    return backend.fittingLayers(plan.path, wanted);
}

async function loadWeights(
    plan: LoadPlan,
    { addon }: Backend,
    gpuLayers: number,
    { signal, onProgress, log }: LoadOptions,
): Promise<NativeModel> {
    const attempt = async (layers: number) => {
        const task = addon.loadModel({ path: plan.path, gpuLayers: layers }, onProgress);
        const stop = onAbort(signal, () => task.abort());
        try {
            return await task.done;
        } finally {
            stop();
        }
    };
    try {
        return await attempt(gpuLayers);
    } catch (error) {
        if (isCancelled(error) || signal.aborted) throw error;
        if (gpuLayers > 0 && plan.gpuLayers === "auto") {
            log.warn("loading on the GPU failed, using the CPU", { error: String(error) });
            return attempt(0);
        }
        throw new AppError(
            "engine/load",
            `llama.cpp cannot load ${basename(plan.path)}: ${firstSentence(error)}; choose another model or convert it again`,
            { detail: String(error), cause: error },
        );
    }
}

function firstSentence(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return (text.split("\n")[0] ?? text).replace(/\.$/, "");
}
