/** Slash commands typed into the side bar: what completes, and the question that is asked, the same as in `@ingot`. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { slashQuestion, suggestCommands, type SlashParts } from "../../../src/host/chat/slash";
import { pageHandlers, type PageParts } from "../../../src/host/chat/pageHandlers";
import { AppError, cancelled } from "../../../src/base/errors";
import { SLASH } from "../../../src/prompt/slash/table";
import { readRequest } from "../../../src/host/participant/request";
import { editorOf, world } from "../../support/editorMock";
import { temporaryFolder } from "../../support/temporaryFolder";

vi.mock("vscode", async () => (await import("../../support/editorMock")).vscode);

const CODE = "function add(a, b) {\n    return a;\n}\n";
const files = { read: async () => undefined };
function parts(given: Partial<SlashParts> = {}): SlashParts {
    return { editor: editorOf(CODE), files, hasAdded: false, added: async () => [], ...given };
}

const folder = temporaryFolder("slash");
beforeEach(() => {
    world.folder = folder();
    world.editor = undefined;
});

function writePrompt(name: string, text: string): void {
    const prompts = join(folder(), ".github", "prompts");
    mkdirSync(prompts, { recursive: true });
    writeFileSync(join(prompts, `${name}.prompt.md`), text);
}

const NOW = { signal: new AbortController().signal };

describe("what completes behind a slash", () => {
    it("is each command but that of Source Control, with what it does", async () => {
        const all = await suggestCommands("");
        expect(all.map(({ label }) => label)).toEqual([
            "/explain",
            "/fix",
            "/tests",
            "/doc",
            "/review",
            "/refactor",
            "/name",
            "/optimize",
        ]);
        expect(all[0]).toEqual({
            id: "/explain",
            kind: "command",
            label: "/explain",
            detail: "Explain the code",
            insert: "/explain",
        });
    });

    it("is what begins with the letters, prompt files of the workspace too", async () => {
        writePrompt("Release", "---\ndescription: Release notes\n---\nWrite them");
        const found = await suggestCommands("re");
        expect(found.map(({ label, detail }) => [label, detail])).toEqual([
            ["/review", "Find mistakes in the code"],
            ["/refactor", "Rewrite the code so that it is easier to read"],
            ["/Release", "Release notes"],
        ]);
        expect(await suggestCommands("x")).toEqual([]);
    });
});

describe("a command", () => {
    it("asks the same as @ingot, with what was added in front of the code", async () => {
        const editor = editorOf(CODE);
        world.editor = editor;
        const added = async () => [{ label: "b.ts", text: "File b.ts" }];
        const asked = await slashQuestion("/fix  only the sum", parts({ editor, added }));
        const same = await readRequest(
            { command: "fix", prompt: "only the sum", references: [] },
            files,
        );
        expect(asked?.text).toBe(same.text);
        expect(asked?.maxTokens).toBe(SLASH.fix.maxTokens);
        expect(same.maxTokens).toBe(SLASH.fix.maxTokens);
        expect(asked?.text).toMatch(/^Find the mistake in `add`[^]*\n\nonly the sum$/);
        const blocks = await asked?.context(4000, NOW);
        expect(blocks?.map(({ text }) => text)).toEqual([
            "File b.ts",
            ...same.blocks(4000).map(({ text }) => text),
        ]);
    });

    it("is about what was added alone when the editor's code is not to go along", async () => {
        const given = { editor: undefined, hasAdded: true };
        const asked = await slashQuestion("/explain", parts(given));
        expect(asked?.text).toContain("Explain the code above.");
        expect(await asked?.context(4000, NOW)).toEqual([]);
    });

    it("of a prompt file asks its text", async () => {
        writePrompt("hello", "Greet in ${input:language}.");
        const asked = await slashQuestion("/hello Dutch", parts());
        expect(asked?.text).toBe("Greet in Dutch.");
    });

    it.each([
        ["/nothing at all", /^There is no command \/nothing; there are \/explain, \/fix, /],
        ["/commit", /Source Control; use the command Ingot: Write Commit Message/],
    ])("%s cannot be asked, and why is said", async (text, words) => {
        await expect(slashQuestion(text, parts())).rejects.toThrow(words);
    });

    it("needs code", async () => {
        await expect(slashQuestion("/fix", parts({ editor: undefined }))).rejects.toThrow(
            /no code to work on; open a file/,
        );
        const secret = parts({ editor: editorOf("KEY=1", "/x/.env") });
        await expect(slashQuestion("/explain", secret)).rejects.toThrow(/keys or passwords/);
    });

    it.each(["/usr/bin/env is what?", "What does /fix do?", "a / b", "/", "// why?"])(
        "is not what %j begins with",
        async (text) => {
            expect(await slashQuestion(text, parts())).toBeUndefined();
        },
    );
});

describe("the page that sends one", () => {
    const send = async (prepare: PageParts["prepare"]) => {
        const hints: string[] = [];
        const errors: unknown[] = [];
        const handlers = pageHandlers({
            prepare,
            hint: (text: string) => hints.push(text),
            showError: (error: unknown) => errors.push(error),
        } as never);
        const isAsked = await handlers.send({ text: "/x" }, {} as never);
        await Promise.resolve();
        return { isAsked, hints, errors };
    };

    it("hears in a sentence why it was not asked, and keeps the text", async () => {
        const problem = new AppError("user/usage", "There is no command /x");
        expect(await send(() => Promise.reject(problem))).toEqual({
            isAsked: false,
            hints: ["There is no command /x."],
            errors: [],
        });
        const nothing = { isAsked: false, hints: [], errors: [] };
        expect(await send(() => Promise.reject(cancelled()))).toEqual(nothing);
        expect(await send(async () => undefined)).toEqual(nothing);
    });

    it("does not wait for the answer", async () => {
        const endless = () => new Promise<void>(() => undefined);
        expect(await send(async () => endless)).toEqual({ isAsked: true, hints: [], errors: [] });
    });
});
