/**
 * Perplexity and the statistics of a comparison, from one value per scored token: the figures that llama-perplexity prints, by its
 * formulas, so that they can be laid beside published ones. Pure.
 */

import type { Divergences } from "../../node/nativeLab";
import {
    MIN_FOR_ERROR,
    type CompareScoresResult,
    type Divergence,
    type Estimate,
    type Evaluated,
    type Quantile,
} from "../../protocol/lab";

const KLD_PERCENTS = [100, 99.9, 99, 95, 90, 50, 10, 5, 1, 0.1, 0];
const P_DIFF_PERCENTS = [100, 99.9, 99, 95, 90, 75, 50, 25, 10, 5, 1, 0.1, 0];

/** e to the mean of -ln p, and how far off the text's chance makes it. */
export function perplexityOf(nll: Float64Array): Estimate {
    return exponential(meanOf(nll));
}

export function comparisonOf(scores: Divergences): Omit<CompareScoresResult, keyof Evaluated> {
    const { nll, nllBase, kld, pDiff, sameTop } = scores;
    const n = nll.length;
    const lnPpl = meanOf(nll);
    const lnPplBase = meanOf(nllBase);
    const covariance = covarianceOf(nll, nllBase);
    const lnRatio = {
        value: lnPpl.value - lnPplBase.value,
        error: differenceError(lnPpl, lnPplBase, covariance),
    };
    const perplexity = exponential(lnPpl);
    const perplexityBase = exponential(lnPplBase);
    const squares = meanOf(pDiff.map((value) => value * value));
    const rms = Math.sqrt(squares.value);
    const same = sameTop.reduce((sum, value) => sum + value, 0) / n;
    return {
        nScored: n,
        perplexity,
        perplexityBase,
        correlation: correlationOf(lnPpl, lnPplBase, covariance),
        lnRatio,
        ratio: exponential(lnRatio),
        difference: {
            value: perplexity.value - perplexityBase.value,
            error: differenceError(
                perplexity,
                perplexityBase,
                perplexity.value * perplexityBase.value * covariance,
            ),
        },
        kld: divergenceOf(kld, KLD_PERCENTS),
        pDiff: divergenceOf(pDiff, P_DIFF_PERCENTS),
        pDiffRms: { value: rms, error: scaled(squares.error, rms > 0 ? 0.5 / rms : 0) },
        sameTop: { value: same, error: shareError(same, n) },
    };
}

/** Standard error of a share of n. */
export function shareError(share: number, n: number): number | null {
    return n >= MIN_FOR_ERROR ? root((share * (1 - share)) / (n - 1)) : null;
}

function divergenceOf(
    values: Float64Array | Float32Array,
    percents: readonly number[],
): Divergence {
    return { mean: meanOf(values), quantiles: quantilesOf(values, percents) };
}

/** Between two values linearly. */
export function quantilesOf(
    values: Float64Array | Float32Array,
    percents: readonly number[],
): Quantile[] {
    const sorted = Float64Array.from(values).sort();
    const last = sorted.length - 1;
    return percents.map((percent) => {
        const place = (percent / 100) * last;
        const below = Math.floor(place);
        const low = sorted[below] ?? 0;
        const high = sorted[Math.min(below + 1, last)] ?? 0;
        return { percent, value: low + (place - below) * (high - low) };
    });
}

/** Mean and its standard error. */
export function meanOf(values: Float64Array | Float32Array): Estimate {
    let sum = 0;
    let sum2 = 0;
    for (const value of values) {
        sum += value;
        sum2 += value * value;
    }
    const n = values.length;
    const value = n > 0 ? sum / n : 0;
    return { value, error: n >= MIN_FOR_ERROR ? root((sum2 / n - value * value) / (n - 1)) : null };
}

function differenceError(a: Estimate, b: Estimate, covariance: number): number | null {
    if (a.error === null || b.error === null) return null;
    return root(a.error ** 2 + b.error ** 2 - 2 * covariance);
}

function correlationOf(a: Estimate, b: Estimate, covariance: number): number | null {
    const errors = (a.error ?? 0) * (b.error ?? 0);
    return errors > 0 ? covariance / errors : null;
}

function scaled(error: number | null, factor: number): number | null {
    return error === null ? null : factor * error;
}

/** Of the two means. */
function covarianceOf(a: Float64Array, b: Float64Array): number {
    const n = a.length;
    if (n < MIN_FOR_ERROR) return 0;
    let product = 0;
    for (let i = 0; i < n; i++) product += (a[i] ?? 0) * (b[i] ?? 0);
    return (product / n - meanOf(a).value * meanOf(b).value) / (n - 1);
}

/** The error goes along by the first derivative. */
function exponential({ value, error }: Estimate): Estimate {
    const power = Math.exp(value);
    return { value: power, error: scaled(error, power) };
}

/** Of a difference that rounding can make negative. */
function root(value: number): number {
    return value > 0 ? Math.sqrt(value) : 0;
}
