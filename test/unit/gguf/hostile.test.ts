/** The GGUF reader on files that are wrong: a sentence for each way to be wrong, and a bound on what any mutation can make it do. */

import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/base/errors";
import { Cursor } from "../../../src/gguf/cursor";
import { readGguf } from "../../../src/gguf/read";
import {
    entry,
    list,
    rawGguf,
    sourceOf,
    stringEntry,
    texts,
    TYPE,
    u32,
    u64,
    uint32Entry,
    type RawFile,
} from "./bytes";

const PREFIX = "The file is not a usable GGUF model: ";
const ADVICE = "; download it again or choose another model";
async function sentenceOf(bytes: Uint8Array, size = bytes.length): Promise<string> {
    const error: unknown = await readGguf(sourceOf(bytes, size)).then(
        () => "it was read",
        (one: unknown) => one,
    );
    if (!(error instanceof AppError)) throw new Error(`not an AppError: ${String(error)}`);
    expect(error.code).toBe("data/gguf");
    expect(error.message.slice(0, PREFIX.length)).toBe(PREFIX);
    expect(error.message).not.toMatch(/[.\n]$/);
    // What to do is said every time; the usual advice is left out below.
    expect(error.message).toContain("; ");
    return error.message.slice(PREFIX.length).replace(ADVICE, "");
}

const nested = (depth: number): Buffer =>
    depth === 0 ? texts(["x"]) : list(TYPE.array, 1, nested(depth - 1));

const WRONG: [string, RawFile, string][] = [
    ["another format", { magic: "GGML" }, "it does not begin with the letters GGUF"],
    ["version 1", { version: 1 }, "its version or byte order is not supported"],
    ["big endian", { version: 0x03000000 }, "its version or byte order is not supported"],
    ["version 99", { version: 99 }, "version 99 of the format is not supported"],
    ["4 billion tensors", { nTensors: 2n ** 32n }, "it declares 4294967296 tensors"],
    ["-1 keys", { nKeys: -1 }, "it declares 18446744073709552000 metadata keys"],
    ["more keys than there are", { nKeys: 50 }, "it ends inside its metadata; download it again"],
    ["an empty key", { metadata: [uint32Entry("", 1)] }, "its metadata has a key without a name"],
    [
        "a key twice",
        { metadata: [uint32Entry("a", 1), stringEntry("a", "b")] },
        "its metadata has the key a twice",
    ],
    [
        "a key with control characters",
        { metadata: [entry("a\u001b[2J\n", 77)] },
        "its key a?[2J? has the unknown value type 77",
    ],
    [
        "a value type beyond the table",
        { metadata: [entry("k", 13)] },
        "its key k has the unknown value type 13",
    ],
    [
        "an endless string",
        { metadata: [entry("k", TYPE.string, u64(2n ** 63n))] },
        "it declares a string of 9223372036854776000 bytes",
    ],
    [
        "a string beyond the file",
        { metadata: [entry("k", TYPE.string, u64(1e6))] },
        "it ends inside its metadata; download it again",
    ],
    [
        "a list longer than the file",
        { metadata: [entry("k", TYPE.array, list(TYPE.float64, 1000))], dataBytes: 7900 },
        "it ends inside its metadata; download it again",
    ],
    [
        "a list of 2^60 texts",
        { metadata: [entry("k", TYPE.array, list(TYPE.string, 2n ** 60n))] },
        "its key k declares an array of 1152921504606847000 values",
    ],
    [
        "a list of lists of lists of lists",
        { metadata: [entry("k", TYPE.array, nested(3))] },
        "its key k nests arrays too deeply",
    ],
    [
        "a text beyond the file in a list",
        { metadata: [entry("k", TYPE.array, list(TYPE.string, 1, u64(1e6)))] },
        "it ends inside its metadata; download it again",
    ],
    [
        "alignment 0",
        { metadata: [uint32Entry("general.alignment", 0)] },
        "its alignment is not a power of two",
    ],
    [
        "alignment 48",
        { metadata: [uint32Entry("general.alignment", 48)] },
        "its alignment is not a power of two",
    ],
    [
        "alignment as a text",
        { metadata: [stringEntry("general.alignment", "32")] },
        "its alignment is not a power of two",
    ],
    [
        "alignment as a list (ends llama.cpp)",
        { metadata: [entry("general.alignment", TYPE.array, list(TYPE.uint32, 1, u32(32)))] },
        "its alignment is not a power of two",
    ],
    [
        "77 dimensions (hangs node-llama-cpp)",
        { tensors: [{ name: "t", shape: [2, 2], nDimensions: 77 }] },
        "its tensor t declares 77 dimensions",
    ],
    [
        "2^40 x 2^40 values",
        { tensors: [{ name: "t", shape: [2n ** 40n, 2n ** 40n] }] },
        "its tensor t has an impossible shape",
    ],
    [
        "negative rows",
        { tensors: [{ name: "t", shape: [32, -1] }] },
        "its tensor t has an impossible shape",
    ],
    [
        "no rows",
        { tensors: [{ name: "t", shape: [32, 0] }] },
        "its tensor t has an impossible shape",
    ],
    [
        "tensor type 250",
        { tensors: [{ name: "t", shape: [32], type: 250 }] },
        "its tensor t has the unknown type 250",
    ],
    [
        "a tensor type that was removed",
        { tensors: [{ name: "t", shape: [32], type: 4 }] },
        "its tensor t has the unknown type 4",
    ],
    [
        "rows that do not fit the type",
        { tensors: [{ name: "t", shape: [33, 2], type: 8 }] },
        "the rows of its tensor t do not fit the type Q8_0",
    ],
    [
        "one value of a block type",
        { tensors: [{ name: "t", shape: [], type: 8 }] },
        "the rows of its tensor t do not fit the type Q8_0",
    ],
    [
        "a tensor name of 64 KB",
        { tensors: [{ name: "n".repeat(1 << 16), shape: [1] }] },
        "it declares a tensor name of 65536 bytes",
    ],
    [
        "more tensors than there are",
        { nTensors: 3, tensors: [{ name: "t", shape: [1] }] },
        "it ends inside its list of tensors; download it again",
    ],
];

describe("a wrong header", () => {
    it.each(WRONG)("%s", async (_, file, sentence) => {
        expect(await sentenceOf(rawGguf(file))).toBe(sentence);
    });

    it("nothing at all, and a stub", async () => {
        expect(await sentenceOf(new Uint8Array())).toBe("it is too short");
        expect(await sentenceOf(Buffer.from("GGUF"))).toBe("it ends inside its header");
    });

    it("a file that shrinks while it is read", async () => {
        const bytes = rawGguf({ metadata: [stringEntry("k", "x".repeat(1000))] });
        expect(await sentenceOf(bytes.subarray(0, 500), bytes.length)).toBe(
            "it ends inside its metadata; download it again",
        );
    });

    it("a header larger than the limit: nothing is asked beyond it", async () => {
        const source = sourceOf(new Uint8Array(4 << 20));
        const cursor = new Cursor(source, 3 << 20);
        await cursor.need(3 << 20, "short");
        const { nBytes } = source;
        cursor.text(100);
        await expect(cursor.need((3 << 20) - 99, "short")).rejects.toThrow(
            `${PREFIX}its header is too large`,
        );
        expect(source.nBytes).toBe(nBytes);
    });
});

describe("any damage", () => {
    const valid = rawGguf({
        metadata: [
            stringEntry("general.architecture", "llama"),
            uint32Entry("general.alignment", 32),
            entry("tokens", TYPE.array, texts(["a", "bc", "ü"])),
            entry("types", TYPE.array, list(TYPE.int32, 2, u32(1), u32(2))),
            entry("nested", TYPE.array, nested(1)),
        ],
        tensors: [
            { name: "token_embd.weight", shape: [32, 3], type: 8 },
            { name: "blk.0.attn_q.weight", shape: [32, 32], type: 8, offset: 128 },
        ],
        dataBytes: 128 + 32 * 34,
    });
    const headerBytes = valid.length - 128 - 32 * 34;

    /** Reads to the end or refuses with `data/gguf`; all lists decoded; never more bytes than the file has. */
    async function survives(bytes: Uint8Array): Promise<"read" | "refused"> {
        const source = sourceOf(bytes);
        try {
            const file = await readGguf(source);
            for (const { value } of file.metadata.values())
                if (typeof value === "object") expect(value.values.length).toBe(value.length);
            return "read";
        } catch (error) {
            if (!(error instanceof AppError) || error.code !== "data/gguf") throw error;
            return "refused";
        } finally {
            expect(source.nBytes).toBeLessThanOrEqual(bytes.length);
            expect(source.nReads).toBeLessThanOrEqual(1);
        }
    }

    it("to one byte is read or refused", async () => {
        const outcomes = { read: 0, refused: 0 };
        for (let at = 0; at < headerBytes; at++)
            for (const flip of [0x01, 0x80, 0xff]) {
                const bytes = Buffer.from(valid);
                bytes[at] = (bytes[at] ?? 0) ^ flip;
                outcomes[await survives(bytes)]++;
            }
        expect(outcomes.read).toBeGreaterThan(100);
        expect(outcomes.refused).toBeGreaterThan(300);
    });

    it("to eight bytes is read or refused", async () => {
        const outcomes = { read: 0, refused: 0 };
        const fields = [0n, 1n, 255n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
        for (let at = 0; at + 8 <= headerBytes; at += 3)
            for (const field of fields) {
                const bytes = Buffer.from(valid);
                bytes.writeBigUInt64LE(field, at);
                outcomes[await survives(bytes)]++;
            }
        expect(outcomes.refused).toBeGreaterThan(300);
    });

    it("by an end at any place is refused", async () => {
        const end = headerBytes - 32;
        for (let length = 0; length < end; length++)
            expect(await survives(valid.subarray(0, length)), `${length} bytes`).toBe("refused");
    });
});
