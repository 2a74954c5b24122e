/** A conversation as a markdown document: the branch that is shown, with what went along and the reasoning folded. Pure. */

import { fenceAfter } from "../../base/fences";
import { splitReasoning } from "../../base/reasoning";
import type { ChatTurn } from "../../protocol/webview";

export function exportMarkdown(title: string, turns: readonly ChatTurn[]): string {
    const parts = [`# ${escaped(title.replace(/\s+/g, " ").trim()) || "Chat"}`];
    for (const turn of turns) parts.push(turn.role === "user" ? question(turn) : answer(turn));
    return `${parts.join("\n\n")}\n`;
}

function question({ text, context = [] }: ChatTurn): string {
    const along = context.length > 0 ? `\n\nWith: ${context.join("; ")}` : "";
    // As typed: a heading or a list in a question is not one of the document.
    return `## Question\n\n${quoted(closed(text))}${along}`;
}

function answer({ text, state, error, note }: ChatTurn): string {
    const { reasoning, answer } = splitReasoning(text);
    const parts = ["## Answer"];
    if (reasoning !== "")
        parts.push(
            `<details><summary>Reasoning</summary>\n\n${quoted(closed(reasoning))}\n\n</details>`,
        );
    if (answer.trim() !== "") parts.push(closed(answer.trim()));
    if (state === "stopped") parts.push("*Stopped.*");
    if (state === "failed") parts.push(emphasized(error ?? "The answer failed"));
    if (note) parts.push(emphasized(note));
    return parts.join("\n\n");
}

function quoted(text: string): string {
    return text
        .trim()
        .split("\n")
        .map((line) => `> ${line}`.trimEnd())
        .join("\n");
}

/** A sentence has one period, and none of its characters is a mark. */
function emphasized(sentence: string): string {
    const text = sentence.trim();
    return `*${escaped(text)}${/[.!?…]$/.test(text) ? "" : "."}*`;
}

function escaped(text: string): string {
    return text.replace(/[\\`*_[\]<>&#|~]/g, "\\$&");
}

/**
 * A code block that was cut off must not swallow what follows, nor HTML outside of code, which an answer's page shows as text: a comment
 * that is not closed would, and the end of a fold would end another one.
 */
function closed(text: string): string {
    let fence: string | undefined;
    const isCode = indentedCode();
    const lines = text.split("\n").map((line) => {
        const before = fence;
        fence = fenceAfter(line, fence);
        if (before !== undefined || fence !== undefined) return line;
        return isCode(line) ? line : withoutHtml(line);
    });
    return [...lines, ...(fence === undefined ? [] : [fence])].join("\n");
}

/** Asked line by line: whether it is code by its four spaces. In a list these are the text of an item, behind a paragraph they go on with it. */
function indentedCode(): (line: string) => boolean {
    let isInList = false;
    let isPossible = true;
    return (line) => {
        if (line.trim() === "") isPossible = true;
        else if (isPossible && !isInList && /^(?: {4}|\t)/.test(line)) return true;
        else {
            isPossible = false;
            if (/^ {0,3}(?:[-*+]|\d+[.)])\s/.test(line)) isInList = true;
            else if (/^\S/.test(line)) isInList = false;
        }
        return false;
    };
}

/** Code between backticks stays as it is. */
function withoutHtml(line: string): string {
    return line.replace(/(`+)(?!`).*?[^`]\1(?!`)|<(?=[!/?a-z])(?!https?:)/gi, (found) =>
        found === "<" ? "&lt;" : found,
    );
}
