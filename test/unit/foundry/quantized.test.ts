// Quantized checkpoints made here by packers of their own: whatever the format, the decoded rows are the numbers that went in.
import { describe, expect, it } from "vitest";
import { panelAt } from "../../../src/foundry/checkpoint/quantized/matrix";
import { roundTo } from "../../../src/foundry/floats";
import type { FakeTensor } from "./memorySource";
import {
    LAYER,
    decode,
    numbers,
    packLists,
    transpose,
    tensor,
    matrix,
    scaleOf,
    embedding,
} from "./quantizedPackers";

interface GptqCase {
    bits: number;
    groupSize: number;
    settings?: object;
    withGroups?: "in order" | "shuffled" | "none";
}

/** A layer of 64 inputs and 32 outputs in the way GPTQ stores it, and its true values. */
function makeGptq({ bits, groupSize, settings = {}, withGroups = "in order" }: GptqCase) {
    const [nIn, nOut] = [64, 32];
    const size = groupSize === -1 ? nIn : groupSize;
    const nGroups = nIn / size;
    const order = Array.from({ length: nIn }, (_, i) => Math.floor(i / size));
    if (withGroups === "shuffled") order.reverse().push(...order.splice(0, 7));
    const q = Array.from({ length: nOut }, (_, o) => numbers(nIn, 2 ** bits, o + 1));
    const zeros = Array.from({ length: nGroups }, (_, g) => numbers(nOut, 2 ** bits, g + 99));
    const offset =
        "checkpoint_format" in settings && settings.checkpoint_format === "gptq_v2" ? 0 : 1;
    const scales = zeros.map((row, g) => row.map((_, o) => scaleOf(g, o)));
    const tensors: Record<string, FakeTensor> = {
        [`${LAYER}.qweight`]: matrix(transpose(packLists(q, bits))),
        [`${LAYER}.qzeros`]: matrix(packLists(zeros, bits)),
        [`${LAYER}.scales`]: tensor(scales.flat(), [nGroups, nOut], "F16"),
        ...(withGroups === "none" ? {} : { [`${LAYER}.g_idx`]: tensor(order, [nIn], "I32") }),
    };
    const expected = q.flatMap((row, o) =>
        row.map((value, i) => {
            const group = order[i] ?? 0;
            return (scales[group]?.[o] ?? 0) * (value - ((zeros[group]?.[o] ?? 0) + offset));
        }),
    );
    const quantization = { quant_method: "gptq", bits, group_size: groupSize, ...settings };
    return { tensors, expected, quantization };
}

describe("GPTQ", () => {
    it.each<[string, GptqCase]>([
        ["2 bits", { bits: 2, groupSize: 32 }],
        ["3 bits", { bits: 3, groupSize: 32 }],
        ["4 bits", { bits: 4, groupSize: 16 }],
        ["8 bits, zeros up to 256", { bits: 8, groupSize: 32 }],
        ["format 2", { bits: 4, groupSize: 32, settings: { checkpoint_format: "gptq_v2" } }],
        ["one group", { bits: 4, groupSize: -1 }],
        ["inputs in another order", { bits: 4, groupSize: 16, withGroups: "shuffled" }],
        ["no g_idx", { bits: 4, groupSize: 16, withGroups: "none" }],
        ["one group without g_idx", { bits: 8, groupSize: -1, withGroups: "none" }],
    ])("%s", async (_, options) => {
        const { tensors, expected, quantization } = makeGptq(options);
        const result = await decode({ ...embedding, ...tensors }, quantization);
        expect(await result.rows(`${LAYER}.weight`)).toEqual(expected);
        expect(await result.rows(`${LAYER}.weight`, 5, 3)).toEqual(expected.slice(5 * 64, 8 * 64));
        expect(result.method).toBe("GPTQ");
    });

    it("stands at the end as in the reference, in place where the reference cannot read it", async () => {
        const after = { "model.norm.weight": { dtype: "F16", shape: [8] } };
        const { tensors, quantization } = makeGptq({ bits: 4, groupSize: 16 });
        const all = { ...embedding, ...tensors, ...after };
        const ofReference = await decode(all, quantization);
        expect(ofReference.names).toEqual([
            "model.embed_tokens.weight",
            "model.norm.weight",
            `${LAYER}.weight`,
        ]);
        const old = await decode(
            all,
            {},
            { files: { "quantize_config.json": { ...quantization, quant_method: undefined } } },
        );
        expect(old.names).toEqual([
            "model.embed_tokens.weight",
            `${LAYER}.weight`,
            "model.norm.weight",
        ]);
    });

    it("drops a bias of zeros where the architecture has none, and only there", async () => {
        const { tensors, quantization } = makeGptq({ bits: 4, groupSize: 16 });
        const zero = { ...tensors, [`${LAYER}.bias`]: { dtype: "F16", shape: [32] } };
        const architecture = "Qwen2ForCausalLM";
        expect((await decode(zero, quantization, { architecture })).names).toEqual([
            `${LAYER}.weight`,
        ]);
        expect((await decode(zero, quantization)).names).toContain(`${LAYER}.bias`);
        const real = {
            ...tensors,
            [`${LAYER}.bias`]: tensor(
                Array.from({ length: 32 }, () => 1),
                [32],
                "F16",
            ),
        };
        await expect(decode(real, quantization, { architecture })).rejects.toThrow(
            /up_proj\.bias is not zero, but llama\.cpp has no place for it in qwen2/,
        );
    });

    it("refuses what does not fit together", async () => {
        const { tensors, quantization } = makeGptq({ bits: 4, groupSize: 16 });
        const without = (name: string) => {
            const rest = { ...tensors };
            delete rest[`${LAYER}.${name}`];
            return rest;
        };
        await expect(decode(without("scales"), quantization)).rejects.toThrow(/scales is missing/);
        await expect(decode(without("g_idx"), { ...quantization, desc_act: true })).rejects.toThrow(
            /g_idx is missing/,
        );
        await expect(decode(without("g_idx"), { ...quantization, group_size: 48 })).rejects.toThrow(
            /4 groups of 48 for 64 inputs/,
        );
        await expect(
            decode(tensors, { ...quantization, checkpoint_format: "marlin" }),
        ).rejects.toThrow(/packed for one kind of GPU \(GPTQ in the format marlin\)/);
        const wild = {
            ...tensors,
            [`${LAYER}.g_idx`]: tensor(new Int32Array(64).fill(4), [64], "I32"),
        };
        const result = await decode(wild, quantization);
        await expect(result.rows(`${LAYER}.weight`)).rejects.toThrow(
            /names a group that does not exist/,
        );
        const short = { ...tensors, [`${LAYER}.g_idx`]: tensor([0, 0], [2], "I32") };
        await expect(decode(short, quantization)).rejects.toThrow(
            /one entry for each of 64 inputs/,
        );
    });
});

describe("AWQ", () => {
    const [nIn, nOut, size] = [64, 32, 32];
    const q = Array.from({ length: nOut }, (_, o) => numbers(nIn, 16, o + 5));
    const zeros = Array.from({ length: nIn / size }, (_, g) => numbers(nOut, 16, g + 7));
    const scales = zeros.map((row, g) => row.map((_, o) => scaleOf(g, o)));
    const expected = q.flatMap((row, o) =>
        row.map((value, i) => {
            const group = Math.floor(i / size);
            return (value - (zeros[group]?.[o] ?? 0)) * (scales[group]?.[o] ?? 0);
        }),
    );
    /** As AutoAWQ orders eight outputs in a word. */
    const interleave = (row: number[]) =>
        row.map((_, i) => row[i - (i % 8) + ([0, 2, 4, 6, 1, 3, 5, 7][i % 8] ?? 0)] ?? 0);

    it("gemm", async () => {
        const tensors = {
            [`${LAYER}.qweight`]: matrix(packLists(transpose(q).map(interleave), 4)),
            [`${LAYER}.qzeros`]: matrix(packLists(zeros.map(interleave), 4)),
            [`${LAYER}.scales`]: tensor(scales.flat(), [nIn / size, nOut], "F16"),
        };
        const quantization = { quant_method: "awq", bits: 4, group_size: size, version: "gemm" };
        const result = await decode(tensors, quantization);
        expect(await result.rows(`${LAYER}.weight`)).toEqual(expected);
        expect(await result.rows(`${LAYER}.weight`, 9, 2)).toEqual(
            expected.slice(9 * nIn, 11 * nIn),
        );
        const old = {
            "quant_config.json": {
                zero_point: true,
                q_group_size: size,
                w_bit: 4,
                version: "GEMM",
            },
        };
        const fromFile = await decode(tensors, {}, { files: old });
        expect(await fromFile.rows(`${LAYER}.weight`)).toEqual(expected);
    });

    it("gemv, its scales padded to whole words of zeros", async () => {
        const pad = (row: number[]) => [...row, ...Array.from({ length: 8 - row.length }, () => 0)];
        const padOne = (row: number[]) => [
            ...row,
            ...Array.from({ length: 8 - row.length }, () => 1),
        ];
        const tensors = {
            [`${LAYER}.qweight`]: matrix(packLists(q, 4)),
            [`${LAYER}.qzeros`]: matrix(packLists(transpose(zeros).map(pad), 4)),
            [`${LAYER}.scales`]: tensor(transpose(scales).flatMap(padOne), [nOut, 8], "F16"),
        };
        const quantization = { quant_method: "awq", bits: 4, group_size: size, version: "gemv" };
        const result = await decode(tensors, quantization);
        expect(await result.rows(`${LAYER}.weight`)).toEqual(expected);
    });

    it("refuses other versions by name", async () => {
        await expect(
            decode(embedding, { quant_method: "awq", bits: 4, version: "gemv_fast" }),
        ).rejects.toThrow(/AWQ in the version gemv_fast/);
    });
});

describe("bitsandbytes", () => {
    const NAME = `${LAYER}.weight`;
    const [rows, columns, blockSize] = [3, 21, 16];
    const n = rows * columns;
    const codes = numbers(n, 16, 3);
    const table = Array.from({ length: 16 }, (_, i) => (i - 8) / 8);
    const packed = Array.from(
        { length: Math.ceil(n / 2) },
        (_, i) => ((codes[2 * i] ?? 0) << 4) | (codes[2 * i + 1] ?? 0),
    );
    const nBlocks = Math.ceil(n / blockSize);
    const state = (more: object) =>
        new TextEncoder().encode(
            JSON.stringify({
                quant_type: "nf4",
                blocksize: blockSize,
                dtype: "float32",
                shape: [rows, columns],
                ...more,
            }),
        );
    const stateTensor = (kind: string, more: object) => ({
        [`${NAME}.quant_state.bitsandbytes__${kind}`]: {
            dtype: "U8",
            shape: [state(more).length],
            data: state(more),
        },
    });
    const shared = {
        [NAME]: tensor(packed, [packed.length, 1], "U8"),
        [`${NAME}.quant_map`]: tensor(table, [16], "F32"),
    };
    const quantization = { quant_method: "bitsandbytes", load_in_4bit: true };

    it("4 bits with rows that begin inside a byte", async () => {
        const maxima = Array.from({ length: nBlocks }, (_, i) => 2 + i / 2);
        const tensors = {
            ...shared,
            [`${NAME}.absmax`]: tensor(maxima, [nBlocks], "F32"),
            ...stateTensor("fp4", {}),
        };
        const result = await decode(tensors, quantization);
        const expected = codes.map(
            (code, i) => (table[code] ?? 0) * (maxima[Math.floor(i / blockSize)] ?? 0),
        );
        expect(await result.rows(NAME)).toEqual(expected);
        expect(await result.rows(NAME, 1, 1)).toEqual(expected.slice(columns, 2 * columns));
        expect(result.names).toEqual([NAME]);
    });

    it("4 bits with quantized maxima, rounded to the original's type", async () => {
        const absmax = numbers(nBlocks, 256, 8);
        const nestedTable = Array.from({ length: 256 }, (_, i) => Math.fround(i / 300));
        const nested = [1.7, 0.3].map(Math.fround);
        const tensors = {
            ...shared,
            [`${NAME}.absmax`]: tensor(absmax, [nBlocks], "U8"),
            [`${NAME}.nested_absmax`]: tensor(nested, [2], "F32"),
            [`${NAME}.nested_quant_map`]: tensor(nestedTable, [256], "F32"),
            ...stateTensor("nf4", {
                dtype: "bfloat16",
                nested_blocksize: 2,
                nested_offset: 0.25,
                nested_dtype: "float32",
            }),
        };
        tensors[`${NAME}.nested_absmax`] = tensor(
            [...nested, ...nested].slice(0, Math.ceil(nBlocks / 2)),
            [Math.ceil(nBlocks / 2)],
            "F32",
        );
        const result = await decode(tensors, quantization);
        const f = Math.fround;
        const toBfloat = (value: number) => {
            const view = new DataView(new ArrayBuffer(4));
            view.setFloat32(0, value);
            const bits = view.getUint32(0);
            const rest = bits & 0xffff;
            const up = rest > 0x8000 || (rest === 0x8000 && (bits & 0x10000) !== 0);
            view.setUint32(0, ((bits & 0xffff0000) >>> 0) + (up ? 0x10000 : 0));
            return view.getFloat32(0);
        };
        const expected = codes.map((code, i) => {
            const block = Math.floor(i / blockSize);
            const outer = nested[Math.floor(block / 2) % 2] ?? 0;
            const maximum = f(f((nestedTable[absmax[block] ?? 0] ?? 0) * outer) + 0.25);
            return toBfloat(f((table[code] ?? 0) * maximum));
        });
        expect(await result.rows(NAME)).toEqual(expected);
    });

    it("8 bits", async () => {
        const weight = numbers(n, 255, 4).map((value) => value - 127);
        const scb = [0.5, 3, 12.7].map(Math.fround);
        const tensors = {
            [NAME]: tensor(weight, [rows, columns], "I8"),
            [`${LAYER}.SCB`]: tensor(scb, [rows], "F32"),
            [`${LAYER}.weight_format`]: tensor([0], [], "U8"),
        };
        const result = await decode(tensors, quantization, { config: { torch_dtype: "float32" } });
        const expected = weight.map((value, i) =>
            Math.fround(
                Math.fround(value * (scb[Math.floor(i / columns)] ?? 0)) * Math.fround(1 / 127),
            ),
        );
        expect(await result.rows(NAME)).toEqual(expected);
        expect(result.names).toEqual([NAME]);
    });

    it("refuses states that lie", async () => {
        const absmax = { [`${NAME}.absmax`]: tensor(new Float32Array(nBlocks), [nBlocks], "F32") };
        const lies: [object, RegExp][] = [
            [{ shape: [1 << 20, 1 << 20] }, /bytes for \d+ values of 4 bits/],
            [{ shape: "big" }, /gives no shape/],
            [{ blocksize: 0 }, /gives no blocksize/],
            [{ blocksize: 1 }, /tables have the wrong size/],
        ];
        for (const [lie, message] of lies)
            await expect(
                decode({ ...shared, ...absmax, ...stateTensor("nf4", lie) }, quantization),
            ).rejects.toThrow(message);
        const noJson = {
            ...shared,
            ...absmax,
            [`${NAME}.quant_state.bitsandbytes__nf4`]: tensor([1, 2, 3], [3], "U8"),
        };
        await expect(decode(noJson, quantization)).rejects.toThrow(/quant_state is not readable/);
    });
});

describe("reading by columns", () => {
    const [rows, columns] = [4, 10];
    const words = Int32Array.from({ length: rows * columns }, (_, i) => i);
    const stored = {
        name: "w",
        dtype: "I32",
        shape: [rows, columns],
        file: "f",
        offset: 0,
        bytes: 160,
    };
    const io = {
        read: async (_: unknown, offset: number, length: number) =>
            new Uint8Array(words.buffer.slice(offset, offset + length)),
        cached: async <T>(_: string, __: number, make: () => Promise<T>) => make(),
    };

    it.each([
        [1000, 0, 10],
        [48, 9, 1],
        [48, 6, 3],
        [1, 7, 1],
    ])("%d bytes at most", async (mostBytes, firstColumn, width) => {
        const panel = await panelAt(stored, firstColumn, io, mostBytes);
        expect(panel).toMatchObject({ firstColumn, height: rows });
        expect([...panel.words]).toEqual(
            Array.from(
                { length: rows * width },
                (_, i) => (i % rows) * columns + firstColumn + Math.floor(i / rows),
            ),
        );
    });
});

describe("rounding to 16 bits", () => {
    it("takes the nearest, ties to even, and infinity beyond the range", () => {
        const values = [
            1,
            1 + 2 ** -11,
            1 + 3 * 2 ** -11,
            2 ** -25,
            3 * 2 ** -25,
            65519,
            65520,
            -1e6,
            -0,
        ];
        expect([...roundTo(Float32Array.from(values), "F16")]).toEqual([
            1,
            1,
            1 + 2 ** -9,
            0,
            2 ** -23,
            65504,
            Infinity,
            -Infinity,
            -0,
        ]);
        expect([
            ...roundTo(Float32Array.from([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38]), "BF16"),
        ]).toEqual([1, 1 + 2 ** -6, Infinity]);
    });
});

describe("methods", () => {
    it.each(["hqq", "aqlm", "exl2", "quip"])("%s is refused by name", async (method) => {
        await expect(decode(embedding, { quant_method: method })).rejects.toThrow(
            new RegExp(`cannot read \\(${method}\\); convert the original model`),
        );
    });

    it("leaves a plain checkpoint as it is", async () => {
        const result = await decode(embedding, {}, { files: {} });
        expect(result).toMatchObject({ method: undefined, names: ["model.embed_tokens.weight"] });
    });
});
