/**
 * GGUF files below a folder, whatever lies there: links in a circle, folders without end, pipes and devices. Bounded in depth and number;
 * follows links, but no folder twice. Reads names only.
 */

import { opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

const MAX_DEPTH = 6;
const MAX_ENTRIES = 50_000;
const MAX_FILES = 2000;

/** Absolute paths, sorted. A folder that is not there or cannot be read is empty. */
export async function findGgufFiles(root: string): Promise<string[]> {
    const found: string[] = [];
    const visited = new Set<string>();
    let nEntries = 0;
    const walk = async (folder: string, depth: number): Promise<void> => {
        const real = await realpath(folder).catch(() => undefined);
        if (real === undefined || visited.has(real)) return;
        visited.add(real);
        const inner: string[] = [];
        try {
            for await (const entry of await opendir(folder)) {
                if (++nEntries > MAX_ENTRIES || found.length >= MAX_FILES) break;
                const path = join(folder, entry.name);
                const kind = entry.isSymbolicLink() ? await kindOf(path) : entry;
                if (kind?.isDirectory()) inner.push(path);
                else if (kind?.isFile() && /\.gguf$/i.test(entry.name)) found.push(path);
            }
        } catch {
            return;
        }
        if (depth >= MAX_DEPTH) return;
        for (const path of inner.sort()) await walk(path, depth + 1);
    };
    await walk(root, 0);
    return found.sort();
}

async function kindOf(path: string) {
    return stat(path).catch(() => undefined);
}
