/** Which pieces are told: no parts of others, not all of one file, tests behind what they test. */

import { describe, expect, it } from "vitest";
import { spread, testsLast } from "../../../src/codebase/choice";
import type { CodebaseHit } from "../../../src/protocol/codebase";

const piece = (name: string, first: number, last: number, score = 1): CodebaseHit => ({
    path: `/w/${name}`,
    name,
    first,
    last,
    score,
});

describe("spread", () => {
    it("leaves out what overlaps a better one, and the fourth of a file", () => {
        const found = [
            piece("a.ts", 10, 20),
            piece("a.ts", 0, 50),
            piece("a.ts", 60, 70),
            piece("b.ts", 10, 20),
            piece("a.ts", 80, 90),
            piece("a.ts", 100, 110),
            piece("c.ts", 0, 1),
        ];
        const taken = spread(found, 5).map(({ name, first }) => `${name} ${first}`);
        expect(taken).toEqual(["a.ts 10", "a.ts 60", "b.ts 10", "a.ts 80", "c.ts 0"]);
        expect(spread(found, 2).length).toBe(2);
    });
});

describe("testsLast", () => {
    const found = [
        piece("test/cart.test.ts", 0, 1, 10),
        piece("src/contest.ts", 0, 1, 9),
        piece("src/cart.ts", 0, 1, 8),
    ];
    it("lets code go before tests that are a little better", () => {
        const names = testsLast(found, "how is a cart filled").map(({ name }) => name);
        expect(names).toEqual(["src/contest.ts", "src/cart.ts", "test/cart.test.ts"]);
    });

    it("does not when tests are asked for", () => {
        expect(testsLast(found, "which tests fill a cart")).toEqual(found);
    });
});
