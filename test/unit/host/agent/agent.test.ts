// What VS Code's own Chat is offered, and its messages as the engine takes them.
import { describe, expect, it } from "vitest";
import { AppError } from "../../../../src/base/errors";
import { engineMessages, engineTools } from "../../../../src/host/agent/messages";
import { AgentChoice } from "../../../../src/host/agent/choice";
import { agentModels } from "../../../../src/host/agent/models";
import type { HeaderFacts } from "../../../../src/library/header";

type Chosen = Parameters<AgentChoice["choose"]>[0];

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

describe("two conversations with different models", () => {
    const [a, b] = ["/m/a.gguf", "/m/b.gguf"].map((path) => ({ path, contextTokens: 4096 })) as [
        Chosen,
        Chosen,
    ];
    const other = (retry: boolean) => new AppError("user/no-model", "Another one", { retry });

    /** An engine that hears of each configuration and request a moment later, in order, and serves requests for its model only. */
    function fakeEngine(choice: AgentChoice) {
        let serves: string | undefined;
        let queue = Promise.resolve();
        const nTold = { configure: 0, chat: 0 };
        const post = <T>(work: () => T): Promise<T> => {
            const done = queue.then(work);
            queue = done.then(
                () => undefined,
                () => undefined,
            );
            return done;
        };
        const config = { chat: { path: "/m/c.gguf", gpuLayers: 0, contextTokens: 1 } } as const;
        return {
            nTold,
            tell: async () => {
                const { agent } = choice.configured({ ...config, idleUnloadMs: 0 });
                nTold.configure++;
                await post(() => (serves = agent?.path));
            },
            chat: async (path: string) => {
                await Promise.resolve();
                nTold.chat++;
                return post(() => {
                    if (serves !== path) throw other(true);
                    return serves;
                });
            },
        };
    }

    it("each get the answer of their own", async () => {
        const choice = new AgentChoice();
        const engine = fakeEngine(choice);
        const ask = ({ path, ...rest }: Chosen) =>
            choice.run({ path, ...rest }, engine.tell, () => engine.chat(path));
        expect(await Promise.all([ask(a), ask(b)])).toEqual([a.path, b.path]);
        expect(engine.nTold.chat).toBeGreaterThan(2);
    });

    it("give up in the end, and at once where there is no model at all", async () => {
        for (const [retry, most] of [
            [true, 4],
            [false, 1],
        ] as const) {
            let nTries = 0;
            const send = () => {
                nTries++;
                return Promise.reject(other(retry));
            };
            await expect(
                new AgentChoice().run(a, () => Promise.resolve(), send),
            ).rejects.toMatchObject({ code: "user/no-model" });
            expect(nTries).toBe(most);
        }
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
