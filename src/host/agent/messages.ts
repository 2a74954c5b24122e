/**
 * Messages of VS Code's language model API as the engine takes them. Parts are told apart by what they hold: VS Code passes classes
 * that the stable API does not name (data, prompt elements), and a role that its enumeration lacks.
 */

import type { ChatMessage, ToolCall, ToolDefinition } from "../../protocol/chat";

/** LanguageModelChatRequestMessage, as far as it is looked at. */
export interface GivenMessage {
    /** 1 user, 2 assistant, 3 system. */
    role: number;
    content: readonly unknown[];
}

export interface GivenTool {
    name: string;
    description: string;
    inputSchema?: object | undefined;
}

const SYSTEM = 3;
const ASSISTANT = 2;

/** Results of tools become messages of their own, in front of what else the same message says. */
export function engineMessages(given: readonly GivenMessage[]): ChatMessage[] {
    return given.flatMap(({ role, content }) => {
        const texts: string[] = [];
        const calls: ToolCall[] = [];
        const results: ChatMessage[] = [];
        for (const part of content) {
            if (isCall(part))
                calls.push({ id: part.callId, name: part.name, arguments: objectOf(part.input) });
            else if (isResult(part))
                results.push({
                    role: "tool",
                    content: part.content.map(textOf).join(""),
                    toolCallId: part.callId,
                });
            else texts.push(textOf(part));
        }
        const text = texts.join("");
        if (role === ASSISTANT)
            return [
                {
                    role: "assistant",
                    content: text,
                    ...(calls.length > 0 ? { toolCalls: calls } : {}),
                },
            ];
        const own: ChatMessage = { role: role === SYSTEM ? "system" : "user", content: text };
        return text === "" && results.length > 0 ? results : [...results, own];
    });
}

export function engineTools(given: readonly GivenTool[] | undefined): ToolDefinition[] {
    return (given ?? []).map(({ name, description, inputSchema }) => ({
        name,
        description,
        ...(inputSchema === undefined ? {} : { parameters: inputSchema }),
    }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}

function isCall(part: unknown): part is { callId: string; name: string; input: unknown } {
    return isRecord(part) && typeof part["callId"] === "string" && typeof part["name"] === "string";
}

function isResult(part: unknown): part is { callId: string; content: unknown[] } {
    return isRecord(part) && typeof part["callId"] === "string" && Array.isArray(part["content"]);
}

function objectOf(value: unknown): Record<string, unknown> {
    return isRecord(value) && !Array.isArray(value) ? value : {};
}

/** Text as it is; pictures by a word; anything else as JSON. */
function textOf(part: unknown): string {
    if (typeof part === "string") return part;
    if (!isRecord(part)) return "";
    if (typeof part["value"] === "string") return part["value"];
    if (typeof part["mimeType"] === "string" && part["data"] instanceof Uint8Array)
        return /^text\/|json/.test(part["mimeType"])
            ? new TextDecoder().decode(part["data"])
            : `[${part["mimeType"]}, which this model cannot see]`;
    const value = "value" in part ? part["value"] : part;
    try {
        return JSON.stringify(value) ?? "";
    } catch {
        return "";
    }
}
