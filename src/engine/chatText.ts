/** What people, tools and other extensions write, made harmless for a prompt: control tokens in it are only text. */

import type { NativeModel } from "../node/native";
import type { ChatMessage, ToolDefinition } from "../protocol/chat";

/** Control tokens in what people write (code about chat templates, say) must not end their turn: an invisible character splits them. */
export function plainText(native: NativeModel, text: string): string {
    let plain = text;
    const tokens = native.tokenize(text, { parseSpecial: true });
    for (const token of new Set(tokens)) {
        if (!native.isControl(token)) continue;
        const piece = native.piece(token);
        if (piece.length > 1)
            plain = plain.replaceAll(piece, `${piece.slice(0, 1)}\u2060${piece.slice(1)}`);
    }
    return plain;
}

export function plainMessage(native: NativeModel, message: ChatMessage): ChatMessage {
    const content = plainText(native, message.content);
    if (!message.toolCalls) return { ...message, content };
    const toolCalls = message.toolCalls.map((call) => ({
        ...call,
        name: plainText(native, call.name),
        arguments: plainValue(native, call.arguments) as Record<string, unknown>,
    }));
    return { ...message, content, toolCalls };
}

/** The tools of a request are the same in each of its turns, and long: one look at all of their text tells whether anything is to do. */
export function plainTools(
    native: NativeModel,
    tools: readonly ToolDefinition[],
): readonly ToolDefinition[] {
    const text = JSON.stringify(tools);
    return plainText(native, text) === text
        ? tools
        : (plainValue(native, tools) as readonly ToolDefinition[]);
}

function plainValue(native: NativeModel, value: unknown): unknown {
    if (typeof value === "string") return plainText(native, value);
    if (Array.isArray(value)) return value.map((item) => plainValue(native, item));
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value);
    return Object.fromEntries(
        members.map(([key, item]) => [plainText(native, key), plainValue(native, item)]),
    );
}
