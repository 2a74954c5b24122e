// Weights of 8 bits with scales, and compressed-tensors: the decoded rows are the numbers that went in.
import { describe, expect, it } from "vitest";
import type { FakeTensor } from "./memorySource";
import {
    LAYER,
    decode,
    numbers,
    transpose,
    tensor,
    matrix,
    scaleOf,
    embedding,
} from "./quantizedPackers";

describe("8-bit values with scales", () => {
    const NAME = `${LAYER}.weight`;
    const [rows, columns] = [5, 7];
    /** e4m3: 1.0 has the exponent 7. */
    const codes = numbers(rows * columns, 8, 6).map((value) => 0x38 | value);
    const values = codes.map((code) => 1 + (code & 7) / 8);
    const weight = {
        [NAME]: { dtype: "F8_E4M3", shape: [rows, columns], data: Uint8Array.from(codes) },
    };
    const expectScaled = (scale: (row: number, column: number) => number) =>
        values.map((value, i) => value * scale(Math.floor(i / columns), i % columns));

    it("per block, the last ones cut", async () => {
        const scales = [1, 2, 4, 0.5, 0.25, 8];
        const tensors = { ...weight, [`${NAME}_scale_inv`]: tensor(scales, [3, 2], "F32") };
        const result = await decode(tensors, { quant_method: "fp8", weight_block_size: [2, 4] });
        expect(await result.rows(NAME)).toEqual(
            expectScaled(
                (row, column) => scales[Math.floor(row / 2) * 2 + Math.floor(column / 4)] ?? 0,
            ),
        );
        expect(await result.rows(NAME, 3, 2)).toEqual((await result.rows(NAME)).slice(3 * columns));
        expect(result.names).toEqual([NAME]);
    });

    it.each<[string, object, Record<string, FakeTensor>, (row: number) => number]>([
        [
            "per tensor, activation scales dropped",
            { quant_method: "fp8", activation_scheme: "static" },
            {
                [`${NAME}_scale_inv`]: tensor([4], [], "F32"),
                [`${LAYER}.activation_scale`]: tensor([1], [], "F32"),
            },
            () => 4,
        ],
        [
            "per output, compressed-tensors",
            {
                quant_method: "compressed-tensors",
                format: "float-quantized",
                config_groups: {
                    group_0: { weights: { strategy: "channel", num_bits: 8, type: "float" } },
                },
            },
            {
                [`${NAME}_scale`]: tensor([1, 2, 4, 8, 16], [rows, 1], "F32"),
                [`${LAYER}.input_scale`]: tensor([1], [1], "F32"),
            },
            (row) => 2 ** row,
        ],
        [
            "as exponents only",
            { quant_method: "fp8", weight_block_size: [128, 128] },
            {
                [`${NAME}_scale_inv`]: {
                    dtype: "F8_E8M0",
                    shape: [1, 1],
                    data: Uint8Array.of(129),
                },
            },
            () => 4,
        ],
        [
            "per tensor of ModelOpt",
            { quant_method: "modelopt", quant_algo: "FP8" },
            {
                [`${NAME}_scale`]: tensor([0.5], [], "F32"),
                "model.layers.0.self_attn.k_proj.k_scale": tensor([1], [], "F32"),
            },
            () => 0.5,
        ],
    ])("%s", async (_, quantization, scales, scale) => {
        const result = await decode({ ...weight, ...scales }, quantization);
        expect(await result.rows(NAME)).toEqual(expectScaled(scale));
        expect(result.names).toEqual([NAME]);
    });

    it("stacks of experts", async () => {
        const stacked = numbers(2 * 4 * 4, 8, 2).map((value) => 0x38 | value);
        const scales = [1, 2, 4, 8];
        const tensors = {
            [NAME]: { dtype: "F8_E4M3", shape: [2, 4, 4], data: Uint8Array.from(stacked) },
            [`${NAME}_scale_inv`]: tensor(scales, [2, 2, 1], "F32"),
        };
        const result = await decode(tensors, { quant_method: "fp8", weight_block_size: [2, 4] });
        expect(await result.rows(NAME)).toEqual(
            stacked.map((code, i) => (1 + (code & 7) / 8) * (scales[Math.floor(i / 8)] ?? 0)),
        );
    });

    it("integers with zero points", async () => {
        const signed = numbers(rows * columns, 200, 9).map((value) => value - 100);
        const tensors = {
            [NAME]: tensor(signed, [rows, columns], "I8"),
            [`${NAME}_scale`]: tensor([1, 2, 4, 8, 16], [rows, 1], "F32"),
            [`${NAME}_zero_point`]: tensor([0, 1, -2, 3, -4], [rows, 1], "I8"),
        };
        const result = await decode(tensors, {
            quant_method: "compressed-tensors",
            format: "int-quantized",
            config_groups: {
                group_0: { weights: { strategy: "channel", num_bits: 8, type: "int" } },
            },
        });
        const zero = [0, 1, -2, 3, -4];
        expect(await result.rows(NAME)).toEqual(
            signed.map((value, i) => {
                const row = Math.floor(i / columns);
                return (value - (zero[row] ?? 0)) * 2 ** row;
            }),
        );
    });

    it("refuses scales of another shape", async () => {
        const tensors = { ...weight, [`${NAME}_scale_inv`]: tensor([1, 2, 3], [3, 1], "F32") };
        await expect(
            decode(tensors, { quant_method: "fp8", weight_block_size: [2, 4] }),
        ).rejects.toThrow(/scales have the shape \[3, 1\] for \[5, 7\]/);
    });
});

describe("compressed-tensors, packed", () => {
    const NAME = `${LAYER}.weight`;
    const [rows, columns] = [10, 48];

    it.each([
        { bits: 4, groups: 3, withZeros: false, order: false },
        { bits: 4, groups: 3, withZeros: true, order: false },
        { bits: 8, groups: 1, withZeros: false, order: false },
        { bits: 3, groups: 3, withZeros: true, order: false },
        { bits: 4, groups: 3, withZeros: false, order: true },
    ])("$bits bits, $groups groups, zero points $withZeros, order $order", async (item) => {
        const { bits, groups, withZeros, order } = item;
        const perWord = Math.floor(32 / bits);
        const q = Array.from({ length: rows }, (_, o) => numbers(columns, 2 ** bits, o + 11));
        const pack = (list: number[]) =>
            Array.from({ length: Math.ceil(list.length / perWord) }, (_, word) =>
                list
                    .slice(word * perWord, (word + 1) * perWord)
                    .reduce((all, value, i) => all | (value << (i * bits)), 0),
            );
        const zeros = Array.from({ length: rows }, (_, o) => numbers(groups, 2 ** bits, o + 31));
        const group = (i: number) => (order ? i % groups : Math.floor(i / (columns / groups)));
        const scales = q.map((_, o) => Array.from({ length: groups }, (__, g) => scaleOf(g, o)));
        const shape = new BigInt64Array([BigInt(rows), BigInt(columns)]);
        const tensors: Record<string, FakeTensor> = {
            [`${NAME}_packed`]: matrix(q.map(pack)),
            [`${NAME}_scale`]: tensor(scales.flat(), [rows, groups], "F16"),
            [`${NAME}_shape`]: { dtype: "I64", shape: [2], data: new Uint8Array(shape.buffer) },
            ...(withZeros
                ? { [`${NAME}_zero_point`]: matrix(transpose(transpose(zeros).map(pack))) }
                : {}),
            ...(order
                ? {
                      [`${NAME}_g_idx`]: tensor(
                          Array.from({ length: columns }, (_, i) => group(i)),
                          [columns],
                          "I32",
                      ),
                  }
                : {}),
        };
        const result = await decode(tensors, {
            quant_method: "compressed-tensors",
            format: "pack-quantized",
            config_groups: {
                group_0: { weights: { strategy: "group", num_bits: bits, type: "int" } },
            },
        });
        const expected = q.flatMap((row, o) =>
            row.map((value, i) => {
                const zero = withZeros ? (zeros[o]?.[group(i)] ?? 0) : 2 ** (bits - 1);
                return (value - zero) * (scales[o]?.[group(i)] ?? 0);
            }),
        );
        expect(await result.rows(NAME)).toEqual(expected);
        expect(await result.rows(NAME, 4, 3)).toEqual(expected.slice(4 * columns, 7 * columns));
        expect(result.names).toEqual([NAME]);
    });

    it("is also found under the name that older tools gave it", async () => {
        const tensors = {
            [NAME]: {
                dtype: "F8_E4M3",
                shape: [2, 2],
                data: Uint8Array.of(0x38, 0x40, 0x48, 0x30),
            },
            [`${NAME}_scale`]: tensor([2], [1], "F32"),
        };
        const config = {
            compression_config: { quant_method: "compressed-tensors", format: "float-quantized" },
        };
        const result = await decode(tensors, {}, { files: {}, config });
        expect(await result.rows(NAME)).toEqual([2, 4, 8, 1]);
    });

    it("refuses formats of one engine by name", async () => {
        await expect(
            decode(embedding, { quant_method: "compressed-tensors", format: "marlin-24" }),
        ).rejects.toThrow(/compressed-tensors marlin-24/);
    });
});
