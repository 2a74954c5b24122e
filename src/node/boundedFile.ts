/** Files read up to a bound, whatever is written to them meanwhile. */

import { open, stat } from "node:fs/promises";

/** The first bytes of a file. Rejects as `open`. */
export async function readBytes(path: string, maxBytes: number): Promise<Uint8Array> {
    const handle = await open(path);
    try {
        const { size } = await handle.stat();
        const buffer = new Uint8Array(Math.min(size, maxBytes));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
        return buffer.subarray(0, bytesRead);
    } finally {
        await handle.close();
    }
}

/** The beginning of a text file; undefined when it cannot be read. */
export async function readBeginning(path: string, maxBytes: number): Promise<string | undefined> {
    try {
        if (!(await stat(path)).isFile()) return undefined;
        return new TextDecoder().decode(await readBytes(path, maxBytes));
    } catch {
        return undefined;
    }
}

/** Whether there is a file or folder. */
export async function isThere(path: string): Promise<boolean> {
    return stat(path).then(
        () => true,
        () => false,
    );
}
