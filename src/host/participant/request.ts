/** What a message to `@ingot` asks: a command, also one that was only typed, or a plain question. */

import { window } from "vscode";
import { AppError } from "../../base/errors";
import type { SourceFiles } from "../context/sourceFiles";
import { commandIn, MAX_TOKENS, questionOf, type AskedQuestion } from "../slash/question";
import { resolve, type Reference } from "./references";

export interface GivenRequest {
    command: string | undefined;
    prompt: string;
    references: readonly Reference[];
}

/** Throws AppError that says what to do when there is nothing to work on. */
export async function readRequest(
    { command, prompt, references }: GivenRequest,
    files: Pick<SourceFiles, "read">,
): Promise<AskedQuestion> {
    const typed = command === undefined ? commandIn(prompt) : { name: command, added: prompt };
    const attached = await resolve(references);
    if (typed) {
        const editor = window.activeTextEditor ?? window.visibleTextEditors[0];
        return questionOf(typed.name, { added: typed.added, attached, editor, files });
    }
    if (prompt.trim() === "")
        throw new AppError("user/usage", "There is no question; write one, or choose a /command");
    const { blocks, used, notes } = attached;
    const rest = { command: undefined, target: undefined, maxTokens: MAX_TOKENS };
    return { text: prompt, blocks, used, notes, ...rest };
}
