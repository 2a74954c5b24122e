// Kill -9 of a real process in the middle of a download: the next one goes on, and brings little twice.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../support/hashes";
import { bundleChild, startChild, type RunningChild } from "../support/killedChild";
import type { HubFetchResult } from "../../src/protocol/hub";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";
import type { FetchChildArguments } from "../support/fetchChild";

const KiB = 1024;
const MiB = 1024 * KiB;
const SIZE = 12 * MiB + 12_345;
const REPO = "tiny/Weights";
const FILE = "model.gguf";
const TUNING = { connections: 4, pieceBytes: MiB, flushBytes: 64 * KiB };
/** What a kill may cost: on each connection one piece's unwritten part and what lay in the sockets' buffers. */
const MAX_LOST = TUNING.connections * MiB;

let root: string;
let child: string;
let bytes: Uint8Array;
let hub: FakeHub;
let cacheFolder: string;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "ingot-kill-"));
    child = join(root, "child.mjs");
    await bundleChild("test/support/fetchChild.ts", child);
    bytes = new Uint8Array(SIZE);
    for (let i = 0, x = 1; i < SIZE; i++) bytes[i] = (x = (Math.imul(x, 48271) + 11) | 0) >>> 16;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(async () => {
    cacheFolder = mkdtempSync(join(root, "cache-"));
    const folder = mkdtempSync(join(root, "repo-"));
    writeFileSync(join(folder, FILE), bytes);
    hub = await startFakeHub({ repos: { [REPO]: folder } });
});
afterEach(() => hub.close());

function start(): RunningChild {
    const given: FetchChildArguments = {
        endpoint: hub.url,
        repo: REPO,
        file: FILE,
        cacheFolder,
        tuning: TUNING,
    };
    return startChild(child, given);
}

const blobs = () => readdirSync(join(cacheFolder, "models--tiny--Weights", "blobs"));

/** Kills the first process when `share` of the file was sent, moved a little by the seed. */
async function killAt(share: number, seed: number): Promise<number> {
    const run = start();
    const jitter = ((Math.imul(seed, 2654435761) >>> 0) / 2 ** 32 - 0.5) * 0.01;
    const target = Math.min(SIZE - 1, Math.floor((share + jitter) * SIZE));
    hub.faults.chunkBytes = 16 * KiB + seed * 1001;
    hub.faults.onSent = (sent) => {
        if (sent < target) return;
        delete hub.faults.onSent;
        run.process.kill("SIGKILL");
    };
    expect(await run.ended).toBeUndefined();
    return hub.sentBytes;
}

describe.each([0.1, 0.5, 0.99])("killed at %d of a download", (share) => {
    it.each([1, 2, 3, 4, 5])("seed %i: goes on, and ends with the same bytes", async (seed) => {
        const sentBefore = await killAt(share, seed);
        const left = blobs();
        expect(left.filter((name) => !/\.ingot\.(part|part\.journal|lock)$/.test(name))).toEqual(
            [],
        );
        const nBefore = hub.requests.length;
        const out = await start().ended;
        const result = JSON.parse(out ?? "null") as HubFetchResult;
        const file = result.files[0]?.file ?? "";
        expect(hashOf(readFileSync(file))).toBe(hashOf(bytes));
        const asked = hub.requests
            .slice(nBefore)
            .filter(({ server }) => server === "store")
            .map(({ headers }) => /^bytes=(\d+)-(\d+)$/.exec(headers["range"] ?? ""))
            .reduce((sum, match) => sum + Number(match?.[2]) - Number(match?.[1]) + 1, 0);
        expect(asked).toBe(result.bytes);
        expect(asked).toBeLessThanOrEqual(SIZE - sentBefore + MAX_LOST);
        if (share > 0.4) expect(asked).toBeLessThan(SIZE);
        expect(blobs()).toEqual([hashOf(bytes)]);
        expect(existsSync(file)).toBe(true);
    });
});
