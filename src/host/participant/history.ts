/**
 * The earlier turns of a chat with `@ingot` as the model's messages. VS Code keeps what a person typed; what the model was shown is
 * kept with each result, so that a prompt only grows and is not read anew. Pure: turns are taken as they are, whatever is in them.
 */

import type { ChatMessage } from "../../protocol/chat";

/** Kept with each answer, as plain data. */
export interface TurnMemory {
    /** What the model read as the question, context included. */
    content: string;
    /** Turns at the beginning that no longer fit and are not sent again. */
    nForgotten: number;
    command?: string | undefined;
}

/** A vscode.ChatRequestTurn or a vscode.ChatResponseTurn. */
export type Turn =
    | { participant: string; prompt: string }
    | { participant: string; response: readonly unknown[]; result: { metadata?: unknown } };

export interface Past {
    messages: ChatMessage[];
    nForgotten: number;
    /** The command of the last turn. */
    command: string | undefined;
}

const MAX_CONTENT_CHARACTERS = 50_000;

/** Whole turns with an answer, oldest first. */
export function pastOf(turns: readonly Turn[], participant: string): Past {
    const exchanges: { content: string; answer: string; memory: Partial<TurnMemory> }[] = [];
    let prompt = "";
    for (const turn of turns) {
        if (turn.participant !== participant) continue;
        if ("prompt" in turn) {
            prompt = turn.prompt;
            continue;
        }
        const memory = memoryOf(turn.result.metadata);
        const answer = turn.response.map(textOf).join("").trim();
        exchanges.push({ content: memory.content ?? prompt, answer, memory });
        prompt = "";
    }
    const last = exchanges.at(-1)?.memory;
    const nForgotten = Math.min(last?.nForgotten ?? 0, exchanges.length);
    return {
        messages: exchanges
            .slice(nForgotten)
            .filter(({ content, answer }) => content !== "" && answer !== "")
            .flatMap(({ content, answer }): ChatMessage[] => [
                { role: "user", content },
                { role: "assistant", content: answer },
            ]),
        nForgotten,
        command: last?.command,
    };
}

/** How many turns are forgotten when the engine left out so many of the messages that were sent. */
export function forgottenAfter(past: Past, nDropped: number): number {
    return past.nForgotten + Math.ceil(nDropped / 2);
}

function memoryOf(metadata: unknown): Partial<TurnMemory> {
    if (typeof metadata !== "object" || metadata === null) return {};
    const { content, nForgotten, command } = metadata as Record<string, unknown>;
    return {
        content: typeof content === "string" ? content.slice(0, MAX_CONTENT_CHARACTERS) : undefined,
        nForgotten: typeof nForgotten === "number" && nForgotten > 0 ? Math.floor(nForgotten) : 0,
        command: typeof command === "string" ? command : undefined,
    };
}

/** The text of a markdown part; buttons and file trees have none. */
function textOf(part: unknown): string {
    if (typeof part !== "object" || part === null || !("value" in part)) return "";
    const { value } = part;
    if (typeof value === "string") return value;
    if (typeof value !== "object" || value === null || !("value" in value)) return "";
    return typeof value.value === "string" ? value.value : "";
}
