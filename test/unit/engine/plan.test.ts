// Which files the roles need in memory.
import { describe, expect, it } from "vitest";
import {
    CHAT_SEQUENCE,
    AGENT_SEQUENCE,
    N_SEQUENCES,
    planLoads,
    PROBE_SEQUENCE,
    SPARE_SEQUENCE,
    UTILITY_SEQUENCE,
} from "../../../src/engine/plan";
import { COMPLETION_SEQUENCES } from "../../../src/library/memory";
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

describe("N_SEQUENCES", () => {
    it("has one for each that uses a context, and no two the same", () => {
        const of = [
            CHAT_SEQUENCE,
            PROBE_SEQUENCE,
            SPARE_SEQUENCE,
            AGENT_SEQUENCE,
            UTILITY_SEQUENCE,
        ];
        const all = [...COMPLETION_SEQUENCES, ...of];
        expect(all.toSorted((a, b) => a - b)).toEqual([...Array(N_SEQUENCES).keys()]);
    });
});
