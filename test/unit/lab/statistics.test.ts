// The figures of a comparison, by hand and by what must hold whatever the values are.
import { describe, expect, it } from "vitest";
import { comparisonOf, perplexityOf, quantilesOf } from "../../../src/lab/scores/statistics";

/** `n` values between 0 and 1 without a pattern. */
const values = (n: number, seed: number) =>
    Float64Array.from(
        { length: n },
        (_, i) => Math.abs(Math.sin(seed + i * 12.9898) * 43758.5453) % 1,
    );

describe("perplexityOf", () => {
    it("is e to the mean, with the error of a mean", () => {
        const nll = new Float64Array(40).map((_, i) => (i % 2 === 0 ? 1 : 3));
        const { value, error } = perplexityOf(nll);
        expect(value).toBeCloseTo(Math.exp(2), 10);
        expect(error).toBeCloseTo(Math.exp(2) * Math.sqrt(1 / 39), 10);
    });

    it("of a model that is always sure is 1 without error", () => {
        expect(perplexityOf(new Float64Array(100))).toEqual({ value: 1, error: 0 });
    });

    it("has no known error of a handful of tokens", () => {
        expect(perplexityOf(new Float64Array(10))).toEqual({ value: 1, error: null });
    });
});

describe("quantilesOf", () => {
    it("lies between two values linearly", () => {
        const quantiles = quantilesOf(Float64Array.of(4, 1, 3, 2), [100, 50, 25, 0]);
        expect(quantiles.map(({ value }) => value)).toEqual([4, 2.5, 1.75, 1]);
    });
});

describe("comparisonOf", () => {
    const n = 1000;
    const scores = {
        nll: values(n, 1).map((x) => 3 * x),
        nllBase: values(n, 2).map((x) => 2 * x),
        kld: values(n, 3),
        pDiff: Float32Array.from(values(n, 4), (x) => x - 0.5),
        sameTop: Uint8Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 0 : 1)),
    };
    const result = comparisonOf(scores);

    it("agrees with itself", () => {
        expect(result.nScored).toBe(n);
        expect(result.sameTop.value).toBeCloseTo(0.9, 10);
        expect(result.sameTop.error).toBeCloseTo(Math.sqrt(0.09 / 999), 10);
        expect(result.ratio.value).toBeCloseTo(
            result.perplexity.value / result.perplexityBase.value,
            10,
        );
        expect(result.difference.value).toBeCloseTo(
            result.perplexity.value - result.perplexityBase.value,
            10,
        );
        const squares = scores.pDiff.reduce((sum, x) => sum + x * x, 0) / n;
        expect(result.pDiffRms.value).toBeCloseTo(Math.sqrt(squares), 5);
    });

    it("has its quantiles in order, from the maximum to the minimum", () => {
        for (const { quantiles } of [result.kld, result.pDiff]) {
            const found = quantiles.map(({ value }) => value);
            expect(found).toEqual([...found].sort((a, b) => b - a));
        }
        expect(result.kld.quantiles[0]).toEqual({ percent: 100, value: Math.max(...scores.kld) });
        expect(result.kld.quantiles.at(-1)?.value).toBe(Math.min(...scores.kld));
    });

    it("of equal models is nothing, and certain", () => {
        const equal = comparisonOf({ ...scores, nllBase: scores.nll, pDiff: new Float32Array(n) });
        expect(equal.lnRatio.value).toBe(0);
        expect(equal.lnRatio.error).toBeLessThan(1e-6);
        expect(equal.correlation).toBeCloseTo(1, 10);
        expect(equal.pDiffRms).toEqual({ value: 0, error: 0 });
    });

    it("of a handful of tokens knows no errors, and says so in JSON", () => {
        const few = comparisonOf({
            nll: scores.nll.slice(0, 10),
            nllBase: scores.nllBase.slice(0, 10),
            kld: scores.kld.slice(0, 10),
            pDiff: scores.pDiff.slice(0, 10),
            sameTop: scores.sameTop.slice(0, 10),
        });
        const errors = JSON.stringify(few).match(/"error":[^,}]+/g);
        expect(errors).toEqual(Array(9).fill('"error":null'));
        expect(few.correlation).toBeNull();
    });
});
