/** A benchmark: how many figures it gives, in which order it tells, its early end, what it refuses. How fast is no test's business. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NativeModel } from "../../src/node/native";
import type { BenchOptions } from "../../src/node/nativeLab";
import { loadStarter } from "./addon";

let model: NativeModel;
beforeAll(async () => void (model = await loadStarter()));
afterAll(() => model.close());

const options = (more: Partial<BenchOptions> = {}): BenchOptions => ({
    runs: [
        { promptTokens: 40, generateTokens: 3, parallel: 1 },
        { promptTokens: 40, generateTokens: 2, parallel: 3 },
    ],
    isShared: false,
    batchTokens: 64,
    microBatchTokens: 32,
    threads: 1,
    ...more,
});

describe("benchmark", () => {
    it("measures every step of every run, and tells of each evaluation", async () => {
        const told: number[][] = [];
        const results = await model.benchmark(options(), (...one) => told.push(one)).done;
        expect(results.map(({ stepSeconds }) => stepSeconds.length)).toEqual([3, 2]);
        for (const { promptSeconds, stepSeconds } of results)
            for (const seconds of [promptSeconds, ...stepSeconds])
                expect(seconds).toBeGreaterThan(0);
        expect(told).toEqual([
            [0, 40, 0],
            ...[1, 2, 3].map((step) => [0, 40, step]),
            [1, 64, 0],
            [1, 120, 0],
            ...[1, 2].map((step) => [1, 120, step]),
        ]);
    });

    it("reads a shared prompt once", async () => {
        const told: number[][] = [];
        const { done } = model.benchmark(options({ isShared: true }), (...one) => told.push(one));
        expect(await done).toHaveLength(2);
        expect(Math.max(...told.map(([, read = 0]) => read))).toBe(40);
    });

    it("ends early", async () => {
        const runs = [{ promptTokens: 64, generateTokens: 4000, parallel: 1 }];
        let nTold = 0;
        const job = model.benchmark(options({ runs }), () => {
            nTold++;
            job.abort();
        });
        await expect(job.done).rejects.toMatchObject({ code: "cancelled" });
        expect(nTold).toBeLessThan(100);
    });

    it("refuses what cannot be measured", () => {
        const refusal = (more: Partial<BenchOptions>) =>
            expect(() => model.benchmark(options(more)));
        refusal({ runs: [] }).toThrow(/nothing to measure/);
        refusal({ threads: 0 }).toThrow(/threads/);
        const run = { promptTokens: 8, generateTokens: 8, parallel: 1 };
        refusal({ runs: [{ ...run, parallel: 257 }] }).toThrow(/bounds/);
        refusal({ runs: [{ ...run, promptTokens: 0 }] }).toThrow(/bounds/);
        refusal({ runs: [{ ...run, parallel: 200, promptTokens: 1 << 20 }] }).toThrow(/bounds/);
    });
});
