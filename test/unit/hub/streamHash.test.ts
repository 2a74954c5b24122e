// The hash of a remote file while its ranges arrive: in order, out of order, with gaps, and when it is not worth knowing.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { StreamHash } from "../../../src/foundry/hub/streamHash";
import { nativeSha256 } from "../../../src/node/hash";
import { loadNative } from "../../../src/node/native";
import type { HashMark } from "../../../src/foundry/sourceHashes";
import { hashOf } from "../../support/hashes";
import { MiB, patternBytes } from "./fixture";

const signal = new AbortController().signal;
const startSha256 = nativeSha256(loadNative());
const bytes = patternBytes(MiB);
const step = MiB / 8;

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
    return { asked, hash: new StreamHash(source, { kind: "sha256", hex }, startSha256, step) };
}

describe("StreamHash", () => {
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
        const hash = new StreamHash(source, { kind: "git-sha1", hex }, startSha256);
        await hash.readRange(0, 7, signal);
        expect(await hash.verdict(signal)).toBe("right");
    });
});

describe("a hash that goes on in another process", () => {
    type Mark = Pick<HashMark, "bytes" | "state">;
    const cuts = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => n * step);

    /** Reads the first `nSteps` in order and returns what was told. */
    async function begun(nSteps: number, given = bytes): Promise<Mark[]> {
        const { hash } = open(given);
        const marks: Mark[] = [];
        hash.follow(cuts, (mark) => marks.push(mark));
        for (let n = 0; n < nSteps; n++) await hash.readRange(n * step, step, signal);
        // Told when the bytes before are in the hash.
        await hash.verdict(signal);
        return marks;
    }

    it("is told at the places that were asked for, and at the end", async () => {
        expect((await begun(8)).map((mark) => mark.bytes)).toEqual(cuts);
        const { hash } = open(bytes);
        const marks: Mark[] = [];
        hash.follow([100, step, step + 100, 3 * step, MiB - 7], (mark) => marks.push(mark));
        await hash.readRange(0, MiB, signal);
        expect(await hash.verdict(signal)).toBe("right");
        expect(marks.map((mark) => mark.bytes)).toEqual([step, 3 * step, MiB - 7, MiB]);
    });

    it.each([1, 4, 8])("is right from step %d on, and reads nothing again", async (nSteps) => {
        const mark = (await begun(8))[nSteps - 1]!;
        const { asked, hash } = open(bytes);
        expect(hash.canResume(mark)).toBe(true);
        hash.resume(mark);
        for (let n = nSteps; n < 8; n++) await hash.readRange(n * step, step, signal);
        expect(await hash.verdict(signal)).toBe("right");
        expect(asked).toHaveLength(8 - nSteps);
    });

    it("is wrong for a wrong bit before it was gone on with, and for one after", async () => {
        const broken = bytes.slice();
        broken[10]! ^= 1;
        const mark = (await begun(8, broken))[3]!;
        const before = open(bytes).hash;
        before.resume(mark);
        await before.readRange(4 * step, 4 * step, signal);
        expect(await before.verdict(signal)).toBe("wrong");
        const other = bytes.slice();
        other[MiB - 1]! ^= 1;
        const after = open(other, hashOf(bytes)).hash;
        after.resume((await begun(8))[3]!);
        await after.readRange(4 * step, 4 * step, signal);
        expect(await after.verdict(signal)).toBe("wrong");
    });

    it("keeps what came before it was gone on with and lies behind", async () => {
        const mark = (await begun(8))[1]!;
        const { asked, hash } = open(bytes);
        await hash.readRange(step, 3 * step, signal);
        await hash.readRange(5 * step, 3 * step, signal);
        hash.resume(mark);
        await hash.readRange(4 * step, step, signal);
        expect(await hash.verdict(signal)).toBe("right");
        expect(asked).toHaveLength(3);
    });

    it("is not gone on with when more has been read already", async () => {
        const marks = await begun(8);
        const { hash } = open(bytes);
        await hash.readRange(0, 3 * step, signal);
        expect(marks.map((mark) => hash.canResume(mark))).toEqual([
            false,
            false,
            ...[3, 4, 5, 6, 7, 8].map(() => true),
        ]);
    });

    it("that was given up stays unknown, and says so again", async () => {
        const { asked, hash } = open(bytes);
        hash.resume({ bytes: 0, state: undefined });
        const marks: Mark[] = [];
        hash.follow(cuts, (mark) => marks.push(mark));
        expect(marks).toEqual([{ bytes: 0, state: undefined }]);
        await hash.readRange(0, MiB, signal);
        expect(await hash.verdict(signal)).toBe("unknown");
        expect(asked).toHaveLength(1);
    });

    it("says once when too much was out of its order to know", async () => {
        const size = 150 * MiB;
        const source = {
            sizeBytes: size,
            readRange: async (_start: number, length: number) => new Uint8Array(length),
            release: () => undefined,
        };
        const hash = new StreamHash(source, { kind: "sha256", hex: "" }, startSha256);
        const marks: Mark[] = [];
        hash.follow([size], (mark) => marks.push(mark));
        for (let at = MiB; at < size - MiB; at += 8 * MiB) {
            const length = Math.min(8 * MiB, size - MiB - at);
            await hash.readRange(at, length, signal);
        }
        expect(marks).toEqual([{ bytes: 0, state: undefined }]);
        expect(await hash.verdict(signal)).toBe("unknown");
    });
});
