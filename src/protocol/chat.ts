/**
 * Conversations: messages, tools and their calls, what an answer may be held to, and reading ahead of a question.
 */

import type { StopReason, Timings, TokenCounts } from "./generation";

export interface ChatMessage {
    /** `tool`: the result of one call. */
    role: "system" | "user" | "assistant" | "tool";
    content: string;
    /** Of an assistant: calls that its answer ended with. */
    toolCalls?: readonly ToolCall[] | undefined;
    /** Of a tool: which call this is the result of. */
    toolCallId?: string | undefined;
}

export interface ToolDefinition {
    name: string;
    description: string;
    /** JSON schema of the arguments, an object; undefined: it takes none. */
    parameters?: unknown;
}

export interface ToolCall {
    /** Given by who made the request of the call; ties its result to it. */
    id: string;
    name: string;
    arguments: Record<string, unknown>;
}

/**
 * Which KV sequence a chat uses, and how urgent it is. `chat`: the side bar's. `agent`: conversations of VS Code's own Chat, with the model and
 * the context of the role `agent`. `utility`: short requests of the same model for titles and the like, which wait for all others.
 */
export type ChatLane = "chat" | "agent" | "utility";

export interface ChatRequest {
    /** Left out: `chat`. */
    lane?: ChatLane | undefined;
    /** Path of the model that is meant. Rejected with AppError `user/no-model` and `retry` when the lane has another by now. */
    model?: string | undefined;
    /** What the answer may call; calls are held to these schemas. */
    tools?: readonly ToolDefinition[] | undefined;
    /** `required`: the answer is nothing but calls. Left out: `auto`. */
    toolMode?: "auto" | "required" | undefined;
    /** true: reasoning comes as progress of its own kind, not in the text. With tools, always. */
    separateReasoning?: boolean | undefined;
    /** Requests of one conversation reuse its KV prefix. */
    conversation: string;
    messages: ChatMessage[];
    maxTokens: number;
    /** Fewer than that, where the model does not think before it answers. */
    maxAnswerTokens?: number | undefined;
    /** 0 = greedy. */
    temperature: number;
    seed: number;
    /** What the answer begins with: the model goes on from there. Not part of the result. */
    answerStart?: string | undefined;
    /** The first of them ends the answer and is not part of it. */
    stopTexts?: readonly string[] | undefined;
    /** Text that the answer is likely to repeat: it is checked several tokens at a time. Only when greedy. */
    draftFrom?: string | undefined;
}

export type ChatProgress =
    | { kind: "load"; fraction: number }
    | { kind: "prompt"; done: number; total: number }
    | { kind: "text" | "reasoning"; text: string }
    /** A whole call; its id is made by who asked. */
    | { kind: "call"; name: string; arguments: Record<string, unknown> };

export interface ChatResult {
    text: string;
    stop: StopReason;
    tokens: TokenCounts;
    timings: Timings;
    /** Messages left out because the context was full (oldest turns first). */
    nDropped: number;
    /** Tokens that the chat's part of the context has room for. */
    contextTokens: number;
    /** The answer ended inside of a call, whose beginning is in the text. */
    isCallBroken?: boolean | undefined;
    /** Tokens of calls that were left out, as they only repeated those before them; undefined or 0: none. */
    repeatedTokens?: number | undefined;
    /** The answer was ended where it would have made a change again by the same call; that call is not in it. */
    isRepeatedChange?: boolean | undefined;
}

/** A question while it is typed: the last message is its beginning. */
export type ChatPrefillRequest = Pick<ChatRequest, "conversation" | "messages" | "maxTokens">;

export interface ChatPrefillResult {
    tokens: TokenCounts;
    /** Of the whole prompt, if it were sent as it is. */
    nTokens: number;
    contextTokens: number;
    /** Not wholly read: something more urgent came, or the signal. */
    aborted: boolean;
}

/** What is to be counted with the tokenizer of a lane's model. */
export interface CountRequest {
    lane: ChatLane;
    /** As in ChatRequest. */
    model?: string | undefined;
    /** A text as it is; a message with what the model's template writes around it. */
    of: string | ChatMessage;
}
