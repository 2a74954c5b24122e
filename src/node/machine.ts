/** What this computer is, as figures that were measured on it say. */

import { cpus } from "node:os";
import type { MachineFacts } from "../protocol/compare";

export function machineOf(memory: {
    ramBytes: number;
    gpuBytes?: number | undefined;
    contextTokens?: number | undefined;
}): MachineFacts {
    const cores = cpus();
    const name = (cores[0]?.model ?? process.arch).replace(/\s+/g, " ").trim();
    const { ramBytes, gpuBytes, contextTokens = 8192 } = memory;
    return {
        cpu: `${name}, ${cores.length} ${cores.length === 1 ? "core" : "cores"}`,
        ramBytes,
        gpuBytes,
        contextTokens,
    };
}
