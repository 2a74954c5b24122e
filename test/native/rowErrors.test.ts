// What rows lose as a type: the same as quantizing, reading back and adding up in JavaScript.
import { beforeAll, describe, expect, it } from "vitest";
import type { NativeAddon } from "../../src/node/native";
import { openAddon } from "./addon";

let addon: NativeAddon;
beforeAll(() => {
    addon = openAddon();
});

const COLUMNS = 512;
const values = Float32Array.from(
    { length: 3 * COLUMNS },
    (_, i) => Math.sin(i * 0.37) * (1 + (i % 5)),
);
const source = new Uint8Array(values.buffer);
const imatrix = Float32Array.from({ length: COLUMNS }, (_, i) => (i % 7) / 3);
const options = { source, sourceType: "F32", via: "F32", rowLength: COLUMNS } as const;
const TYPES = ["Q4_K", "Q8_0", "IQ2_XXS", "Q4_0", "BF16", "F32"];

async function expected(type: string, weights: Float32Array | undefined): Promise<number> {
    const blocks = await addon.quantizeRows({ ...options, type, imatrix: weights });
    const back = await addon.quantizeRows({
        ...options,
        source: blocks,
        sourceType: type,
        type: "F32",
    });
    const read = new Float32Array(back.slice().buffer);
    return values.reduce(
        (sum, value, i) => sum + (value - (read[i] ?? 0)) ** 2 * (weights?.[i % COLUMNS] ?? 1),
        0,
    );
}

describe("rowErrors", () => {
    it("gives the weighted squares and the weighted errors of every type", async () => {
        const [energy, ...errors] = await addon.rowErrors({ ...options, types: TYPES, imatrix });
        const squares = values.reduce((sum, v, i) => sum + v * v * (imatrix[i % COLUMNS] ?? 0), 0);
        expect((energy ?? 0) / squares).toBeCloseTo(1, 6);
        for (const [i, type] of TYPES.entries()) {
            const wanted = await expected(type, imatrix);
            if (type === "F32") expect(errors[i]).toBe(0);
            else expect((errors[i] ?? 0) / wanted).toBeCloseTo(1, 6);
        }
    });

    it("counts every column once without importances", async () => {
        const [, error] = await addon.rowErrors({ ...options, types: ["Q4_K"] });
        expect((error ?? 0) / (await expected("Q4_K", undefined))).toBeCloseTo(1, 6);
    });

    it("refuses what cannot be", async () => {
        const ask = (more: object) => addon.rowErrors({ ...options, types: ["Q4_K"], ...more });
        await expect(ask({ types: ["IQ2_XXS"] })).rejects.toThrow(/needs an importance matrix/);
        await expect(ask({ types: ["Q9_Z"] })).rejects.toThrow(/Unknown type/);
        await expect(ask({ types: "Q4_K" })).rejects.toThrow(/types must be an array/);
        await expect(ask({ rowLength: 96 })).rejects.toThrow(/blocks of 256/);
        await expect(ask({ imatrix: imatrix.subarray(1) })).rejects.toThrow(/one value per column/);
        const broken = values.slice();
        broken[700] = NaN;
        await expect(ask({ source: new Uint8Array(broken.buffer) })).rejects.toThrow(
            /row 1, column 188/,
        );
    });
});
