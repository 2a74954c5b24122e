/**
 * One process at a time on a file: `PATH.lock` made exclusively, with the process id in it. A lock of a process that is gone is taken over;
 * process ids come again, so a lock that its owner has not touched for long is nobody's.
 */

import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { isAlive } from "./isAlive";

const SILENT_MS = 2 * 60 * 1000;
const TOUCH_MS = 30 * 1000;

export interface FileLock {
    release(): Promise<void>;
}

/** Undefined when another living process holds it. Errors of the file system are thrown. */
export async function lockFile(path: string): Promise<FileLock | undefined> {
    for (let tries = 0; tries < 5; tries++) {
        try {
            const handle = await open(path, "wx");
            await handle.writeFile(String(process.pid));
            await handle.close();
            return hold(path);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        }
        if (await isHeld(path)) return undefined;
        // Two that find the same dead lock: the second one may have moved the lock that the first one made, and gives it back.
        const grave = `${path}.${process.pid}.${tries}`;
        await rename(path, grave).catch(() => undefined);
        const isMistake = await isHeld(grave);
        if (isMistake) await link(grave, path).catch(() => undefined);
        await rm(grave, { force: true });
        if (isMistake) return undefined;
    }
    return undefined;
}

const held = new Set<string>();

function hold(path: string): FileLock {
    held.add(path);
    const timer = setInterval(() => {
        const now = new Date();
        utimes(path, now, now).catch(() => undefined);
    }, TOUCH_MS);
    timer.unref();
    return {
        async release() {
            clearInterval(timer);
            held.delete(path);
            await rm(path, { force: true });
        },
    };
}

async function isHeld(path: string): Promise<boolean> {
    const status = await stat(path).catch(() => undefined);
    if (!status || Date.now() - status.mtimeMs > SILENT_MS) return false;
    const pid = Number(await readFile(path, "utf8").catch(() => ""));
    // Empty: made, and not yet written.
    if (!Number.isSafeInteger(pid) || pid <= 0) return Date.now() - status.mtimeMs < 5000;
    if (pid === process.pid) return held.has(path);
    return isAlive(pid);
}
