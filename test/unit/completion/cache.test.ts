/** How much of what was answered is kept. */

import { describe, expect, it } from "vitest";
import { AnswerCache } from "../../../src/completion/cache";

const answer = (n: number) => {
    return { uri: "a.ts", prefix: `${n} foo(`, suffix: "\n", text: "alpha)", call: n };
};

describe("AnswerCache", () => {
    it.each([
        [8_000_000, ["alpha)", "alpha)"]],
        [20, [undefined, "alpha)"]],
        [0, [undefined, undefined]],
    ])("keeps what fits into %i characters", (capacity, expected) => {
        const cache = new AnswerCache(capacity);
        for (const n of [1, 2]) cache.add(answer(n));
        expect([1, 2].map((n) => cache.find("a.ts", answer(n).prefix, "\n")?.text)).toEqual(
            expected,
        );
    });
});
