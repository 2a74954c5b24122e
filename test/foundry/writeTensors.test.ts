// The block writer on tensors of many blocks: rows land at their place, gathered or not, whatever the block size.
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { everyRow, permuteHeads, takeShares } from "../../src/foundry/family/rows";
import { halfToFloat, roundToHalf } from "../../src/foundry/floats";
import { applyChange, partBytes } from "../../src/foundry/parts";
import type { SourceTensor } from "../../src/foundry/checkpoint/index";
import type { TensorJob } from "../../src/foundry/blocks";
import { writeTensors } from "../../src/foundry/writeTensors";
import type { NativeAddon } from "../../src/node/native";
import { makeTempFolder, openNative } from "../goldens/runConvert";

let temp: ReturnType<typeof makeTempFolder>;
beforeEach(() => (temp = makeTempFolder()));
afterEach(() => temp.remove());

const WIDTH = 4;
const ROWS = 24;

/** Row r holds r, r + 0.25, r + 0.5, r + 0.75. */
async function writeSource(): Promise<SourceTensor> {
    const values = Float32Array.from({ length: ROWS * WIDTH }, (_, i) => i / WIDTH);
    await writeFile(join(temp.path, "model.safetensors"), new Uint8Array(values.buffer));
    return {
        name: "w",
        dtype: "F32",
        shape: [ROWS, WIDTH],
        file: "model.safetensors",
        offset: 0,
        bytes: ROWS * WIDTH * 4,
    };
}

async function rowsOf(jobs: TensorJob[], nRows: number, blockBytes: number): Promise<number[]> {
    const values = await valuesOf(jobs, nRows * WIDTH, blockBytes);
    return values.filter((_, i) => i % WIDTH === 0);
}

async function valuesOf(jobs: TensorJob[], nValues: number, blockBytes: number): Promise<number[]> {
    const path = join(temp.path, "out");
    const out = await open(path, "w+");
    await out.truncate(nValues * 4);
    await writeTensors(jobs, {
        source: await openFolder(temp.path),
        out,
        native: openNative(),
        threads: 2,
        signal: new AbortController().signal,
        blockBytes,
        onProgress: () => undefined,
    });
    await out.close();
    const bytes = await readFile(path);
    return Array.from({ length: nValues }, (_, i) => bytes.readFloatLE(i * 4));
}

const job = (over: Partial<TensorJob> & Pick<TensorJob, "tensor">): TensorJob => ({
    type: "F32",
    via: "F32",
    offset: 0,
    rowBytes: WIDTH * 4,
    ...over,
});

describe("blocks", () => {
    it.each([1, 17, 64, 100, 1 << 20])("of %d bytes keep rows in order", async (blockBytes) => {
        const source = await writeSource();
        const tensor = { name: "w", shape: source.shape, parts: [{ source, gather: undefined }] };
        expect(await rowsOf([job({ tensor })], ROWS, blockBytes)).toEqual(
            Array.from({ length: ROWS }, (_, row) => row),
        );
    });

    it.each([1, 40, 64, 100, 1 << 20])("of %d bytes permute heads", async (blockBytes) => {
        const source = await writeSource();
        const gather = permuteHeads(3)(ROWS, "q");
        const tensor = { name: "w", shape: source.shape, parts: [{ source, gather }] };
        expect(await rowsOf([job({ tensor })], ROWS, blockBytes)).toEqual(
            [0, 8, 16].flatMap((head) => [0, 4, 1, 5, 2, 6, 3, 7].map((row) => head + row)),
        );
    });

    it.each([16, 1 << 20])("of %d bytes gather rows that lie far apart", async (blockBytes) => {
        const source = await writeSource();
        const order = [23, 0, 1, 2, 22];
        const gather = { nRows: order.length, sourceRow: (row: number) => order[row] ?? 0 };
        const tensor = { name: "w", shape: [order.length, WIDTH], parts: [{ source, gather }] };
        expect(await rowsOf([job({ tensor })], order.length, blockBytes)).toEqual(order);
    });

    it("stack several sources and write several tensors at their offsets", async () => {
        const source = await writeSource();
        const slice = (first: number, nRows: number) => ({
            source: {
                ...source,
                offset: first * WIDTH * 4,
                shape: [nRows, WIDTH],
                bytes: nRows * WIDTH * 4,
            },
            gather: undefined,
        });
        const jobs = [
            job({
                tensor: { name: "a", shape: [2, 3, WIDTH], parts: [slice(9, 3), slice(0, 3)] },
                offset: 2 * WIDTH * 4,
            }),
            job({ tensor: { name: "b", shape: [2, WIDTH], parts: [slice(20, 2)] } }),
        ];
        expect(await rowsOf(jobs, 8, 32)).toEqual([20, 21, 9, 10, 11, 0, 1, 2]);
    });

    it.each([1, 40, 1 << 20])("of %d bytes transpose matrices", async (blockBytes) => {
        const source = await writeSource();
        // Heads of 8 rows, of which the first 6 are kept; each becomes a matrix of 4 x 6.
        const change = {
            rows: takeShares(3, 8, 0, 6),
            transpose: 6,
            afterTranspose: everyRow(1, 2),
        };
        const { part, shape } = applyChange(source, change);
        expect(shape).toEqual([3, 2, 6]);
        const tensor = { name: "w", shape, parts: [part] };
        const values = await valuesOf([job({ tensor, rowBytes: 24 })], 36, blockBytes);
        expect(values).toEqual(
            [0, 8, 16].flatMap((head) =>
                [0.25, 0.75].flatMap((column) => [0, 1, 2, 3, 4, 5].map((y) => head + y + column)),
            ),
        );
    });

    it.each([1, 1 << 20])("of %d bytes change values and shapes", async (blockBytes) => {
        const source = { ...(await writeSource()), shape: [ROWS * WIDTH] };
        const change = { value: (value: number) => value + 1, shape: () => [ROWS * WIDTH, 1] };
        const { part, shape } = applyChange(source, change);
        const tensor = { name: "a", shape, parts: [part] };
        expect(await valuesOf([job({ tensor, rowBytes: 4 })], ROWS * WIDTH, blockBytes)).toEqual(
            Array.from({ length: ROWS * WIDTH }, (_, i) => i / WIDTH + 1),
        );
    });

    it("move single elements of a matrix", async () => {
        const source = await writeSource();
        const change = {
            elements: true,
            rows: everyRow(1, 2),
            shape: ([rows = 0, length = 0]: readonly number[]) => [rows, length / 2],
        };
        const { part, shape } = applyChange(source, change);
        const tensor = { name: "b.bias", shape, parts: [part] };
        expect(shape).toEqual([ROWS, 2]);
        expect(partBytes(part)).toBe(ROWS * 2 * 4);
        expect(await valuesOf([job({ tensor, rowBytes: 8 })], ROWS * 2, 64)).toEqual(
            Array.from({ length: ROWS }, (_, row) => [row + 0.25, row + 0.75]).flat(),
        );
    });

    it("round what is computed in f16 to f16", () => {
        // Finite 16-bit floats and the points between neighbours.
        const ties = (bits: number) => (halfToFloat(bits) + halfToFloat(bits + 1)) / 2;
        for (let bits = 0; bits < 0x7bff; bits += 13) {
            expect(roundToHalf(halfToFloat(bits))).toBe(halfToFloat(bits));
            expect(roundToHalf(-ties(bits))).toBe(-halfToFloat(bits + (bits & 1)));
        }
        expect(roundToHalf(65519)).toBe(65504);
        expect(roundToHalf(65520)).toBe(Infinity);
        expect(roundToHalf(NaN)).toBeNaN();
    });

    it("keep matrices of a third dimension apart", async () => {
        const source = { ...(await writeSource()), shape: [3, 8, WIDTH] };
        const { part, shape } = applyChange(source, { rows: takeShares(3, 2, 1) });
        expect(shape).toEqual([3, 4, WIDTH]);
        const tensor = { name: "w", shape, parts: [part] };
        expect(await rowsOf([job({ tensor })], 12, 32)).toEqual(
            [0, 8, 16].flatMap((matrix) => [4, 5, 6, 7].map((row) => matrix + row)),
        );
    });

    it("refuse shapes that do not come out even", async () => {
        const source = await writeSource();
        expect(() => applyChange(source, { transpose: 5 })).toThrow(/does not fit config.json/);
        expect(() => applyChange(source, { shape: () => [5, 5] })).toThrow(/24 x 4/);
        expect(() => applyChange(source, { rows: takeShares(5, 2, 0) })).toThrow(/5 times 2/);
    });

    it.each([
        ["a file of this computer: as the result lies", true, [20, 0]],
        ["what comes over a network: as the source lies", undefined, [0, 20]],
    ])("are read in the order of %s", async (_, isRandomAccess, expected) => {
        const source = await writeSource();
        const rows = (first: number) => ({
            source: {
                ...source,
                offset: first * WIDTH * 4,
                shape: [4, WIDTH],
                bytes: 4 * WIDTH * 4,
            },
            gather: undefined,
        });
        const jobs = [
            job({ tensor: { name: "a", shape: [4, WIDTH], parts: [rows(0)] }, offset: 64 }),
            job({ tensor: { name: "b", shape: [4, WIDTH], parts: [rows(20)] } }),
        ];
        const folder = await openFolder(temp.path);
        const order: number[] = [];
        const done: number[] = [];
        const out = await open(join(temp.path, "out"), "w+");
        await writeTensors(jobs, {
            source: {
                ...folder,
                isRandomAccess,
                open: async (file) => {
                    const reader = await folder.open(file);
                    return {
                        ...reader,
                        read: (offset, ...more) => {
                            order.push(offset / (WIDTH * 4));
                            return reader.read(offset, ...more);
                        },
                    };
                },
            },
            out,
            native: openNative(),
            threads: 1,
            signal: new AbortController().signal,
            onProgress: () => undefined,
            onBlock: (offset, length, bytes) => {
                expect(bytes?.length).toBe(length);
                done.push(offset);
            },
        });
        await out.close();
        expect(order).toEqual(expected);
        expect(done.sort((a, b) => a - b)).toEqual([0, 64]);
    });

    it("keep few in flight, so that memory is bounded", async () => {
        const source = await writeSource();
        const tensor = { name: "w", shape: source.shape, parts: [{ source, gather: undefined }] };
        const real = openNative();
        let now = 0;
        let most = 0;
        let calls = 0;
        const native: NativeAddon = {
            ...real,
            quantizeRows: async (options) => {
                calls++;
                most = Math.max(most, ++now);
                const result = await real.quantizeRows(options);
                now--;
                return result;
            },
        };
        const out = await open(join(temp.path, "out"), "w+");
        await writeTensors([job({ tensor })], {
            source: await openFolder(temp.path),
            out,
            native,
            threads: 3,
            signal: new AbortController().signal,
            blockBytes: 16,
            onProgress: () => undefined,
        });
        await out.close();
        expect(calls).toBe(ROWS);
        expect(most).toBeLessThanOrEqual(4);
    });
});
