/** Rows of floats to rows of a ggml type: sizes, values that can be checked by hand, roundings, and what is refused. */
import { beforeAll, describe, expect, it } from "vitest";
import type { NativeAddon, QuantizeOptions } from "../../src/node/native";
import { openAddon } from "./addon";

let addon: NativeAddon;
beforeAll(() => {
    addon = openAddon();
});

const bytesOf = (values: Float32Array | Uint16Array) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const floatsOf = (bytes: Uint8Array) => new Float32Array(bytes.slice().buffer);
const wordsOf = (bytes: Uint8Array) => [...new Uint16Array(bytes.slice().buffer)];

/** Smooth, different in every row, both signs. */
const matrix = (rows: number, columns: number) =>
    Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 0.37) * (1 + (i % 5)));

const quantize = (options: Partial<QuantizeOptions> & { type: string; source: Uint8Array }) =>
    addon.quantizeRows({ sourceType: "F32", via: "F32", rowLength: 512, ...options });

/** Bytes per row of 512 values, from the block layouts of ggml-common.h. */
const rowBytes: Record<string, number> = {
    F32: 2048,
    F16: 1024,
    BF16: 1024,
    Q4_0: 16 * 18,
    Q4_1: 16 * 20,
    Q5_0: 16 * 22,
    Q5_1: 16 * 24,
    Q8_0: 16 * 34,
    Q2_K: 2 * 84,
    Q3_K: 2 * 110,
    Q4_K: 2 * 144,
    Q5_K: 2 * 176,
    Q6_K: 2 * 210,
    IQ1_S: 2 * 50,
    IQ1_M: 2 * 56,
    IQ2_XXS: 2 * 66,
    IQ2_XS: 2 * 74,
    IQ2_S: 2 * 82,
    IQ3_XXS: 2 * 98,
    IQ3_S: 2 * 110,
    IQ4_NL: 16 * 18,
    IQ4_XS: 2 * 136,
    TQ1_0: 2 * 54,
    TQ2_0: 2 * 66,
    MXFP4: 16 * 17,
};

// ggml makes the tables of IQ1_S on first use: 8 s of processor time, of the other types less
describe("every type", { timeout: 240_000 }, () => {
    it.each(Object.entries(rowBytes))("%s has rows of %i bytes", async (type, bytes) => {
        expect(addon.rowBytes(type, 512)).toBe(bytes);
        const source = bytesOf(matrix(3, 512));
        const imatrix = new Float32Array(512).fill(1);
        const whole = await quantize({ type, source, imatrix });
        expect(whole).toHaveLength(3 * bytes);
        expect(whole.some((byte) => byte !== 0)).toBe(true);
        // a row does not depend on its neighbours: any split of a tensor gives the same file
        const last = await quantize({ type, source: source.subarray(2 * 2048), imatrix });
        expect(last).toEqual(whole.subarray(2 * bytes));
    });

    it("names are ggml's, case ignored", () => {
        expect(addon.rowBytes("q4_k", 256)).toBe(144);
        expect(() => addon.rowBytes("Q4_2", 256)).toThrow(/Unknown type Q4_2/);
        expect(() => addon.rowBytes("Q8_K", 256)).toThrow(/Unknown type/);
        expect(() => addon.rowBytes("Q4_K", 200)).toThrow(/blocks of 256/);
    });
});

describe("values", () => {
    it("Q8_0 is a half scale and 32 signed bytes", async () => {
        // ggml: d = greatest / 127, stored as a half; q = round(value / d)
        const values = Float32Array.from({ length: 32 }, (_, i) => (i - 31) * 8.2 + 127);
        const block = await quantize({ type: "Q8_0", source: bytesOf(values), rowLength: 32 });
        expect(Math.max(...values.map(Math.abs))).toBe(Math.abs(values[0]!));
        const scale = Math.abs(values[0]!) / 127;
        expect(wordsOf(block.subarray(0, 2))).toEqual([0x3c02]);
        expect([...new Int8Array(block.slice(2).buffer)]).toEqual(
            [...values].map((value) => Math.round(value / scale)),
        );
    });

    it("F32, F16 and BF16 round to the nearest, ties to even", async () => {
        const values = Float32Array.of(1, -2.5, 65504, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -24, 0);
        const source = bytesOf(values);
        const rowLength = values.length;
        expect(floatsOf(await quantize({ type: "F32", source, rowLength }))).toEqual(values);
        expect(wordsOf(await quantize({ type: "F16", source, rowLength }))).toEqual([
            0x3c00, 0xc100, 0x7bff, 0x3c00, 0x3c02, 0x0001, 0x0000,
        ]);
        const ties = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 1e-40);
        expect(
            wordsOf(await quantize({ type: "BF16", source: bytesOf(ties), rowLength: 3 })),
        ).toEqual([0x3f80, 0x3f82, 0x0001]);
    });

    it("rounds as if a file of another type had been written between", async () => {
        const values = matrix(2, 512);
        const half = await quantize({ type: "F16", source: bytesOf(values) });
        for (const type of ["F32", "Q8_0", "Q4_K"]) {
            const direct = await quantize({ type, source: bytesOf(values), via: "F16" });
            const twice = await quantize({ type, source: half, sourceType: "F16" });
            expect(direct).toEqual(twice);
        }
        const exact = await quantize({ type: "F32", source: bytesOf(values) });
        expect(await quantize({ type: "F32", source: bytesOf(values), via: "F16" })).not.toEqual(
            exact,
        );
    });

    it("reads BF16 and F16 sources, at odd addresses too", async () => {
        const words = Uint16Array.of(0x3f80, 0xc020, 0x0001, 0x7f7f);
        const shifted = new Uint8Array(9);
        shifted.set(bytesOf(words), 1);
        const wide = await quantize({
            type: "F32",
            source: shifted.subarray(1),
            sourceType: "BF16",
            rowLength: 4,
        });
        expect([...new Uint32Array(wide.slice().buffer)]).toEqual([
            0x3f800000, 0xc0200000, 0x00010000, 0x7f7f0000,
        ]);
    });

    it("importances change the result", async () => {
        const source = bytesOf(matrix(1, 512));
        const imatrix = Float32Array.from({ length: 512 }, (_, i) => 1 + (i % 7));
        const plain = await quantize({ type: "Q4_K", source });
        expect(await quantize({ type: "Q4_K", source, imatrix })).not.toEqual(plain);
    });
});

describe("refused", () => {
    const bad = (row: number, column: number, value: number) => {
        const values = matrix(3, 512);
        values[row * 512 + column] = value;
        return bytesOf(values);
    };

    it.each(["Q4_K", "Q8_0", "F16", "F32"])("values that are not finite, to %s", async (type) => {
        const notNumber = quantize({ type, source: bad(2, 7, NaN) });
        await expect(notNumber).rejects.toThrow("row 2, column 7 is not a number");
        await expect(notNumber).rejects.toMatchObject({ code: "data/checkpoint" });
        await expect(quantize({ type, source: bad(0, 511, -Infinity) })).rejects.toThrow(
            "row 0, column 511 is infinite",
        );
    });

    it("values that are infinite only after rounding", async () => {
        const source = bad(1, 0, 1e6);
        await expect(quantize({ type: "Q8_0", source, via: "F16" })).rejects.toThrow(
            "row 1, column 0 is infinite as F16",
        );
        await expect(quantize({ type: "F16", source })).rejects.toThrow(/not finite as f16/);
        expect(await quantize({ type: "Q8_0", source })).toHaveLength(3 * 544);
    });

    it.each(["IQ2_XXS", "IQ2_XS", "IQ1_S"])("%s without importances", async (type) => {
        const source = bytesOf(matrix(1, 512));
        await expect(quantize({ type, source })).rejects.toThrow(/importance matrix/);
    });

    it("importances that are no weights, and rows that are not whole", async () => {
        const source = bytesOf(matrix(1, 512));
        const imatrix = new Float32Array(512);
        imatrix[3] = NaN;
        await expect(quantize({ type: "Q4_K", source, imatrix })).rejects.toThrow(/column 3/);
        const short = new Float32Array(100);
        await expect(quantize({ type: "Q4_K", source, imatrix: short })).rejects.toThrow(
            /one value per column/,
        );
        await expect(quantize({ type: "Q4_K", source: source.subarray(0, 2047) })).rejects.toThrow(
            /whole rows/,
        );
        const shared = new Uint8Array(new SharedArrayBuffer(2048));
        await expect(quantize({ type: "F32", source: shared })).rejects.toThrow(/shared memory/);
    });
});
