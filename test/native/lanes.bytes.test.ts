// Q4_K, Q5_K, Q6_K, Q5_0 and Q8_0 by the vector code of native/quantize_lanes: byte for byte what ggml's own code gives, whatever the values.
import { beforeAll, describe, expect, it } from "vitest";
import type { NativeAddon } from "../../src/node/native";
import { openAddon } from "./addon";

let addon: NativeAddon;
beforeAll(() => {
    addon = openAddon();
});

const COLUMNS = 768;

/** Numbers from 0 to 1, the same in every run. */
function randomFrom(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

/** Value by row and column. */
type Fill = (random: () => number, row: number, column: number) => number;

const normal = (random: () => number) =>
    Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());

const FILLS: Record<string, Fill> = {
    "normal weights": (random) => normal(random) * 0.02,
    "weights of very different rows": (random, row) => normal(random) * 10 ** ((row % 12) - 6),
    "weights of very different parts": (random, _, column) =>
        normal(random) * 10 ** (Math.trunc(column / 16) % 9) * 1e-5,
    "positive values": (random) => random(),
    "negative values": (random) => -random(),
    zeros: () => 0,
    "negative zeros": () => -0,
    constants: (_, row) => [1, -1, 0.3, -7e-5, 65504, 1e-30][row % 6] ?? 0,
    "one outlier a row": (random, row, column) =>
        column === row * 7 ? 1e4 : normal(random) * 1e-3,
    "one value a row": (_, row, column) => (column === row * 11 ? 0.5 : 0),
    "empty parts": (random, _, column) => (Math.trunc(column / 32) % 3 === 0 ? 0 : normal(random)),
    "whole numbers": (random) => Math.round(random() * 30 - 15),
    "two values": (random) => (random() < 0.5 ? -0.25 : 0.75),
    subnormals: (random) => normal(random) * 1e-40,
    "near the most that fits": (random) => (random() - 0.5) * 1.9e6,
    "squares that underflow": (random) => normal(random) * 1e-25,
    "near the least that counts": (random) => normal(random) * 1e-15,
    "bf16 with few bits": (random) => Math.round(normal(random) * 16) / 1024,
    "heavy tails": (random) => normal(random) ** 7,
    "halves between two levels": (random, row, column) =>
        column % 32 === 0 ? 127 : (Math.trunc(random() * 250) - 125 + 0.5) * (row % 2 ? 1 : -1),
    "the largest with both signs": (random, row, column) =>
        column % 16 === row % 16 ? (random() < 0.5 ? -3 : 3) : normal(random),
    "zeros of both signs": (random) => (random() < 0.5 ? -0 : 0),
    "the least and less": (random, row) => normal(random) * 10 ** (-20 - (row % 26)),
    "a ramp": (_, row, column) => (column - 384) * (row + 1),
};

describe.each(["Q4_K", "Q5_K", "Q6_K", "Q5_0", "Q8_0"])("%s", (type) => {
    it.each(Object.keys(FILLS))("%s", async (name) => {
        const random = randomFrom(name.length * 7919 + type.charCodeAt(1));
        const fill = FILLS[name] ?? (() => 0);
        const values = Float32Array.from({ length: 96 * COLUMNS }, (_, i) =>
            fill(random, Math.trunc(i / COLUMNS), i % COLUMNS),
        );
        const source = new Uint8Array(values.buffer);
        const job = { type, source, sourceType: "F32", via: "F32", rowLength: COLUMNS } as const;
        const ours = await addon.quantizeRows(job);
        const ggml = await addon.quantizeRows({ ...job, plain: true });
        expect(Buffer.compare(ours, ggml)).toBe(0);
        expect(ours).toHaveLength(96 * addon.rowBytes(type, COLUMNS));
    });
});
