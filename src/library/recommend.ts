/** Which model to recommend for a machine: a table of open code models that fill in the middle; sizes are of the Q4_K_M file. Pure. */

import { AppError } from "../base/errors";
import type { MachineMemory } from "./memory";

export interface KnownModel {
    /** Hub repository with safetensors. */
    repo: string;
    name: string;
    /** Size of the Q4_K_M file in bytes. */
    sizeBytes: number;
    license: string;
    fim: boolean;
    /** Whether the foundry has its family: only such models are offered. */
    convertible: boolean;
}

/** Ordered from small to large; sizes from the published GGUF files (rounded to 10 MB). */
export const KNOWN_MODELS: readonly KnownModel[] = [
    {
        repo: "Qwen/Qwen2.5-Coder-0.5B",
        name: "Qwen2.5-Coder 0.5B",
        sizeBytes: 0.4e9,
        license: "Apache-2.0",
        fim: true,
        convertible: true,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-1.5B",
        name: "Qwen2.5-Coder 1.5B",
        sizeBytes: 0.99e9,
        license: "Apache-2.0",
        fim: true,
        convertible: true,
    },
    {
        repo: "bigcode/starcoder2-3b",
        name: "StarCoder2 3B",
        sizeBytes: 1.85e9,
        license: "BigCode OpenRAIL-M",
        fim: true,
        convertible: false,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-7B",
        name: "Qwen2.5-Coder 7B",
        sizeBytes: 4.68e9,
        license: "Apache-2.0",
        fim: true,
        convertible: true,
    },
    {
        repo: "Qwen/Qwen2.5-Coder-14B",
        name: "Qwen2.5-Coder 14B",
        sizeBytes: 8.99e9,
        license: "Apache-2.0",
        fim: true,
        convertible: true,
    },
    {
        repo: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
        name: "Qwen3-Coder 30B-A3B",
        sizeBytes: 18.6e9,
        license: "Apache-2.0",
        fim: true,
        convertible: false,
    },
];

/**
 * Share of the main memory that a model for completions may take. Small on purpose: on a processor every token reads the whole
 * file, so memory is a fair measure of speed too (16 GB: a 1.5B model answers in time, a 7B one does not).
 */
const RAM_SHARE = 0.1;
/** Share of a card's memory: the rest holds the KV cache and what the desktop uses. */
const GPU_SHARE = 0.6;

/** The largest known model that fits this computer and answers fast enough to type against; the smallest if none does. */
export function recommendModel(memory: MachineMemory): KnownModel {
    const budget = Math.max(memory.ramBytes * RAM_SHARE, (memory.gpuBytes ?? 0) * GPU_SHARE);
    const offered = offeredModels();
    const fitting = offered.filter((model) => model.sizeBytes <= budget);
    const best = fitting.at(-1) ?? offered[0];
    if (!best) throw new AppError("bug/internal", "The table of known models is empty");
    return best;
}

/** Known models that can be made here, from small to large. */
export function offeredModels(): KnownModel[] {
    return KNOWN_MODELS.filter((model) => model.convertible);
}
