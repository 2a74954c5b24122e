// Reading a file by ranges: how few requests it takes, and what happens when addresses expire, connections break or files change.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FileReader } from "../../../src/foundry/checkpoint/source";
import { SpanPool } from "../../../src/foundry/hub/rangeReader";
import { failure, MiB, ranges, requestsOf, startFixture, WEIGHTS, type Fixture } from "./fixture";

let fixture: Fixture | undefined;

beforeEach(() => {
    vi.stubEnv("HF_TOKEN", "");
});
afterEach(async () => {
    vi.unstubAllEnvs();
    await fixture?.close();
    fixture = undefined;
});

async function startReading(
    options: Parameters<typeof startFixture>[0] = {},
): Promise<Fixture & { file: FileReader }> {
    fixture = await startFixture(options);
    const file = await (await fixture.open()).open(WEIGHTS);
    return { ...fixture, file };
}

/** Byte equality without a list of a million numbers on failure. */
function same(got: Uint8Array, want: Uint8Array): boolean {
    return Buffer.compare(got, want) === 0;
}

describe("requests", () => {
    it("brings a header and its neighbourhood in one range", async () => {
        const { hub, weights, file } = await startReading();
        expect(file.sizeBytes).toBe(MiB);
        expect(same(await file.read(0, 8), weights.subarray(0, 8))).toBe(true);
        expect(same(await file.read(8, 60_000), weights.subarray(8, 60_008))).toBe(true);
        expect(ranges(hub)).toEqual(["bytes=0-65535"]);
    });

    it("turns blocks in sequence into growing ranges, each byte read once", async () => {
        const weightBytes = 24 * MiB;
        const { hub, weights, file } = await startReading({ weightBytes });
        const block = MiB - 1000;
        let next = 0;
        const work = async () => {
            while (next < weightBytes) {
                const start = next;
                const length = Math.min(block, weightBytes - start);
                next += length;
                const got = await file.read(start, length);
                expect(same(got, weights.subarray(start, start + length))).toBe(true);
            }
        };
        await Promise.all([work(), work(), work()]);
        const sizes = requestsOf(hub, "store").map(({ bytes }) => bytes);
        expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(weightBytes);
        expect(sizes.length).toBeLessThanOrEqual(6);
        expect(Math.max(...sizes)).toBe(8 * MiB);
        expect(hub.requests.filter(({ path }) => path.includes("/resolve/")).length).toBe(1);
    });

    it("keeps several ranges under way in front of a reader that goes on block by block", async () => {
        const weightBytes = 72 * MiB;
        fixture = await startFixture({ weightBytes, faults: { chunkBytes: MiB } });
        const { hub, weights } = fixture;
        const pool = new SpanPool();
        const file = await (await fixture.open({ pool })).open(WEIGHTS);
        let mostKept = 0;
        for (let at = 0; at < weightBytes; at += 2 * MiB) {
            const block = await file.read(at, 2 * MiB);
            expect(same(block, weights.subarray(at, at + 2 * MiB))).toBe(true);
            mostKept = Math.max(mostKept, pool.keptBytes);
        }
        expect(hub.mostSending).toBeGreaterThanOrEqual(3);
        expect(hub.mostSending).toBeLessThanOrEqual(4);
        expect(mostKept).toBeLessThanOrEqual(40 * MiB);
        const sizes = requestsOf(hub, "store").map(({ bytes }) => bytes);
        expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(weightBytes);
    });

    it("brings little where reads jump", async () => {
        const { hub, weights, file } = await startReading({ weightBytes: 4 * MiB });
        for (const start of [3 * MiB, MiB, 2 * MiB])
            expect(same(await file.read(start, 100), weights.subarray(start, start + 100))).toBe(
                true,
            );
        const bytes = requestsOf(hub, "store").map((request) => request.bytes);
        expect(bytes).toEqual([65536, 65536, 65536]);
    });

    it("goes on with the same address after the file was closed and opened again", async () => {
        fixture = await startFixture();
        const { hub } = fixture;
        const source = await fixture.open();
        for (let i = 0; i < 2; i++) {
            const file = await source.open(WEIGHTS);
            await file.read(0, 8);
            await file.close();
        }
        expect(ranges(hub).length).toBe(2);
        expect(hub.requests.filter(({ path }) => path.includes("/resolve/")).length).toBe(1);
    });

    it("reads nothing past the end, and no request for no bytes", async () => {
        const { hub, file } = await startReading();
        expect((await failure(file.read(MiB - 4, 8))).message).toBe(
            `${WEIGHTS} is shorter than expected`,
        );
        expect((await file.read(MiB, 0)).length).toBe(0);
        expect(requestsOf(hub, "store")).toEqual([]);
    });

    it("reads names that need escapes", async () => {
        fixture = await startFixture({ files: { "a b#ü?.json": "{}" } });
        const file = await (await fixture.open()).open("a b#ü?.json");
        expect(new TextDecoder().decode(await file.read(0, 2))).toBe("{}");
    });
});

describe("trouble", () => {
    it("asks for another address when the signed one has expired", async () => {
        const { hub, weights, file } = await startReading({
            weightBytes: 4 * MiB,
            faults: { signedUses: 2 },
        });
        for (let i = 0; i < 5; i++) {
            const start = (4 - i) * 700_000;
            expect(same(await file.read(start, 16), weights.subarray(start, start + 16))).toBe(
                true,
            );
        }
        expect(requestsOf(hub, "store").map(({ status }) => status)).toEqual([
            206, 206, 403, 206, 206, 403, 206,
        ]);
        expect(hub.requests.filter(({ path }) => path.includes("/resolve/")).length).toBe(3);
    });

    it("gives up on addresses that never work", async () => {
        const { hub, file } = await startReading();
        await file.read(0, 8);
        hub.faults.signedUses = 0;
        const error = await failure(file.read(500_000, 8));
        expect(error.code).toBe("net/auth");
        expect(requestsOf(hub, "store").length).toBe(3);
    });

    it("goes on where a broken connection stopped", async () => {
        const { hub, weights, file, waits } = await startReading({
            weightBytes: 4 * MiB,
            faults: { drops: 2, dropAfterBytes: MiB },
        });
        expect(same(await file.read(0, 4 * MiB), weights)).toBe(true);
        const starts = ranges(hub).map((range) => Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1]));
        expect(starts).toEqual([0, MiB, 2 * MiB]);
        const last = requestsOf(hub, "store").map(({ headers }) => headers["if-range"]);
        expect(last[0]).toBeUndefined();
        expect(last[1]).toMatch(/^"[0-9a-f]{64}"$/);
        expect(waits).toEqual([500, 500]);
    });

    it("gives up on connections that only break", async () => {
        const { hub, file, waits } = await startReading({
            faults: { drops: 100, dropAfterBytes: 10 },
        });
        const error = await failure(file.read(0, MiB));
        expect(error.code).toBe("net/offline");
        expect(error.message).toContain("cannot be reached; check the connection");
        expect(requestsOf(hub, "store").length).toBe(5);
        expect(waits).toEqual([500, 1000, 2000, 4000]);
    });

    it("a failed read is not remembered", async () => {
        const { hub, weights, file } = await startReading({
            faults: { drops: 5, dropAfterBytes: 10 },
        });
        expect((await failure(file.read(0, MiB))).code).toBe("net/offline");
        expect(hub.faults.drops).toBe(0);
        expect(same(await file.read(0, MiB), weights)).toBe(true);
    });

    it("leaves a connection that brings nothing", async () => {
        fixture = await startFixture({ faults: { stalls: 1 } });
        fixture.io.stallMs = 500;
        const file = await (await fixture.open()).open(WEIGHTS);
        expect(same(await file.read(0, MiB), fixture.weights)).toBe(true);
        expect(ranges(fixture.hub).length).toBe(2);
    });

    it("takes a small file whole, once, from a server without ranges", async () => {
        const { hub, weights, file } = await startReading({ faults: { noRange: true } });
        for (const start of [0, 500_000, 900_000])
            expect(same(await file.read(start, 100), weights.subarray(start, start + 100))).toBe(
                true,
            );
        expect(requestsOf(hub, "store").map(({ status }) => status)).toEqual([200]);
    });

    it("takes it again when it broke off, as it cannot go on in the middle", async () => {
        const { hub, weights, file } = await startReading({ faults: { noRange: true, drops: 1 } });
        expect(same(await file.read(10, 100), weights.subarray(10, 110))).toBe(true);
        expect(requestsOf(hub, "store").length).toBe(2);
    });

    it("refuses a large file on a server without ranges", async () => {
        const { hub, file } = await startReading({
            weightBytes: 65 * MiB,
            faults: { noRange: true },
        });
        const error = await failure(file.read(0, 8));
        expect(error.code).toBe("net/http");
        expect(error.message).toContain("does not send parts of files");
        expect(error.message).toContain("download the repository and convert the folder");
        expect(requestsOf(hub, "store").length).toBe(1);
    });

    it("refuses to mix two versions", async () => {
        const { file } = await startReading({
            weightBytes: 4 * MiB,
            faults: { etagChangesAfter: 1 },
        });
        await file.read(0, 8);
        const error = await failure(file.read(2 * MiB, 8));
        expect(error.code).toBe("data/hash");
        expect(error.message).toBe(
            `${WEIGHTS} of tiny/Coder-0.1B changed while it was read; start again`,
        );
    });

    it("refuses to go on in another version after a broken connection", async () => {
        const { file } = await startReading({
            faults: { drops: 1, etagChangesAfter: 1 },
        });
        expect((await failure(file.read(0, MiB))).code).toBe("data/hash");
    });

    it("refuses a file that is not as long as it was listed", async () => {
        const { file } = await startReading({ faults: { linkedSizeGrowth: 1 } });
        const error = await failure(file.read(0, 8));
        expect(error.code).toBe("data/hash");
        expect(error.detail).toBe(`its size was ${MiB} and is ${MiB + 1}`);
    });
});

describe("cancelling", () => {
    it("a read ends at once while its request hangs", async () => {
        fixture = await startFixture({ faults: { stalls: 1 } });
        const file = await (await fixture.open()).open(WEIGHTS);
        const controller = new AbortController();
        const work = failure(file.read(0, 100, controller.signal));
        await vi.waitFor(() => expect(ranges(fixture!.hub).length).toBe(1));
        controller.abort();
        expect((await work).code).toBe("cancelled");
    });

    it("closing ends the requests of the reader", async () => {
        fixture = await startFixture({ faults: { stalls: 1 } });
        const file = await (await fixture.open()).open(WEIGHTS);
        const work = failure(file.read(0, 100));
        await vi.waitFor(() => expect(ranges(fixture!.hub).length).toBe(1));
        await file.close();
        expect((await work).code).toBe("cancelled");
        expect((await failure(file.read(0, 100))).code).toBe("cancelled");
        expect(ranges(fixture.hub).length).toBe(1);
    });
});
