// The knapsack against brute force, and never over the budget.
import { describe, expect, it } from "vitest";
import { allocate, type Option } from "../../../src/lab/fit/allocate";

/** Numbers that are the same in every run. */
function randomFrom(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
    };
}

function randomItems(seed: number, nItems: number): Option[][] {
    const random = randomFrom(seed);
    return Array.from({ length: nItems }, () =>
        Array.from({ length: 1 + random(5) }, () => ({
            bytes: random(60),
            cost: random(1000) / 7,
        })),
    );
}

function bruteForce(items: readonly Option[][], budget: number): number {
    let best = Infinity;
    const go = (at: number, bytes: number, cost: number): void => {
        if (bytes > budget || cost >= best) return;
        const options = items[at];
        if (!options) best = cost;
        else for (const one of options) go(at + 1, bytes + one.bytes, cost + one.cost);
    };
    go(0, 0, 0);
    return best;
}

function check(items: readonly Option[][], budget: number, maxCells?: number) {
    const result = allocate(items, budget, maxCells);
    if (!result) return undefined;
    const chosen = items.map((options, i) => options[result.picks[i] ?? -1]);
    const bytes = chosen.reduce((sum, one) => sum + (one?.bytes ?? NaN), 0);
    const cost = chosen.reduce((sum, one) => sum + (one?.cost ?? NaN), 0);
    expect(result.bytes).toBe(bytes);
    expect(result.cost).toBeCloseTo(cost, 9);
    expect(bytes).toBeLessThanOrEqual(budget);
    return cost;
}

describe("allocate", () => {
    it.each(Array.from({ length: 60 }, (_, seed) => seed))("is exact, problem %i", (seed) => {
        const items = randomItems(seed + 1, 2 + (seed % 6));
        const least = items.reduce((sum, own) => sum + Math.min(...own.map((o) => o.bytes)), 0);
        for (const spare of [0, 1, 17, 60, 1000]) {
            const cost = check(items, least + spare);
            expect(cost).toBeCloseTo(bruteForce(items, least + spare), 9);
        }
        expect(allocate(items, least - 1)).toBeUndefined();
    });

    it("stays under the budget and near the best when the units are coarse", () => {
        for (let seed = 100; seed < 140; seed++) {
            const items = randomItems(seed, 7);
            const best = bruteForce(items, 200);
            const cost = check(items, 200, 16);
            if (cost === undefined) expect(best).toBe(Infinity);
            else expect(cost).toBeLessThanOrEqual(best * 1.35 + 1e-9);
        }
    });

    it("takes the largest of everything when there is room, and nothing for no items", () => {
        const items = [
            [
                { bytes: 10, cost: 5 },
                { bytes: 20, cost: 1 },
            ],
            [{ bytes: 7, cost: 3 }],
        ];
        expect(allocate(items, 1e12)).toEqual({ picks: [1, 0], bytes: 27, cost: 4 });
        expect(allocate([], 0)).toEqual({ picks: [], bytes: 0, cost: 0 });
    });

    it("does not choose what is larger and no better", () => {
        const items = [
            [
                { bytes: 30, cost: 2 },
                { bytes: 10, cost: 2 },
                { bytes: 20, cost: 4 },
            ],
        ];
        expect(allocate(items, 100)?.picks).toEqual([1]);
    });
});
