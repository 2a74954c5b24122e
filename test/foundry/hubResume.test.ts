/**
 * Conversions straight from the Hub that end in the middle and are gone on with: the hash of each file covers what came before as well as what
 * comes after, so that one wrong bit on either side is refused. Ended in this process at exact points; test/engine/kill.test.ts kills.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../src/base/log";
import { openHubCheckpoint } from "../../src/foundry/hub/checkpoint";
import { realIo } from "../../src/foundry/hub/http";
import { SpanPool } from "../../src/foundry/hub/rangeReader";
import { convert } from "../../src/foundry/pipeline";
import { nativeSha256 } from "../../src/node/hash";
import type { NativeAddon } from "../../src/node/native";
import type { ConvertResult } from "../../src/protocol/worker";
import { rejection } from "../support/failure";
import { startFakeHub, type FakeHub } from "../support/fakeHub.mjs";
import { makeTempFolder, openNative } from "../goldens/runConvert";

const REPO = "ingot/starter";
const KiB = 1024;
/** The starter's weights have 10 MB; what is kept and how often a hash is told is less than usual. */
const SMALL = { keptBytes: 8 * 1024 * KiB, markBytes: 64 * KiB };

let temp: ReturnType<typeof makeTempFolder>;
let hub: FakeHub;
let whole: ConvertResult;
const out = () => join(temp.path, "out.gguf");
const names = () => readdirSync(temp.path).sort();
const part = `out.gguf.${process.pid}`;

beforeEach(async () => {
    temp = makeTempFolder();
    hub = await startFakeHub({ repos: { [REPO]: "models/starter" } });
    whole = await run({ path: join(temp.path, "whole") });
});
afterEach(async () => {
    await hub.close();
    temp.remove();
});

interface RunOptions {
    path?: string;
    /** Ends the run at this call of the quantizer, as a kill would. */
    endAt?: number;
}

async function run({ path = out(), endAt }: RunOptions = {}): Promise<ConvertResult> {
    const real = openNative();
    const suspending = new AbortController();
    let nCalls = 0;
    let last: Promise<unknown> = Promise.resolve();
    const native: NativeAddon = {
        ...real,
        quantizeRows: (options) => {
            if (++nCalls === endAt) suspending.abort();
            // One after the other, so that all blocks but the last two are done at any call.
            const call = last.then(() => real.quantizeRows(options));
            last = call.catch(() => undefined);
            return call;
        },
    };
    const source = { kind: "hub", repo: REPO, endpoint: hub.url } as const;
    const ending = AbortSignal.any([suspending.signal]);
    const work = convert(
        { source, type: "Q4_K_M", via: "f16", out: path, threads: 1 },
        new AbortController().signal,
        {
            openSource: async () =>
                openHubCheckpoint(source, silentLog, ending, realIo, {
                    pool: new SpanPool(SMALL.keptBytes),
                    markBytes: SMALL.markBytes,
                    startSha256: nativeSha256(native),
                }),
            native,
            suspend: suspending.signal,
        },
    );
    for (;;) {
        const next = await work.next();
        if (next.done) return next.value;
    }
}

async function endAt(call: number): Promise<void> {
    expect((await rejection(run({ endAt: call }))).code).toBe("cancelled");
    expect(names()).toEqual([`${part}.journal`, `${part}.part`, "whole"]);
}

/** Bytes of the weights that the store sends until `work` is done. */
async function sent<T>(work: Promise<T>): Promise<{ value: T; bytes: number }> {
    const before = hub.sentBytes;
    const value = await work;
    return { value, bytes: hub.sentBytes - before };
}

const journal = () => join(temp.path, `${part}.journal`);
const hashLines = () =>
    readFileSync(journal(), "utf8")
        .split("\n")
        .filter((line) => line.startsWith("hash "));
const hashWarnings = ({ warnings }: ConvertResult) =>
    warnings.filter((text) => text.includes("hash"));

describe("a conversion from the Hub that was ended", () => {
    it.each([4, 14, 27])(
        "at call %d is gone on with: same bytes, all of it in the hash",
        async (n) => {
            await endAt(n);
            expect(hashLines().length).toBeGreaterThan(0);
            const { value: resumed, bytes } = await sent(run());
            expect(resumed.sha256).toBe(whole.sha256);
            expect(hashWarnings(resumed)).toEqual([]);
            expect(resumed.resumedBytes).toBeGreaterThan(0);
            // What was done is not fetched again, but for the header and what one request brings beside it.
            expect(bytes).toBeLessThan(10_499_816 - resumed.resumedBytes + 1024 * KiB);
            expect(names()).toEqual(["out.gguf", "whole"]);
        },
    );

    it("again and again is right in the end", async () => {
        for (let i = 0; i < 3; i++) await endAt(8);
        const resumed = await run();
        expect(resumed.sha256).toBe(whole.sha256);
        expect(hashWarnings(resumed)).toEqual([]);
        expect(resumed.resumedBytes).toBeGreaterThan(1024 * KiB);
    });

    it("is refused for a wrong bit before the end, and the next start is a new one", async () => {
        hub.faults.corruptions = 1;
        await endAt(24);
        expect(hub.faults.corruptions).toBe(0);
        const error = await rejection(run());
        expect(error).toMatchObject({ code: "data/hash" });
        expect(error.message).toMatch(/model.safetensors of ingot\/starter arrived damaged/);
        expect(names()).toEqual(["whole"]);
        const again = await run();
        expect(again).toMatchObject({ sha256: whole.sha256, resumedBytes: 0 });
    });

    it("is refused for a wrong bit after it, and the next start is a new one", async () => {
        await endAt(16);
        Object.assign(hub.faults, { corruptions: 1, corruptFrom: 8 * 1024 * KiB });
        expect((await rejection(run())).code).toBe("data/hash");
        expect(hub.faults.corruptions).toBe(0);
        expect(names()).toEqual(["whole"]);
        const again = await run();
        expect(again).toMatchObject({ sha256: whole.sha256, resumedBytes: 0 });
    });

    it("does again what was written and is in no hash", async () => {
        await endAt(24);
        // The first states only: of the blocks behind them nobody knows whether their bytes were right.
        const kept = hashLines()[2]!;
        const lines = readFileSync(journal(), "utf8").split("\n");
        const until = Number(kept.split(" ")[1]);
        const isLate = (line: string) =>
            line.startsWith("hash ") && Number(line.split(" ")[1]) > until;
        writeFileSync(journal(), lines.filter((line) => !isLate(line)).join("\n"));
        const { value: resumed, bytes } = await sent(run());
        expect(resumed.sha256).toBe(whole.sha256);
        expect(resumed.resumedBytes).toBeLessThanOrEqual(until);
        expect(bytes).toBeGreaterThan(10_499_816 - until - 1024 * KiB);
        expect(hashWarnings(resumed)).toEqual([]);
    });

    it("begins anew from a journal without hashes, and checks all of it", async () => {
        await endAt(24);
        const lines = readFileSync(journal(), "utf8").split("\n");
        const plain = lines.filter((line) => !line.startsWith("hash "));
        writeFileSync(journal(), plain.join("\n"));
        const resumed = await run();
        expect(resumed).toMatchObject({ sha256: whole.sha256, resumedBytes: 0 });
        expect(hashWarnings(resumed)).toEqual([]);
    });

    it.each([
        ["a state of another place", (line: string) => line.replace(/^hash (\d+)/, "hash 1$1")],
        ["a cut state", (line: string) => line.replace(/^(hash \d+ \w{90})\w+/, "$1")],
        ["a state with other words", (line: string) => line.replace(/^(hash \d+ )\w/, "$1z")],
    ])("does not go on from %s", async (_name, change) => {
        await endAt(16);
        const lines = readFileSync(journal(), "utf8").split("\n");
        writeFileSync(
            journal(),
            lines.map((line) => (line.startsWith("hash ") ? change(line) : line)).join("\n"),
        );
        const resumed = await run();
        expect(resumed).toMatchObject({ sha256: whole.sha256, resumedBytes: 0 });
        expect(hashWarnings(resumed)).toEqual([]);
    });
});
