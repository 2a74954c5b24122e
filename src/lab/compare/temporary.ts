/** The folder for types that are made only to be measured: one for each run, gone with it. What a killed run left is removed by the next one. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../node/isAlive";

const NAME = /^ingot-compare-(\d+)-/;

export interface TemporaryFolder {
    path: string;
    remove(): Promise<void>;
}

export async function openTemporaryFolder(parent = tmpdir()): Promise<TemporaryFolder> {
    await removeAbandoned(parent);
    const path = await mkdtemp(join(parent, `ingot-compare-${process.pid}-`));
    return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function removeAbandoned(parent: string): Promise<void> {
    for (const name of await readdir(parent).catch(() => [])) {
        const pid = Number(NAME.exec(name)?.[1] ?? 0);
        // Of this very process: a run that goes on beside this one.
        if (pid === 0 || pid === process.pid || isAlive(pid)) continue;
        await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
    }
}
