/**
 * The throwaway child that touches what may crash or hang: node-llama-cpp's backend selection and memory estimates, and the first
 * opening of the shared libraries by our addon. Answers and ends. The only importer of node-llama-cpp.
 */

import type { Llama } from "node-llama-cpp";
import { loadNative, type NativeAddon } from "../node/native";
import { connectParent } from "../node/parent";
import type { ProbeClientSide, ProbeSide, Selection, Variant } from "./probeProtocol";

connectParent<ProbeSide, ProbeClientSide>({
    build: __BUILD__,
    listeners: {},
    handlers: {
        "probe/select": select,
        "probe/open": async ({ trial, ...options }) => {
            const addon = loadNative();
            const { release } = addon.open(options);
            if (trial !== undefined) await runTrial(addon, trial);
            return { release, devices: addon.devices() };
        },
        "probe/layers": layers,
    },
});

const ALL_LAYERS = 999;

/** Imported only where it is asked: where it cannot be imported, the CPU libraries can still be tried. */
const nodeLlamaCpp = () => import("node-llama-cpp");

async function openLlama(gpu: "auto" | false | Exclude<Variant, "">): Promise<Llama> {
    const { getLlama } = await nodeLlamaCpp();
    return getLlama({ gpu, build: "never", skipDownload: true, progressLogs: false });
}

async function select(): Promise<Selection> {
    const llama = await openLlama("auto");
    const devices = await llama.getGpuDeviceNames();
    const { total } = await llama.getVramState();
    // A loader without a usable device still reports its name: only devices count.
    const variant = llama.gpu === false || devices.length === 0 ? "" : llama.gpu;
    return { variant, devices, vramBytes: total };
}

async function runTrial(addon: NativeAddon, path: string): Promise<void> {
    const model = await addon.loadModel({ path, gpuLayers: ALL_LAYERS }).done;
    const context = model.createContext({
        contextTokens: 64,
        nSequences: 1,
        sliceTokens: 32,
        threads: 1,
    });
    const tokens = model.tokenize("let answer =");
    await context.generate({ sequence: 0, priority: 0, tokens, maxTokens: 2, temperature: 0 }).done;
    await context.close();
    await model.close();
}

async function layers({
    path,
    variant,
    contextTokens,
}: ProbeSide["requests"]["probe/layers"]["params"]): Promise<number> {
    const { GgufInsights, readGgufFileInfo } = await nodeLlamaCpp();
    const llama = await openLlama(variant || false);
    const info = await readGgufFileInfo(path, { logWarnings: false });
    const insights = await GgufInsights.from(info, llama);
    const resolved = await insights.configurationResolver.resolveModelGpuLayersV2({
        fitContext: { contextSize: contextTokens },
    });
    return resolved.gpuLayers;
}
