/**
 * A chat prompt by the model's own template (Jinja, from the GGUF), and which turns fit. The template is hostile input: errors
 * become one sentence with the line. Does not tokenize: counting is a parameter.
 */

import { Template, parse, tokenize } from "@huggingface/jinja";
import { AppError } from "../base/errors";
import type { ChatMessage } from "../protocol/chat";
import type { CountTokens } from "./budget";
import { resolveTemplate } from "./namedTemplates";

export interface TemplateTokens {
    /** Text of the beginning- and end-of-sequence tokens; empty when the model has none. */
    bos: string;
    eos: string;
}

const MAX_TEMPLATE_CHARACTERS = 200_000;

export class ChatTemplate {
    private readonly template: Template;
    private readonly source: string;

    /** `given`: a template, or the name of one. Throws AppError `data/template` with the line when it is not valid, or not known. */
    constructor(
        given: string,
        private readonly tokens: TemplateTokens,
    ) {
        const source = (this.source = resolveTemplate(given));
        if (source.length > MAX_TEMPLATE_CHARACTERS)
            throw templateError(undefined, "it is longer than 200,000 characters");
        try {
            this.template = new Template(source);
        } catch (error) {
            throw templateError(lineOfParseError(source), messageOf(error), error);
        }
    }

    /**
     * The prompt up to where the assistant's answer begins. A template that refuses a system message gets it with the first question.
     * `more`: further variables of the template, such as `tools`.
     */
    render(messages: readonly TemplateInput[], more: Record<string, unknown> = {}): string {
        try {
            return this.run(messages, more);
        } catch (error) {
            const folded = foldSystem(messages);
            if (!folded) throw runtimeError(this.source, error);
            try {
                return this.run(folded, more);
            } catch {
                throw runtimeError(this.source, error);
            }
        }
    }

    private run(messages: readonly TemplateInput[], more: Record<string, unknown>): string {
        return this.template.render({
            messages,
            add_generation_prompt: true,
            bos_token: this.tokens.bos,
            eos_token: this.tokens.eos,
            ...more,
        });
    }
}

/** A message as the template sees it: what else it has is the template's affair. */
export interface TemplateInput {
    role: string;
    content: string;
}

export interface FittedChat {
    /** Rendered prompt. */
    text: string;
    nTokens: number;
    /** Messages left out, oldest turns first. */
    nDropped: number;
}

/** A full conversation loses so much at once, as a share of the room: until that is used up, its prompt only grows and is not read anew. */
const DROP_SHARE = 0.5;

/** A tool's result is not cut shorter than this. */
const MIN_RESULT_CHARACTERS = 500;

/**
 * Leaves out whole turns (a question with its answer), oldest first, until the prompt has at most `maxTokens`; the system message and
 * the newest question stay, and of what tools said to it the longest is cut in its middle. Throws AppError `engine/context-full` when
 * what is left is too long.
 */
export function fitChat(
    template: { render(messages: readonly ChatMessage[]): string },
    messages: readonly ChatMessage[],
    maxTokens: number,
    count: CountTokens,
): FittedChat {
    const system = messages.filter((message) => message.role === "system");
    let turns = messages.filter((message) => message.role !== "system");
    let nDropped = 0;
    let goal: number | undefined;
    for (;;) {
        const text = template.render([...system, ...turns]);
        const nTokens = count(text);
        goal ??= roomGoal(nTokens, maxTokens);
        if (nTokens <= goal) return { text, nTokens, nDropped };
        const next = turns.findIndex((message, i) => i > 0 && message.role === "user");
        if (next < 0 && nTokens <= maxTokens) return { text, nTokens, nDropped };
        const shorter = next < 0 ? withShorterResult(turns) : undefined;
        if (shorter) {
            turns = shorter;
            goal = maxTokens;
            continue;
        }
        if (next < 0)
            throw new AppError(
                "engine/context-full",
                `This question with its context has ${nTokens} tokens and the model's context has room for ${maxTokens}; shorten it or leave out a file`,
            );
        nDropped += next;
        turns = turns.slice(next);
    }
}

/** The longest result of a tool at half its length; undefined when all are short. Halves, so that a later turn cuts at the same places. */
function withShorterResult(messages: readonly ChatMessage[]): ChatMessage[] | undefined {
    const lengths = messages.map(({ role, content }) => (role === "tool" ? content.length : 0));
    const longest = Math.max(...lengths);
    if (longest < 2 * MIN_RESULT_CHARACTERS) return undefined;
    return messages.map((message, i) =>
        i === lengths.indexOf(longest)
            ? { ...message, content: withoutMiddle(message.content) }
            : message,
    );
}

const LEFT_OUT = /\n\[(\d+) characters left out: too long for the model's context\]\n/;

function withoutMiddle(text: string): string {
    const before = LEFT_OUT.exec(text);
    const [head, tail] = before
        ? [text.slice(0, before.index), text.slice(before.index + before[0].length)]
        : [text, text];
    const kept = Math.floor(text.length / 4);
    const nBefore = Number(before?.[1] ?? 0) + (before ? head.length + tail.length : text.length);
    const note = `\n[${nBefore - 2 * kept} characters left out: too long for the model's context]\n`;
    return head.slice(0, kept) + note + tail.slice(tail.length - kept);
}

/** What is left out is a multiple of the step, so where the rest begins stays the same over several turns. */
function roomGoal(nTokens: number, maxTokens: number): number {
    const step = Math.max(1, Math.floor(maxTokens * DROP_SHARE));
    return nTokens - Math.max(0, Math.ceil((nTokens - maxTokens) / step)) * step;
}

function foldSystem(messages: readonly TemplateInput[]): TemplateInput[] | undefined {
    const system = messages.filter((message) => message.role === "system");
    const rest = messages.filter((message) => message.role !== "system");
    const [first, ...others] = rest;
    if (system.length === 0 || !first) return undefined;
    const content = [...system, first].map((message) => message.content).join("\n\n");
    return [{ ...first, content }, ...others];
}

/** The parser's errors name no place: the furthest token it looked at is the place. */
function lineOfParseError(source: string): number | undefined {
    let furthest = 0;
    let tokens: ReturnType<typeof tokenize>;
    try {
        tokens = tokenize(source, { lstrip_blocks: true, trim_blocks: true });
    } catch {
        return undefined;
    }
    const watched = new Proxy(tokens, {
        get(target, key, receiver) {
            if (typeof key === "string" && /^\d+$/.test(key))
                furthest = Math.max(furthest, Number(key));
            return Reflect.get(target, key, receiver) as unknown;
        },
    });
    try {
        parse(watched);
    } catch {
        return lineOfToken(source, tokens, Math.min(furthest, tokens.length - 1));
    }
    return undefined;
}

/**
 * The line on which token `index` stands, by finding the tokens' texts one after the other. Literals are found by their quotes
 * (their escapes are resolved in the token), plain text is skipped (white space control changes it).
 */
function lineOfToken(
    source: string,
    tokens: readonly { type: string; value: string }[],
    index: number,
): number {
    let at = 0;
    for (const { type, value } of tokens.slice(0, index + 1)) {
        if (type === "Text") continue;
        if (type === "StringLiteral") {
            const literal = /'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"/g;
            literal.lastIndex = at;
            if (literal.exec(source)) at = literal.lastIndex;
            continue;
        }
        const found = value === "" ? -1 : source.indexOf(value, at);
        if (found >= 0) at = found + value.length;
    }
    return lineAt(source, at);
}

function lineAt(source: string, offset: number): number {
    return source.slice(0, offset).split("\n").length;
}

/** Errors while rendering name no place either: the longest word of the message that stands in the template once is taken for it. */
function runtimeError(source: string, error: unknown): AppError {
    const message = messageOf(error);
    const words = [message, ...(message.match(/[\p{L}\p{N}_]{3,}/gu) ?? [])];
    const place = words
        .sort((a, b) => b.length - a.length)
        .map((word) => [source.indexOf(word), source.lastIndexOf(word)] as const)
        .find(([first, last]) => first >= 0 && first === last);
    return templateError(place && lineAt(source, place[0]), message, error);
}

function messageOf(error: unknown): string {
    return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}

function templateError(line: number | undefined, why: string, cause?: unknown): AppError {
    const where = line === undefined ? "" : ` (line ${line})`;
    return new AppError(
        "data/template",
        `The chat template of this model does not work${where}: ${why}; choose another model for chat`,
        { cause },
    );
}
