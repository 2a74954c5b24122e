/** Values of tensors: which rows a sample takes, what is said of them, and what simple ways to quantize lose, on numbers that can be checked by hand. */

import { describe, expect, it } from "vitest";
import { sampleRows, toFloats } from "../../../src/lab/inspect/floats";
import { viewBlock } from "../../../src/lab/inspect/blockView";
import {
    byCodebook,
    compareMethods,
    relativeError,
    roundToNearest,
} from "../../../src/lab/inspect/learn";
import { InspectedModel } from "../../../src/lab/inspect/model";
import { describe as describeValues, summarize } from "../../../src/lab/inspect/values";
import type { QuantizeOptions } from "../../../src/node/native";
import { tinyGguf } from "../../support/tinyGguf";
import { filesOf } from "./inspected";

const ROWS = 1000;
const COLUMNS = 64;
const signal = new AbortController().signal;
const quiet = { native: undefined, signal, onProgress: () => undefined };

/** A tensor whose value is its row, in single precision. */
async function numbered() {
    const bytes = tinyGguf({
        tensors: [{ name: "t.weight", shape: [COLUMNS, ROWS], type: "F32" }],
    });
    const source = filesOf({ "a.gguf": bytes });
    const model = await InspectedModel.open(source);
    const floats = Float32Array.from({ length: ROWS * COLUMNS }, (_, i) => Math.floor(i / COLUMNS));
    bytes.set(new Uint8Array(floats.buffer), model.first.dataOffset);
    source.nBytes = 0;
    return { model, source, tensor: model.tensor("t.weight") };
}

describe("a sample", () => {
    it("has whole rows from all over the tensor, and reads no others", async () => {
        const { model, source, tensor } = await numbered();
        const seen: number[] = [];
        const { values, rows, nRows } = await sampleRows(model, tensor, {
            maxValues: 128 * COLUMNS,
            native: undefined,
            signal,
            onProgress: (done) => seen.push(done),
        });
        expect(nRows).toBe(ROWS);
        expect(rows).toHaveLength(128);
        expect(source.nBytes).toBe(128 * COLUMNS * 4);
        expect(rows.map((_, i) => values[i * COLUMNS])).toEqual(rows);
        expect(new Set(rows).size).toBe(128);
        expect(rows[0]).toBe(0);
        expect(Math.max(...rows)).toBeGreaterThan(ROWS * 0.95);
        expect(seen.at(-1)).toBe(128);
    });

    it("is all of a small tensor, and ends when it is cancelled", async () => {
        const { model, tensor } = await numbered();
        const all = await sampleRows(model, tensor, { ...quiet, maxValues: 1e9 });
        expect(all.rows).toEqual([...Array(ROWS).keys()]);
        const stopped = AbortSignal.abort();
        const asked = sampleRows(model, tensor, { ...quiet, maxValues: 1e9, signal: stopped });
        await expect(asked).rejects.toThrow();
    });

    it("needs native code for a type with a codebook, and says so", async () => {
        const block = new Uint8Array(66);
        await expect(toFloats("IQ2_XXS", block, 256, undefined)).rejects.toThrow(/native part/);
    });
});

describe("what is said of values", () => {
    const sample = (values: readonly number[], rowLength = values.length) => ({
        values: Float32Array.from(values),
        rowLength,
        rows: Array.from({ length: values.length / rowLength }, (_, i) => 10 + i),
        nRows: 100,
    });

    it("counts zeros, outliers and what is not finite", () => {
        const values: number[] = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1 : -1));
        values[10] = 0;
        values[20] = 100;
        values[30] = NaN;
        const { histogram, ...said } = describeValues(sample(values, 100));
        expect(said).toMatchObject({
            nSampled: 1000,
            nRows: 10,
            nNotFinite: 1,
            min: -1,
            max: 100,
            nZero: 1,
            nSmall: 1,
            nOutliers: 1,
        });
        expect(said.largest[0]).toEqual({ value: 100, row: 10, column: 20 });
        expect(said.columns[0]?.column).toBe(20);
        const { bins, nAbove, nBelow } = histogram;
        expect(bins.reduce((sum, n) => sum + n, 0) + nAbove + nBelow).toBe(999);
        expect(nAbove).toBe(1);
    });

    it("puts a symmetric range into the bins, its largest value too", () => {
        const { histogram, deviation, kurtosis } = describeValues(sample([-2, 2, -2, 2]));
        expect(deviation).toBe(2);
        expect(kurtosis).toBe(1);
        expect(histogram.bins.reduce((sum, n) => sum + n, 0)).toBe(4);
        const flat = describeValues(sample([3, 3, 3]));
        expect(flat.histogram.bins.reduce((sum, n) => sum + n, 0)).toBe(3);
        expect(flat.nOutliers).toBe(0);
    });

    it("is of at most so many bytes of a file of the Hub", async () => {
        const { model, source } = await numbered();
        const said = await summarize(model, "t.weight", { ...quiet, isRemote: true });
        expect(said).toMatchObject({ nAll: ROWS * COLUMNS, min: 0, max: ROWS - 1 });
        expect(source.nBytes).toBeLessThanOrEqual(4 << 20);
    });
});

describe("simple ways to quantize", () => {
    it("round to steps from the largest magnitude", () => {
        const values = Float32Array.of(0.7, -0.24, 0.36, 0);
        const rounded = [...roundToNearest(values, 4)].map((value) => Number(value.toFixed(6)));
        expect(rounded).toEqual([0.7, -0.2, 0.4, 0]);
        expect(relativeError(values, values)).toBe(0);
        expect([...roundToNearest(Float32Array.of(0, 0), 4)]).toEqual([0, 0]);
    });

    it("find the codebook that values come from", () => {
        const entries = [-1, -0.25, 0.5, 2];
        const values = Float32Array.from({ length: 400 }, (_, i) => entries[i % 4] ?? 0);
        expect(relativeError(values, byCodebook(values, 2))).toBeLessThan(1e-6);
        expect(relativeError(values, roundToNearest(values, 2))).toBeGreaterThan(0.2);
    });

    it("are compared for tensors that were not quantized, with fewer bits losing more", async () => {
        const { model } = await numbered();
        const { methods } = await compareMethods(model, "t.weight", quiet);
        const rounding = methods.filter(({ kind }) => kind === "rounding");
        expect(rounding.map(({ bits }) => bits)).toEqual([8, 6, 5, 4, 3, 2]);
        const by4 = (kind: string) => methods.find((one) => one.kind === kind && one.bits === 4);
        expect(by4("codebook")?.error).toBeLessThan(by4("rounding")?.error ?? 0);
        expect(methods.every(({ kind }) => kind !== "type")).toBe(true);
        const tiny = await InspectedModel.open(filesOf({ "a.gguf": tinyGguf() }));
        await expect(compareMethods(tiny, "blk.0.attn_q.weight", quiet)).rejects.toThrow(
            /quantized already \(Q8_0\)/,
        );
    });

    it("name the types that were not tried, with the reason: length of the rows, no native part, no importance matrix", async () => {
        const { model } = await numbered();
        const reasons = async (environment: Parameters<typeof compareMethods>[2]) => {
            const { missing } = await compareMethods(model, "t.weight", environment);
            return new Map(missing.map(({ name, why }) => [name, why]));
        };
        const rows = "rows of 64 values are no whole blocks of 256";
        const without = await reasons(quiet);
        expect(without.size).toBe(20);
        expect(without.get("Q8_0")).toBe("needs the native part, which does not run here");
        expect(without.get("IQ1_S")).toBe(rows);
        const withNative = await reasons({ ...quiet, native: lossy().native });
        expect([...new Set(withNative.values())]).toEqual([rows]);
        expect(withNative.has("Q8_0")).toBe(false);
    });

    it("try those that need an importance matrix only with one, which then counts for all", async () => {
        const shape = [256, 8];
        const bytes = tinyGguf({ tensors: [{ name: "t.weight", shape, type: "F32" }] });
        const model = await InspectedModel.open(filesOf({ "a.gguf": bytes }));
        const values = new Float32Array(256 * 8).fill(1);
        bytes.set(new Uint8Array(values.buffer), model.first.dataOffset);
        const ofTypes = ["IQ3_XXS", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ1_M", "IQ1_S"];

        const plain = lossy();
        const { missing, methods } = await compareMethods(model, "t.weight", {
            ...quiet,
            native: plain.native,
        });
        const wanting = missing.filter(({ needsImatrix }) => needsImatrix);
        expect(wanting.map(({ name }) => name)).toEqual(ofTypes);
        expect(wanting[0]).toMatchObject({ bits: 3.0625, why: "needs an importance matrix" });
        expect(plain.made.size).toBe(14);
        // One column of 256 is lost.
        expect(methods.find(({ name }) => name === "Q8_0")?.error).toBeCloseTo(1 / 16, 6);

        const importances = new Float32Array(256);
        importances[0] = 3;
        importances[1] = 1;
        const imatrix = { name: "code.gguf", entries: new Map([["t.weight", importances]]) };
        const weighted = lossy();
        const all = await compareMethods(model, "t.weight", {
            ...quiet,
            native: weighted.native,
            imatrix,
        });
        expect(all).toMatchObject({ missing: [], imatrix: "code.gguf" });
        expect(new Set(weighted.made.values())).toEqual(new Set([importances]));
        expect(weighted.made.size).toBe(20);
        const iq1 = all.methods.find(({ name }) => name === "IQ1_S");
        expect(iq1?.error).toBeCloseTo(Math.sqrt(3 / 4), 6);

        imatrix.entries.set("t.weight", new Float32Array(512));
        await expect(
            compareMethods(model, "t.weight", { ...quiet, native: weighted.native, imatrix }),
        ).rejects.toThrow(/code\.gguf has 512 values for t\.weight, which has rows of 256/);
    });
});

/** Types that lose the first column of each row and nothing else; `made`: with which importances each was made. */
function lossy() {
    const made = new Map<string, Float32Array | undefined>();
    const quantizeRows = ({ type, source, rowLength, imatrix }: QuantizeOptions) => {
        const values = new Float32Array(source.slice().buffer);
        if (type !== "F32") made.set(type, imatrix);
        for (let i = 0; i < values.length; i += rowLength) values[i] = 0;
        return Promise.resolve(new Uint8Array(values.buffer));
    };
    return { native: { quantizeRows }, made };
}

describe("a block of a tensor", () => {
    it("is taken apart: fields, scale, quants, values", async () => {
        const bytes = tinyGguf();
        const model = await InspectedModel.open(filesOf({ "a.gguf": bytes }));
        const tensor = model.tensor("blk.0.attn_q.weight");
        // The second block: a scale of 0.5 and quants from -16.
        bytes.set(
            [0x00, 0x38, ...Array.from({ length: 32 }, (_, i) => (i - 16) & 0xff)],
            tensor.position + 34,
        );
        const view = await viewBlock(model, { tensor: tensor.name, block: 1 }, undefined);
        expect(view).toMatchObject({ type: "Q8_0", nBlocks: 32, position: tensor.position + 34 });
        expect(view.fields.map(({ name, from, bytes: n }) => [name, from, n])).toEqual([
            ["d", 0, 2],
            ["qs", 2, 32],
        ]);
        expect(view.groups).toEqual([{ from: 0, scale: 0.5, min: 0 }]);
        expect(view.values).toEqual(view.quants.map((quant) => quant / 2));
        expect(view.quants[0]).toBe(-16);
        const beyond = viewBlock(model, { tensor: tensor.name, block: 32 }, undefined);
        await expect(beyond).rejects.toThrow(/blocks 0 to 31/);
    });
});
