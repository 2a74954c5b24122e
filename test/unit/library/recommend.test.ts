/** Which model is recommended for how much memory. */

import { describe, expect, it } from "vitest";
import { KNOWN_MODELS, offeredModels, recommendModel } from "../../../src/library/recommend";

const GB = 2 ** 30;

describe("recommendModel", () => {
    it.each([
        [4, undefined, "Qwen2.5-Coder 0.5B"],
        [8, undefined, "Qwen2.5-Coder 0.5B"],
        [16, undefined, "Qwen2.5-Coder 1.5B"],
        [32, undefined, "Qwen2.5-Coder 1.5B"],
        [64, undefined, "Qwen2.5-Coder 7B"],
        [16, 8, "Qwen2.5-Coder 7B"],
        [64, 24, "Qwen2.5-Coder 14B"],
    ])("%i GB of memory, %s GB on a card: %s", (ram, gpu, expected) => {
        const memory = { ramBytes: ram * GB, gpuBytes: gpu === undefined ? gpu : gpu * GB };
        expect(recommendModel(memory).name).toBe(expected);
    });
});

describe("offeredModels", () => {
    it("are known ones that can be made here, from small to large", () => {
        const sizes = offeredModels().map((model) => model.sizeBytes);
        expect(sizes.length).toBeGreaterThan(0);
        expect(sizes.length).toBeLessThanOrEqual(KNOWN_MODELS.length);
        expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
        expect(offeredModels().every((model) => model.convertible)).toBe(true);
    });
});
