/** Our SHA-256 beside node's: vectors of FIPS 180-4, every split, states taken out and gone on with, both ways of computing. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadNative, type NativeSha256 } from "../../src/node/native";
import { hashOf } from "../support/hashes";

const addon = loadNative();
const text = (value: string) => new TextEncoder().encode(value);

/** The same bytes at every run; no two neighbours of a block are alike. */
function pattern(length: number): Uint8Array {
    let state = 12345;
    return Uint8Array.from({ length }, () => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return state >>> 24;
    });
}

async function fed(hash: NativeSha256, pieces: readonly Uint8Array[]): Promise<string> {
    for (const piece of pieces) void hash.update(piece);
    return hash.digest();
}

describe.each([
    ["as this processor does it", false],
    ["without its instructions", true],
])("%s", (_name, plain) => {
    const begin = (state?: Uint8Array) => addon.createSha256(state, { plain });

    it.each([
        ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
        ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
        [
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ],
        [
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
        ],
    ])("the standard's example %j", async (message, hex) => {
        expect(await fed(begin(), [text(message)])).toBe(hex);
    });

    it("a million times the letter a", async () => {
        const hash = begin();
        const piece = text("a".repeat(1000));
        for (let i = 0; i < 1000; i++) void hash.update(piece);
        expect(await hash.digest()).toBe(
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        );
    });

    it("every length up to four blocks, cut at every place", async () => {
        const bytes = pattern(256);
        for (let length = 0; length <= bytes.length; length++) {
            const whole = bytes.subarray(0, length);
            const wanted = hashOf(whole);
            const cuts = Array.from({ length: length + 1 }, (_, cut) =>
                fed(begin(), [whole.subarray(0, cut), whole.subarray(cut)]),
            );
            expect(new Set(await Promise.all(cuts))).toEqual(new Set([wanted]));
        }
    });

    it("a state that is taken out and gone on with at every place", async () => {
        const bytes = pattern(200);
        for (let cut = 0; cut <= bytes.length; cut++) {
            const first = begin();
            void first.update(bytes.subarray(0, cut));
            const state = await first.save();
            expect(state.length).toBe(40 + (cut % 64));
            expect(await fed(begin(state), [bytes.subarray(cut)])).toBe(hashOf(bytes));
            // Looking does not change what is looked at.
            expect(await fed(first, [bytes.subarray(cut)])).toBe(hashOf(bytes));
        }
    });

    it("long pieces of odd lengths from odd addresses", async () => {
        const bytes = pattern(1_000_003);
        const pieces: Uint8Array[] = [];
        for (let at = 1, n = 1; at < bytes.length; at += n, n = (n * 7 + 3) % 70_001)
            pieces.push(bytes.subarray(at, at + n));
        expect(await fed(begin(), pieces)).toBe(hashOf(bytes.subarray(1)));
    });

    it.each([2 ** 29, 2 ** 32 - 64, 2 ** 32, 2 ** 40])(
        "counts past %d bytes",
        async (nBytes: number) => {
            // The state of a fresh hash with another count: what padding then holds is compared with a block written by hand.
            const state = await begin().save();
            new DataView(state.buffer).setBigUint64(32, BigInt(nBytes));
            const padding = new Uint8Array(64);
            padding.set(text("abc"));
            padding[3] = 0x80;
            new DataView(padding.buffer).setBigUint64(56, BigInt(nBytes + 3) * 8n);
            const padded = begin();
            void padded.update(padding);
            const words = Buffer.from((await padded.save()).subarray(0, 32)).toString("hex");
            expect(await fed(begin(state), [text("abc")])).toBe(words);
        },
    );
});

describe("calls", () => {
    it("take effect in their order, of several hashes at a time", async () => {
        const bytes = pattern(3_000_000);
        const hashes = [1, 2, 3, 4].map(() => addon.createSha256());
        for (let at = 0; at < bytes.length; at += 100_000)
            for (const hash of hashes) void hash.update(bytes.subarray(at, at + 100_000));
        const digests = await Promise.all(hashes.map((hash) => hash.digest()));
        expect(new Set(digests)).toEqual(new Set([hashOf(bytes)]));
    });

    it("between others see what came before them, and nothing more", async () => {
        const hash = addon.createSha256();
        void hash.update(text("a"));
        const early = hash.digest();
        const state = hash.save();
        void hash.update(text("bc"));
        expect(await hash.digest()).toBe(hashOf(text("abc")));
        expect(await early).toBe(hashOf(text("a")));
        expect(await fed(addon.createSha256(await state), [text("x")])).toBe(hashOf(text("ax")));
    });

    it("refuse what is no state and no bytes", async () => {
        const state = await addon.createSha256().save();
        for (const length of [0, 39]) {
            const cut = state.subarray(0, length);
            expect(() => addon.createSha256(cut)).toThrow(/no state of a SHA-256/);
        }
        const long = new Uint8Array(41);
        expect(() => addon.createSha256(long)).toThrow(/no state of a SHA-256/);
        const hash = addon.createSha256();
        expect(() => hash.update("abc" as never)).toThrow(/must be a Uint8Array/);
        const shared = new Uint8Array(new SharedArrayBuffer(4));
        expect(() => hash.update(shared)).toThrow(/must not be shared memory/);
        expect(await hash.digest()).toBe(createHash("sha256").digest("hex"));
    });
});
