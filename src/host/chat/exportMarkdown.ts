/** A conversation as a markdown document: the branch that is shown, with what went along and the reasoning folded. Pure. */

import { fenceAfter } from "../../base/fences";
import { splitReasoning } from "../../base/reasoning";
import type { ChatTurn } from "../../protocol/webview";

export function exportMarkdown(title: string, turns: readonly ChatTurn[]): string {
    const parts = [`# ${title.replace(/\s+/g, " ").trim() || "Chat"}`];
    for (const turn of turns) parts.push(turn.role === "user" ? question(turn) : answer(turn));
    return `${parts.join("\n\n")}\n`;
}

function question({ text, context = [] }: ChatTurn): string {
    const along = context.length > 0 ? `\n\nWith: ${context.join("; ")}` : "";
    // As typed: a heading or a list in a question is not one of the document.
    return `## Question\n\n${quoted(text)}${along}`;
}

function answer({ text, state, error, note }: ChatTurn): string {
    const { reasoning, answer } = splitReasoning(text);
    const parts = ["## Answer"];
    if (reasoning !== "")
        parts.push(`<details><summary>Reasoning</summary>\n\n${quoted(reasoning)}\n\n</details>`);
    if (answer.trim() !== "") parts.push(closed(answer.trim()));
    if (state === "stopped") parts.push("*Stopped.*");
    if (state === "failed") parts.push(`*${error ?? "The answer failed"}.*`);
    if (note) parts.push(`*${note}*`);
    return parts.join("\n\n");
}

function quoted(text: string): string {
    return text
        .trim()
        .split("\n")
        .map((line) => `> ${line}`.trimEnd())
        .join("\n");
}

/** A code block that was cut off must not swallow what follows. */
function closed(text: string): string {
    let fence: string | undefined;
    for (const line of text.split("\n")) fence = fenceAfter(line, fence);
    return fence === undefined ? text : `${text}\n${fence}`;
}
