/** Files that are whole before they have their name: who reads one finds what was there before, or all that is there now. */

import { rename, rm, writeFile } from "node:fs/promises";

export interface WholeFileOptions {
    /** Where it lies until then, on the same disk; of its own where several write at once. */
    part?: string;
    mode?: number;
}

/** Throws what the disk says; then nothing of it is left, and what was there stays. */
export async function writeWhole(
    path: string,
    data: Parameters<typeof writeFile>[1],
    { part = `${path}.part`, mode }: WholeFileOptions = {},
): Promise<void> {
    try {
        await writeFile(part, data, { mode });
        await rename(part, path);
    } catch (error) {
        await rm(part, { force: true }).catch(() => undefined);
        throw error;
    }
}
