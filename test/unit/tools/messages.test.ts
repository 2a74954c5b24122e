// Conversations with tools as chat templates take them.
import { describe, expect, it } from "vitest";
import type { ChatMessage } from "../../../src/protocol/chat";
import { formOf, GENERIC } from "../../../src/tools/forms";
import { templateMessages } from "../../../src/tools/messages";

const tools = [{ name: "read", description: "Reads.", parameters: { type: "object" } }];
const calls = [
    { id: "call-1", name: "read", arguments: { path: "a" } },
    { id: "call-2", name: "read", arguments: { path: "b" } },
];
const conversation: ChatMessage[] = [
    { role: "system", content: "You help." },
    { role: "user", content: "Context" },
    { role: "user", content: "Read it" },
    { role: "assistant", content: "I look.", toolCalls: calls },
    { role: "tool", content: "one", toolCallId: "call-1" },
    { role: "tool", content: "two", toolCallId: "call-2" },
    { role: "user", content: "Go on" },
];

describe("templateMessages", () => {
    it("tells tools, calls and results in plain messages where a template knows none", () => {
        const [system, question, answer, results, ...rest] = templateMessages(
            conversation,
            GENERIC,
            tools,
        );
        expect(rest).toEqual([]);
        expect(system?.content).toMatch(
            /^You help\.\n\n# Tools\n[^]*{"name": "read", "description": "Reads\."/,
        );
        expect(question).toEqual({ role: "user", content: "Context\n\nRead it" });
        expect(answer).toEqual({
            role: "assistant",
            content:
                'I look.\n<tool_call>\n{"name": "read", "arguments": {"path": "a"}}\n</tool_call>\n<tool_call>\n{"name": "read", "arguments": {"path": "b"}}\n</tool_call>',
        });
        expect(results).toEqual({
            role: "user",
            content:
                "<tool_response>\none\n</tool_response>\n\n<tool_response>\ntwo\n</tool_response>\n\nGo on",
        });
        expect(templateMessages([conversation[1]!], GENERIC, tools)[0]?.role).toBe("system");
        expect(templateMessages([conversation[1]!], GENERIC, [])).toHaveLength(1);
    });

    it("gives a template that knows them calls with ids, and results with their names", () => {
        const messages = templateMessages(conversation, formOf("tools <tool_call>"), tools);
        expect(messages.map(({ role }) => role)).toEqual([
            "system",
            "user",
            "assistant",
            "tool",
            "tool",
            "user",
        ]);
        expect(messages[2]?.tool_calls?.map(({ id }) => id)).toEqual(["call-1", "call-2"]);
        expect(messages[4]).toMatchObject({ name: "read", tool_call_id: "call-2", content: "two" });
    });

    it("has one call at a time for Llama, and nine letters for Mistral", () => {
        const llama = templateMessages(
            conversation,
            formOf('tools <|start_header_id|> "parameters"'),
            tools,
        );
        expect(llama.map(({ role }) => role)).toEqual([
            "system",
            "user",
            "assistant",
            "tool",
            "assistant",
            "tool",
            "user",
        ]);
        expect(llama.map(({ content }) => content).slice(2, 6)).toEqual([
            "I look.",
            "one",
            "",
            "two",
        ]);
        const mistral = templateMessages(conversation, formOf("tools [TOOL_CALLS]"), tools);
        const [first, second] = mistral[2]?.tool_calls ?? [];
        expect(first?.id).toMatch(/^[a-z0-9]{9}$/);
        expect(first?.id).not.toBe(second?.id);
        expect(mistral[3]?.tool_call_id).toBe(first?.id);
    });
});
