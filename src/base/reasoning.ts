/**
 * Takes an answer of a thinking model apart: what it thought (`<think>` to `</think>`) and what it answers, whole or while it arrives. A
 * tag counts only at the beginning of a line outside of code, so that code about such tags stays code.
 */

import { fenceAfter } from "./fences";

export interface Reasoned {
    /** Without its tags; empty when there is none. */
    reasoning: string;
    answer: string;
    /** The reasoning has not ended yet. */
    isOpen: boolean;
}

/** Around what a model thinks. */
export interface Thought {
    open: string;
    close: string;
}

const TAGS = ["think", "thinking", "reasoning", "thought", "seed:think"];
/** Every form that models write; the usual one is the first. */
export const THOUGHTS: readonly Thought[] = [
    ...TAGS.map((tag) => ({ open: `<${tag}>`, close: `</${tag}>` })),
    // Mistral's.
    { open: "[THINK]", close: "[/THINK]" },
];

const OPEN_TAG = `<(?:${TAGS.join("|")})>|\\[THINK\\]`;
const OPEN = new RegExp(`^ {0,3}(${OPEN_TAG})`, "i");
const OPEN_AT_END = new RegExp(`(?:${OPEN_TAG})\\s*$`, "i");
const MARGIN = /^ {0,3}/;

/** Reads an answer that comes in pieces. */
export class AnswerReader {
    private readonly thoughts: string[] = [];
    /** Reasoning that has not ended. */
    private thought = "";
    /** What may become a tag, or the end of one. */
    private held = "";
    /** The answer's line so far. */
    private line = "";
    private fence: string | undefined;
    /** What ends the reasoning; undefined: this is the answer. */
    private close: string | undefined;
    /** The empty lines behind reasoning belong to it. */
    private isBehind = false;

    get isOpen(): boolean {
        return this.close !== undefined;
    }

    /** All so far. */
    get reasoning(): string {
        const last = this.isOpen ? (this.thought + this.held).trim() : "";
        return [...this.thoughts, last].filter((part) => part !== "").join("\n\n");
    }

    /** The part of the answer that is known by this piece. */
    push(piece: string): string {
        this.held += piece;
        let answer = "";
        for (;;) {
            const part = this.close === undefined ? this.answer() : this.think(this.close);
            if (part === undefined) return answer;
            answer += part;
        }
    }

    /** What waited for a tag that did not come. */
    end(): string {
        if (this.isOpen) return "";
        const { held } = this;
        this.held = "";
        return held;
    }

    /** Undefined: more text is needed. */
    private answer(): string | undefined {
        if (this.isBehind) this.held = this.held.replace(/^[\r\n]+/, "");
        if (this.held === "") return undefined;
        this.isBehind = false;
        if (this.line === "" && this.fence === undefined) {
            const tag = OPEN.exec(this.held);
            if (tag) {
                this.close = (tag[1] ?? "").toLowerCase().replace(/^./, "$&/");
                this.held = this.held.slice(tag[0].length);
                return "";
            }
            if (mayOpen(this.held)) return undefined;
        }
        const end = this.held.indexOf("\n") + 1;
        const text = end > 0 ? this.held.slice(0, end) : this.held;
        this.held = this.held.slice(text.length);
        this.line += text;
        if (end > 0) {
            this.fence = fenceAfter(this.line, this.fence);
            this.line = "";
        }
        return text;
    }

    private think(close: string): string | undefined {
        const found = this.held.toLowerCase().indexOf(close);
        const nOver = found < 0 ? Math.max(0, this.held.length - close.length + 1) : found;
        this.thought += this.held.slice(0, nOver);
        this.held = this.held.slice(found < 0 ? nOver : found + close.length);
        if (found < 0) return undefined;
        this.thoughts.push(this.thought.trim());
        this.thought = "";
        this.close = undefined;
        this.isBehind = true;
        return "";
    }
}

/** Of what has arrived so far. */
export function splitReasoning(text: string): Reasoned {
    if (!/[<[]/.test(text)) return { reasoning: "", answer: text, isOpen: false };
    const reader = new AnswerReader();
    const answer = reader.push(text);
    return { reasoning: reader.reasoning, answer, isOpen: reader.isOpen };
}

/** The answer alone. */
export function withoutReasoning(text: string): string {
    return splitReasoning(text).answer;
}

/** The tag with which a prompt has begun the reasoning already, with the white space behind it; empty when it has not. */
export function openingOf(prompt: string): string {
    return OPEN_AT_END.exec(prompt.slice(-40))?.[0] ?? "";
}

/** The reasoning that a prompt has begun already. */
export function thoughtBegunIn(prompt: string): Thought | undefined {
    const opening = openingOf(prompt).trimEnd().toLowerCase();
    return THOUGHTS.find(({ open }) => open.toLowerCase() === opening);
}

/** How a model thinks by the text of its template; undefined: that does not say. */
export function thoughtIn(template: string): Thought | undefined {
    return THOUGHTS.find(({ open }) => template.includes(open));
}

/** Tags, and the marks of families that think in other ways. */
const ANY_MARK =
    /<\/?(?:think|thinking|reasoning|thought|seed:think)>|\[\/?THINK\]|<\|channel\|>|reasoning_content/i;

/** Whether a model with such a template may think before it answers, in whatever form. */
export function mayThink(template: string): boolean {
    return ANY_MARK.test(template);
}

/** Whether the beginning of a line may still become a tag: it is shown as nothing until that is known. */
function mayOpen(line: string): boolean {
    const text = line.replace(MARGIN, "").toLowerCase();
    return THOUGHTS.some(({ open }) => open.toLowerCase().startsWith(text));
}
