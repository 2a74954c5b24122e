// Which files the roles need in memory, and how the KV cache is divided.
import { describe, expect, it } from "vitest";
import {
    COMPLETION_SEQUENCES,
    contextSizes,
    N_SEQUENCES,
    planLoads,
} from "../../../src/engine/plan";
import type { ModelSpec } from "../../../src/protocol/engine";

const spec = (path: string, more: Partial<ModelSpec> = {}): ModelSpec => ({
    path,
    gpuLayers: "auto",
    contextTokens: 4096,
    ...more,
});

describe("planLoads", () => {
    it("shares the weights of two roles on one file", () => {
        const plans = planLoads({ completion: spec("a"), chat: spec("a"), idleUnloadMs: 0 });
        expect(plans.completion).toBe(plans.chat);
        expect(plans.chat?.roles).toEqual({ completion: 4096, chat: 4096 });
    });

    it.each([
        ["another file", spec("b")],
        ["another number of layers", spec("a", { gpuLayers: 3 })],
    ])("loads apart for %s", (_, chat) => {
        const plans = planLoads({ completion: spec("a"), chat, idleUnloadMs: 0 });
        expect(plans.completion?.key).not.toBe(plans.chat?.key);
    });

    it("keeps a loaded model only when nothing about it changed", () => {
        const key = (more: object) =>
            planLoads({ completion: spec("a"), idleUnloadMs: 0, ...more }).completion?.key;
        expect(key({ idleUnloadMs: 5 })).toBe(key({}));
        expect(key({ threads: 3 })).not.toBe(key({}));
        expect(key({ chat: spec("a") })).not.toBe(key({}));
        expect(key({ chat: spec("b") })).toBe(key({}));
    });
});

describe("contextSizes", () => {
    const plans = planLoads({
        completion: spec("a", { contextTokens: 32_768 }),
        chat: spec("a", { contextTokens: 8192 }),
        idleUnloadMs: 0,
    });
    const plan = plans.chat;
    if (!plan) throw new Error("no plan");

    it("gives completions no more than their windows need, and chat what was asked for", () => {
        const sizes = contextSizes(plan, 32_768);
        expect(sizes.completion).toBe(2304);
        expect(sizes.chat).toBe(8192);
        expect(sizes.total).toBeGreaterThanOrEqual(2 * 2304 + 8192);
        expect(sizes.total % 256).toBe(0);
    });

    it("never goes beyond what the model was trained on", () => {
        expect(contextSizes(plan, 2048)).toMatchObject({ completion: 2048, chat: 2048 });
    });

    it("has a sequence for chat beside those for completions", () => {
        expect(N_SEQUENCES).toBe(COMPLETION_SEQUENCES.length + 1);
    });
});
