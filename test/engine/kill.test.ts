/**
 * Conversions in real children that are killed with SIGKILL at 10, 50 and 99 %, five times each, and a command line that dies under its
 * worker: the next run gives the same bytes and does only what was not done. From the Hub as well: what came before the kill is verified
 * with the rest. Two at a time on one result: the second is refused.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChild } from "../../src/node/child";
import type {
    ConvertEvent,
    ConvertParams,
    ConvertResult,
    WorkerClientSide,
    WorkerSide,
} from "../../src/protocol/worker";
import { ingot } from "../support/cliProcess";
import { buildOf, BUNDLES, ROOT } from "../support/engineProcess";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";

const SOURCE = join(ROOT, "models/starter");

let home: string;
let build: string;
let whole: ConvertResult;
const out = () => join(home, "out.gguf");
/** A slow type and one thread, so that there is something to interrupt. */
const params = (): ConvertParams => ({
    source: { kind: "folder", path: SOURCE },
    type: "IQ4_XS",
    via: "bf16",
    out: out(),
    threads: 1,
    overwrite: true,
});

beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "ingot-kill-"));
    build = await buildOf("worker.mjs");
    whole = await run();
    rmSync(out());
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function startWorker() {
    return startChild<WorkerClientSide, WorkerSide>({
        name: "worker",
        entry: join(BUNDLES, "worker.mjs"),
        build,
        handlers: {},
        listeners: { log: () => undefined },
    });
}

async function run(given = params()): Promise<ConvertResult> {
    const worker = startWorker();
    try {
        await worker.ready;
        return await worker.channel.request("convert/run", given, {});
    } finally {
        await worker.dispose();
    }
}

/** Kills the worker at the first event from that share on; returns the bytes that the event called done. */
async function killAt(share: number, given = params()): Promise<number> {
    const worker = startWorker();
    await worker.ready;
    let killedAt: ConvertEvent | undefined;
    const request = worker.channel.request("convert/run", given, {
        onProgress: (event) => {
            if (killedAt || event.stage === "read") return;
            if (event.stage === "convert" && event.doneBytes < share * event.totalBytes) return;
            killedAt = event;
            if (worker.pid !== undefined) process.kill(worker.pid, "SIGKILL");
        },
    });
    await expect(request).rejects.toMatchObject({ code: "engine/gone" });
    await worker.exited;
    return killedAt?.stage === "convert" ? killedAt.doneBytes : 0;
}

const leftovers = () => readdirSync(home).filter((name) => !name.startsWith("whole"));

describe.each([0.1, 0.5, 0.99])("a worker that is killed at %d", { timeout: 240_000 }, (share) => {
    it.each([1, 2, 3, 4, 5])("is gone on with, time %d", async () => {
        const doneBytes = await killAt(share);
        expect(leftovers().map((name) => name.replace(/\d+/, "PID"))).toEqual([
            "out.gguf.PID.journal",
            "out.gguf.PID.part",
        ]);
        const resumed = await run();
        expect(resumed.sha256).toBe(whole.sha256);
        expect(resumed.resumedBytes).toBeGreaterThanOrEqual(doneBytes);
        expect(leftovers()).toEqual(["out.gguf"]);
        rmSync(out());
    });
});

describe("a worker that converts from the Hub and is killed", { timeout: 240_000 }, () => {
    const REPO = "ingot/starter";
    let hub: FakeHub;
    beforeAll(async () => {
        hub = await startFakeHub({ repos: { [REPO]: SOURCE } });
    });
    afterAll(() => hub.close());
    const fromHub = (): ConvertParams => ({
        ...params(),
        source: { kind: "hub", repo: REPO, endpoint: hub.url },
    });
    const hashWarnings = ({ warnings }: ConvertResult) =>
        warnings.filter((text) => text.includes("hash"));

    it.each([0.1, 0.5, 0.99])("at %d is gone on with, and all of it verified", async (share) => {
        await killAt(share, fromHub());
        const resumed = await run(fromHub());
        expect(resumed.sha256).toBe(whole.sha256);
        expect(hashWarnings(resumed)).toEqual([]);
        expect(leftovers()).toEqual(["out.gguf"]);
        rmSync(out());
    });

    it("at the end, after a wrong bit in its beginning, is refused, and the next run starts anew", async () => {
        hub.faults.corruptions = 1;
        await killAt(0.99, fromHub());
        expect(hub.faults.corruptions).toBe(0);
        await expect(run(fromHub())).rejects.toMatchObject({ code: "data/hash" });
        expect(leftovers()).toEqual([]);
        const again = await run(fromHub());
        expect(again).toMatchObject({ sha256: whole.sha256, resumedBytes: 0 });
        rmSync(out());
    });
});

describe("the command", { timeout: 240_000 }, () => {
    const args = () => [
        "convert",
        SOURCE,
        "--type",
        "IQ4_XS",
        "--via",
        "bf16",
        "--threads",
        "1",
        "--out",
        out(),
    ];

    /** Starts the command; settles when it reports that it converts. */
    function start(): Promise<{
        closed: Promise<void>;
        kill: (signal: NodeJS.Signals) => Promise<void>;
    }> {
        return new Promise((resolve, reject) => {
            const child = spawn(
                process.execPath,
                [join(BUNDLES, "cli.mjs"), ...args(), "--progress", "json"],
                { env: { ...process.env, INGOT_HOME: home }, stdio: ["ignore", "ignore", "pipe"] },
            );
            const closed = new Promise<void>((done) => child.once("exit", () => done()));
            void closed.then(() => reject(new Error("The command ended before it converted")));
            child.stderr.on("data", (data: Buffer) => {
                const done = /"Converting","done":(\d+)/.exec(data.toString())?.[1];
                if (done === undefined || Number(done) === 0) return;
                resolve({
                    closed,
                    kill: async (signal) => {
                        child.kill(signal);
                        await closed;
                    },
                });
            });
        });
    }

    it("leaves what can be gone on with when it is killed", async () => {
        const first = await start();
        await first.kill("SIGKILL");
        const second = await ingot([...args(), "--json"], { home });
        expect(second).toMatchObject({ code: 0, err: "" });
        const result = JSON.parse(second.out) as ConvertResult;
        expect(result.sha256).toBe(whole.sha256);
        expect(result.resumedBytes).toBeGreaterThan(0);
        expect(leftovers()).toEqual(["out.gguf"]);
        rmSync(out());
    });

    it("is refused while another one writes the same file, and does not disturb it", async () => {
        const first = await start();
        const before = leftovers();
        // Held, so that it cannot be done before the other one looks.
        const worker = Number(/out\.gguf\.(\d+)\.part/.exec(before.join(" "))?.[1]);
        process.kill(worker, "SIGSTOP");
        try {
            const second = await ingot(args(), { home });
            expect(second).toMatchObject({ code: 1, out: "" });
            expect(second.err).toContain("Another conversion is writing");
            expect(leftovers()).toEqual(before);
        } finally {
            process.kill(worker, "SIGCONT");
        }
        await first.closed;
        expect(leftovers()).toEqual(["out.gguf"]);
        const sha256 = createHash("sha256").update(readFileSync(out())).digest("hex");
        expect(sha256).toBe(whole.sha256);
        rmSync(out());
    });
});
