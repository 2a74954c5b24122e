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
        error: root(lnPpl.error ** 2 + lnPplBase.error ** 2 - 2 * covariance),
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
        correlation:
            lnPpl.error * lnPplBase.error > 0 ? covariance / (lnPpl.error * lnPplBase.error) : 0,
        lnRatio,
        ratio: exponential(lnRatio),
        difference: {
            value: perplexity.value - perplexityBase.value,
            error: root(
                perplexity.error ** 2 +
                    perplexityBase.error ** 2 -
                    2 * perplexity.value * perplexityBase.value * covariance,
            ),
        },
        kld: divergenceOf(kld, KLD_PERCENTS),
        pDiff: divergenceOf(pDiff, P_DIFF_PERCENTS),
        pDiffRms: { value: rms, error: rms > 0 ? (0.5 / rms) * squares.error : 0 },
        sameTop: { value: same, error: n > 1 ? root((same * (1 - same)) / (n - 1)) : 0 },
    };
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

/** Mean and its standard error; 0 as error where it says nothing. */
export function meanOf(values: Float64Array | Float32Array): Estimate {
    let sum = 0;
    let sum2 = 0;
    for (const value of values) {
        sum += value;
        sum2 += value * value;
    }
    const n = values.length;
    const value = n > 0 ? sum / n : 0;
    return { value, error: n >= MIN_FOR_ERROR ? root((sum2 / n - value * value) / (n - 1)) : 0 };
}

/** Of the two means. */
function covarianceOf(a: Float64Array, b: Float64Array): number {
    const n = a.length;
    if (n < 10) return 0;
    let product = 0;
    for (let i = 0; i < n; i++) product += (a[i] ?? 0) * (b[i] ?? 0);
    return (product / n - meanOf(a).value * meanOf(b).value) / (n - 1);
}

/** The error goes along by the first derivative. */
function exponential({ value, error }: Estimate): Estimate {
    const power = Math.exp(value);
    return { value: power, error: power * error };
}

/** Of a difference that rounding can make negative. */
function root(value: number): number {
    return value > 0 ? Math.sqrt(value) : 0;
}
