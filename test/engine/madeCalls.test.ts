// A small model that does the same thing again and again, through the real engine child; the model says what is written here.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChatMessage, ChatProgress, ToolDefinition } from "../../src/protocol/chat";
import { modelSpec, ROOT, startEngine, type TestEngine } from "../support/engineProcess";
import { makeScriptedModel, type Script } from "../support/scriptedModel.mjs";

const NAME = "edit_file";
const editing = (path: unknown, name = NAME): ToolDefinition => ({
    name,
    description: "Edits.",
    parameters: { type: "object", properties: { path }, required: ["path"] },
});
const CALL = '\n{"name": "edit_file", "arguments": {"path": "a"}}\n</tool_call>';
const LOOK = '{"name": "read_file", "arguments": {"path": "a"}}';
/** Tokens of their own. */
const SAME = [1, 2, 3].map(
    (n) =>
        `<tool_call>\n{"name": "edit_file", "arguments": {"path": "b"}}\n</tool_call>${"\n".repeat(n)}`,
);

const SCRIPTS: Script[] = [
    { when: "once", role: "user", says: ["<tool_call>", CALL] },
    { when: "thrice", role: "user", says: SAME },
    { when: "What does", role: "user", says: [LOOK] },
    { when: "look", role: "user", says: [LOOK] },
    { when: "seen", role: "tool", says: [LOOK] },
    { when: "", role: "tool", says: ["<tool_call>", CALL] },
];

let folder: string;
let engine: TestEngine;

function agentOf(name: string, what: Parameters<typeof makeScriptedModel>[3]) {
    const model = join(folder, `${name}.gguf`);
    makeScriptedModel(ROOT, join(folder, name), model, what);
    return startEngine({ agent: modelSpec(model, { contextTokens: 4096 }) });
}

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ingot-made-"));
    engine = await agentOf("plain", { scripts: SCRIPTS });
});
afterAll(async () => {
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
});

async function ask(messages: ChatMessage[], path: unknown, maxTokens: number, names = [NAME]) {
    const progress: ChatProgress[] = [];
    const result = await engine.client.request(
        "chat",
        {
            ...{
                conversation: "agent",
                lane: "agent",
                messages,
                tools: names.map((name) => editing(path, name)),
            },
            ...{ maxTokens, temperature: 0, seed: 1 },
        },
        { onProgress: (value) => progress.push(value) },
    );
    const calls = progress.flatMap((p) => (p.kind === "call" ? [p.arguments] : []));
    return { result, calls };
}

it("makes a change once: when the model makes it again, the answer ends", async () => {
    const question: ChatMessage = { role: "user", content: "Edit a once." };
    const path = { type: "string" };
    const first = await ask([question], path, 24);
    expect(first.calls).toEqual([{ path: "a" }]);
    const call = { id: "1", name: NAME, arguments: { path: "a" } };
    const done: ChatMessage[] = [
        question,
        { role: "assistant", content: "", toolCalls: [call] },
        { role: "tool", content: "Edited.", toolCallId: "1" },
    ];
    const second = await ask(done, path, 24);
    expect(second.calls).toEqual([]);
    expect(second.result).toMatchObject({
        text: "",
        stop: "end-of-text",
        isRepeatedChange: true,
    });
    const other = { ...call, arguments: { path: "c" } };
    const otherDone: ChatMessage[] = [
        question,
        { role: "assistant", content: "", toolCalls: [other] },
        { role: "tool", content: "Edited.", toolCallId: "1" },
    ];
    const third = await ask(otherDone, path, 24);
    expect(third.calls).toEqual([{ path: "a" }]);
});

it("makes a call once that an answer has several times, and ends there", async () => {
    const { calls, result } = await ask(
        [{ role: "user", content: "Edit b thrice." }],
        { const: "b" },
        400,
    );
    expect(calls).toEqual([{ path: "b" }]);
    expect(result).toMatchObject({ text: "", stop: "end-of-text" });
});

it("looks nothing up twice in a row: it answers in words then", async () => {
    const question: ChatMessage = { role: "user", content: "Have a look." };
    const path = { type: "string" };
    const first = await ask([question], path, 24, ["read_file"]);
    expect(first.calls).toEqual([{ path: "a" }]);
    const call = { id: "1", name: "read_file", arguments: { path: "a" } };
    const { calls, result } = await ask(
        [
            question,
            { role: "assistant", content: "", toolCalls: [call] },
            { role: "tool", content: "I am seen.", toolCallId: "1" },
        ],
        path,
        24,
        ["read_file"],
    );
    expect(calls).toEqual([]);
    expect(result.text).toMatch(/^[^{[<\s]/);
    expect(result.isRepeatedChange).toBe(false);
});

it("edits nothing where something was only asked", async () => {
    const call = { id: "1", name: "read_file", arguments: { path: "a.ts" } };
    const { calls, result } = await ask(
        [
            { role: "user", content: "What does a.ts do?" },
            { role: "assistant", content: "", toolCalls: [call] },
            { role: "tool", content: "I am told.", toolCallId: "1" },
        ],
        { type: "string" },
        8,
        ["read_file", NAME],
    );
    expect(calls).toEqual([]);
    expect(result.text).toMatch(/^[^{[<\s]/);
});

it("makes no call of a model that may think first, which cannot be held to words", async () => {
    const thinking = await agentOf("thinking", {
        scripts: [
            {
                when: "seen",
                role: "tool",
                says: ["<tool_call>", '\n{"name": "read_file", ', '"arguments": {"path": "a"}}'],
            },
        ],
        thinks: true,
    });
    const plain = engine;
    engine = thinking;
    try {
        const call = { id: "1", name: "read_file", arguments: { path: "a" } };
        const { calls } = await ask(
            [
                { role: "user", content: "Have a look." },
                { role: "assistant", content: "", toolCalls: [call] },
                { role: "tool", content: "I am seen.", toolCallId: "1" },
            ],
            { type: "string" },
            60,
            ["read_file"],
        );
        expect(calls).toEqual([]);
    } finally {
        engine = plain;
        await thinking.dispose();
    }
});
