/**
 * An answer taken apart while it streams: reasoning, text and calls of tools. Text goes through at once, except what could be the
 * beginning of a mark; a call comes when its JSON is whole. What looked like a call and is none comes as the text that it was.
 */

import { THOUGHTS, type Thought } from "../base/reasoning";
import { ARGUMENTS_MARK, type CallForm, type Mark } from "./forms";
import { JsonScanner } from "./jsonScanner";
import { isObject } from "./schemaParts";

export interface ParsedCall {
    name: string;
    arguments: Record<string, unknown>;
}

export type AnswerPart =
    { kind: "text" | "reasoning"; text: string } | { kind: "call"; call: ParsedCall };

type Phase = "start" | "thinking" | "text" | "call" | "behind";

/** A call without a mark: an object at the beginning of an answer, in a fence or not. */
const BARE: Mark = { open: "", close: "", shape: "object" };
const FENCE_STARTS = ["```json\n", "```xml\n<tool_call>\n", "```\n", "<tools>\n"];
const FENCE_ENDS = ["</tool_call>", "</tools>", "```"];
/** The keys with which a call's object may begin. */
const CALL_START = /^\{\s*(?:"(?:n(?:a(?:m(?:e(?:"[^]*)?)?)?)?|t(?:y(?:p(?:e(?:"[^]*)?)?)?)?)?)?$/;
/** A name that is whole, and what follows it. */
const NAME_AT_START = /^\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")([^]*)/;
/** The keys that make an object a call, whatever it names. */
const ARGUMENTS_KEYS = ["arguments", "parameters"];
const ARGUMENTS_KEY = new RegExp(`^\\s*,\\s*"(?:${ARGUMENTS_KEYS.join("|")})"\\s*:`);

export class CallParser {
    private phase: Phase;
    /** What ends the reasoning. */
    private thoughtEnd = "";
    /** Not yet given out. */
    private rest = "";
    private mark: Mark = BARE;
    /** Of a call: what stood before its JSON. */
    private opening = "";
    private scanner = new JsonScanner();
    private broken = false;
    private misnamed = false;
    /** Of an object without a mark: its name is whole and a tool's. */
    private named = false;
    private hasGiven = false;

    /** `toolNames`: only those make a call of an object without a mark. `begun`: the reasoning that the prompt has begun. */
    constructor(
        private readonly form: CallForm,
        private readonly toolNames: ReadonlySet<string>,
        begun?: Thought,
    ) {
        this.phase = begun ? "thinking" : "start";
        this.thoughtEnd = begun?.close ?? "";
    }

    /** Whether the answer ended inside of a call. */
    get isBroken(): boolean {
        return this.broken;
    }

    /**
     * The answer is a call of a tool that there is not: small models make names of what they are asked for. Nothing of it was given out, and
     * nothing more will be but at the end.
     */
    get isMisnamed(): boolean {
        return this.misnamed;
    }

    /** The answer is a call, of a tool that there is or not, of which nothing was given out yet. */
    get isBegunCall(): boolean {
        const isCall = this.phase === "call" && (this.mark !== BARE || this.named);
        return !this.hasGiven && (isCall || this.misnamed);
    }

    /** Of the call that is being written, once it is whole; only where it stands in the call's JSON. */
    get toolName(): string | undefined {
        const start = this.phase === "call" ? (this.jsonStart() ?? -1) : -1;
        const [, name] = NAME_AT_START.exec(start < 0 ? "" : this.rest.slice(start)) ?? [];
        return name === undefined ? undefined : String(parsed(name));
    }

    push(text: string): AnswerPart[] {
        this.rest += text;
        const parts: AnswerPart[] = [];
        while (this.step(parts, false));
        this.hasGiven ||= parts.length > 0;
        return joined(parts);
    }

    /**
     * The length of the open string, with its quote, at the end of a call's JSON without so many last characters; 0: it ends in none;
     * undefined: that is no JSON of a call.
     */
    openString(nDropped: number): number | undefined {
        const start = this.phase === "call" ? this.jsonStart() : undefined;
        const end = this.rest.length - nDropped;
        if (start === undefined || start < 0 || end <= start) return undefined;
        const scanner = new JsonScanner();
        if (scanner.end(this.rest.slice(0, end), start) >= 0) return undefined;
        return scanner.stringStart < 0 ? 0 : end - scanner.stringStart;
    }

    /**
     * Small models escape the quote that ends a string, and then the string has the call's end in it. So many last characters are that end
     * and what came behind it; undefined: there is none in the open string.
     */
    falseEnd(): number | undefined {
        const { close } = this.mark;
        if (close === "" || !this.rest.includes(close)) return undefined;
        const open = this.rest.slice(this.rest.length - (this.openString(0) ?? 0));
        const at = open.indexOf(close);
        const [end] = /\\"\s*[\]}][\]}\s]*$/.exec(at < 0 ? "" : open.slice(0, at)) ?? [];
        return end === undefined ? undefined : open.length - at + end.length;
    }

    /** Takes so many last characters of a call that is not whole back, and goes on with others. */
    rewrite(nDropped: number, text: string): AnswerPart[] {
        this.rest = this.rest.slice(0, this.rest.length - nDropped);
        this.scanner = new JsonScanner();
        return this.push(text);
    }

    /** The end of the answer: what was held back. */
    finish(): AnswerPart[] {
        const parts: AnswerPart[] = [];
        while (this.step(parts, true));
        return joined(parts);
    }

    /** One step; false: more text is needed, or nothing is left. */
    private step(parts: AnswerPart[], isEnd: boolean): boolean {
        switch (this.phase) {
            case "start":
                return this.begin(isEnd);
            case "thinking":
                return this.think(parts, isEnd);
            case "text":
                return this.say(parts, isEnd);
            case "call":
                return this.call(parts, isEnd);
            case "behind":
                return this.pass(isEnd);
        }
    }

    private begin(isEnd: boolean): boolean {
        const text = this.rest.trimStart();
        if (text === "" && !isEnd) return false;
        const marks = [...this.form.marks, ...THOUGHTS].map(({ open }) => open);
        const fences = this.toolNames.size > 0 ? FENCE_STARTS : [];
        const isPart = [...marks, ...fences].some((open) => isStart(text, open));
        if (isPart && !isEnd) return false;
        const thought = THOUGHTS.find(({ open }) => text.startsWith(open));
        if (thought) {
            this.rest = text.slice(thought.open.length);
            this.thoughtEnd = thought.close;
            this.phase = "thinking";
            return true;
        }
        const fence = fences.find((start) => text.startsWith(start)) ?? "";
        if (this.toolNames.size > 0 && text.startsWith("{", fence.length)) {
            this.open(BARE, fence, text.slice(fence.length));
            return true;
        }
        if (fence !== "" && text.length === fence.length && !isEnd) return false;
        this.rest = text;
        this.phase = "text";
        return this.rest !== "";
    }

    private think(parts: AnswerPart[], isEnd: boolean): boolean {
        const end = this.rest.indexOf(this.thoughtEnd);
        if (end < 0) {
            this.give(
                parts,
                "reasoning",
                isEnd ? this.rest.length : safeLength(this.rest, [this.thoughtEnd]),
            );
            return false;
        }
        this.give(parts, "reasoning", end);
        this.rest = this.rest.slice(this.thoughtEnd.length).trimStart();
        this.phase = "start";
        return true;
    }

    private say(parts: AnswerPart[], isEnd: boolean): boolean {
        const opens = this.form.marks.map(({ open }) => open);
        const found = this.form.marks
            .map((mark) => ({ mark, at: this.rest.indexOf(mark.open) }))
            .filter(({ at }) => at >= 0)
            .sort((a, b) => a.at - b.at)[0];
        if (!found) {
            this.give(parts, "text", isEnd ? this.rest.length : safeLength(this.rest, opens));
            return false;
        }
        const before = this.rest.slice(0, found.at).trimEnd();
        if (before !== "") parts.push({ kind: "text", text: before });
        const space = this.rest.slice(before.length, found.at);
        this.open(
            found.mark,
            `${space}${found.mark.open}`,
            this.rest.slice(found.at + found.mark.open.length),
        );
        return true;
    }

    private open(mark: Mark, opening: string, rest: string): void {
        this.mark = mark;
        this.opening = opening;
        this.rest = rest;
        this.scanner = new JsonScanner();
        this.phase = "call";
    }

    private call(parts: AnswerPart[], isEnd: boolean): boolean {
        const start = this.jsonStart();
        if (start === undefined && !isEnd) return false;
        const end = start === undefined || start < 0 ? -1 : this.scanner.end(this.rest, start);
        const calls = end < 0 || start === undefined ? [] : this.callsIn(start, end);
        if (calls.length > 0) {
            for (const call of calls) parts.push({ kind: "call", call });
            this.rest = this.rest.slice(end);
            this.phase = "behind";
            return this.rest !== "";
        }
        if (!isEnd && this.isHeld(start, end)) return false;
        if (isEnd && this.mark !== BARE) this.broken = true;
        this.giveBack(parts, end < 0 ? 0 : end);
        return this.rest !== "";
    }

    /** Whether it may still become a call, or is one of a tool that there is not. `end` < 0: it is not whole. */
    private isHeld(start: number | undefined, end: number): boolean {
        const isUnlike = this.isUnlike(start);
        return end < 0 ? !isUnlike : this.misnamed;
    }

    private isUnlike(start: number | undefined): boolean {
        if (start === -1 || this.mark !== BARE) return start === -1;
        if (!CALL_START.test(this.rest.slice(0, 12))) return true;
        const [, name, behind = ""] = NAME_AT_START.exec(this.rest) ?? [];
        this.named = name !== undefined && this.toolNames.has(String(parsed(name)));
        if (name === undefined || this.named) return false;
        this.misnamed = ARGUMENTS_KEY.test(behind);
        return !this.misnamed && !mayBeArgumentsKey(behind);
    }

    /** What was taken for a call is text; another mark in it counts again. */
    private giveBack(parts: AnswerPart[], length: number): void {
        parts.push({ kind: "text", text: this.opening + this.rest.slice(0, length) });
        this.rest = this.rest.slice(length);
        this.phase = "text";
    }

    /** Where the JSON begins; undefined: not yet known; -1: there is none. */
    private jsonStart(): number | undefined {
        let at = 0;
        if (this.mark.shape === "named") {
            at = this.rest.indexOf(ARGUMENTS_MARK);
            if (at < 0) return this.rest.length > 200 ? -1 : undefined;
            at += ARGUMENTS_MARK.length;
        }
        const start = this.rest.slice(at).search(/\S/);
        if (start < 0) return undefined;
        const wanted = this.mark.shape === "list" ? "[" : "{";
        return this.rest[at + start] === wanted ? at + start : -1;
    }

    private callsIn(start: number, end: number): ParsedCall[] {
        const value = parsed(this.rest.slice(start, end));
        if (this.mark.shape === "named") {
            const name = this.rest.slice(0, this.rest.indexOf(ARGUMENTS_MARK)).trim();
            return isObject(value) && name !== "" ? [{ name, arguments: value }] : [];
        }
        const calls = (Array.isArray(value) ? value : [value]).map(callOf);
        const isWhole = calls.every(
            (call) => call && (this.mark !== BARE || this.toolNames.has(call.name)),
        );
        return isWhole ? calls.filter((call) => call !== undefined) : [];
    }

    private pass(isEnd: boolean): boolean {
        const text = this.rest.trimStart();
        const ends = [this.mark.close, ...FENCE_ENDS].filter((end) => end !== "");
        const end = ends.find((candidate) => text.startsWith(candidate));
        if (end !== undefined) {
            this.rest = text.slice(end.length);
            return true;
        }
        const more = [...ends, ...this.form.marks.map(({ open }) => open)];
        if (text === "" || more.some((mark) => isStart(text, mark))) {
            if (isEnd) this.rest = "";
            return false;
        }
        // Only another mark begins another call.
        this.rest = text;
        this.phase = "text";
        return true;
    }

    private give(parts: AnswerPart[], kind: "text" | "reasoning", length: number): void {
        if (length > 0) parts.push({ kind, text: this.rest.slice(0, length) });
        this.rest = this.rest.slice(length);
    }
}

function callOf(value: unknown): ParsedCall | undefined {
    if (!isObject(value) || typeof value["name"] !== "string") return undefined;
    const given = value["arguments"] ?? value["parameters"] ?? {};
    const args = typeof given === "string" ? parsed(given) : given;
    return isObject(args) ? { name: value["name"], arguments: args } : undefined;
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** Whether what stands behind a name may still become the key of arguments. */
function mayBeArgumentsKey(text: string): boolean {
    const match = /^\s*(?:,\s*(?:"(\w*"?\s*))?)?$/.exec(text);
    const begun = match?.[1]?.trimEnd() ?? "";
    return match !== null && ARGUMENTS_KEYS.some((key) => `${key}"`.startsWith(begun));
}

/** Whether the text is a beginning of `mark`, and not yet all of it. */
function isStart(text: string, mark: string): boolean {
    return text.length < mark.length && mark.startsWith(text);
}

/** How much of the text cannot be the beginning of a mark, nor white space in front of one. */
function safeLength(text: string, marks: readonly string[]): number {
    let length = text.length;
    for (const mark of marks)
        for (let n = Math.min(mark.length - 1, text.length); n > 0; n--)
            if (text.endsWith(mark.slice(0, n))) {
                length = Math.min(length, text.length - n);
                break;
            }
    return text.slice(0, length).trimEnd().length;
}

function joined(parts: readonly AnswerPart[]): AnswerPart[] {
    const result: AnswerPart[] = [];
    for (const part of parts) {
        if (part.kind !== "call" && part.text === "") continue;
        const last = result.at(-1);
        if (part.kind !== "call" && last && last.kind === part.kind) last.text += part.text;
        else result.push({ ...part });
    }
    return result;
}
