// Reading a result back while it is written: hashes of every file in any order of pieces, nothing before it is there, what is missing.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { EarlyFlush } from "../../../src/foundry/earlyFlush";
import { ReadBack } from "../../../src/foundry/readBack";
import { nodeSha256 } from "../../../src/node/hash";

const MiB = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Files that are filled piece by piece; a read of what is not there yet is counted. */
function disk(sizes: number[], signal = new AbortController().signal) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const content = Uint8Array.from({ length: total }, (_, i) => (i * 7919) >> 5);
    const there = new Uint8Array(total);
    let nEarly = 0;
    let nReads = 0;
    const progress: number[] = [];
    const readBack = new ReadBack({
        sizes,
        signal,
        startSha256: nodeSha256,
        read: async (offset, length, into) => {
            nReads++;
            for (let i = offset; i < offset + length; i += 1024) nEarly += there[i] ? 0 : 1;
            into.set(content.subarray(offset, offset + length));
            return into.subarray(0, length);
        },
        onProgress: (bytes) => progress.push(bytes),
    });
    let start = 0;
    const expected = sizes.map((size) => sha256(content.subarray(start, (start += size))));
    return {
        readBack,
        expected,
        progress,
        write(offset: number, length: number) {
            there.fill(1, offset, offset + length);
            readBack.written(offset, length);
        },
        get nEarly() {
            return nEarly;
        },
        get nReads() {
            return nReads;
        },
    };
}

/** Lets everything go on that waits for nothing outside. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("reading back", () => {
    it.each([
        ["in order", [0, 1, 2, 3, 4, 5]],
        ["from the end", [5, 4, 3, 2, 1, 0]],
        ["mixed", [3, 0, 5, 1, 4, 2]],
    ])("gives the hash of every file, pieces %s", async (_, order) => {
        // Two files, the border in the middle of the third piece; 5.5 MiB.
        const files = disk([2.25 * MiB, 3.25 * MiB]);
        const pieces = [0, 1, 2, 3, 4, 5].map((i) => [i * MiB, i === 5 ? MiB / 2 : MiB] as const);
        for (const index of order) {
            const [offset, length] = pieces[index]!;
            files.write(offset, length);
            await settle();
        }
        expect(await files.readBack.finish()).toEqual(files.expected);
        expect(files.nEarly).toBe(0);
        expect(files.progress.at(-1)).toBe(5.5 * MiB);
        expect(files.progress).toEqual([...files.progress].sort((a, b) => a - b));
    });

    it("keeps up while pieces come, so that nothing but the last bytes is left", async () => {
        const files = disk([4.5 * MiB]);
        for (let i = 0; i < 4; i++) {
            files.write(i * MiB, MiB);
            await settle();
            await settle();
        }
        expect(files.progress.at(-1)).toBe(4 * MiB);
        files.write(4 * MiB, MiB / 2);
        const before = files.nReads;
        await files.readBack.finish();
        expect(files.nReads - before).toBe(1);
    });

    it("does not read beyond a gap", async () => {
        const files = disk([4 * MiB]);
        files.write(2 * MiB, 2 * MiB);
        await settle();
        expect(files.nReads).toBe(0);
        await expect(files.readBack.finish()).rejects.toThrow(/Nothing was written at 0 of/);
    });

    it("refuses a place that was written before, read back or not", () => {
        const files = disk([4 * MiB]);
        files.write(0, 100);
        files.write(200, 100);
        expect(() => files.readBack.written(50, 10)).toThrow(/begin at 50/);
        expect(() => files.readBack.written(200, 10)).toThrow(/begin at 200/);
        expect(() => files.readBack.written(100, 0)).not.toThrow();
    });

    it("gives an error of the disk when it ends, and stops when told", async () => {
        const failing = new ReadBack({
            sizes: [2 * MiB],
            signal: new AbortController().signal,
            startSha256: nodeSha256,
            read: async () => Promise.reject(new Error("EIO")),
        });
        failing.written(0, 2 * MiB);
        await settle();
        await expect(failing.finish()).rejects.toThrow("EIO");
        const files = disk([2 * MiB]);
        files.readBack.stop();
        files.write(0, 2 * MiB);
        await settle();
        expect(files.nReads).toBe(0);
    });

    it("ends when it is cancelled", async () => {
        const stop = new AbortController();
        const files = disk([4 * MiB], stop.signal);
        files.write(0, 4 * MiB);
        stop.abort();
        await expect(files.readBack.finish()).rejects.toMatchObject({ code: "cancelled" });
        expect(files.nReads).toBe(1);
    });
});

describe("flushing early", () => {
    it("begins after 64 MiB, one at a time, and once more at the end", async () => {
        const ends: (() => void)[] = [];
        const flush = new EarlyFlush(() => new Promise((resolve) => ends.push(resolve)));
        flush.written(63 * MiB);
        expect(ends.length).toBe(0);
        flush.written(MiB);
        flush.written(100 * MiB);
        expect(ends.length).toBe(1);
        ends[0]!();
        await settle();
        flush.written(1);
        expect(ends.length).toBe(2);
        const finished = flush.finish();
        ends[1]!();
        await settle();
        expect(ends.length).toBe(3);
        ends[2]!();
        await finished;
    });

    it("does not forget that one failed", async () => {
        let nCalls = 0;
        const flush = new EarlyFlush(async () => {
            if (++nCalls === 1) throw new Error("EIO");
        });
        flush.written(64 * MiB);
        await settle();
        await expect(flush.finish()).rejects.toThrow("EIO");
        expect(nCalls).toBe(2);
    });
});
