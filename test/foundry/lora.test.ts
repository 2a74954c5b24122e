/**
 * An adapter for GPT-2, whose projections lie transposed (Conv1D): what llama.cpp adds from the adapter's file must be the difference between the
 * converted model and the converted model with the adapter merged in, by PEFT's rule for such weights.
 */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convertLora } from "../../src/foundry/lora/convert";
import { numberOf } from "../../src/gguf/metadata";
import { readGguf } from "../../src/gguf/read";
import { makeTempFolder, openNative, runConvert } from "../goldens/runConvert";
import { safetensors, type FakeTensor } from "../unit/foundry/memorySource";

const GOLDEN = "test/golden/conversion/small-gpt2-prefixed";
const RANK = 2;
const ALPHA = 6;
/** Name in the checkpoint, in the file, inputs, outputs. */
const WEIGHTS = [
    ["transformer.h.0.attn.c_attn", "blk.0.attn_qkv.weight", 32, 96],
    ["transformer.h.0.attn.c_proj", "blk.0.attn_output.weight", 32, 32],
    ["transformer.h.0.mlp.c_proj", "blk.0.ffn_down.weight", 128, 32],
] as const;

const temp = makeTempFolder();
afterAll(() => temp.remove());

/** Small whole numbers, so that every sum is exact; another pattern for each seed. */
function matrix(nRows: number, nColumns: number, seed: number): number[][] {
    const value = (i: number, j: number) => ((i * 7 + j * 11 + i * j + seed * 5) % 9) - 4;
    return Array.from({ length: nRows }, (_, i) =>
        Array.from({ length: nColumns }, (_, j) => value(i, j)),
    );
}

function f32(rows: number[][]): FakeTensor {
    const data = new Uint8Array(Float32Array.from(rows.flat()).buffer);
    return { dtype: "F32", shape: [rows.length, rows[0]?.length ?? 0], data };
}

/** The golden model with other weights. */
function writeModel(name: string, changed: Record<string, FakeTensor>): string {
    const folder = join(temp.path, name);
    mkdirSync(folder);
    for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"])
        copyFileSync(join(GOLDEN, file), join(folder, file));
    const bytes = readFileSync(join(GOLDEN, "model.safetensors"));
    const end = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, end).toString()) as Record<
        string,
        { dtype: string; shape: number[]; data_offsets: [number, number] }
    >;
    delete header["__metadata__"];
    const tensors = Object.entries(header).map(
        ([
            key,
            {
                dtype,
                shape,
                data_offsets: [from, to],
            },
        ]): [string, FakeTensor] => [
            key,
            { dtype, shape, data: bytes.subarray(end + from, end + to) },
        ],
    );
    const all = { ...Object.fromEntries(tensors), ...changed };
    writeFileSync(join(folder, "model.safetensors"), safetensors(all));
    return folder;
}

async function read(path: string) {
    const bytes = readFileSync(path);
    const part = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
    const file = await readGguf({ size: bytes.length, read: part });
    const rows = (name: string): number[][] => {
        const tensor = file.tensors.find((one) => one.name === name);
        if (tensor?.type !== "F32") throw new Error(`${name} is ${tensor?.type ?? "missing"}`);
        const [length = 1, nRows = 1] = tensor.shape;
        const at = file.dataOffset + tensor.offset;
        return Array.from({ length: nRows }, (_, i) =>
            Array.from({ length }, (_, j) => bytes.readFloatLE(at + 4 * (i * length + j))),
        );
    };
    return { file, rows };
}

describe("an adapter of GPT-2", () => {
    it("adds what merging it adds", async () => {
        const base: Record<string, FakeTensor> = {};
        const merged: Record<string, FakeTensor> = {};
        const adapter: Record<string, FakeTensor> = {};
        WEIGHTS.forEach(([name, , nIn, nOut], seed) => {
            const a = matrix(RANK, nIn, seed);
            const b = matrix(nOut, RANK, seed + 10);
            const weight = matrix(nIn, nOut, seed + 20);
            // PEFT, fan_in_fan_out: W + (B A)^T * alpha / r.
            const sum = weight.map((row, i) =>
                row.map((value, o) => {
                    const low = a.reduce(
                        (all, aRow, r) => all + (b[o]?.[r] ?? 0) * (aRow[i] ?? 0),
                        0,
                    );
                    return value + low * (ALPHA / RANK);
                }),
            );
            base[`${name}.weight`] = f32(weight);
            merged[`${name}.weight`] = f32(sum);
            adapter[`base_model.model.${name}.lora_A.weight`] = f32(a);
            adapter[`base_model.model.${name}.lora_B.weight`] = f32(b);
        });
        const folder = join(temp.path, "adapter");
        mkdirSync(folder);
        const config = { peft_type: "LORA", r: RANK, lora_alpha: ALPHA, fan_in_fan_out: true };
        writeFileSync(join(folder, "adapter_config.json"), JSON.stringify(config));
        writeFileSync(join(folder, "adapter_model.safetensors"), safetensors(adapter));

        const plain = writeModel("base", base);
        const out = (name: string) => join(temp.path, `${name}.gguf`);
        const f32Type = { type: "F32", via: "f32" } as const;
        await runConvert({ folder: plain, ...f32Type, out: out("base") });
        await runConvert({ folder: writeModel("merged", merged), ...f32Type, out: out("merged") });
        const result = await convertLora({
            adapter: await openFolder(folder),
            base: await openFolder(plain),
            type: "F32",
            out: out("adapter"),
            native: openNative(),
            signal: new AbortController().signal,
        });
        expect(result.nTensors).toBe(WEIGHTS.length);

        const [before, after, lora] = await Promise.all(
            ["base", "merged", "adapter"].map((name) => read(out(name))),
        );
        const scale = numberOf(lora!.file, "adapter.lora.alpha")! / RANK;
        for (const [, name, nIn, nOut] of WEIGHTS) {
            const start = before!.rows(name);
            const wanted = after!
                .rows(name)
                .map((row, o) => row.map((value, i) => value - start[o]![i]!));
            const a = lora!.rows(`${name}.lora_a`);
            const b = lora!.rows(`${name}.lora_b`);
            expect([a.length, a[0]!.length, b.length, b[0]!.length]).toEqual([
                RANK,
                nIn,
                nOut,
                RANK,
            ]);
            const added = b.map((bRow) =>
                a[0]!.map(
                    (_, i) => scale * bRow.reduce((all, value, r) => all + value * a[r]![i]!, 0),
                ),
            );
            expect(added).toEqual(wanted);
            expect(new Set(wanted.flat()).size).toBeGreaterThan(10);
        }
    });
});
