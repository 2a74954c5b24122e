// The provider of VS Code's own Chat: what a person reads in the status bar while a long prompt is read, and what VS Code gets.
import { describe, expect, it, vi } from "vitest";
import type { LanguageModelResponsePart, ProvideLanguageModelChatResponseOptions } from "vscode";
import { AgentProvider, type AgentProviderOptions } from "../../../../src/host/agent/provider";
import { agentModels } from "../../../../src/host/agent/models";
import type { ChatProgress, ChatResult } from "../../../../src/protocol/chat";
import { CHAT_RESULT } from "../../../support/chatResult";

const shown = vi.hoisted(() => [] as string[]);
vi.mock("vscode", () => ({
    LanguageModelChatToolMode: { Auto: 1, Required: 2 },
    LanguageModelTextPart: class {
        constructor(readonly value: string) {}
    },
    LanguageModelToolCallPart: class {
        constructor(
            readonly callId: string,
            readonly name: string,
            readonly input: object,
        ) {}
    },
    ProgressLocation: { Window: 10 },
    window: {
        withProgress: (
            _: unknown,
            task: (p: { report: (v: { message: string }) => void }) => unknown,
        ) => task({ report: ({ message }) => shown.push(message) }),
    },
}));

const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
const [model] = agentModels(
    [{ name: "qwen", path: "/m/q.gguf", facts: { sizeBytes: 4e8, hasChatTemplate: true } }],
    { ramBytes: 16e9 },
);

type Tools = ProvideLanguageModelChatResponseOptions["tools"];

async function answer(
    events: ChatProgress[],
    tools: Tools = [],
    more: Partial<ChatResult> = {},
): Promise<LanguageModelResponsePart[]> {
    const provider = new AgentProvider({
        list: async () => [model!],
        run: (_, send) => send(),
        engine: {
            chat: async (_, { onProgress }) => {
                for (const event of events) onProgress?.(event);
                return { ...CHAT_RESULT, ...more };
            },
            request: vi.fn(),
        } as AgentProviderOptions["engine"],
        log: { info: () => undefined } as unknown as AgentProviderOptions["log"],
    });
    const parts: LanguageModelResponsePart[] = [];
    await provider.provideLanguageModelChatResponse(
        model!,
        [],
        { toolMode: 1, modelOptions: {}, tools },
        { report: (part) => parts.push(part) },
        never,
    );
    return parts;
}

describe("AgentProvider", () => {
    it("says in the status bar what is loaded and read, and passes text and calls on", async () => {
        const parts = await answer([
            { kind: "load", fraction: 0.5 },
            { kind: "prompt", done: 4345, total: 17_379 },
            { kind: "text", text: "I look." },
            { kind: "call", name: "read", arguments: { line: 3 } },
        ]);
        expect(shown).toEqual([
            "Ingot: loading qwen, 50 %",
            "Ingot: reading 17,379 tokens, 25 %",
            "Ingot: qwen answers",
            "Ingot: qwen answers",
        ]);
        expect(parts).toEqual([
            { value: "I look." },
            { callId: expect.any(String) as string, name: "read", input: { line: 3 } },
        ]);
    });

    it("says that an agent's model ended without a word, which VS Code would call an error", async () => {
        const tools: Tools = [{ name: "edit", description: "Edits", inputSchema: {} }];
        const texts = (parts: LanguageModelResponsePart[]) =>
            parts.map((part) => ("value" in part ? part.value : "a call"));
        expect(texts(await answer([], tools))).toEqual(["(The model has nothing to add.)"]);
        expect(texts(await answer([{ kind: "text", text: "Done." }], tools))).toEqual(["Done."]);
        const call = { kind: "call" as const, name: "edit", arguments: {} };
        expect(texts(await answer([call], tools))).toEqual(["a call"]);
        expect(texts(await answer([]))).toEqual([]);
        expect(texts(await answer([], tools, { stop: "aborted" }))).toEqual([]);
        expect(texts(await answer([], tools, { isRepeatedChange: true }))).toEqual([
            "(The model asked for the same change again. It was made once.)",
        ]);
        expect(texts(await answer([call], tools, { isRepeatedChange: true }))).toEqual(["a call"]);
        const blank = { kind: "text" as const, text: "\n" };
        expect(texts(await answer([blank], tools))).toEqual([
            "\n",
            "(The model has nothing to add.)",
        ]);
    });

    it.each<[Partial<ChatResult>, string]>([
        [
            { stop: "max-tokens", isCallBroken: true },
            "(The answer was cut at 1,234 tokens inside of a tool call, which was not made.)",
        ],
        [{ stop: "max-tokens", repeatedTokens: 9 }, "(The answer was cut at 1,234 tokens.)"],
        [
            { repeatedTokens: 2560 },
            "(The model repeated itself in this call; 2,560 tokens of that were left out.)",
        ],
    ])("says what of an answer is not as the model wrote it: %j", async (more, note) => {
        const tokens = { ...CHAT_RESULT.tokens, generated: 1234 };
        const text = { kind: "text" as const, text: "I write." };
        const tools: Tools = [{ name: "edit", description: "Edits", inputSchema: {} }];
        const parts = await answer([text], tools, { tokens, ...more });
        expect(parts).toEqual([{ value: "I write." }, { value: `\n\n${note}` }]);
        // Who asks without tools may be a program: it gets the model's words alone.
        expect(await answer([text], [], { tokens, ...more })).toEqual([{ value: "I write." }]);
    });
});
