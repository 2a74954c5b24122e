/**
 * The throwaway child that touches what may crash or hang: node-llama-cpp's backend selection and memory estimates, and the first
 * opening of the shared libraries by our addon. Answers and ends. The only importer of node-llama-cpp.
 */

import type { Llama } from "node-llama-cpp";
import { loadNative } from "../node/native";
import { connectParent } from "../node/parent";
import type { ProbeClientSide, ProbeSide, Selection, Variant } from "./probeProtocol";

connectParent<ProbeSide, ProbeClientSide>({
    build: __BUILD__,
    listeners: {},
    handlers: {
        "probe/select": select,
        "probe/open": (options) => {
            const addon = loadNative();
            const { release } = addon.open(options);
            return { release, devices: addon.devices() };
        },
        "probe/layers": layers,
    },
});

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
