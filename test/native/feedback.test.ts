/** Error feedback: less error under the inputs than plain rounding with importances, blocks that ggml takes, and ends that come early. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSync, readSync } from "node:fs";
import { readGguf } from "../../src/gguf/read";
import type { NativeAddon, NativeModel } from "../../src/node/native";
import type { NativeFeedback } from "../../src/node/nativeFeedback";
import { labText } from "../support/labText";
import { loadStarter, openAddon, starter } from "./addon";

const QUERY = "blk.1.attn_q.weight";
const KEY = "blk.1.attn_k.weight";
const DOWN = "blk.1.ffn_down.weight";
const COLUMNS = 256;
const ROWS = 40;

let native: NativeAddon;
let model: NativeModel;
let feedback: NativeFeedback;
let tokens: Int32Array;
let rows: Uint8Array;
const told: number[] = [];

const options = (weights: string[], threads = 1) => ({
    tokens,
    contextTokens: 256,
    threads,
    weights,
});

beforeAll(async () => {
    native = openAddon();
    model = await loadStarter();
    tokens = (await model.tokenizeText(labText(), { addSpecial: true }).done).slice(0, 1024);
    const weights = [QUERY, KEY, DOWN, "blk.9.attn_q.weight"];
    feedback = await model.collectHessians(options(weights), (done) => told.push(done)).done;
    rows = await weightRows(QUERY);
});
afterAll(async () => {
    feedback.close();
    await model.close();
});

/** The first rows as floats. */
async function weightRows(name: string): Promise<Uint8Array> {
    const file = openSync(starter, "r");
    const read = (offset: number, length: number) => {
        const bytes = new Uint8Array(length);
        readSync(file, bytes, 0, length, offset);
        return Promise.resolve(bytes);
    };
    const gguf = await readGguf({ size: Number.MAX_SAFE_INTEGER, read });
    const tensor = gguf.tensors.find((one) => one.name === name);
    if (!tensor) throw new Error(`no ${name}`);
    const bytes = ROWS * native.rowBytes("Q8_0", COLUMNS);
    const values = await toFloats("Q8_0", await read(gguf.dataOffset + tensor.offset, bytes));
    // Off the grid of their own type, or there is nothing to lose.
    floats(values).forEach((value, i, all) => (all[i] = value * (1 + (i % 7) / 1000)));
    return values;
}

function toFloats(type: string, source: Uint8Array): Promise<Uint8Array> {
    const shape = { rowLength: COLUMNS, via: "F32" } as const;
    return native.quantizeRows({ type: "F32", source, sourceType: type, ...shape });
}

const fed = (type: string, source = rows, from = feedback) =>
    from.quantize({ weight: QUERY, type, source, sourceType: "F32", rowLength: COLUMNS });

/** Of the products with the inputs, squared and added up. */
async function errorOf(type: string, blocks: Uint8Array): Promise<number> {
    const values = floats(await toFloats(type, blocks));
    const hessian = feedback.matrix(QUERY);
    const wanted = floats(rows);
    let sum = 0;
    for (let r = 0; r < ROWS; r++) {
        const lost = wanted
            .subarray(r * COLUMNS, (r + 1) * COLUMNS)
            .map((value, i) => value - (values[r * COLUMNS + i] ?? 0));
        for (let i = 0; i < COLUMNS; i++) {
            let slope = 0;
            for (let j = 0; j < COLUMNS; j++)
                slope += (hessian[i * COLUMNS + j] ?? 0) * (lost[j] ?? 0);
            sum += slope * (lost[i] ?? 0);
        }
    }
    return sum;
}

const floats = (bytes: Uint8Array) =>
    new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);

const TYPES = ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"];

describe("collectHessians", () => {
    it("knows the weights that the text reached, and that query and key see the same", () => {
        expect(feedback.weights).toEqual([KEY, QUERY, DOWN]);
        expect(feedback.matrix(QUERY)).toEqual(feedback.matrix(KEY));
        expect(feedback.matrix(DOWN)).toHaveLength(768 * 768);
        expect(told.at(-1)).toBe(4);
    });

    it("is the sum of products of what the importance matrix sums the squares of", async () => {
        const sums = await model.collectImatrix(options([])).done;
        const squares = sums.find(({ name }) => name === QUERY)?.sums ?? new Float32Array();
        const total = squares.reduce((sum, x) => sum + x, 0);
        const fresh = await model.collectHessians(options([QUERY], 2)).done;
        const hessian = fresh.matrix(QUERY);
        let worst = 0;
        for (let i = 0; i < COLUMNS; i++) {
            const expected = ((squares[i] ?? 0) * COLUMNS) / total;
            worst = Math.max(worst, Math.abs((hessian[i * COLUMNS + i] ?? 0) / expected - 1));
            for (let j = 0; j < i; j++)
                if (hessian[i * COLUMNS + j] !== hessian[j * COLUMNS + i]) worst = Infinity;
        }
        expect(worst).toBeLessThan(1e-4);
        fresh.close();
    });

    it("ends when it is aborted", async () => {
        const job = model.collectHessians(options([QUERY]));
        job.abort();
        await expect(job.done).rejects.toMatchObject({ code: "cancelled" });
    });
});

describe("rows with error feedback", () => {
    it.each(TYPES)(
        "lose less as %s than by themselves, in blocks that ggml takes",
        async (type) => {
            const hessian = feedback.matrix(QUERY);
            const imatrix = Float32Array.from(
                { length: COLUMNS },
                (_, i) => hessian[i * COLUMNS + i] ?? 0,
            );
            const shape = {
                source: rows,
                sourceType: "F32",
                rowLength: COLUMNS,
                via: "F32",
            } as const;
            const plain = await errorOf(
                type,
                await native.quantizeRows({ type, imatrix, ...shape }),
            );
            const blocks = await fed(type);
            expect(blocks).toHaveLength(ROWS * native.rowBytes(type, COLUMNS));
            expect((await errorOf(type, blocks)) / plain).toBeLessThan(0.3);
            // The same type: checked by ggml, and copied.
            const again = { type, source: blocks, sourceType: type, rowLength: COLUMNS } as const;
            expect(await native.quantizeRows({ ...again, via: "F32" })).toEqual(blocks);
        },
    );

    it("are the same whichever rows they are quantized with", async () => {
        const whole = await fed("Q4_K");
        const half = (ROWS / 2) * COLUMNS * 4;
        const parts = await Promise.all([
            fed("Q4_K", rows.slice(0, half)),
            fed("Q4_K", rows.slice(half)),
        ]);
        expect(Buffer.concat(parts)).toEqual(Buffer.from(whole));
    });

    it("are refused where feedback cannot be, or values are none", async () => {
        await expect(fed("IQ4_XS")).rejects.toThrow("has no blocks that errors can be fed back");
        const other = { type: "Q4_K", source: rows, sourceType: "F32", rowLength: COLUMNS };
        await expect(feedback.quantize({ ...other, weight: DOWN })).rejects.toThrow("768 values");
        await expect(feedback.quantize({ ...other, weight: "none" })).rejects.toThrow("none");
        const broken = rows.slice();
        new DataView(broken.buffer).setFloat32(4 * COLUMNS + 8, NaN, true);
        await expect(fed("Q4_K", broken)).rejects.toMatchObject({
            code: "data/checkpoint",
            message: expect.stringContaining("row 1, column 2") as unknown,
        });
    });

    it("of zeros are zeros", async () => {
        for (const type of TYPES) {
            const zeros = await fed(type, new Uint8Array(COLUMNS * 4));
            expect(floats(await toFloats(type, zeros)).every((value) => value === 0)).toBe(true);
        }
    });

    it("end when what is known is closed", async () => {
        const own = await model.collectHessians(options([QUERY])).done;
        const many = new Uint8Array(2000 * COLUMNS * 4);
        const work = fed("Q2_K", many, own);
        own.close();
        await expect(work).rejects.toMatchObject({ code: "cancelled" });
        await expect(fed("Q2_K", rows, own)).rejects.toThrow("closed");
    });
});
