// The figures of a benchmark by hand, and the time that is left of one.
import { describe, expect, it } from "vitest";
import { BenchClock, rowOf, runsOf, singleOf } from "../../../src/lab/bench/figures";

const times = (promptSeconds: number, ...steps: number[]) => ({
    promptSeconds,
    stepSeconds: Float64Array.from(steps),
});
const run = (promptTokens: number, generateTokens: number, parallel: number) => ({
    promptTokens,
    generateTokens,
    parallel,
});

describe("runsOf", () => {
    it("is every combination, sequences fastest", () => {
        const runs = runsOf({
            model: "m",
            promptTokens: [8, 16],
            generateTokens: [4],
            parallel: [1, 2],
        });
        expect(runs).toEqual([run(8, 4, 1), run(8, 4, 2), run(16, 4, 1), run(16, 4, 2)]);
    });
});

describe("rowOf", () => {
    it("has the figures of llama-batched-bench", () => {
        expect(rowOf(run(100, 3, 2), times(4, 1, 2, 3), false)).toEqual({
            promptTokens: 100,
            generateTokens: 3,
            parallel: 2,
            cacheTokens: 206,
            promptSeconds: 4,
            promptSpeed: 50,
            generateSeconds: 6,
            generateSpeed: 1,
            seconds: 10,
            speed: 20.6,
        });
    });

    it("reads a shared prompt once", () => {
        const { promptSpeed, cacheTokens, speed } = rowOf(run(100, 1, 4), times(2, 2), true);
        expect({ promptSpeed, cacheTokens, speed }).toEqual({
            promptSpeed: 50,
            cacheTokens: 404,
            speed: 26,
        });
    });
});

describe("singleOf", () => {
    it("tells the wait for the first token and between tokens", () => {
        const steps = Array.from({ length: 101 }, (_, i) => i / 1000);
        const single = singleOf(run(50, 101, 1), times(2, ...steps));
        expect(single).toMatchObject({ firstTokenSeconds: 2, promptSpeed: 25 });
        expect(single.tokenMsP50).toBeCloseTo(50, 9);
        expect(single.tokenMsP95).toBeCloseTo(95, 9);
    });
});

describe("BenchClock", () => {
    it("knows what is left as soon as both kinds of work were seen", () => {
        let now = 0;
        const after = (seconds: number) => (now += seconds * 1000);
        const clock = new BenchClock([run(10, 4, 1), run(10, 4, 2)], false, () => now);
        expect(clock.total).toBe(42);
        after(5);
        expect(clock.tell(0, 10, 0)).toEqual({ done: 10 });
        after(2);
        // 20 tokens to read at 2 per second, and 3 + 4 steps at 2 s each.
        expect(clock.tell(0, 10, 1)).toEqual({ done: 11, secondsLeft: 10 + 14 });
        after(6);
        clock.tell(0, 10, 4);
        after(10);
        expect(clock.tell(1, 20, 0)).toEqual({ done: 34, secondsLeft: 8 });
        after(8);
        expect(clock.tell(1, 20, 4)).toEqual({ done: 42, secondsLeft: 0 });
    });

    it("reads a shared prompt once", () => {
        expect(new BenchClock([run(10, 4, 3)], true, () => 0).total).toBe(22);
    });
});
