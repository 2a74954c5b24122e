/** What the lists say about size, memory and time, in words. Pure; the figures are src/library/memory.ts's. */

import { formatBytes, formatDuration } from "../../base/format";
import {
    DEFAULT_CONTEXT_TOKENS,
    fitsMemory,
    neededMemory,
    type MachineMemory,
    type ModelNeeds,
} from "../../library/memory";

const NO_ROOM = "does not fit this computer's memory";

/**
 * `fits this computer: needs 1.9 GB of memory for 8,192 tokens`: tokens of context, as many as the engine will give it. Without a known KV
 * cache only that it does not fit, if so: what is not known is not said.
 */
export function memoryNote(needs: ModelNeeds, memory: MachineMemory): string {
    const fits = fitsMemory(needs, memory);
    const { cache } = needs;
    if (!cache) return fits ? "" : NO_ROOM;
    const { contextTokens = DEFAULT_CONTEXT_TOKENS } = memory;
    const tokens = Math.min(contextTokens, cache.trainedTokens || contextTokens);
    const bytes = formatBytes(neededMemory(needs, contextTokens));
    const what = `needs ${bytes} of memory for ${tokens.toLocaleString("en-US")} tokens`;
    return `${fits ? "fits this computer" : NO_ROOM}: ${what}`;
}

/** `about 3 min to download`; nothing while no rate is known. 0 bytes: it is here. */
export function downloadNote(bytes: number, bytesPerSecond: number | undefined): string {
    if (bytes === 0) return "downloaded already";
    if (bytesPerSecond === undefined) return "";
    return `${formatDuration(bytes / bytesPerSecond)} to download`;
}

/** `1.0 GB (1,012,345,678 bytes)`. */
export function exactSize(bytes: number): string {
    return `${formatBytes(bytes)} (${bytes.toLocaleString("en-US")} bytes)`;
}

/** Names end with what tells them apart (size, variant), so a long one loses its middle. */
export function cutMiddle(name: string, maxCharacters: number): string {
    if (name.length <= maxCharacters) return name;
    const nStart = Math.floor(maxCharacters / 3);
    return `${name.slice(0, nStart)}\u2026${name.slice(nStart + 1 - maxCharacters)}`;
}

/** Joins what there is to say. */
export function notes(parts: readonly (string | false | undefined)[]): string {
    return parts.filter(Boolean).join(", ");
}
