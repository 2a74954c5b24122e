/** The commands with which people help themselves. */

import { strict as assert } from "node:assert";
import { commands, window } from "vscode";
import {
    api,
    closeEditors,
    openAt,
    openWithSuggestion,
    requestCompletion,
    until,
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

    it("says in the first line why there is nothing at this place", async () => {
        await withSetting("completion.enable", false, async () => {
            await openAt("const a = |", "typescript");
            const [sentence] = (await run("ingot.whyNoSuggestion")).split("\n");
            assert.match(sentence ?? "", /turned off/);
        });
    });

    it("lists the last requests, newest first", async () => {
        await openAt("const a = |", "typescript");
        const { id } = await requestCompletion();
        const text = await run("ingot.whyNoSuggestion");
        const rows = text.split("\n").filter((row) => /^\d+ /.test(row));
        assert.ok(rows[0]?.startsWith(`${id} `), text);
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
