/** Small JSON files that are only a memory: one that cannot be read counts as absent, one that cannot be written is done without. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The parsed value, to be checked by the caller. */
export function readJsonFile(path: string): unknown {
    try {
        return JSON.parse(readFileSync(path, "utf8"));
    } catch {
        return undefined;
    }
}

export function writeJsonFile(path: string, value: unknown): void {
    try {
        mkdirSync(dirname(path), { recursive: true });
        const part = `${path}.${process.pid}.part`;
        writeFileSync(part, JSON.stringify(value, undefined, 2));
        renameSync(part, path);
    } catch {
        return;
    }
}
