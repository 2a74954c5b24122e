/** Completions through VS Code's own inline suggestions: shown, accepted, counted; and silent with a reason. */

import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands, Selection, Uri, window, workspace } from "vscode";
import type { OutcomeRecord } from "../../../src/completion/records";
import {
    api,
    closeEditors,
    openAt,
    openWithSuggestion,
    requestCompletion,
    setSetting,
    until,
    withFolder,
    withSetting,
} from "./support";

/** Types one, and resolves with how the request that followed ended. */
async function typeCharacter(): Promise<OutcomeRecord> {
    const { outcomes } = await api();
    const last = outcomes().at(-1)?.id ?? 0;
    await commands.executeCommand("type", { text: "b" });
    return until("an outcome of the typing", () =>
        outcomes().find(({ id, trigger }) => id > last && trigger === "automatic"),
    );
}

describe("completions", () => {
    afterEach(closeEditors);

    it("come from the model and are accepted into the document", async () => {
        const { nAccepted } = await api();
        const before = nAccepted();
        const { editor, record } = await openWithSuggestion();
        assert.equal(record.outcome.kind, "suggestion");
        const text = editor.document.getText();
        const offset = editor.document.offsetAt(editor.selection.active);
        await until("the accepted text in the document", async () => {
            await commands.executeCommand("editor.action.inlineSuggest.commit");
            return editor.document.getText() !== text;
        });
        const suggested = record.outcome.kind === "suggestion" ? record.outcome.text : "";
        const inserted = editor.document.getText().slice(offset, offset + suggested.length);
        assert.equal(inserted, suggested);
        await until("the accept to be counted", () => nAccepted() === before + 1);
    });

    it("follow the typing from the cache, without the model", async () => {
        const { outcomes } = await api();
        const { editor, record } = await openWithSuggestion();
        assert.ok(record.outcome.kind === "suggestion");
        const first = record.outcome.text.charAt(0);
        const last = outcomes().at(-1)?.id ?? 0;
        await editor.edit((edit) => edit.insert(editor.selection.active, first), {
            undoStopBefore: false,
            undoStopAfter: false,
        });
        if (record.outcome.text.length === 1) return;
        const next = await requestCompletion();
        assert.ok(next.id > last);
        assert.equal(next.outcome.kind, "suggestion");
        assert.equal(next.outcome.kind === "suggestion" && next.outcome.source, "cache");
    });

    it("say why a language gets none, and come back when it is switched on again", async () => {
        await withSetting("completion.languages", { python: false }, async () => {
            await openAt("def add(a, b):\n    return |", "python");
            const { outcome } = await requestCompletion();
            assert.equal(outcome.kind, "none");
            assert.equal(outcome.kind === "none" && outcome.reason, "language-off");
            const status = (await api()).status();
            assert.match(status?.title ?? "", /python/);
            await commands.executeCommand("ingot.toggleCompletionsForLanguage");
            await openAt("def sub(a, b):\n    return |", "python");
            const again = await requestCompletion();
            assert.notEqual(again.outcome.kind === "none" && again.outcome.reason, "language-off");
        });
    });

    it("are off everywhere with one switch", async () => {
        await commands.executeCommand("ingot.toggleCompletions");
        try {
            await openAt("const a = |", "typescript");
            const { outcome } = await requestCompletion();
            assert.equal(outcome.kind === "none" && outcome.reason, "disabled");
        } finally {
            await setSetting("completion.enable", undefined);
        }
    });

    it("never see a file that holds secrets by its name", async () => {
        await withFolder(async (folder) => {
            const file = join(folder, ".env");
            writeFileSync(file, "KEY=");
            const document = await workspace.openTextDocument(Uri.file(file));
            const editor = await window.showTextDocument(document);
            editor.selection = new Selection(0, 4, 0, 4);
            const { outcome } = await requestCompletion();
            assert.equal(outcome.kind === "none" && outcome.reason, "secret-file");
            assert.match((await api()).status()?.title ?? "", /secrets/);
        });
    });

    it("are accepted line by line, the rest from what is known", async () => {
        const { outcomes } = await api();
        const { editor, record } = await openWithSuggestion();
        assert.ok(record.outcome.kind === "suggestion");
        const [line = ""] = record.outcome.text.split("\n").filter((one) => one.trim() !== "");
        const before = editor.document.getText();
        const last = outcomes().at(-1)?.id ?? 0;
        await until("a line in the document", async () => {
            await commands.executeCommand("editor.action.inlineSuggest.acceptNextLine");
            return editor.document.getText() !== before;
        });
        assert.ok(editor.document.getText().includes(line.trim()));
        const fromModel = outcomes().filter(
            ({ id, outcome }) =>
                id > last && outcome.kind === "suggestion" && outcome.source === "model",
        );
        const isWhole = record.outcome.text.trim() === line.trim();
        assert.ok(isWhole || fromModel.length === 0, JSON.stringify(fromModel));
    });

    it("leave no bracket twice that the editor has closed by itself", async () => {
        let nShown = 0;
        for (const text of ["console.log|\n", "const a = items.map|\n", "foo|\n"]) {
            const editor = await openAt(text, "typescript");
            await commands.executeCommand("type", { text: "(" });
            assert.match(editor.document.getText(), /\(\)/);
            const { outcome } = await requestCompletion();
            if (outcome.kind !== "suggestion") continue;
            const before = editor.document.getText();
            await until("the accepted text in the document", async () => {
                await commands.executeCommand("editor.action.inlineSuggest.commit");
                return editor.document.getText() !== before;
            });
            const after = editor.document.getText();
            const count = (bracket: string) => after.split(bracket).length;
            assert.ok(count(")") <= count("("), after);
            nShown++;
        }
        assert.ok(nShown > 0, "nothing was suggested between any brackets");
    });

    it("are snoozed for a while, and come back when that is ended", async () => {
        await commands.executeCommand("ingot.snooze", 5);
        try {
            await openAt("const a = |", "typescript");
            const { outcome } = await typeCharacter();
            assert.equal(outcome.kind === "none" && outcome.reason, "snoozed");
            assert.match((await api()).status()?.title ?? "", /snoozed until/);
        } finally {
            await commands.executeCommand("ingot.endSnooze");
        }
        await openAt("const b = |", "typescript");
        const { outcome } = await typeCharacter();
        assert.notEqual(outcome.kind === "none" && outcome.reason, "snoozed");
    });

    it("come on demand in quiet mode", async () => {
        await withSetting("completion.quiet", true, async () => {
            const editor = await openAt("const a = |", "typescript");
            assert.match((await api()).status()?.title ?? "", /quiet mode/);
            const typed = await typeCharacter();
            assert.equal(typed.outcome.kind === "none" && typed.outcome.reason, "quiet");
            assert.equal(editor.document.lineAt(0).text, "const a = b");
            const { outcome } = await requestCompletion();
            assert.notEqual(outcome.kind === "none" && outcome.reason, "quiet");
        });
    });

    it("leave nothing of a language that is switched off", async () => {
        const { outcomes } = await api();
        await openAt(`${"# what the file is about\n".repeat(40)}value = |`, "python");
        await requestCompletion();
        assert.ok(outcomes().length > 0);
        const kept = async () => (await api()).keptDocuments();
        assert.ok((await kept()).some((uri) => uri.endsWith(".py")));
        await withSetting("completion.languages", { python: false }, async () => {
            await until("the documents to be forgotten", async () =>
                (await kept()).every((uri) => !uri.endsWith(".py")),
            );
        });
    });
});
