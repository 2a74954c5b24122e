/**
 * Simple ways to quantize, for learning: one scale for a whole tensor with rounding to the nearest, and a codebook by k-means, beside ggml's real
 * types on the same rows. Analysis only: nothing is written.
 */

import { throwIfAborted } from "../../base/cancel";
import { AppError } from "../../base/errors";
import type { ImportanceMatrix } from "../../foundry/quant/imatrix";
import { IMATRIX_TYPES } from "../../foundry/quant/rules";
import { GGML_TYPES, type GgmlTypeName } from "../../gguf/types";
import type { MethodError, MethodGap, MethodsView } from "../../protocol/inspector";
import { sampleRows, toFloats, type Native } from "./floats";
import type { InspectedModel } from "./model";

const MAX_VALUES = 1 << 19;
/** With an importance matrix: the types that need one take many times longer to make than all others. */
const MAX_VALUES_IMATRIX = MAX_VALUES / 4;
const ROUNDING_BITS = [8, 6, 5, 4, 3, 2];
const CODEBOOK_BITS = [4, 3, 2];
const TYPES: readonly GgmlTypeName[] = [
    ...(["Q8_0", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "Q4_1", "Q4_0"] as const),
    ...(["IQ4_XS", "IQ4_NL", "MXFP4", "Q3_K", "IQ3_S", "Q2_K"] as const),
    ...IMATRIX_TYPES,
];
const FLOATS: ReadonlySet<GgmlTypeName> = new Set(["F32", "F16", "BF16"]);

/**
 * Throws AppError `data/unsupported` when the values have been quantized already, `user/usage` when the importance matrix has nothing on the
 * tensor.
 */
export async function compareMethods(
    model: InspectedModel,
    name: string,
    environment: {
        native: Native;
        imatrix?: Pick<ImportanceMatrix, "name" | "entries"> | undefined;
        signal: AbortSignal;
        onProgress: (done: number, total: number) => void;
    },
): Promise<MethodsView> {
    const { native, imatrix, signal, onProgress } = environment;
    const tensor = model.tensor(name);
    if (!FLOATS.has(tensor.type))
        throw new AppError(
            "data/unsupported",
            `The values of this tensor are quantized already (${tensor.type}), so its original is not known; open an F16, BF16 or F32 file of the model`,
        );
    const { values, rowLength } = await sampleRows(model, tensor, {
        native,
        signal,
        maxValues: imatrix ? MAX_VALUES_IMATRIX : MAX_VALUES,
    });
    const importances = imatrix && importancesOf(imatrix, name, rowLength);
    const missing = TYPES.flatMap((type): MethodGap[] => {
        const gap = gapOf(type, { rowLength, native, importances });
        return gap ? [{ name: type, bits: bitsOf(type), needsImatrix: false, ...gap }] : [];
    });
    const types = TYPES.filter((type) => missing.every((gap) => gap.name !== type));
    const nSteps = ROUNDING_BITS.length + CODEBOOK_BITS.length + types.length;
    const methods: MethodError[] = [];
    const add = (method: Omit<MethodError, "error">, quantized: Float32Array) => {
        methods.push({ ...method, error: relativeError(values, quantized, importances) });
        onProgress(methods.length, nSteps);
    };
    for (const bits of ROUNDING_BITS) {
        throwIfAborted(signal);
        add(
            { name: `Rounding, ${bits} bits`, kind: "rounding", bits },
            roundToNearest(values, bits),
        );
        await breathe();
    }
    for (const bits of CODEBOOK_BITS) {
        throwIfAborted(signal);
        add({ name: `Codebook of ${2 ** bits}`, kind: "codebook", bits }, byCodebook(values, bits));
        await breathe();
    }
    for (const type of types) {
        throwIfAborted(signal);
        const source = new Uint8Array(values.buffer);
        const rows = await native?.quantizeRows({
            type,
            source,
            sourceType: "F32",
            rowLength,
            via: "F32",
            imatrix: importances,
        });
        if (!rows) continue;
        const bits = bitsOf(type);
        add({ name: type, kind: "type", bits }, await toFloats(type, rows, rowLength, native));
    }
    methods.sort((a, b) => a.error - b.error);
    return { nSampled: values.length, methods, missing, imatrix: imatrix?.name };
}

function bitsOf(type: GgmlTypeName): number {
    const { blockBytes, blockElements } = GGML_TYPES[type];
    return (blockBytes * 8) / blockElements;
}

/** One for each column. */
function importancesOf(
    { name, entries }: Pick<ImportanceMatrix, "name" | "entries">,
    tensor: string,
    rowLength: number,
): Float32Array {
    const values = entries.get(tensor);
    // Experts have a list each; which rows were sampled of which is not looked at here.
    if (values?.length === rowLength) return values;
    const has = values ? `${values.length} values` : "nothing";
    throw new AppError(
        "user/usage",
        `${name} has ${has} for ${tensor}, which has rows of ${rowLength}; choose another tensor or another importance matrix`,
    );
}

/** Undefined when the type can be tried. */
function gapOf(
    type: GgmlTypeName,
    {
        rowLength,
        native,
        importances,
    }: { rowLength: number; native: Native; importances: Float32Array | undefined },
): Pick<MethodGap, "why"> | Pick<MethodGap, "why" | "needsImatrix"> | undefined {
    const { blockElements } = GGML_TYPES[type];
    if (rowLength % blockElements !== 0)
        return { why: `rows of ${rowLength} values are no whole blocks of ${blockElements}` };
    if (!native) return { why: "needs the native part, which does not run here" };
    if (IMATRIX_TYPES.includes(type) && !importances)
        return { why: "needs an importance matrix", needsImatrix: true };
    return undefined;
}

/** A cancel that has arrived is seen. */
function breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
}

/** Root of the mean square of what is lost, by that of the values. `importances`: what a square of each column counts; all the same by default. */
export function relativeError(
    values: Float32Array,
    quantized: Float32Array,
    importances: Float32Array = Float32Array.of(1),
): number {
    let [lost, all] = [0, 0];
    for (let i = 0; i < values.length; i++) {
        const value = values[i] ?? 0;
        const weight = importances[i % importances.length] ?? 1;
        lost += weight * (value - (quantized[i] ?? 0)) ** 2;
        all += weight * value * value;
    }
    return all > 0 ? Math.sqrt(lost / all) : 0;
}

/** Symmetric steps from the largest magnitude of all values. */
export function roundToNearest(values: Float32Array, bits: number): Float32Array {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const nSteps = 2 ** (bits - 1) - 1;
    const scale = largest / nSteps;
    if (scale === 0) return values.slice();
    return values.map(
        (value) => Math.max(-nSteps, Math.min(nSteps, Math.round(value / scale))) * scale,
    );
}

/** Enough for codebooks of a few entries: values in one bin count as their mean. */
const N_BINS = 1 << 14;
const MAX_ROUNDS = 100;

/** Lloyd's algorithm in one dimension, from entries that each stand for as many values. */
export function byCodebook(values: Float32Array, bits: number): Float32Array {
    const [low, high] = values.reduce(
        ([l, h], v) => [Math.min(l, v), Math.max(h, v)],
        [Infinity, -Infinity],
    );
    if (!(high > low)) return values.slice();
    const counts = new Float64Array(N_BINS);
    const sums = new Float64Array(N_BINS);
    const binOf = (value: number) =>
        Math.min(N_BINS - 1, Math.floor(((value - low) / (high - low)) * N_BINS));
    for (const value of values) {
        const bin = binOf(value);
        counts[bin] = (counts[bin] ?? 0) + 1;
        sums[bin] = (sums[bin] ?? 0) + value;
    }
    let entries = quantiles(counts, sums, values.length, 2 ** bits);
    for (let round = 0; round < MAX_ROUNDS; round++) {
        const next = improve(entries, counts, sums);
        const isSame = next.every((entry, i) => entry === entries[i]);
        entries = next;
        if (isSame) break;
    }
    return values.map((value) => entries[nearest(entries, value)] ?? value);
}

function quantiles(counts: Float64Array, sums: Float64Array, n: number, k: number): number[] {
    const entries: number[] = [];
    let seen = 0;
    for (let bin = 0; bin < counts.length && entries.length < k; bin++) {
        const count = counts[bin] ?? 0;
        seen += count;
        while (count > 0 && entries.length < k && seen > ((entries.length + 0.5) * n) / k)
            entries.push((sums[bin] ?? 0) / count);
    }
    return entries;
}

/** Each entry becomes the mean of the values that are nearest to it. */
function improve(entries: readonly number[], counts: Float64Array, sums: Float64Array): number[] {
    const nOf = new Array<number>(entries.length).fill(0);
    const sumOf = new Array<number>(entries.length).fill(0);
    let entry = 0;
    for (let bin = 0; bin < counts.length; bin++) {
        const count = counts[bin] ?? 0;
        if (count === 0) continue;
        const mean = (sums[bin] ?? 0) / count;
        while (
            entry + 1 < entries.length &&
            distance(entries, entry + 1, mean) <= distance(entries, entry, mean)
        )
            entry++;
        nOf[entry] = (nOf[entry] ?? 0) + count;
        sumOf[entry] = (sumOf[entry] ?? 0) + (sums[bin] ?? 0);
    }
    return entries.map((old, i) => ((nOf[i] ?? 0) > 0 ? (sumOf[i] ?? 0) / (nOf[i] ?? 1) : old));
}

function distance(entries: readonly number[], i: number, value: number): number {
    return Math.abs((entries[i] ?? 0) - value);
}

/** Entries ascend. */
function nearest(entries: readonly number[], value: number): number {
    let [low, high] = [0, entries.length - 1];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (((entries[middle] ?? 0) + (entries[middle + 1] ?? 0)) / 2 < value) low = middle + 1;
        else high = middle;
    }
    return low;
}
