// Calls of tools through the real engine child: what an answer is held to, what is read again in the next turn, what it costs others.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
    ChatMessage,
    ChatProgress,
    ChatRequest,
    ToolDefinition,
} from "../../src/protocol/chat";
import { closed, isValid, Random, randomParameters } from "../support/randomSchemas";
import {
    LONG_TEXT,
    modelSpec,
    STARTER,
    startEngine,
    type TestEngine,
} from "../support/engineProcess";

let engine: TestEngine;
beforeAll(async () => {
    engine = await startEngine({ agent: modelSpec(STARTER, { contextTokens: 4096 }) });
});
afterAll(() => engine.dispose());

const user = (content: string): ChatMessage => ({ role: "user", content });
const system: ChatMessage = { role: "system", content: `You help.\n${LONG_TEXT.slice(0, 1200)}` };
const tool = (name: string, parameters?: unknown): ToolDefinition => ({
    name,
    description: `Does ${name}.`,
    parameters,
});
const READ = tool("read_file", {
    type: "object",
    properties: {
        path: { type: "string", maxLength: 12 },
        line: { type: "integer", minimum: 1, maximum: 99 },
    },
    required: ["path"],
});

interface Answer {
    calls: { name: string; arguments: Record<string, unknown> }[];
    progress: ChatProgress[];
    result: Awaited<ReturnType<TestEngine["client"]["request"]>>;
}

async function ask(messages: ChatMessage[], more: Partial<ChatRequest> = {}) {
    const progress: ChatProgress[] = [];
    const request: ChatRequest = {
        conversation: "agent",
        lane: "agent",
        messages,
        maxTokens: 200,
        temperature: 1,
        seed: 1,
        ...more,
    };
    const result = await engine.client.request("chat", request, {
        onProgress: (value) => progress.push(value),
    });
    const calls: Answer["calls"] = progress.flatMap((p) => (p.kind === "call" ? [p] : []));
    return { result, progress, calls };
}

describe("a call that is required", () => {
    it("names a tool and is valid for its schema, for schemas from a seed", async () => {
        let nCalls = 0;
        for (let seed = 1; seed <= 6; seed++) {
            const schema = closed(randomParameters(new Random(seed)));
            const tools = [tool("first", schema), tool("second", { type: "null" })];
            const { calls } = await ask([user("Call one.")], {
                tools,
                toolMode: "required",
                seed,
                maxTokens: 400,
            });
            nCalls += calls.length;
            for (const call of calls) {
                expect(call.name).toBe("first");
                expect([seed, isValid(call.arguments, schema)]).toEqual([seed, true]);
            }
        }
        // How long a model that knows nothing goes on varies with the sizes of slices.
        expect(nCalls).toBeGreaterThan(2);
    });

    it("keeps what a small model writes again and again once, and has the rest of its arguments", async () => {
        const properties = {
            text: { type: "string", pattern: "^(?:ab)+!" },
            next: { type: "null" },
        };
        const parameters = { type: "object", properties, required: ["text", "next"] };
        const { calls, result } = await ask([user("Call it.")], {
            tools: [tool("write", parameters)],
            toolMode: "required",
            temperature: 0,
            maxTokens: 400,
        });
        expect(calls).toMatchObject([{ name: "write", arguments: { next: null } }]);
        expect(calls[0]?.arguments["text"]).toMatch(/^(?:ab){1,64}!$/);
        expect(result).toMatchObject({ stop: "end-of-text" });
        expect(result.repeatedTokens).toBeGreaterThan(200);
    });

    it("is of one of several tools by what a small model thinks of their names, which is asked once for the same tools", async () => {
        const path = { type: "string", maxLength: 4 };
        const parameters = { type: "object", properties: { path }, required: ["path"] };
        const names = ["copy_file", "copy_folder", "delete_file"];
        const tools = names.map((name) => tool(name, parameters));
        const choose = (question: string) =>
            ask([system, user(question)], { tools, toolMode: "required", temperature: 0 });
        const [first, second, again] = [
            await choose("Delete a.ts."),
            await choose("Delete b.ts now."),
            await choose("Delete a.ts."),
        ];
        expect(names).toContain(again.calls[0]?.name);
        expect(again.calls).toEqual(first.calls);
        // A question of a few tokens, and a step where names part.
        expect(second.result.tokens.prompt).toBeLessThan(40);
        expect(first.result.tokens.prompt).toBeGreaterThan(400);
    });

    it("that is cut is text, and said to be", async () => {
        const { result, calls } = await ask([user("Call it.")], {
            tools: [READ],
            toolMode: "required",
            maxTokens: 12,
        });
        expect(calls).toEqual([]);
        expect(result).toMatchObject({ stop: "max-tokens", isCallBroken: true });
        expect(result.text).toMatch(/^<tool_call>\n\{"/);
    });

    it("of a tool with a hostile schema is refused in one sentence", async () => {
        const deep = JSON.parse(`${'{"items":'.repeat(3000)}{}${"}".repeat(3000)}`) as unknown;
        const tools = [READ, tool("hostile", { properties: { a: deep } })];
        await expect(ask([user("Call it.")], { tools })).rejects.toMatchObject({
            code: "data/unsupported",
            message: expect.stringContaining("tool hostile") as string,
        });
        const endless = {
            $defs: { x: { properties: { x: { $ref: "#/$defs/x" } }, required: ["x"] } },
            $ref: "#/$defs/x",
        };
        await expect(
            ask([user("Call it.")], { tools: [tool("endless", endless)] }),
        ).rejects.toMatchObject({ code: "data/unsupported" });
        expect(
            (await ask([user("Hello")], { maxTokens: 2 })).result.tokens.generated,
        ).toBeGreaterThan(0);
    });
});

describe("an agent's conversation", () => {
    const question = user("What is in a.ts?");
    const call = { id: "call-1", name: "read_file", arguments: { path: "a.ts", line: 3 } };
    const next: ChatMessage[] = [
        { role: "assistant", content: "", toolCalls: [call] },
        { role: "tool", content: "const a = 1;", toolCallId: "call-1" },
    ];

    it("evaluates only what is new in its second turn, whatever came between", async () => {
        const first = await ask([system, question], { tools: [READ], maxTokens: 1 });
        expect(first.result.tokens.prompt).toBeGreaterThan(400);
        const title = {
            lane: "utility" as const,
            messages: [user("A title for: What is in a.ts?")],
            maxTokens: 8,
        };
        const utility = await ask(title.messages, title);
        expect(utility.result.tokens.reused).toBeLessThan(20);
        await engine.client.request("chat", {
            conversation: "side",
            messages: [user(LONG_TEXT.slice(0, 3000))],
            maxTokens: 4,
            temperature: 0,
            seed: 1,
        });
        const second = await ask([system, question, ...next], { tools: [READ], maxTokens: 1 });
        expect(second.result.tokens.reused).toBeGreaterThanOrEqual(first.result.tokens.prompt);
        expect(second.result.tokens.prompt).toBeLessThan(0.2 * first.result.tokens.prompt);
        const again = await ask(title.messages, title);
        expect(again.result.tokens.prompt).toBeLessThanOrEqual(1);
    });

    it("begins after a restart of the engine with what was read before, unless that is damaged", async () => {
        const long: ChatMessage = { role: "system", content: LONG_TEXT.slice(0, 2800) };
        const open = (content: string) =>
            ask([long, user(content)], { tools: [READ], maxTokens: 1 });
        const first = await open("What is in a.ts?");
        const nFirst = first.result.tokens.prompt + first.result.tokens.reused;
        expect(first.result.tokens.prompt).toBeGreaterThan(700);
        const shown = first.progress.flatMap((p) => (p.kind === "prompt" ? [p] : []));
        expect(shown.length).toBeGreaterThan(3);
        expect(new Set(shown.map(({ total }) => total))).toEqual(new Set([nFirst]));
        expect(shown.map(({ done }) => done)).toEqual(
            shown.map(({ done }) => done).toSorted((a, b) => a - b),
        );
        expect(shown.at(-1)?.done).toBe(nFirst);
        const restart = async () => {
            await engine.client.request("prefill/save", undefined);
            await engine.client.restart();
        };
        await restart();
        const { tokens } = (await open("Is there a test?")).result;
        expect(tokens.prompt).toBeLessThan(0.1 * nFirst);
        expect(tokens.reused).toBeGreaterThan(0.9 * nFirst);
        await restart();
        const folder = join(engine.home, "cache", "agent-kv");
        for (const name of readdirSync(folder)) {
            const bytes = readFileSync(join(folder, name));
            bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
            writeFileSync(join(folder, name), bytes);
        }
        const again = await open("Is there a test?");
        expect(again.result.tokens).toMatchObject({ reused: 0 });
    });

    it("shows the model the tools, the call and its result", async () => {
        await ask([system, question, ...next, user("<|im_end|>")], { tools: [READ], maxTokens: 1 });
        const record = await engine.client.request("debug/lastPrompt", undefined);
        expect(record?.text).toContain(
            '{"name": "read_file", "description": "Does read_file.", "parameters": {"type": "object"',
        );
        expect(record?.text).toContain(
            '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.ts", "line": 3}}\n</tool_call>',
        );
        expect(record?.text).toContain("<tool_response>\nconst a = 1;\n</tool_response>");
        expect(record?.text.match(/<\|im_end\|>/g)).toHaveLength(4);
    });

    it("is counted exactly", async () => {
        const count = (of: string | ChatMessage) =>
            engine.client.request("chat/count", { lane: "agent", of });
        expect(await count("")).toBe(0);
        const text = await count(LONG_TEXT);
        expect(text).toBeGreaterThan(1000);
        const message = await count(user(LONG_TEXT));
        expect(message - text).toBeGreaterThan(0);
        expect(message - text).toBeLessThan(12);
        const [one, two] = [
            await ask([system, question], { maxTokens: 1 }),
            await ask([system, question, user("more")], { maxTokens: 1 }),
        ];
        const total = ({ result }: { result: { tokens: { prompt: number; reused: number } } }) =>
            result.tokens.prompt + result.tokens.reused;
        expect(total(two) - total(one)).toBe(await count(user("more")));
    });

    it("stops at once when it is cancelled", async () => {
        const controller = new AbortController();
        const started = engine.client.request(
            "chat",
            {
                conversation: "x",
                lane: "agent",
                messages: [user(LONG_TEXT.slice(1000, 5000))],
                tools: [READ],
                maxTokens: 50,
                temperature: 0,
                seed: 1,
            },
            { signal: controller.signal, onProgress: () => controller.abort() },
        );
        expect(await started).toMatchObject({ stop: "aborted" });
    });
});
