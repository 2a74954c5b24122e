/** The commands with which people help themselves. */

import { strict as assert } from "node:assert";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands, Uri, window } from "vscode";
import type { Moment } from "../../../src/completion/moment";
import {
    api,
    closeEditors,
    openAt,
    openWithSuggestion,
    requestCompletion,
    until,
    withFolder,
    withSetting,
} from "./support";

const run = (id: string) => commands.executeCommand<string>(id);

describe("helping oneself", () => {
    afterEach(closeEditors);

    it("shows the last prompt with the text before the cursor and its control tokens", async () => {
        const { editor } = await openWithSuggestion();
        const line = editor.document.lineAt(0).text.slice(0, 20);
        const text = await run("ingot.showLastPrompt");
        // A document of before that VS Code still holds gets its new text a moment later.
        await until("the text in the editor", () => {
            return window.activeTextEditor?.document.getText() === text;
        });
        assert.equal(window.activeTextEditor?.document.uri.scheme, "ingot");
        assert.ok(text.includes(line), text);
        assert.match(text, /<\|fim_prefix\|>/);
        assert.match(text, /^Last prompt: completion, \d+ tokens/);
    });

    it("says in its heading why there is nothing at this place, and offers the switch", async () => {
        await withSetting("completion.enable", false, async () => {
            await openAt("const a = |", "typescript");
            const page = await run("ingot.whyNoSuggestion");
            assert.match(/<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? "", /turned off/);
            assert.match(page, /href="command:ingot\.toggleCompletions"/);
        });
    });

    it("shows the last requests in a tab, the newest first with its prompt, also when it is refreshed", async () => {
        const { editor, record } = await openWithSuggestion();
        const { status } = await api();
        assert.match(status()?.last?.label ?? "", /^Last request: Suggested.* \(\d+ ms\)$/);
        const page = await run("ingot.whyNoSuggestion");
        const isOpen = () =>
            window.tabGroups.activeTabGroup.activeTab?.label === "Why No Suggestion?";
        await until("the page in front", isOpen);
        const [, first] = page.split("<li>");
        const { line, character } = editor.selection.active;
        assert.ok(first?.includes(`:${line + 1}:${character + 1}<`), first);
        assert.match(first ?? "", /<summary>Prompt: \d+ tokens<\/summary>/);
        assert.ok(record.outcome.kind === "suggestion");
        // No editor is in front now: the page is still about the one before.
        const again = await run("ingot.whyNoSuggestion");
        assert.match(again, /<h1>The last request in this file gave a suggestion/);
    });

    it("records this moment with code, prompt and outcome, and opens the file", async () => {
        await withFolder(async (folder) => {
            const { editor, record } = await openWithSuggestion();
            const text = editor.document.getText();
            const file = await commands.executeCommand<string>("ingot.recordMoment", folder);
            assert.equal(window.activeTextEditor?.document.uri.fsPath, file);
            const moment = JSON.parse(readFileSync(file, "utf8")) as Moment;
            assert.equal(moment.document.text, text);
            assert.equal(moment.document.cursor, editor.document.offsetAt(editor.selection.active));
            assert.deepEqual(moment.then.outcome, record.outcome);
            assert.ok(moment.call?.inspection?.parts.some(({ part }) => part === "prefix"));
            assert.match(moment.note, /^Holds code of /);
            assert.equal(moment.settings.enabled, true);
        });
    });

    it("records no file that holds secrets", async () => {
        await withFolder(async (folder) => {
            const secret = join(folder, "id_rsa");
            writeFileSync(secret, "secret\n");
            await window.showTextDocument(Uri.file(secret));
            await commands.executeCommand("ingot.recordMoment", folder);
            assert.deepEqual(readdirSync(folder), ["id_rsa"]);
        });
    });

    it("reports versions, hardware and settings, but no text of a file", async () => {
        const secret = "nobodyWouldWriteThisName";
        await openAt(`const ${secret} = 1;\nconst other = |`, "typescript");
        await requestCompletion();
        await withSetting("completion.maxLines", 3, async () => {
            const text = await run("ingot.report");
            assert.match(text, /^- Ingot \d+\.\d+\.\d+, /m);
            assert.match(text, /cores, [\d.]+ GB of memory/);
            assert.match(text, /ingot\.completion\.maxLines = 3/);
            assert.match(text, /activated/);
            assert.ok(!text.includes(secret));
        });
        assert.ok((await api()).outcomes().length > 0);
    });
});
