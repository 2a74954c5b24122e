// Spans without a network: how many requests run at once, and how much is kept.
import { describe, expect, it } from "vitest";
import { Deferred } from "../../../src/base/async";
import { RangeReader, SpanPool } from "../../../src/foundry/hub/rangeReader";
import { MiB } from "./fixture";

function recorder(sizeBytes: number, gate?: Promise<void>) {
    const asked: [start: number, length: number][] = [];
    let released = 0;
    return {
        asked,
        released: () => released,
        sizeBytes,
        async readRange(start: number, length: number): Promise<Uint8Array> {
            asked.push([start, length]);
            await gate;
            return new Uint8Array(length).fill(start / MiB);
        },
        release: () => void released++,
    };
}

function openReader(source: ReturnType<typeof recorder>, pool = new SpanPool()): RangeReader {
    return new RangeReader(source, "file", pool, new AbortController().signal);
}

describe("spans", () => {
    it("splits a large read into 8 MiB, four at a time", async () => {
        const gate = new Deferred<void>();
        const source = recorder(40 * MiB, gate.promise);
        const work = openReader(source).read(0, 40 * MiB);
        await new Promise(setImmediate);
        expect(source.asked.length).toBe(4);
        gate.resolve();
        const bytes = await work;
        expect(source.asked.map(([start]) => start / MiB)).toEqual([0, 8, 16, 24, 32]);
        expect([0, 8, 16, 24, 32].map((at) => bytes[at * MiB])).toEqual([0, 8, 16, 24, 32]);
        expect(bytes[16 * MiB - 1]).toBe(8);
    });

    it("shares a request that is under way", async () => {
        const source = recorder(MiB);
        const reader = openReader(source);
        await Promise.all([reader.read(0, 8), reader.read(8, 50_000), reader.read(4, 4)]);
        expect(source.asked).toEqual([[0, 65536]]);
    });

    it("doubles while reads go on in sequence, then takes 8 MiB", async () => {
        const source = recorder(20 * MiB);
        const reader = openReader(source);
        for (let at = 0; at < 20 * MiB; at += 32 * 1024) await reader.read(at, 32 * 1024);
        const lengths = source.asked.map(([, length]) => length / 65536);
        expect(lengths).toEqual([1, 2, 4, 8, 16, 128, 128, 33]);
    });

    it("asks for the next 20 MiB before they are needed, and for no more", async () => {
        const gate = new Deferred<void>();
        const source = recorder(200 * MiB, gate.promise);
        const reader = openReader(source);
        const reads = [0, 1, 2, 3].map((i) => reader.read(i * MiB, MiB));
        await new Promise(setImmediate);
        expect(source.asked.length).toBe(4);
        gate.resolve();
        await Promise.all(reads);
        await new Promise(setImmediate);
        const end = Math.max(...source.asked.map(([start, length]) => start + length));
        expect(end).toBeGreaterThanOrEqual(24 * MiB);
        expect(end).toBeLessThan(24 * MiB + 8 * MiB);
        const bytes = source.asked.reduce((sum, [, length]) => sum + length, 0);
        expect(bytes).toBe(end);
    });

    it("reads every byte once when the reader goes through the whole file", async () => {
        const source = recorder(150 * MiB);
        const reader = openReader(source);
        for (let at = 0; at < 150 * MiB; at += 12 * MiB)
            await Promise.all(
                [0, 4, 8].map((more) => {
                    const start = Math.min(150, at / MiB + more) * MiB;
                    return reader.read(start, Math.max(0, Math.min(4 * MiB, 150 * MiB - start)));
                }),
            );
        expect(source.asked.reduce((sum, [, length]) => sum + length, 0)).toBe(150 * MiB);
    });

    it("asks for nothing ahead of a header", async () => {
        const source = recorder(200 * MiB);
        const reader = openReader(source);
        await reader.read(0, 8);
        await reader.read(8, 3 * MiB);
        expect(source.asked.reduce((sum, [, length]) => sum + length, 0)).toBeLessThan(4 * MiB);
    });

    it("stops at a span that is there already", async () => {
        const source = recorder(4 * MiB);
        const reader = openReader(source);
        await reader.read(65536 + 100, 10);
        await reader.read(100, 65536);
        expect(source.asked).toEqual([
            [65636, 65536],
            [100, 65536],
        ]);
    });

    it("forgets what was used longest ago, over all files of the source", async () => {
        const pool = new SpanPool(16 * MiB);
        const [a, b] = [recorder(16 * MiB), recorder(16 * MiB)];
        const [readerA, readerB] = [openReader(a, pool), openReader(b, pool)];
        await readerA.read(0, 8 * MiB);
        await readerB.read(0, 8 * MiB);
        await readerA.read(0, 8);
        await readerB.read(8 * MiB, 8 * MiB);
        expect([a.asked.length, b.asked.length]).toEqual([1, 2]);
        await readerA.read(0, 8);
        expect(a.asked.length).toBe(1);
        await readerB.read(0, 8);
        expect(b.asked.length).toBe(3);
    });

    it("frees its share when it is closed", async () => {
        const pool = new SpanPool(16 * MiB);
        const [a, b] = [recorder(16 * MiB), recorder(16 * MiB)];
        const readerB = openReader(b, pool);
        const readerA = openReader(a, pool);
        await readerB.read(0, 8 * MiB);
        await readerA.read(0, 8 * MiB);
        await readerA.close();
        expect(a.released()).toBe(1);
        await readerB.read(8 * MiB, 8 * MiB);
        await readerB.read(0, 8);
        expect(b.asked.length).toBe(2);
    });
});
