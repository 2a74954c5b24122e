/** Quantized checkpoints in memory: packers that know nothing of the decoders, and a look at what comes out. */

import { completeConfig } from "../../../src/foundry/checkpoint/config";
import { readTensorIndex } from "../../../src/foundry/checkpoint/index";
import { decodeQuantized } from "../../../src/foundry/checkpoint/quantized/decode";
import { findFamily } from "../../../src/foundry/family/registry";
import { memorySource, safetensors, type FakeTensor } from "./memorySource";

export const LAYER = "model.layers.0.mlp.up_proj";

export async function decode(
    tensors: Record<string, FakeTensor>,
    quantization: object,
    options: { files?: Record<string, object>; config?: object; architecture?: string } = {},
) {
    const architecture = options.architecture ?? "LlamaForCausalLM";
    const raw = {
        architectures: [architecture],
        num_hidden_layers: 1,
        ...(options.files ? {} : { quantization_config: quantization }),
        ...options.config,
    };
    const source = memorySource({ "model.safetensors": safetensors(tensors), ...options.files });
    const stored = await readTensorIndex(source);
    const family = findFamily(architecture);
    const plain = await decodeQuantized(source, completeConfig(raw, "test"), family, stored);
    return {
        ...plain,
        names: plain.tensors.map(({ name }) => name),
        /** Values of some rows, read as the writer reads them. */
        rows: async (name: string, first = 0, count?: number): Promise<number[]> => {
            const tensor = plain.tensors.find((entry) => entry.name === name)!;
            const rowBytes = (tensor.shape.at(-1) ?? 1) * 4;
            const reader = await plain.source.open(tensor.file);
            const n = count ?? tensor.bytes / rowBytes - first;
            const bytes = await reader.read(tensor.offset + first * rowBytes, n * rowBytes);
            await reader.close();
            return [...new Float32Array(bytes.slice().buffer)];
        },
    };
}

/** Numbers below `limit`, always the same. */
export function numbers(count: number, limit: number, seed = 1): number[] {
    let state = seed;
    return Array.from({ length: count }, () => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return Math.floor(state / 65536) % limit;
    });
}

/** Every list becomes one string of bits, cut into words. */
export function packLists(lists: number[][], bits: number): number[][] {
    return lists.map((list) => {
        let text = 0n;
        list.forEach((value, i) => (text |= BigInt(value) << BigInt(i * bits)));
        return Array.from({ length: Math.ceil((list.length * bits) / 32) }, (_, word) =>
            Number(BigInt.asIntN(32, text >> BigInt(32 * word))),
        );
    });
}

export const transpose = (rows: number[][]): number[][] =>
    (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? 0));
export const bytesOf = (values: ArrayLike<number>, kind: "I32" | "F32" | "F16" | "U8" | "I8") => {
    const out =
        kind === "I32"
            ? Int32Array.from(values)
            : kind === "F32"
              ? Float32Array.from(values)
              : kind === "U8"
                ? Uint8Array.from(values)
                : kind === "I8"
                  ? Int8Array.from(values)
                  : Uint16Array.from(Array.from(values, half));
    return new Uint8Array(out.buffer);
};
export const tensor = (
    values: ArrayLike<number>,
    shape: number[],
    kind: "I32" | "F32" | "F16" | "U8" | "I8",
): FakeTensor => ({ dtype: kind, shape, data: bytesOf(values, kind) });
/** Bits of a positive power of two times 1 to 1.75, which is all these tests use. */
export function half(value: number): number {
    const exponent = Math.floor(Math.log2(value));
    return ((exponent + 15) << 10) | ((value / 2 ** exponent - 1) * 1024);
}
export const matrix = (words: number[][]): FakeTensor =>
    tensor(words.flat(), [words.length, words[0]?.length ?? 0], "I32");
export const scaleOf = (group: number, row: number) =>
    2 ** -(2 + (group % 3)) * (1 + (row % 4) / 4);

export const embedding = { "model.embed_tokens.weight": { dtype: "F16", shape: [4, 8] } };
