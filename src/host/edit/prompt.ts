/**
 * The words of an edit: what the model is asked, and how its answer begins and ends. The block is opened for it, so that it writes code
 * and nothing else, and the first line of the block that closes it ends the answer. Pure.
 */

import type { ChatMessage } from "../../protocol/chat";
import { fenceFor } from "../chat/context";

export interface EditQuestion {
    path: string;
    languageId: string;
    /** Lines of the document above and below, as many as there is room for. */
    above: readonly string[];
    below: readonly string[];
    /** The lines to rewrite; blank: the place where something is to be written. */
    lines: readonly string[];
    instruction: string;
}

export interface EditPrompt {
    messages: ChatMessage[];
    answerStart: string;
    stopTexts: string[];
    fence: string;
}

/** Short on purpose, as the chat's: small models follow few rules. */
const SYSTEM_PROMPT =
    "You edit code. Follow the instruction, change nothing else, keep indentation and comments. Answer with the edited code only.";

export function editPrompt(question: EditQuestion): EditPrompt {
    const { path, languageId, above, below, lines, instruction } = question;
    const text = lines.join("\n");
    const fence = fenceFor([...above, text, ...below].join("\n"));
    const block = (code: readonly string[]) =>
        `${fence}${languageId}\n${code.join("\n")}\n${fence}`;
    const parts = [`File ${path}.`];
    if (hasText(above)) parts.push(`Code above, not to be repeated:\n${block(above)}`);
    if (hasText(below)) parts.push(`Code below, not to be repeated:\n${block(below)}`);
    parts.push(
        hasText(lines)
            ? `Edit this code:\n${block(lines)}\nInstruction: ${instruction}`
            : `Write the code that belongs between them.\nInstruction: ${instruction}`,
    );
    return {
        messages: [
            { role: "system", content: SYSTEM_PROMPT },
            { role: "user", content: parts.join("\n\n") },
        ],
        answerStart: `${fence}${languageId}\n`,
        stopTexts: [`\n${fence}`],
        fence,
    };
}

/** The lines next to a place, in at most so many characters. */
export function linesAbove(lines: readonly string[], start: number, characters: number): string[] {
    const found: string[] = [];
    let left = characters;
    for (let at = start - 1; at >= 0; at--) {
        left -= (lines[at] ?? "").length + 1;
        if (left < 0) break;
        found.unshift(lines[at] ?? "");
    }
    return found;
}

export function linesBelow(lines: readonly string[], end: number, characters: number): string[] {
    return linesAbove([...lines].reverse(), lines.length - end, characters).reverse();
}

function hasText(lines: readonly string[]): boolean {
    return lines.some((line) => line.trim() !== "");
}
