/**
 * A conversation as it is kept on disk: all its turns with who follows whom, so that branches survive. A file can be damaged or of another
 * version: `isStoredChat` accepts only what can be shown. Pure.
 */

import type { ContextBlock } from "./context";

/** A question or an answer. */
export interface StoredTurn {
    id: string;
    /** The turn before it; undefined: the first question. Stands before its children in the list. */
    parent?: string | undefined;
    role: "user" | "assistant";
    /** As typed, or as the model wrote it. */
    text: string;
    state: "done" | "streaming" | "stopped" | "failed";
    error?: string | undefined;
    note?: string | undefined;
    /** What was sent along with a question. Without text where there was no room to keep it. */
    context?: ContextBlock[] | undefined;
    /** Of a question: how often it was asked again. */
    attempt?: number | undefined;
    /** Of a question: most tokens of its answers. */
    maxTokens?: number | undefined;
    /** Of a question: it no longer fits the model's context. */
    isForgotten?: boolean | undefined;
    /** Which of the turns after it is shown; default: the last. */
    chosen?: number | undefined;
}

export interface StoredChat {
    version: 1;
    id: string;
    title: string;
    /** The title was given by a person. */
    isNamed: boolean;
    /** ms since 1970. */
    createdAt: number;
    updatedAt: number;
    /** Context that goes in front of every question. */
    pinned: ContextBlock[];
    turns: StoredTurn[];
    /** Which of the first questions is shown; default: the last. */
    chosen?: number | undefined;
}

const STATES = ["done", "streaming", "stopped", "failed"];
const MAX_TURNS = 100_000;

export function isStoredChat(value: unknown): value is StoredChat {
    if (!isRecord(value) || value["version"] !== 1) return false;
    const { id, title, isNamed, createdAt, updatedAt, pinned, turns } = value;
    if (typeof id !== "string" || typeof title !== "string") return false;
    if (typeof isNamed !== "boolean") return false;
    if (!Number.isFinite(createdAt) || !Number.isFinite(updatedAt)) return false;
    if (!Array.isArray(pinned) || !pinned.every(isBlock)) return false;
    if (!Array.isArray(turns) || turns.length > MAX_TURNS) return false;
    return areTurns(turns);
}

/** Each turn stands behind the one it follows, and questions and answers take turns. */
function areTurns(turns: readonly unknown[]): boolean {
    const roles = new Map<string, string>();
    for (const turn of turns) {
        if (!isTurn(turn) || roles.has(turn.id)) return false;
        const expected = turn.role === "user" ? "assistant" : "user";
        if (turn.parent === undefined ? turn.role !== "user" : roles.get(turn.parent) !== expected)
            return false;
        roles.set(turn.id, turn.role);
    }
    return true;
}

function isTurn(value: unknown): value is StoredTurn {
    if (!isRecord(value)) return false;
    const { id, parent, role, text, state, error, note, context, maxTokens } = value;
    if (typeof id !== "string" || typeof text !== "string") return false;
    if (role !== "user" && role !== "assistant") return false;
    if (typeof state !== "string" || !STATES.includes(state)) return false;
    if ([parent, error, note].some((one) => one !== undefined && typeof one !== "string"))
        return false;
    if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && Number(maxTokens) > 0))
        return false;
    return context === undefined || (Array.isArray(context) && context.every(isBlock));
}

function isBlock(value: unknown): value is ContextBlock {
    if (!isRecord(value) || typeof value["label"] !== "string" || typeof value["text"] !== "string")
        return false;
    return value["place"] === undefined || isPlace(value["place"]);
}

function isPlace(value: unknown): boolean {
    if (!isRecord(value)) return false;
    const { uri, first, last } = value;
    const isLine = (line: unknown) => Number.isSafeInteger(line) && (line as number) >= 0;
    return typeof uri === "string" && uri.startsWith("file:") && isLine(first) && isLine(last);
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null;
}
