/** What the values of a tensor are like: range, spread, zeros, outliers, a histogram. From a sample of rows, which is said. */

import type { ValueSummary } from "../../protocol/inspector";
import { sampleRows, type Native, type Sample } from "./floats";
import type { InspectedModel } from "./model";

/** 32 MB of floats. */
const MAX_VALUES = 1 << 23;
/** What is fetched for it over a network. */
const MAX_REMOTE_BYTES = 4 << 20;
const N_BINS = 80;
/** The histogram goes so many standard deviations to each side. */
const SIGMAS = 5;
const OUTLIER_SIGMAS = 6;
const N_LARGEST = 10;
const N_COLUMNS = 5;

export async function summarize(
    model: InspectedModel,
    name: string,
    environment: {
        native: Native;
        isRemote: boolean;
        signal: AbortSignal;
        onProgress: (done: number, total: number) => void;
    },
): Promise<ValueSummary> {
    const tensor = model.tensor(name);
    const bytesPerValue = tensor.sizeBytes / tensor.nElements;
    const maxValues = environment.isRemote ? MAX_REMOTE_BYTES / bytesPerValue : MAX_VALUES;
    const sample = await sampleRows(model, tensor, { ...environment, maxValues });
    return { tensor: tensor.name, type: tensor.type, nAll: tensor.nElements, ...describe(sample) };
}

/** Pure. */
export function describe({
    values,
    rowLength,
    rows,
}: Sample): Omit<ValueSummary, "tensor" | "type" | "nAll"> {
    const { mean, deviation, min, max, nFinite, nZero } = moments(values);
    const reach = SIGMAS * deviation || Math.max(Math.abs(min), Math.abs(max)) || 1;
    const from = mean - reach;
    const width = (2 * reach) / N_BINS;
    const bins = new Array<number>(N_BINS).fill(0);
    let nBelow = 0;
    let nAbove = 0;
    let nOutliers = 0;
    let nSmall = 0;
    let fourth = 0;
    const far = OUTLIER_SIGMAS * deviation;
    const small = deviation / 100;
    const columns = new Float64Array(rowLength);
    for (let i = 0; i < values.length; i++) {
        const value = values[i] ?? 0;
        if (!Number.isFinite(value)) continue;
        const apart = value - mean;
        if (deviation > 0 && Math.abs(apart) > far) nOutliers++;
        if (Math.abs(value) <= small) nSmall++;
        fourth += apart ** 4;
        columns[i % rowLength] = (columns[i % rowLength] ?? 0) + value * value;
        const bin = Math.floor((value - from) / width);
        // The largest value of a symmetric range falls on the last border.
        if (bin < 0) nBelow++;
        else if (bin >= N_BINS && value > mean + reach) nAbove++;
        else bins[Math.min(bin, N_BINS - 1)] = (bins[Math.min(bin, N_BINS - 1)] ?? 0) + 1;
    }
    return {
        nSampled: values.length,
        nRows: rows.length,
        nNotFinite: values.length - nFinite,
        min,
        max,
        mean,
        deviation,
        kurtosis: deviation > 0 && nFinite > 0 ? fourth / nFinite / deviation ** 4 : 0,
        nZero,
        nSmall,
        nOutliers,
        histogram: { from, width, bins, nBelow, nAbove },
        largest: largest(values, rowLength, rows),
        columns: loudest(columns, rows.length, Math.hypot(mean, deviation)),
    };
}

function moments(values: Float32Array) {
    let [min, max, sum, nFinite, nZero] = [Infinity, -Infinity, 0, 0, 0];
    for (const value of values) {
        if (!Number.isFinite(value)) continue;
        nFinite++;
        if (value === 0) nZero++;
        if (value < min) min = value;
        if (value > max) max = value;
        sum += value;
    }
    if (nFinite === 0) return { min: 0, max: 0, mean: 0, deviation: 0, nFinite, nZero };
    const mean = sum / nFinite;
    let squares = 0;
    for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
    return { min, max, mean, deviation: Math.sqrt(squares / nFinite), nFinite, nZero };
}

/** By magnitude, with their places. */
function largest(
    values: Float32Array,
    rowLength: number,
    rows: readonly number[],
): ValueSummary["largest"] {
    const found: { value: number; index: number }[] = [];
    let least = 0;
    for (let index = 0; index < values.length; index++) {
        const value = values[index] ?? 0;
        const size = Math.abs(value);
        if (!Number.isFinite(value) || (found.length >= N_LARGEST && size <= least)) continue;
        found.push({ value, index });
        found.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
        found.length = Math.min(found.length, N_LARGEST);
        least = Math.abs(found.at(-1)?.value ?? 0);
    }
    return found.map(({ value, index }) => ({
        value,
        row: rows[Math.floor(index / rowLength)] ?? 0,
        column: index % rowLength,
    }));
}

/** Columns whose values are larger than the tensor's on the whole: inputs that count more, or less, than others. */
function loudest(squares: Float64Array, nRows: number, usual: number): ValueSummary["columns"] {
    if (usual === 0 || nRows < 2) return [];
    return [...squares]
        .map((sum, column) => ({ column, times: Math.sqrt(sum / nRows) / usual }))
        .sort((a, b) => b.times - a.times)
        .slice(0, N_COLUMNS);
}
