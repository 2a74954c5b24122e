/**
 * The prompt files of the workspace: `.github/prompts/*.prompt.md` of each folder. Read when they are asked for, never watched; links
 * to other files are followed once, by the rules for what a model may be shown. Whatever leads out of the workspace is not read.
 */

import { realpath } from "node:fs/promises";
import { FileType, Uri, window, workspace } from "vscode";
import { AppError, cancelled } from "../../base/errors";
import {
    fillIn,
    MAX_PROMPT_CHARACTERS,
    PROMPT_ENDING,
    PROMPT_FOLDER,
    readPromptFile,
    usesVariable,
    type PromptFile,
    type PromptInput,
} from "../../prompt/slash/promptFile";
import { isSlashName } from "../../prompt/slash/table";
import { fileBlock, type ContextBlock } from "../chat/context";
import { pathForModel } from "../completion/snapshot";
import type { SourceFiles } from "../context/sourceFiles";
import { isInside } from "../tools/workspaceFiles";

export interface FoundPrompt {
    uri: Uri;
    file: PromptFile;
}

export interface FoundPrompts {
    prompts: FoundPrompt[];
    /** What cannot be used, a sentence each. */
    problems: string[];
}

const MAX_FILES = 100;

/** By name. A name of Ingot's own, or one that another file has, is a problem and not a prompt. */
export async function findPrompts(): Promise<FoundPrompts> {
    const prompts: FoundPrompt[] = [];
    const problems: string[] = [];
    for (const uri of await promptUris()) {
        const fileName = uri.path.split("/").at(-1) ?? uri.path;
        try {
            await checkLink(uri, fileName);
            const file = readPromptFile(fileName, await readText(uri));
            if (isSlashName(file.name))
                problems.push(`${fileName}: /${file.name} is Ingot's own; give it another name`);
            else if (prompts.some((other) => other.file.name === file.name))
                problems.push(`${fileName}: there is another /${file.name}; rename one of them`);
            else prompts.push({ uri, file });
        } catch (error) {
            problems.push(error instanceof Error ? error.message : String(error));
        }
    }
    return { prompts: prompts.sort((a, b) => a.file.name.localeCompare(b.file.name)), problems };
}

/** What is open when a prompt is used. */
export interface PromptPlace {
    selection: string | undefined;
    file: Uri | undefined;
}

/**
 * The prompt's text with everything filled in; asks for its inputs. Throws AppError, `cancelled` when the person leaves an input.
 * `added`: what was typed behind the name; it is the first input when there is exactly one.
 */
export async function promptText(
    { file }: FoundPrompt,
    place: PromptPlace,
    added: string,
): Promise<string> {
    const [only] = file.inputs;
    const isAnswered = file.inputs.length === 1 && added !== "";
    const inputs = new Map<string, string>();
    for (const input of file.inputs)
        inputs.set(input.name, isAnswered && input === only ? added : await askFor(file, input));
    const folder = place.file && workspace.getWorkspaceFolder(place.file);
    const text = fillIn(file, {
        selection: place.selection,
        file: place.file && pathForModel(place.file),
        workspaceFolder: (folder ?? workspace.workspaceFolders?.[0])?.uri.fsPath,
        inputs,
    });
    return added === "" || isAnswered ? text : `${text}\n\n${added}`;
}

/** Files that the prompt links to, and the open one when the prompt names it; as many as there is room for. */
export async function promptBlocks(
    { uri, file }: FoundPrompt,
    place: PromptPlace,
    { files, maxCharacters }: { files: Pick<SourceFiles, "read">; maxCharacters: number },
): Promise<ContextBlock[]> {
    const linked = file.links.map((link) => Uri.joinPath(uri, "..", ...link.split("/")));
    const open = place.file && usesVariable(file.body, "file") ? [place.file] : [];
    const blocks: ContextBlock[] = [];
    let room = maxCharacters;
    for (const one of [...linked, ...open]) {
        if (room < 300 || !workspace.getWorkspaceFolder(one) || !(await isInside(one))) continue;
        const source = await files.read(one);
        if (!source) continue;
        const { lines } = source;
        const block = fileBlock(
            {
                path: pathForModel(one),
                languageId: "",
                lines: {
                    lineCount: lines.length,
                    lineAt: (line) => ({ text: lines[line] ?? "" }),
                },
                first: 0,
                last: 0,
            },
            room,
        );
        room -= block.text.length;
        blocks.push(block);
    }
    return blocks;
}

async function promptUris(): Promise<Uri[]> {
    const found: Uri[] = [];
    for (const { uri } of workspace.workspaceFolders ?? []) {
        const folder = Uri.joinPath(uri, PROMPT_FOLDER);
        const entries = await workspace.fs.readDirectory(folder).then(
            (entries) => entries,
            () => [],
        );
        const names = entries
            .filter(([name, type]) => name.endsWith(PROMPT_ENDING) && type !== FileType.Directory)
            .map(([name]) => name);
        found.push(...names.sort().map((name) => Uri.joinPath(folder, name)));
    }
    return found.slice(0, MAX_FILES);
}

/** A repository can hold links to anything: followed is one to another prompt file of the workspace. Throws AppError. */
async function checkLink(uri: Uri, fileName: string): Promise<void> {
    const real = uri.scheme === "file" ? await realpath(uri.fsPath) : uri.fsPath;
    if ((await isInside(uri)) && real.endsWith(PROMPT_ENDING)) return;
    throw new AppError(
        "user/usage",
        `The prompt file ${fileName} cannot be used: it is a link to what is no prompt file of this workspace; put a copy in its place`,
    );
}

/** Bytes are at least as many as characters: what is far too long is not read. */
async function readText(uri: Uri): Promise<string> {
    const { size } = await workspace.fs.stat(uri);
    if (size > MAX_PROMPT_CHARACTERS * 4)
        throw new AppError(
            "user/usage",
            `The prompt file ${uri.path.split("/").at(-1)} cannot be used: it is longer than ${MAX_PROMPT_CHARACTERS} characters`,
        );
    return new TextDecoder().decode(await workspace.fs.readFile(uri));
}

async function askFor(file: PromptFile, { name, hint }: PromptInput): Promise<string> {
    const given = await window.showInputBox({
        title: `/${file.name}: ${name}`,
        placeHolder: hint,
        ignoreFocusOut: true,
    });
    if (given === undefined) throw cancelled();
    return given;
}
