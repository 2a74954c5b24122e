/** One process at a time on a file: held by the living, taken over from the dead. */

import { spawnSync } from "node:child_process";
import {
    existsSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFile } from "../../../src/node/lockFile";

let folder: string;
let path: string;
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ingot-lock-"));
    path = join(folder, "x.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Process id of a process that has ended. */
function deadPid(): number {
    return spawnSync(process.execPath, ["-e", ""]).pid;
}

describe("lockFile", () => {
    it("is held by one, and free again after it", async () => {
        const first = await lockFile(path);
        expect(readFileSync(path, "utf8")).toBe(String(process.pid));
        expect(await lockFile(path)).toBeUndefined();
        await first?.release();
        expect(existsSync(path)).toBe(false);
        const second = await lockFile(path);
        expect(second).toBeDefined();
        await second?.release();
    });

    it("goes to exactly one of many who ask at once", async () => {
        const locks = await Promise.all(Array.from({ length: 8 }, () => lockFile(path)));
        const held = locks.filter((lock) => lock !== undefined);
        expect(held.length).toBe(1);
        await held[0]?.release();
        expect(readdirSync(folder)).toEqual([]);
    });

    it("is taken over from a process that is gone", async () => {
        writeFileSync(path, String(deadPid()));
        const lock = await lockFile(path);
        expect(readFileSync(path, "utf8")).toBe(String(process.pid));
        await lock?.release();
        expect(readdirSync(folder)).toEqual([]);
    });

    it("is taken over when our own process id was someone else's before", async () => {
        writeFileSync(path, String(process.pid));
        const lock = await lockFile(path);
        expect(lock).toBeDefined();
        await lock?.release();
    });

    it("is respected while a living process holds it, until it has been silent for long", async () => {
        writeFileSync(path, String(process.ppid));
        expect(await lockFile(path)).toBeUndefined();
        const old = new Date(Date.now() - 10 * 60 * 1000);
        utimesSync(path, old, old);
        const lock = await lockFile(path);
        expect(lock).toBeDefined();
        await lock?.release();
    });

    it("is respected while it is being written", async () => {
        writeFileSync(path, "");
        expect(await lockFile(path)).toBeUndefined();
    });

    it("says when the folder cannot be written", async () => {
        await expect(lockFile(join(folder, "none", "x.lock"))).rejects.toMatchObject({
            code: "ENOENT",
        });
    });
});
