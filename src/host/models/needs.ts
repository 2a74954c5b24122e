/** What the lists say about memory and time, in words. Pure; the figures are src/library/memory.ts's. */

import { formatBytes, formatDuration } from "../../base/format";
import {
    DEFAULT_CONTEXT_TOKENS,
    fitsMemory,
    neededMemory,
    type MachineMemory,
    type ModelNeeds,
} from "../../library/memory";
import type { CacheShape } from "../../protocol/hub";

const NO_ROOM = "does not fit this computer's memory";

/** `needs 1.9 GB of memory, fits this computer`. Without a known KV cache only that it does not fit, if so: what is not known is not said. */
export function memoryNote(needs: ModelNeeds, memory: MachineMemory): string {
    const fits = fitsMemory(needs, memory);
    if (!needs.cache) return fits ? "" : NO_ROOM;
    const bytes = neededMemory(needs, memory.contextTokens);
    return `needs ${formatBytes(bytes)} of memory, ${fits ? "fits this computer" : NO_ROOM}`;
}

/** What that memory is for; undefined when no row says any. */
export function contextNote(
    cache: CacheShape | undefined,
    { contextTokens = DEFAULT_CONTEXT_TOKENS }: MachineMemory,
): string | undefined {
    if (!cache) return undefined;
    const tokens = Math.min(contextTokens, cache.trainedTokens || contextTokens);
    return `Memory with a context of ${tokens.toLocaleString("en-US")} tokens`;
}

/** `about 3 min to download`; nothing while no rate is known. 0 bytes: it is here. */
export function downloadNote(bytes: number, bytesPerSecond: number | undefined): string {
    if (bytes === 0) return "downloaded already";
    if (bytesPerSecond === undefined) return "";
    return `${formatDuration(bytes / bytesPerSecond)} to download`;
}

/** Joins what there is to say. */
export function notes(parts: readonly (string | false | undefined)[]): string {
    return parts.filter(Boolean).join(", ");
}
