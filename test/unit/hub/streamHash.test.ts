// The hash of a remote file while its ranges arrive: in order, out of order, with gaps, and when it is not worth knowing.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { StreamHash } from "../../../src/foundry/hub/streamHash";
import { hashOf } from "../../support/hashes";
import { MiB, patternBytes } from "./fixture";

const signal = new AbortController().signal;

function open(bytes: Uint8Array, hex = hashOf(bytes)) {
    const asked: [start: number, length: number][] = [];
    const source = {
        sizeBytes: bytes.length,
        async readRange(start: number, length: number): Promise<Uint8Array> {
            asked.push([start, length]);
            return bytes.slice(start, start + length);
        },
        release: () => undefined,
    };
    return { asked, hash: new StreamHash(source, { kind: "sha256", hex }) };
}

describe("StreamHash", () => {
    const bytes = patternBytes(MiB);
    const step = MiB / 8;

    it.each([
        ["in order", [0, 1, 2, 3, 4, 5, 6, 7]],
        ["backwards", [7, 6, 5, 4, 3, 2, 1, 0]],
        ["mixed, with repeats", [2, 0, 2, 1, 5, 4, 4, 3, 7, 6, 0]],
    ])("is right for ranges %s, and reads nothing again", async (_name, order) => {
        const { asked, hash } = open(bytes);
        for (const n of order) await hash.readRange(n * step, step, signal);
        expect(await hash.verdict(signal)).toBe("right");
        expect(asked.length).toBe(order.length);
    });

    it("is right for ranges that overlap", async () => {
        const { hash } = open(bytes);
        for (const [start, length] of [
            [0, 1000],
            [500, 3000],
            [10_000, 5000],
            [3000, 8000],
            [12_000, MiB - 12_000],
        ] as const)
            await hash.readRange(start, length, signal);
        expect(await hash.verdict(signal)).toBe("right");
    });

    it("fetches the gaps that nobody read", async () => {
        const { asked, hash } = open(bytes);
        await hash.readRange(100, 1000, signal);
        await hash.readRange(5000, 1000, signal);
        expect(await hash.verdict(signal)).toBe("right");
        expect(asked.slice(2)).toEqual([
            [0, 100],
            [1100, 3900],
            [6000, MiB - 6000],
        ]);
    });

    it("is wrong for one wrong bit", async () => {
        const other = bytes.slice();
        other[700_000]! ^= 1;
        const { hash } = open(other, hashOf(bytes));
        await hash.readRange(0, MiB, signal);
        expect(await hash.verdict(signal)).toBe("wrong");
        expect(await hash.verdict(signal)).toBe("wrong");
    });

    it("is unknown when most of a large file was not read, and reads nothing for it", async () => {
        const { asked, hash } = open(new Uint8Array(70 * MiB));
        await hash.readRange(0, MiB, signal);
        expect(await hash.verdict(signal)).toBe("unknown");
        expect(asked.length).toBe(1);
    });

    it("knows git's name of a small file", async () => {
        const text = new TextEncoder().encode('{"a":1}');
        const hex = createHash("sha1").update("blob 7\0").update(text).digest("hex");
        const source = {
            sizeBytes: 7,
            readRange: async (start: number, length: number) => text.slice(start, start + length),
            release: () => undefined,
        };
        const hash = new StreamHash(source, { kind: "git-sha1", hex });
        await hash.readRange(0, 7, signal);
        expect(await hash.verdict(signal)).toBe("right");
    });
});
