/**
 * What a slash command asks, wherever it was typed: a command of the table, or a prompt file of the workspace; with its context, its
 * words and where the answer's code belongs.
 */

import type { Location, TextEditor, Uri } from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import { slashQuestion, whatIsMissing, type SlashContext } from "../../prompt/slash/messages";
import { isSlashName, SLASH, SLASH_NAMES, type SlashName } from "../../prompt/slash/table";
import type { ContextBlock } from "../chat/context";
import type { SourceFiles } from "../context/sourceFiles";
import { blockOf, contextOf, placeOf, type CodePlace } from "./place";
import { findPrompts, promptBlocks, promptText, type FoundPrompts } from "./promptFiles";
import { targetOf, type AnswerTarget } from "./target";

export interface AskedQuestion {
    /** The words behind the context. */
    text: string;
    /** Context in at most so many characters. */
    blocks: (maxCharacters: number) => ContextBlock[];
    maxTokens: number;
    command: SlashName | undefined;
    target: AnswerTarget | undefined;
    used: (Uri | Location)[];
    notes: string[];
}

/** What a person attached: a command is about that, and not about the editor. */
export interface Attached {
    /** As text, in at most so many characters; the first attachments have the first claim. */
    blocks: (maxCharacters: number) => ContextBlock[];
    /** The one place in code that was attached; undefined: none, or several. */
    place: CodePlace | undefined;
    /** Language of the files, when they have one. */
    languageId: string | undefined;
    /** What the answer rests on, for the list of references. */
    used: (Uri | Location)[];
    /** A sentence for each that was left out. */
    notes: string[];
}

export interface Given {
    /** What was typed behind the command. */
    added: string;
    attached: Attached;
    /** Something else goes along that the command can be about. */
    hasMore?: boolean | undefined;
    editor: TextEditor | undefined;
    files: Pick<SourceFiles, "read">;
}

export const MAX_TOKENS = 1500;
/** Characters of the files that a prompt file links to. */
const PROMPT_FILE_CHARACTERS = 8000;

/** The command that a text begins with, and what stands behind it; undefined: it begins with none. A path is none. */
export function commandIn(text: string): { name: string; added: string } | undefined {
    const [whole, name] = /^\/([\p{L}\p{N}][\p{L}\p{N}._-]*)(?:\s+|$)/u.exec(text) ?? [];
    return name === undefined || whole === undefined
        ? undefined
        : { name, added: text.slice(whole.length).trim() };
}

/** Throws AppError that says what to do: there is no such command, or nothing to work on. */
export async function questionOf(name: string, given: Given): Promise<AskedQuestion> {
    return isSlashName(name) ? fromTable(name, given) : fromPromptFile(name, given);
}

async function fromTable(
    name: SlashName,
    { added, attached, hasMore, editor }: Given,
): Promise<AskedQuestion> {
    const command = SLASH[name];
    const { used, notes } = attached;
    const hasAttached = used.length > 0 || attached.blocks(1000).length > 0;
    const place = hasAttached
        ? attached.place
        : editor && (await placeOf(editor.document, editor.selection, command.code));
    const context: Omit<SlashContext, "blocks"> = place
        ? await contextOf(place, command)
        : { languageId: attached.languageId };
    const blocks = hasAttached
        ? attached.blocks
        : (room: number) => (place ? [blockOf(place, room)] : []);
    const missing = hasMore
        ? undefined
        : whatIsMissing(command, { ...context, blocks: blocks(1000) });
    if (missing !== undefined) throw new AppError("user/usage", missing);
    return {
        text: slashQuestion(command, context, added),
        blocks,
        maxTokens: command.maxTokens,
        command: name,
        target: place && targetOf(place, command),
        used: hasAttached || !place ? used : [place.document.uri],
        notes,
    };
}

async function fromPromptFile(
    name: string,
    { added, attached, editor, files }: Given,
): Promise<AskedQuestion> {
    const known = await findPrompts();
    const found = known.prompts.find(({ file }) => file.name === name);
    if (!found) throw unknownCommand(name, known);
    const isShown = editor && !isSecretFile(editor.document.uri.path);
    const place = {
        selection:
            isShown && !editor.selection.isEmpty
                ? editor.document.getText(editor.selection)
                : undefined,
        file: isShown ? editor.document.uri : undefined,
    };
    const text = await promptText(found, place, added);
    const own = await promptBlocks(found, place, { files, maxCharacters: PROMPT_FILE_CHARACTERS });
    return {
        text,
        blocks: (room) => fitting([...own, ...attached.blocks(room)], room),
        maxTokens: MAX_TOKENS,
        command: undefined,
        target: undefined,
        used: [found.uri, ...attached.used],
        notes: attached.notes,
    };
}

function unknownCommand(name: string, { prompts, problems }: FoundPrompts): AppError {
    const own = SLASH_NAMES.map((one) => `/${one}`);
    const known = [...own, ...prompts.map(({ file }) => `/${file.name}`)].join(", ");
    return new AppError(
        "user/usage",
        problems.find((problem) => problem.includes(name)) ??
            `There is no command /${name}; there are ${known}, and prompt files in .github/prompts add more`,
    );
}

/** Whole blocks, as long as they fit. */
function fitting(blocks: readonly ContextBlock[], maxCharacters: number): ContextBlock[] {
    let left = maxCharacters;
    return blocks.filter(({ text }) => {
        if (text.length > left) return false;
        left -= text.length;
        return true;
    });
}
