/**
 * From a slash command and what it is about to the words that the model reads. They stand behind the code: a second command on the same
 * code finds the code in the KV cache, and a small model follows what it has read last. Pure.
 */

import type { CodeScope, SlashCommand, Subject } from "./command";
import { docFormOf, languageName } from "./languages";

/** A piece of context as the model reads it: a sentence and a fenced block. */
export interface SlashBlock {
    text: string;
}

export interface SlashContext {
    /** What the code is; undefined when there is none. */
    scope?: CodeScope | undefined;
    /** Name of the symbol, for the scope `symbol`; the file's, for `file`. */
    name?: string | undefined;
    /** VS Code's language identifier of the code. */
    languageId?: string | undefined;
    /** Oldest or least important first; the code itself last. */
    blocks: readonly SlashBlock[];
    /** What the compiler says about the code, a line each. */
    problems?: readonly string[] | undefined;
    /** What the project's tests are written with. */
    framework?: string | undefined;
}

const MAX_PROBLEMS = 8;
const MAX_PROBLEM_CHARACTERS = 300;

/** Why a command cannot run here, as a sentence that says what to do; undefined when it can. */
export function whatIsMissing(command: SlashCommand, context: SlashContext): string | undefined {
    if (command.code.length > 0 && context.scope === undefined && context.blocks.length === 0)
        return "There is no code to work on; open a file, select lines in it or attach one with #file";
    if (command.also === "diff" && context.blocks.length === 0)
        return "There are no changes to describe; edit or stage a file first";
    return undefined;
}

/**
 * The words of a command with what the person added to it: what the side bar shows as the question and the model reads behind the
 * blocks.
 */
export function slashQuestion(
    command: SlashCommand,
    context: Omit<SlashContext, "blocks">,
    added = "",
): string {
    const words = command.instruction(subjectOf(context));
    return added.trim() === "" ? words : `${words}\n\n${added.trim()}`;
}

function subjectOf(context: Omit<SlashContext, "blocks">): Subject {
    const { scope, name, languageId, problems = [], framework } = context;
    return {
        what: whatOf(scope, name),
        symbol: scope === "symbol" ? name : undefined,
        language: languageId === undefined ? undefined : languageName(languageId),
        problems: problems.slice(0, MAX_PROBLEMS).map(oneLine),
        docForm: docFormOf(languageId),
        framework,
    };
}

function whatOf(scope: CodeScope | undefined, name: string | undefined): string {
    if (scope === "selection") return "the selected code";
    if (scope === "symbol" && name !== undefined) return `\`${name}\``;
    return name === undefined ? "the code above" : `the file \`${name}\``;
}

function oneLine(text: string): string {
    return text.replace(/\s+/g, " ").trim().slice(0, MAX_PROBLEM_CHARACTERS);
}
