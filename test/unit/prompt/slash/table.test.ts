// The table of slash commands and the messages that it makes.
import { describe, expect, it } from "vitest";
import { docFormOf, languageName, testFramework } from "../../../../src/prompt/slash/languages";
import {
    slashQuestion,
    whatIsMissing,
    type SlashContext,
} from "../../../../src/prompt/slash/messages";
import { isSlashName, SLASH, SLASH_NAMES } from "../../../../src/prompt/slash/table";

const context: SlashContext = {
    scope: "symbol",
    name: "total",
    languageId: "typescript",
    blocks: [{ text: "File a.ts:\n```\nimport x\n```" }, { text: "Selected:\n```\nf()\n```" }],
};

describe("the table", () => {
    it("has a row for each name, and no others", () => {
        expect(Object.keys(SLASH)).toEqual([...SLASH_NAMES]);
        expect(isSlashName("fix")).toBe(true);
        expect(isSlashName("toString")).toBe(false);
    });

    it.each(SLASH_NAMES)("%s: short words, a place for code, follow-ups that exist", (name) => {
        const { description, answer, place, next, maxTokens } = SLASH[name];
        expect(description).toMatch(/^[A-Z][^.]{5,60}$/);
        expect(place !== undefined).toBe(answer === "code");
        expect(next).not.toContain(name);
        for (const one of next) expect(SLASH_NAMES).toContain(one);
        expect(maxTokens).toBeLessThanOrEqual(2048);
        // A small model reads a hundred tokens of orders and follows them; not five hundred.
        expect(slashQuestion(SLASH[name], context).length).toBeLessThan(420);
    });
});

describe("slashQuestion", () => {
    it("adds what the person wrote behind the command", () => {
        const words = slashQuestion(SLASH.tests, context, " only edges ");
        expect(words.endsWith("`total`.\n\nonly edges")).toBe(true);
        expect(slashQuestion(SLASH.tests, context, " ").endsWith("`total`.")).toBe(true);
    });

    it("says what the compiler says, a line each, eight at most", () => {
        const problems = Array.from({ length: 20 }, (_, i) => `line ${i + 1}: wrong\n  thing`);
        const words = slashQuestion(SLASH.fix, { ...context, problems });
        expect(words.match(/^- line \d+: wrong thing$/gm)).toHaveLength(8);
        expect(words).toContain("Correct this and change nothing else");
        expect(slashQuestion(SLASH.fix, context)).toContain("Find the mistake in `total`");
    });

    it("names the subject by what it is", () => {
        const words = (given: Partial<SlashContext>) =>
            slashQuestion(SLASH.explain, { ...context, ...given });
        expect(words({ scope: "selection" })).toContain("Explain the selected code.");
        expect(words({ scope: "file", name: "a.ts" })).toContain("Explain the file `a.ts`.");
        expect(words({ scope: undefined, name: undefined })).toContain("Explain the code above.");
    });

    it("knows how a language is documented and tested", () => {
        expect(slashQuestion(SLASH.doc, context)).toContain("as a JSDoc comment without types");
        expect(slashQuestion(SLASH.tests, { ...context, framework: "vitest" })).toContain(
            "Write tests for `total` with vitest.",
        );
        expect(languageName("cpp")).toBe("C++");
        expect(languageName("zig")).toBe("zig");
        expect(docFormOf(undefined)).toBe("a comment");
        expect(testFramework("typescript", '{"devDependencies":{"mocha":"1","vitest":"1"}}')).toBe(
            "vitest",
        );
        expect(testFramework("javascript", "{}")).toBe("node:test and node:assert");
        expect(testFramework("typescript")).toBeUndefined();
        expect(testFramework("python", "pytest==8")).toBe("pytest");
        expect(testFramework("python")).toBe("unittest");
        expect(testFramework("cobol")).toBeUndefined();
    });
});

describe("whatIsMissing", () => {
    it("says what to do where there is no code, or no change", () => {
        const nothing: SlashContext = { blocks: [] };
        expect(whatIsMissing(SLASH.explain, nothing)).toMatch(/open a file/);
        expect(whatIsMissing(SLASH.commit, nothing)).toMatch(/no changes/);
        expect(whatIsMissing(SLASH.explain, context)).toBeUndefined();
        expect(whatIsMissing(SLASH.explain, { blocks: context.blocks })).toBeUndefined();
    });
});
