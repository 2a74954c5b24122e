/** Finding a chat again by any of its words, and what a row of the list says about it. Pure. */

import { withoutReasoning } from "../../base/reasoning";
import type { StoredChat } from "./stored";

export interface ChatHit {
    chat: StoredChat;
    /** The text around what was found; empty when the title has it or nothing was asked for. */
    excerpt: string;
}

const BEFORE = 30;
const LENGTH = 100;

/** Chats that hold every word of the query somewhere, in the order given. */
export function searchChats(chats: readonly StoredChat[], query: string): ChatHit[] {
    const words = query
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== "");
    return chats.flatMap((chat) => {
        if (words.length === 0) return [{ chat, excerpt: "" }];
        const title = chat.title.toLowerCase();
        const texts = chat.turns.map(({ text }) => withoutReasoning(text));
        const lower = texts.map((text) => text.toLowerCase());
        const has = (word: string) => title.includes(word) || lower.some((t) => t.includes(word));
        if (!words.every(has)) return [];
        const missing = words.find((word) => !title.includes(word));
        if (missing === undefined) return [{ chat, excerpt: "" }];
        const at = lower.findIndex((text) => text.includes(missing));
        return [{ chat, excerpt: around(texts[at] ?? "", lower[at]?.indexOf(missing) ?? 0) }];
    });
}

/** `3 questions, 2 h ago`. `now`: ms since 1970. */
export function describeChat(chat: StoredChat, now: number): string {
    const n = chat.turns.filter(({ role }) => role === "user").length;
    return `${n} ${n === 1 ? "question" : "questions"}, ${agoOf(now - chat.updatedAt)}`;
}

function agoOf(ms: number): string {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min ago`;
    const hours = Math.floor(minutes / 60);
    if (hours < 24) return `${hours} h ago`;
    const days = Math.floor(hours / 24);
    return days === 1 ? "yesterday" : `${days} days ago`;
}

function around(text: string, at: number): string {
    const from = Math.max(0, at - BEFORE);
    const part = text
        .slice(from, from + LENGTH)
        .replace(/\s+/g, " ")
        .trim();
    return `${from > 0 ? "... " : ""}${part}${from + LENGTH < text.length ? " ..." : ""}`;
}
