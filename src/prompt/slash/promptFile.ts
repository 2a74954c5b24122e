/**
 * A prompt that somebody wrote for a project: `.github/prompts/NAME.prompt.md`, VS Code's own convention. Whoever can write to the
 * workspace can write one, so everything is bounded, values are filled in once and never read again, and what is broken is said in
 * one sentence. Finding and reading the files is the host's. Pure.
 */

import { AppError } from "../../base/errors";
import { broken, readFrontMatter } from "./frontMatter";

export const PROMPT_FOLDER = ".github/prompts";
export const PROMPT_ENDING = ".prompt.md";
export const MAX_PROMPT_CHARACTERS = 64_000;

export interface PromptFile {
    /** What is typed behind the `/`. */
    name: string;
    /** Without a final period; empty: none. */
    description: string;
    /** `ask`, `edit`, `agent` or the name of an agent; undefined: not said. */
    mode: string | undefined;
    tools: readonly string[];
    body: string;
    inputs: readonly PromptInput[];
    /** Files that the body links to, as written, relative to the prompt file. */
    links: readonly string[];
}

export interface PromptInput {
    name: string;
    /** What to enter, in the author's words; empty: not said. */
    hint: string;
}

/** What stands for the variables; undefined: there is none at the moment. */
export interface PromptValues {
    selection: string | undefined;
    /** Relative to its workspace folder, `/` separated. */
    file: string | undefined;
    workspaceFolder: string | undefined;
    inputs: ReadonlyMap<string, string>;
}

const MAX_NAME = 64;
const MAX_DESCRIPTION = 200;
const MAX_INPUTS = 10;
const MAX_LINKS = 8;
const MAX_EXPANDED_CHARACTERS = 200_000;
const VARIABLE = /\$\{([A-Za-z]{1,40})(?::([^}\n]{0,300}))?\}/g;

/** `fileName`: without folders. Throws AppError `user/usage` that names the file and the line. */
export function readPromptFile(fileName: string, text: string): PromptFile {
    const stem = fileName.endsWith(PROMPT_ENDING)
        ? fileName.slice(0, -PROMPT_ENDING.length)
        : fileName;
    if (text.length > MAX_PROMPT_CHARACTERS)
        throw broken(fileName, undefined, `it is longer than ${MAX_PROMPT_CHARACTERS} characters`);
    if (text.includes("\0")) throw broken(fileName, undefined, "it is not a text");
    const { values, body } = readFrontMatter(fileName, text);
    if (body === "") throw broken(fileName, undefined, "there is no text behind its header");
    const said = (key: string) => {
        const value = values.get(key);
        return typeof value === "string" && value !== "" ? value : undefined;
    };
    const name = said("name") ?? stem;
    if (name.length > MAX_NAME || !/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name))
        throw broken(
            fileName,
            undefined,
            `"${name.slice(0, MAX_NAME)}" is no name to type behind a slash; use letters, digits, ".", "_" and "-"`,
        );
    const tools = values.get("tools") ?? [];
    return {
        name,
        description: oneLine(said("description") ?? "").slice(0, MAX_DESCRIPTION),
        mode: said("agent") ?? said("mode"),
        tools: typeof tools === "string" ? [tools] : tools,
        body,
        inputs: inputsOf(fileName, body),
        links: linksOf(body),
    };
}

/** Whether a text asks for something of the editor. */
export function usesVariable(body: string, name: "selection" | "file"): boolean {
    const names = name === "selection" ? ["selection", "selectedText"] : ["file", "relativeFile"];
    return [...body.matchAll(VARIABLE)].some(([, used = ""]) => names.includes(used));
}

/**
 * The text with its variables filled in, in one pass: a `${...}` in what is filled in stays as it is. Unknown ones stay too, because
 * prompts are about code. Throws AppError `user/usage` when there is nothing to fill in.
 */
export function fillIn({ name, body }: PromptFile, values: PromptValues): string {
    const text = body.replace(VARIABLE, (whole: string, used: string, rest?: string) => {
        const value = valueOf(used, rest, values);
        if (value === undefined) return whole;
        if (value.text === undefined)
            throw new AppError("user/usage", `The prompt /${name} uses ${value.what}`);
        return value.text;
    });
    if (text.length > MAX_EXPANDED_CHARACTERS)
        throw new AppError(
            "user/usage",
            `The prompt /${name} is too long with what is selected; select less`,
        );
    return text;
}

const NO_SELECTION = "the selection; select some code first";
const NO_FILE = "the open file; open one first";
const NO_FOLDER = "the workspace folder; open a folder first";

interface Value {
    /** Undefined: there is none at the moment. */
    text: string | undefined;
    /** What is missing then, and what to do. */
    what: string;
}

/** Undefined: no variable of this name. */
function valueOf(used: string, rest: string | undefined, values: PromptValues): Value | undefined {
    const { selection, file, workspaceFolder, inputs } = values;
    if (used === "input") {
        const name = (rest ?? "").split(":")[0]?.trim() ?? "";
        return { text: inputs.get(name), what: `\`${name}\`; enter a value for it` };
    }
    if (rest !== undefined) return undefined;
    const baseName = file?.split("/").at(-1);
    const ofFile = (text: string | undefined) => ({ text, what: NO_FILE });
    const known: Readonly<Record<string, Value>> = {
        selection: { text: selection, what: NO_SELECTION },
        selectedText: { text: selection, what: NO_SELECTION },
        file: ofFile(file),
        relativeFile: ofFile(file),
        fileBasename: ofFile(baseName),
        fileBasenameNoExtension: ofFile(baseName?.replace(/(?<=.)\.[^.]*$/, "")),
        fileDirname: ofFile(file?.split("/").slice(0, -1).join("/")),
        workspaceFolder: { text: workspaceFolder, what: NO_FOLDER },
        workspaceFolderBasename: {
            text: workspaceFolder?.split(/[\\/]/).at(-1),
            what: NO_FOLDER,
        },
    };
    return Object.hasOwn(known, used) ? known[used] : undefined;
}

function inputsOf(fileName: string, body: string): PromptInput[] {
    const inputs = new Map<string, PromptInput>();
    for (const match of body.matchAll(VARIABLE)) {
        if (match[1] !== "input") continue;
        const [name = "", ...hint] = (match[2] ?? "").split(":");
        if (!/^[\w-]{1,64}$/.test(name.trim())) {
            const line = body.slice(0, match.index).split("\n").length;
            throw broken(
                fileName,
                undefined,
                `\`${match[0]}\` in line ${line} of its text has no name`,
            );
        }
        if (!inputs.has(name.trim()))
            inputs.set(name.trim(), { name: name.trim(), hint: oneLine(hint.join(":")) });
    }
    if (inputs.size > MAX_INPUTS)
        throw broken(fileName, undefined, `it asks for more than ${MAX_INPUTS} inputs`);
    return [...inputs.values()];
}

/** Relative links of markdown: `[rules](../rules.md)`; not addresses, anchors or absolute paths. */
function linksOf(body: string): string[] {
    const found = [...body.matchAll(/(?<!!)\[[^\]\n]{0,200}\]\(([^()\s]{1,300})\)/g)]
        .map(([, target = ""]) => target.replace(/#.*$/, ""))
        .filter((target) => target !== "" && !/^([a-z][\w+.-]*:|\/|\\)/i.test(target));
    return [...new Set(found)].slice(0, MAX_LINKS);
}

function oneLine(text: string): string {
    return text
        .replace(/[\s\p{Cc}]+/gu, " ")
        .trim()
        .replace(/\.$/, "");
}
