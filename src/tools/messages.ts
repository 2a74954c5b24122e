/** A conversation with tools as a chat template takes it: in the form of the model's family, or told in plain messages. */

import type { ChatMessage, ToolCall, ToolDefinition } from "../protocol/chat";
import type { CallForm } from "./forms";
import { canonicalJson } from "./jsonText";

/** A message in the form that templates know; keys as Hugging Face names them. */
export interface TemplateMessage {
    role: string;
    content: string;
    name?: string;
    tool_call_id?: string;
    tool_calls?: {
        id: string;
        type: "function";
        function: { name: string; arguments: Record<string, unknown> };
    }[];
}

export interface TemplateTool {
    type: "function";
    function: { name: string; description: string; parameters: unknown };
}

export function templateTools(tools: readonly ToolDefinition[]): TemplateTool[] {
    return tools.map(({ name, description, parameters }) => ({
        type: "function",
        function: {
            name,
            description,
            parameters: parameters ?? { type: "object", properties: {} },
        },
    }));
}

/** What the template gets: for the generic form the tools are told in the system message, and results are the user's. */
export function templateMessages(
    messages: readonly ChatMessage[],
    form: CallForm,
    tools: readonly ToolDefinition[],
): TemplateMessage[] {
    if (form.name !== "generic") return inFamily(mergedUsers(messages), form);
    const told = withTools(messages, tools).map((message): ChatMessage => {
        if (message.role === "tool")
            return {
                role: "user",
                content: `<tool_response>\n${message.content}\n</tool_response>`,
            };
        if (!message.toolCalls?.length) return message;
        const calls = message.toolCalls.map(
            (call) =>
                `<tool_call>\n${canonicalJson({ name: call.name, arguments: call.arguments })}\n</tool_call>`,
        );
        const text = message.content === "" ? [] : [message.content];
        return { role: "assistant", content: [...text, ...calls].join("\n") };
    });
    return mergedUsers(told).map(({ role, content }) => ({ role, content }));
}

function withTools(
    messages: readonly ChatMessage[],
    tools: readonly ToolDefinition[],
): ChatMessage[] {
    if (tools.length === 0) return [...messages];
    const about = describeTools(tools);
    const system = messages.findIndex(({ role }) => role === "system");
    if (system < 0) return [{ role: "system", content: about }, ...messages];
    return messages.map((message, i) =>
        i === system ? { ...message, content: `${message.content}\n\n${about}` } : message,
    );
}

function describeTools(tools: readonly ToolDefinition[]): string {
    const lines = templateTools(tools).map((tool) => canonicalJson(tool.function));
    return [
        "# Tools",
        "",
        "These functions can be called; each line has a name, what it does and a JSON schema of its arguments.",
        "<tools>",
        ...lines,
        "</tools>",
        "",
        "To call one, write exactly this, with its name and arguments, and wait for the result:",
        "<tool_call>",
        '{"name": "function name", "arguments": {}}',
        "</tool_call>",
    ].join("\n");
}

/** Many templates want question and answer in turn: what the user says in several messages is one. */
function mergedUsers(messages: readonly ChatMessage[]): ChatMessage[] {
    const result: ChatMessage[] = [];
    for (const message of messages) {
        const last = result.at(-1);
        if (last?.role === "user" && message.role === "user")
            result[result.length - 1] = {
                ...last,
                content: `${last.content}\n\n${message.content}`,
            };
        else result.push(message);
    }
    return result;
}

function inFamily(messages: readonly ChatMessage[], form: CallForm): TemplateMessage[] {
    const names = new Map(
        messages.flatMap(({ toolCalls = [] }) => toolCalls.map((call) => [call.id, call.name])),
    );
    const id = (given: string) => (form.name.startsWith("mistral") ? shortId(given) : given);
    const inForm = (message: ChatMessage): TemplateMessage => {
        const { role, content, toolCalls, toolCallId = "" } = message;
        if (role === "tool")
            return {
                role,
                content,
                name: names.get(toolCallId) ?? "",
                tool_call_id: id(toolCallId),
            };
        if (!toolCalls?.length) return { role, content };
        const calls = toolCalls.map((call) => ({
            id: id(call.id),
            type: "function" as const,
            function: { name: call.name, arguments: call.arguments },
        }));
        return { role, content, tool_calls: calls };
    };
    return (form.calls === "one" ? oneByOne(messages) : [...messages]).map(inForm);
}

/** Several calls in one answer as several answers with one each, their results between them. */
function oneByOne(messages: readonly ChatMessage[]): ChatMessage[] {
    const isMany = ({ toolCalls }: ChatMessage) => (toolCalls?.length ?? 0) > 1;
    const moved = new Set<ChatMessage>();
    return messages.flatMap((message) => {
        if (moved.has(message)) return [];
        if (!isMany(message)) return [message];
        return (message.toolCalls ?? []).flatMap((call: ToolCall, i) => {
            const result = messages.find((m) => m.role === "tool" && m.toolCallId === call.id);
            if (result) moved.add(result);
            const content = i === 0 ? message.content : "";
            const part: ChatMessage = { ...message, content, toolCalls: [call] };
            return result ? [part, result] : [part];
        });
    });
}

/** Mistral's templates want nine letters and digits. */
function shortId(id: string): string {
    let hash = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(id))
        hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    return hash.toString(36).padStart(9, "0").slice(-9);
}
