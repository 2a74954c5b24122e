/** Words about this computer's memory and the model that suits it. Pure. */

import { formatBytes } from "../../base/format";
import type { MachineMemory } from "../../library/memory";
import { recommendModel } from "../../library/recommend";

/** Memory as it is sold: `16 GB` for 16.6e9 bytes. */
export function formatMemory(bytes: number): string {
    return `${Math.round(bytes / 2 ** 30)} GB`;
}

/** The quiet line of the status hover while the starter serves. */
export function adviceFor(memory: MachineMemory): string {
    const best = recommendModel(memory);
    return (
        `Small built-in model. Better: ${best.name} (${formatBytes(best.sizeBytes)}), ` +
        `fits your ${formatMemory(memory.ramBytes)}`
    );
}
