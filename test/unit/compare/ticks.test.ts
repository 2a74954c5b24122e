// Axes: round ticks around all values, also where there is one value or none.
import { describe, expect, it } from "vitest";
import { linearScale, logScale } from "../../../src/compare/ticks";

describe("linearScale", () => {
    it.each([
        [
            [4.4, 5.7, 6.6],
            [4, 4.5, 5, 5.5, 6, 6.5, 7],
        ],
        [
            [0.31, 0.99],
            [0.2, 0.4, 0.6, 0.8, 1],
        ],
        [
            [338, 531],
            [300, 350, 400, 450, 500, 550],
        ],
    ])("has round ticks around %j", (values, ticks) => {
        expect(linearScale(values).ticks).toEqual(ticks);
    });

    it("places its ends at 0 and 1, and every value between", () => {
        const scale = linearScale([3, 17, 8]);
        expect(scale.place(scale.from)).toBe(0);
        expect(scale.place(scale.to)).toBe(1);
        for (const value of [3, 8, 17]) {
            expect(scale.place(value)).toBeGreaterThanOrEqual(0);
            expect(scale.place(value)).toBeLessThanOrEqual(1);
        }
    });

    it.each([[[]], [[7]], [[5, 5]], [[0]]])("has a length for %j", (values) => {
        const { from, to, ticks } = linearScale(values);
        expect(to).toBeGreaterThan(from);
        expect(ticks.length).toBeGreaterThan(1);
    });
});

describe("logScale", () => {
    it.each([
        [
            [0.0012, 0.09],
            [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
        ],
        [
            [0.02, 0.04],
            [0.02, 0.05],
        ],
        [
            [0.00001, 1],
            [0.00001, 0.0001, 0.001, 0.01, 0.1, 1],
        ],
        [[0.3], [0.2, 0.5]],
    ])("has round ticks around %j", (values, ticks) => {
        expect(logScale(values).ticks).toEqual(ticks);
    });

    it("gives each decade the same room", () => {
        const { place } = logScale([0.001, 0.1]);
        expect(place(0.01)).toBeCloseTo(0.5, 10);
    });

    it.each([[[0.001]], [[0.5, 0.5]], [[1e-9, 1e-9]]])("has a length for %j", (values) => {
        const { from, to } = logScale(values);
        expect(to).toBeGreaterThan(from);
        expect(from).toBeLessThanOrEqual(values[0] ?? 0);
        expect(to).toBeGreaterThanOrEqual(values[0] ?? 0);
    });
});
