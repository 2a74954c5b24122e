/**
 * Slash commands in the side bar's input: what completes behind `/`, and the question that one stands for, the same as in `@ingot` and
 * the light bulb. What was added with `#` goes along in front of the code.
 */

import type { TextEditor } from "vscode";
import { AppError } from "../../base/errors";
import type { Suggestion } from "../../protocol/webview";
import { SLASH, SLASH_NAMES } from "../../prompt/slash/table";
import type { SourceFiles } from "../context/sourceFiles";
import { findPrompts } from "../slash/promptFiles";
import { commandIn, questionOf, type Attached } from "../slash/question";
import type { ContextBlock } from "./context";
import type { ContextSource } from "./asking";

/** A commit message has its own place, the input of Source Control. */
const COMMIT = "commit";
const NAMES = SLASH_NAMES.filter((name) => name !== COMMIT);

export interface SlashParts {
    /** The editor that was used last; undefined: its code is not to go along. */
    editor: TextEditor | undefined;
    files: Pick<SourceFiles, "read">;
    hasAdded: boolean;
    /** What was added, in at most so many characters. */
    added: (maxCharacters: number) => Promise<ContextBlock[]>;
}

/** Ingot's commands and the workspace's prompt files whose names begin with what was typed. */
export async function suggestCommands(query: string): Promise<Suggestion[]> {
    const { prompts } = await findPrompts();
    const all = [
        ...NAMES.map((name) => ({ name, detail: SLASH[name].description })),
        ...prompts.map(({ file }) => ({ name: file.name, detail: file.description })),
    ];
    const wanted = query.toLowerCase();
    return all
        .filter(({ name }) => name.toLowerCase().startsWith(wanted))
        .map(({ name, detail }) => {
            const label = `/${name}`;
            return { id: label, kind: "command", label, detail, insert: label };
        });
}

/** The words and the context of the command that a text begins with; undefined: none. Throws AppError when it cannot be asked. */
export async function slashQuestion(
    text: string,
    { editor, files, hasAdded, added }: SlashParts,
): Promise<{ text: string; context: ContextSource; maxTokens: number } | undefined> {
    const command = commandIn(text);
    if (!command) return undefined;
    if (command.name === COMMIT)
        throw new AppError(
            "user/usage",
            "Commit messages are written in Source Control; use the command Ingot: Write Commit Message",
        );
    const question = await questionOf(command.name, {
        added: command.added,
        attached: NOTHING,
        hasMore: hasAdded,
        editor,
        files,
    });
    return {
        text: question.text,
        maxTokens: question.maxTokens,
        context: async (maxCharacters) => {
            const blocks = await added(maxCharacters);
            const used = blocks.reduce((sum, one) => sum + one.text.length, 0);
            return [...blocks, ...question.blocks(Math.max(0, maxCharacters - used))];
        },
    };
}

const NOTHING: Attached = {
    blocks: () => [],
    place: undefined,
    languageId: undefined,
    used: [],
    notes: [],
};
