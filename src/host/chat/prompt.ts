/** The words of the chat: the system message, the prompts offered in an empty conversation, what is happening while one waits. */

import { never } from "../../base/errors";
import type { ChatProgress, ChatResult } from "../../protocol/chat";

/** Short on purpose: small models follow few rules, and every token is read before the first answer. */
export const SYSTEM_PROMPT =
    "You are a coding assistant in a code editor. Answer briefly and exactly. Put code in fenced blocks with the language's name.";

export interface OpenFile {
    /** File name without folders. */
    name: string;
    hasSelection: boolean;
    /** The function or class the cursor is in, if one was found. */
    symbol: string | undefined;
}

/** Three prompts for what is open. */
export function suggestPrompts(file: OpenFile | undefined): string[] {
    if (!file)
        return [
            "Write a function that reads a file line by line",
            "Explain the difference between a process and a thread",
            "Write a regular expression for a date like 2026-01-31",
        ];
    if (file.hasSelection)
        return [
            "Explain the selected lines",
            "Find mistakes in the selected lines",
            "Write a test for the selected lines",
        ];
    const target = file.symbol ?? file.name;
    return [
        `Explain what ${file.name} does`,
        `Find mistakes in ${target}`,
        `Write a test for ${target}`,
    ];
}

const DECLARATION =
    /\b(?:function\*?|def|fn|func|fun|class|struct|interface|trait|enum|impl|module)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][\w$]*)/;
const MAX_LINES_UP = 400;

/** Name of the nearest declaration at or above a line, by its keyword: a hint for a prompt, no parser. */
export function symbolAbove(
    lines: { lineAt(line: number): { text: string } },
    line: number,
): string | undefined {
    for (let at = line; at >= 0 && at > line - MAX_LINES_UP; at--) {
        const text = lines.lineAt(at).text;
        if (/^\s*(\/\/|#|\*|\/\*)/.test(text)) continue;
        const name = DECLARATION.exec(text.slice(0, 200))?.[1];
        if (name) return name;
    }
    return undefined;
}

/** What is happening before the first word of an answer; undefined once there is text. */
export function describeProgress(progress: ChatProgress, modelName: string): string | undefined {
    switch (progress.kind) {
        case "load":
            return `Loading ${modelName}, ${percent(progress.fraction)}`;
        case "prompt": {
            const { done, total } = progress;
            const tokens = total.toLocaleString("en-US");
            return `Reading ${tokens} ${total === 1 ? "token" : "tokens"}, ${percent(total > 0 ? done / total : 0)}`;
        }
        case "text":
        case "reasoning":
        case "call":
            return undefined;
        default:
            return never(progress);
    }
}

/** What a person should know about an answer that is not all it could be. */
export function noteFor(result: ChatResult): string | undefined {
    const notes: string[] = [];
    if (result.stop === "max-tokens")
        notes.push(
            `The answer was cut at ${result.tokens.generated.toLocaleString("en-US")} tokens; write "go on" to get the rest.`,
        );
    if (result.nDropped > 0)
        notes.push(
            result.nDropped === 1
                ? "The oldest message no longer fits the model's context and was left out."
                : `The oldest ${result.nDropped} messages no longer fit the model's context and were left out.`,
        );
    return notes.length > 0 ? notes.join(" ") : undefined;
}

function percent(fraction: number): string {
    return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}
