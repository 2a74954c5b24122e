/**
 * What a message to `@ingot` asks: a command of the table, a prompt file of the workspace, or a plain question; with its context, its
 * words and where the answer's code belongs.
 */

import { window, type Location, type Uri } from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import { slashQuestion, whatIsMissing, type SlashContext } from "../../prompt/slash/messages";
import { isSlashName, SLASH, type SlashName } from "../../prompt/slash/table";
import type { ContextBlock } from "../chat/context";
import type { SourceFiles } from "../context/sourceFiles";
import { targetOf, type AnswerTarget } from "../slash/target";
import { blockOf, contextOf, placeOf, type CodePlace } from "../slash/place";
import { findPrompts, promptBlocks, promptText } from "../slash/promptFiles";
import { resolve, type Reference } from "./references";

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

export interface GivenRequest {
    command: string | undefined;
    prompt: string;
    references: readonly Reference[];
}

const MAX_TOKENS = 1500;
/** Characters of the files that a prompt file links to. */
const PROMPT_FILE_CHARACTERS = 8000;

/** Throws AppError that says what to do when there is nothing to work on. */
export async function readRequest(
    { command, prompt, references }: GivenRequest,
    files: Pick<SourceFiles, "read">,
): Promise<AskedQuestion> {
    const named = /^\/([\p{L}\p{N}][\p{L}\p{N}._-]*)(?:\s+|$)/u.exec(prompt);
    const name = command ?? named?.[1];
    const added = command === undefined && named ? prompt.slice(named[0].length).trim() : prompt;
    const attached = await resolve(references);
    if (name === undefined) {
        if (prompt.trim() === "")
            throw new AppError(
                "user/usage",
                "There is no question; write one, or choose a /command",
            );
        const { blocks, used, notes } = attached;
        const rest = { command: undefined, target: undefined, maxTokens: MAX_TOKENS };
        return { text: prompt, blocks, used, notes, ...rest };
    }
    return isSlashName(name)
        ? fromTable(name, added, attached)
        : fromPromptFile({ name, added, attached, files });
}

type Attached = Awaited<ReturnType<typeof resolve>>;

async function fromTable(
    name: SlashName,
    added: string,
    attached: Attached,
): Promise<AskedQuestion> {
    const command = SLASH[name];
    const { used, notes } = attached;
    const hasAttached = used.length > 0 || attached.blocks(1000).length > 0;
    const place = hasAttached ? attached.place : await activePlace(command.code);
    const context: Omit<SlashContext, "blocks"> = place
        ? await contextOf(place, command)
        : { languageId: attached.languageId };
    const blocks = hasAttached
        ? attached.blocks
        : (room: number) => (place ? [blockOf(place, room)] : []);
    const missing = whatIsMissing(command, { ...context, blocks: blocks(1000) });
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

async function activePlace(scopes: Parameters<typeof placeOf>[2]): Promise<CodePlace | undefined> {
    const editor = window.activeTextEditor ?? window.visibleTextEditors[0];
    return editor && placeOf(editor.document, editor.selection, scopes);
}

async function fromPromptFile({
    name,
    added,
    attached,
    files,
}: {
    name: string;
    added: string;
    attached: Attached;
    files: Pick<SourceFiles, "read">;
}): Promise<AskedQuestion> {
    const { prompts, problems } = await findPrompts();
    const found = prompts.find(({ file }) => file.name === name);
    if (!found) {
        const why = problems.find((problem) => problem.includes(name));
        const known = prompts.map(({ file }) => `/${file.name}`).join(", ");
        throw new AppError(
            "user/usage",
            why ??
                `There is no command /${name}; ${known === "" ? "prompt files go into .github/prompts" : `the workspace has ${known}`}`,
        );
    }
    const active = window.activeTextEditor;
    const editor = active && !isSecretFile(active.document.uri.path) ? active : undefined;
    const place = {
        selection:
            editor && !editor.selection.isEmpty
                ? editor.document.getText(editor.selection)
                : undefined,
        file: editor?.document.uri,
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

/** Whole blocks, as long as they fit. */
function fitting(blocks: readonly ContextBlock[], maxCharacters: number): ContextBlock[] {
    let left = maxCharacters;
    return blocks.filter(({ text }) => {
        if (text.length > left) return false;
        left -= text.length;
        return true;
    });
}
