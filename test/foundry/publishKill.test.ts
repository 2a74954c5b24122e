// Kill -9 of a real process in the middle of a part of an upload: the next one sends the missing parts and nothing else.
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../support/hashes";
import { bundleChild, startChild } from "../support/killedChild";
import { tinyGguf, TINY_TENSORS } from "../support/tinyGguf";
import type { PublishResult } from "../../src/protocol/publish";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";
import type { PublishChildArguments } from "../support/publishChild";

const MiB = 1024 * 1024;
const PART = MiB;
const REPO = "ann/Tiny-GGUF";
const NAME = "tiny.gguf";

let root: string;
let child: string;
let file: string;
let bytes: Uint8Array;
let hub: FakeHub;
let folder: string;

beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "ingot-publish-kill-"));
    child = join(root, "child.mjs");
    await bundleChild("test/support/publishChild.ts", child);
    const large = { name: "output.weight", shape: [1024, 2000], type: "F32" } as const;
    bytes = tinyGguf({ tensors: [...TINY_TENSORS, large] });
    for (let i = MiB, x = 1; i < bytes.length; i++)
        bytes[i] = (x = (Math.imul(x, 48271) + 11) | 0) >>> 16;
    file = join(root, NAME);
    writeFileSync(file, bytes);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(async () => {
    folder = mkdtempSync(join(root, "uploads-"));
    hub = await startFakeHub({ repos: {}, accounts: { t: { name: "ann" } } });
    hub.faults.partBytes = PART;
});
afterEach(() => hub.close());

function start(connections: number): {
    process: ChildProcess;
    ended: Promise<PublishResult | undefined>;
} {
    const given: PublishChildArguments = {
        params: {
            endpoint: hub.url,
            token: "t",
            repo: REPO,
            private: true,
            pullRequest: false,
            files: [file],
            card: "---\nlicense: mit\n---\n",
        },
        tuning: { connections, folder },
    };
    const { process, ended } = startChild(child, given);
    return {
        process,
        ended: ended.then((out) =>
            out === undefined ? undefined : (JSON.parse(out) as PublishResult),
        ),
    };
}

/** Bytes that the store had taken in when the process was gone. */
async function killAt(target: number, connections: number): Promise<number> {
    const run = start(connections);
    hub.faults.onReceived = (received) => {
        if (received < target) return undefined;
        delete hub.faults.onReceived;
        run.process.kill("SIGKILL");
        // What lies in the sockets is not taken in any more.
        return new Promise(() => undefined);
    };
    expect(await run.ended).toBeUndefined();
    return hub.receivedBytes;
}

describe("killed in the middle of a part", () => {
    it.each([0.3, 3.5, 6.7])("%d parts in: exactly the missing parts are sent", async (parts) => {
        const before = await killAt(parts * PART, 1);
        expect(before).toBeLessThan((Math.floor(parts) + 1) * PART);
        expect(readdirSync(folder).filter((name) => name.endsWith(".upload")).length).toBe(1);
        const nBefore = hub.requests.length;
        const result = await start(1).ended;
        const missing = bytes.length - Math.floor(parts) * PART;
        expect(result).toMatchObject({ bytes: missing, isCreated: false });
        expect(hub.receivedBytes - before).toBe(missing);
        const puts = hub.requests.slice(nBefore).filter(({ method }) => method === "PUT");
        expect(puts.length).toBe(Math.ceil(bytes.length / PART) - Math.floor(parts));
        expect(hashOf(hub.published(REPO, NAME) ?? new Uint8Array())).toBe(hashOf(bytes));
        expect(hub.commits.length).toBe(1);
        expect(readdirSync(folder)).toEqual([]);
    });

    it("on four connections: at most the parts under way are sent twice", async () => {
        await killAt(5.5 * PART, 4);
        const nBefore = hub.requests.length;
        const result = await start(4).ended;
        const puts = hub.requests.slice(nBefore).filter(({ method }) => method === "PUT");
        const sent = puts.map(({ headers }) => Number(headers["content-length"]));
        expect(sent.reduce((sum, n) => sum + n, 0)).toBe(result?.bytes);
        expect(sent.length).toBeLessThanOrEqual(Math.ceil(bytes.length / PART) - 5 + 4);
        expect(result?.bytes).toBeLessThan(bytes.length);
        expect(hashOf(hub.published(REPO, NAME) ?? new Uint8Array())).toBe(hashOf(bytes));
    });
});
