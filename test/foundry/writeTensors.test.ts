// The block writer on tensors of many blocks: rows land at their place, gathered or not, whatever the block size.
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { permuteHeads } from "../../src/foundry/family/rows";
import type { SourceTensor } from "../../src/foundry/checkpoint/index";
import { writeTensors, type TensorJob } from "../../src/foundry/writeTensors";
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
    const path = join(temp.path, "out");
    const out = await open(path, "w+");
    await out.truncate(nRows * WIDTH * 4);
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
    return Array.from({ length: nRows }, (_, row) => bytes.readFloatLE(row * WIDTH * 4));
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
