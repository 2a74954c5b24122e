/**
 * Takes an answer of a thinking model apart: what it thought (`<think>` to `</think>`) and what it answers. A tag counts only at the
 * beginning of a line outside of code, so that code about such tags stays code.
 */

import { fenceAfter } from "./fences";

export interface Reasoned {
    /** Without its tags; empty when there is none. */
    reasoning: string;
    answer: string;
    /** The reasoning has not ended yet. */
    isOpen: boolean;
}

const OPEN = /^ {0,3}<(think|thinking)>/i;
/** The beginning of a tag that may still become one: shown as nothing until that is known. */
const HALF_OPEN = /^ {0,3}<(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?$/i;

export function splitReasoning(text: string): Reasoned {
    if (!text.includes("<")) return { reasoning: "", answer: text, isOpen: false };
    const reasoning: string[] = [];
    let answer = "";
    let fence: string | undefined;
    let at = 0;
    while (at < text.length) {
        const end = lineEnd(text, at);
        const line = text.slice(at, end);
        const tag = fence === undefined ? OPEN.exec(line) : null;
        if (tag) {
            const close = `</${(tag[1] ?? "").toLowerCase()}>`;
            const from = at + tag[0].length;
            const to = text.toLowerCase().indexOf(close, from);
            reasoning.push(text.slice(from, to < 0 ? undefined : to).trim());
            if (to < 0) return { reasoning: joined(reasoning), answer, isOpen: true };
            at = to + close.length;
            // The empty lines after it belong to it.
            while (text[at] === "\n") at++;
            continue;
        }
        if (end === text.length && fence === undefined && HALF_OPEN.test(line)) break;
        fence = fenceAfter(line, fence);
        answer += line;
        at = end;
    }
    return { reasoning: joined(reasoning), answer, isOpen: false };
}

/** The answer alone. */
export function withoutReasoning(text: string): string {
    return splitReasoning(text).answer;
}

/** The tag with which a prompt has begun the reasoning already; empty when it has not. */
export function openingOf(prompt: string): string {
    return /<think(?:ing)?>\n?$/i.exec(prompt.slice(-20))?.[0] ?? "";
}

/** Behind the line break. */
function lineEnd(text: string, at: number): number {
    const found = text.indexOf("\n", at);
    return found < 0 ? text.length : found + 1;
}

function joined(parts: readonly string[]): string {
    return parts.filter((part) => part !== "").join("\n\n");
}
