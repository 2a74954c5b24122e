/**
 * The table of slash commands: one place for the side bar, `@ingot` and the code actions. Written for models of 0.5 to 7 billion
 * parameters: the code stands before these words, each asks for one thing, and says how the answer has to look.
 */

import type { SlashCommand, Subject } from "./command";

export const SLASH_NAMES = [
    "explain",
    "fix",
    "tests",
    "doc",
    "review",
    "refactor",
    "name",
    "optimize",
    "commit",
] as const;
export type SlashName = (typeof SLASH_NAMES)[number];

const ANY_CODE = ["selection", "symbol", "file"] as const;

export const SLASH: Readonly<Record<SlashName, SlashCommand<SlashName>>> = {
    explain: {
        description: "Explain the code",
        code: ANY_CODE,
        answer: "text",
        maxTokens: 700,
        instruction: ({ what }) =>
            `Explain ${what}. Begin with one sentence that says what it is for. Then say what it does step by step, in at most six short points. Do not repeat the code.`,
        next: ["review", "tests"],
    },
    fix: {
        description: "Correct the code, with what the compiler says about it",
        code: ANY_CODE,
        also: "problems",
        answer: "code",
        place: "replace",
        maxTokens: 1200,
        instruction: fixInstruction,
        next: ["tests", "review"],
    },
    tests: {
        description: "Write tests for the code",
        code: ANY_CODE,
        answer: "code",
        place: "new-file",
        maxTokens: 1500,
        instruction: ({ what, framework, language }) =>
            `Write tests for ${what}${framework === undefined ? "" : ` with ${framework}`}. Test a usual case, an empty or smallest case, and wrong input. Call only what the code above defines. Answer with one ${blockOf(language)}: a whole test file that begins with its imports, also that of ${what}.`,
        next: ["review"],
    },
    doc: {
        description: "Write the documentation comment of the code",
        code: ANY_CODE,
        answer: "code",
        place: "above",
        maxTokens: 400,
        instruction: ({ what, docForm, language }) =>
            `Write the documentation of ${what} as ${docForm}. Say what it is for, then its parameters, what it returns and what errors it throws, as far as there are any. Answer with one ${blockOf(language)} that holds only the comment, without the code.`,
        next: ["tests"],
    },
    review: {
        description: "Find mistakes in the code",
        code: ANY_CODE,
        answer: "text",
        maxTokens: 700,
        instruction: ({ what }) =>
            // No words for "nothing is wrong": small models take them at once.
            `Review ${what}. Go through it line by line and list what can go wrong when it runs, the most serious first, at most five points. For each: the line of code, what goes wrong, how to correct it. Look at the ends of loops, empty input, missing checks and resources that are not freed. Leave out matters of taste.`,
        next: ["fix", "tests"],
    },
    refactor: {
        description: "Rewrite the code so that it is easier to read",
        code: ANY_CODE,
        answer: "code",
        place: "replace",
        maxTokens: 1200,
        instruction: ({ what, language }) =>
            `Rewrite ${what} so that it is easier to read and does exactly the same. Keep its name, its parameters and what it returns. Answer with one ${blockOf(language)} that holds all of the rewritten code. Then say in one sentence what is clearer now.`,
        next: ["tests", "review"],
    },
    name: {
        description: "Suggest better names",
        code: ["selection", "symbol"],
        answer: "text",
        maxTokens: 200,
        instruction: ({ what, symbol }) =>
            `Suggest five better names for ${symbol === undefined ? `what ${what} defines` : what}, the best first. Write one name a line, with a reason of a few words behind it. Keep the spelling style of the names in the code.`,
        next: ["refactor"],
    },
    optimize: {
        description: "Make the code faster",
        code: ANY_CODE,
        answer: "code",
        place: "replace",
        maxTokens: 1200,
        instruction: ({ what, language }) =>
            `Make ${what} faster, with the same results. Change only what costs time or memory. Answer with one ${blockOf(language)} that holds all of the changed code. Then say in one sentence why it is faster, without figures. When nothing is worth a change, say so and write no code.`,
        next: ["tests", "review"],
    },
    commit: {
        description: "Write a commit message for the changes of the repository",
        code: [],
        also: "diff",
        answer: "text",
        maxTokens: 200,
        // The form follows the repository's history: src/prompt/commit/message.ts writes the words.
        instruction: () => "Write the commit message for these changes.",
        next: [],
    },
};

export function isSlashName(name: string): name is SlashName {
    return (SLASH_NAMES as readonly string[]).includes(name);
}

function fixInstruction({ what, problems, language }: Subject): string {
    const block = `one ${blockOf(language)} that holds all of ${what}, corrected`;
    if (problems.length === 0)
        return `Find the mistake in ${what} and correct it. Change nothing else. Answer with ${block}. Then say in one sentence what was wrong. When there is no mistake, say so and write no code.`;
    const list = problems.map((one) => `- ${one}`).join("\n");
    return `The compiler says about ${what}:\n${list}\nCorrect this and change nothing else. Answer with ${block}. Then say in one sentence what was wrong.`;
}

function blockOf(language: string | undefined): string {
    return language === undefined ? "code block" : `${language} code block`;
}
