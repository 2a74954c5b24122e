/** The decoders of src/lab/blocks against ggml's own: random bytes of each type, byte for byte the same floats; and layouts of the right size. */

import { beforeAll, describe, expect, it } from "vitest";
import { GGML_TYPES, type GgmlTypeName } from "../../src/gguf/types";
import { decodeByCodebook, hasCodebook, readCodebook } from "../../src/lab/blocks/codebooks";
import { decodeBlock, LAYOUTS } from "../../src/lab/blocks/layouts";
import type { NativeAddon } from "../../src/node/native";
import { openAddon } from "./addon";

let addon: NativeAddon;
beforeAll(() => {
    addon = openAddon();
});

const N_BLOCKS = 40;
const layouts = Object.entries(LAYOUTS) as [GgmlTypeName, NonNullable<(typeof LAYOUTS)["Q4_0"]>][];
const withCodebook = layouts.filter(([type]) => hasCodebook(type));
const decoded = layouts.filter(([type, { decode }]) => decode && type !== "F32");

/** Where a block has half precision numbers: random bits there would be infinite at times, which the native side refuses. */
function halves(type: GgmlTypeName): number[] {
    let at = 0;
    return (LAYOUTS[type]?.fields ?? []).flatMap(({ bytes, what }) => {
        const here = at;
        at += bytes;
        return what.includes("half precision") ? [here] : [];
    });
}

/** Every byte value in every place, by a fixed sequence. */
function randomBlocks(type: GgmlTypeName): Uint8Array {
    const { blockBytes } = GGML_TYPES[type];
    let state = 12345;
    const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
    const bytes = Uint8Array.from({ length: N_BLOCKS * blockBytes }, next);
    for (let block = 0; block < N_BLOCKS; block++) {
        // Exponents of all sizes but the greatest: subnormal numbers, both signs.
        for (const at of type === "F16" ? [0] : halves(type)) {
            const high = block * blockBytes + at + 1;
            if (((bytes[high] ?? 0) & 0x7c) === 0x7c) bytes[high] = (bytes[high] ?? 0) & 0xbb;
        }
        if (type === "BF16") bytes[2 * block + 1] = (bytes[2 * block + 1] ?? 0) & 0xbf;
        // Its scale is spread over the upper bits of four words.
        if (type === "IQ1_M")
            bytes[block * blockBytes + 55] = (bytes[block * blockBytes + 55] ?? 0) & 0xbf;
        // An exponent of a scale that the native side refuses or that is no number.
        if (type === "MXFP4") bytes[block * blockBytes] = (bytes[block * blockBytes] ?? 0) % 250;
    }
    return bytes;
}

async function native(type: GgmlTypeName, source: Uint8Array): Promise<Float32Array> {
    const { blockElements, blockBytes } = GGML_TYPES[type];
    const rowLength = (source.length / blockBytes) * blockElements;
    const bytes = await addon.quantizeRows({
        type: "F32",
        source,
        sourceType: type,
        rowLength,
        via: "F32",
    });
    return new Float32Array(bytes.slice().buffer);
}

describe("a block", () => {
    it.each(layouts)("of %s has fields of as many bytes as it has", (type, { fields }) => {
        expect(fields.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(GGML_TYPES[type].blockBytes);
    });

    it.each(decoded)("of %s has the values that ggml gives it", async (type) => {
        const { blockBytes, blockElements } = GGML_TYPES[type];
        const source = randomBlocks(type);
        const expected = await native(type, source);
        const values = new Float32Array(expected.length);
        for (let i = 0; i < N_BLOCKS; i++) {
            const block = decodeBlock(type, source.subarray(i * blockBytes, (i + 1) * blockBytes));
            values.set(block!.values, i * blockElements);
        }
        expect(new Set(values).size).toBeGreaterThan(20);
        expect(Buffer.from(values.buffer).equals(Buffer.from(expected.buffer)), type).toBe(true);
    });

    it.each(withCodebook)(
        "of %s has the values that ggml gives it, by its codebook",
        async (type) => {
            const { blockBytes, blockElements } = GGML_TYPES[type];
            const book = await readCodebook(type, (of, bytes) => native(of, bytes));
            const source = randomBlocks(type);
            const expected = await native(type, source);
            const values = new Float32Array(expected.length);
            for (let i = 0; i < N_BLOCKS; i++) {
                const bytes = source.subarray(i * blockBytes, (i + 1) * blockBytes);
                values.set(decodeByCodebook(type, bytes, book!)!.values, i * blockElements);
            }
            expect(new Set(values).size).toBeGreaterThan(20);
            expect(Buffer.from(values.buffer).equals(Buffer.from(expected.buffer)), type).toBe(
                true,
            );
        },
    );

    it("of another size is not decoded", () => {
        expect(decodeBlock("Q4_K", new Uint8Array(143))).toBeUndefined();
    });
});
