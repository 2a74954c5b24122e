// What VS Code's own Chat is offered, and its messages as the engine takes them.
import { describe, expect, it } from "vitest";
import { engineMessages, engineTools } from "../../../../src/host/agent/messages";
import { AgentChoice, agentModels } from "../../../../src/host/agent/models";
import type { HeaderFacts } from "../../../../src/library/header";

const cache = { bytesPerToken: 12_288, trainedTokens: 32_768 };
const facts: HeaderFacts = {
    sizeBytes: 400e6,
    fileType: "Q4_K_M",
    architecture: "qwen2",
    title: "Qwen2.5 Coder",
    hasChatTemplate: true,
    cache,
};
const offer = (ramBytes: number, more: Partial<HeaderFacts> = {}) =>
    agentModels([{ name: "qwen", path: "/m/qwen.gguf", facts: { ...facts, ...more } }], {
        ramBytes,
    });

describe("agentModels", () => {
    it("says truly how much fits", () => {
        const [model] = offer(16e9);
        expect(model).toMatchObject({
            id: "qwen",
            name: "Qwen2.5 Coder",
            family: "qwen2",
            contextTokens: 32_768,
        });
        expect(model!.maxInputTokens + model!.maxOutputTokens).toBe(32_768);
        expect(model!.detail).toBe("Q4_K_M, 400 MB");
        expect(model!.tooltip).toContain("tools fit");
        const [small] = offer(2.4e9);
        expect(small!.contextTokens).toBeLessThan(16_384);
        expect(small!.tooltip).toContain("Configure Tools");
        expect(offer(16e9, { cache: { ...cache, trainedTokens: 2048 } })[0]!.contextTokens).toBe(
            2048,
        );
    });

    it("leaves out what cannot chat or be used", () => {
        expect(offer(16e9, { hasChatTemplate: false })).toEqual([]);
        expect(offer(16e9, { problem: "It is damaged." })).toEqual([]);
    });
});

describe("AgentChoice", () => {
    it("is in the configuration once a model was asked", () => {
        const choice = new AgentChoice();
        const spec = { path: "/m/a.gguf", gpuLayers: "auto", contextTokens: 8192 } as const;
        const config = { completion: spec, chat: spec, idleUnloadMs: 0 };
        expect(choice.configured(config)).toBe(config);
        expect(choice.choose({ path: "/m/b.gguf", contextTokens: 4096 })).toBe(true);
        expect(choice.choose({ path: "/m/b.gguf", contextTokens: 4096 })).toBe(false);
        expect(choice.configured(config).agent).toEqual({
            path: "/m/b.gguf",
            contextTokens: 4096,
            gpuLayers: "auto",
        });
    });
});

describe("engineMessages", () => {
    it("knows texts, calls, results, the system role, and what it cannot show", () => {
        const text = (value: string) => ({ value });
        expect(
            engineMessages([
                { role: 3, content: [text("You are "), text("an agent.")] },
                {
                    role: 1,
                    content: [text("Look"), { mimeType: "image/png", data: new Uint8Array(2) }],
                },
                {
                    role: 2,
                    content: [
                        text("I do."),
                        { callId: "c1", name: "read", input: { a: 1 } },
                        { callId: "c2", name: "run", input: null },
                    ],
                },
                {
                    role: 1,
                    content: [{ callId: "c1", content: [text("one"), { value: { node: 1 } }] }],
                },
                { role: 1, content: [{ callId: "c2", content: [] }, text("Go on")] },
            ]),
        ).toEqual([
            { role: "system", content: "You are an agent." },
            { role: "user", content: "Look[image/png, which this model cannot see]" },
            {
                role: "assistant",
                content: "I do.",
                toolCalls: [
                    { id: "c1", name: "read", arguments: { a: 1 } },
                    { id: "c2", name: "run", arguments: {} },
                ],
            },
            { role: "tool", content: 'one{"node":1}', toolCallId: "c1" },
            { role: "tool", content: "", toolCallId: "c2" },
            { role: "user", content: "Go on" },
        ]);
    });

    it("has tools without a schema, too", () => {
        expect(engineTools(undefined)).toEqual([]);
        expect(engineTools([{ name: "a", description: "b" }])).toEqual([
            { name: "a", description: "b" },
        ]);
    });
});
