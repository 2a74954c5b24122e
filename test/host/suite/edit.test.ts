/**
 * Edits in a real editor: streamed changes, verdicts on each, one step to undo, other edits meanwhile, saving, closing. Answers are scripted
 * where their text matters; one edit is the starter model's.
 */

import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import {
    commands,
    Position,
    Selection,
    window,
    workspace,
    type CodeLens,
    type TextEditor,
} from "vscode";
import { onAbort } from "../../../src/base/cancel";
import { cancelled } from "../../../src/base/errors";
import { silentLog } from "../../../src/base/log";
import { Edits } from "../../../src/host/edit/edits";
import { SavedReviews } from "../../../src/host/edit/savedReviews";
import { COMMAND } from "../../../src/host/manifest";
import type { ChatResult } from "../../../src/protocol/chat";
import { api, closeEditors, openAt, until, withFolder } from "./support";

const FILE = [
    "// numbers",
    "",
    "export function sum(values: number[]): number {",
    "|\tlet total = 0;",
    "\tfor (const value of values) total += value;",
    "\treturn total;",
    "}",
    "",
    "export const none = 0;",
].join("\r\n");
const ORIGINAL = FILE.replace("|", "");
const ANSWER = [
    "export function sum(values: readonly number[]): number {",
    "\tlet total = 0;",
    "\tfor (const value of values) total += value;",
    "\tlog(total);",
    "\treturn total;",
    "}",
];

/** Answers piece by piece, as the test lets it. */
function setUp(
    pieces: readonly string[],
    { waits = false, saved = undefined as SavedReviews | undefined } = {},
) {
    let next: () => void = () => undefined;
    let nAborted = 0;
    const edits = new Edits({
        source: {
            async chat(_request, { signal, onProgress }): Promise<ChatResult> {
                const stopped = new Promise<never>((_, reject) =>
                    onAbort(signal, () => {
                        nAborted++;
                        reject(cancelled());
                    }),
                );
                for (const piece of pieces) {
                    onProgress({ kind: "text", text: piece });
                    const gate = waits ? new Promise<void>((done) => (next = done)) : undefined;
                    await Promise.race([gate, stopped]);
                }
                return {
                    text: pieces.join(""),
                    stop: "stop-text",
                    tokens: { prompt: 1, reused: 0, generated: 1 },
                    timings: { loadMs: 0, promptMs: 0, generateMs: 0, totalMs: 0 },
                    nDropped: 0,
                    contextTokens: 8192,
                };
            },
        },
        files: { mayShow: () => Promise.resolve(true) },
        syntax: { prepare: () => Promise.resolve(false), symbols: () => undefined },
        log: silentLog,
        model: () => ({ name: "scripted", contextTokens: 4096 }),
        history: { read: () => [], write: () => undefined },
        notify: { info: () => Promise.resolve(), warn: () => Promise.resolve() },
        saved,
    });
    const edit = () => edits.commands()[COMMAND.editSelection]("Take readonly values, log the sum");
    return { edits, edit, goOn: () => next(), aborted: () => nAborted };
}

async function lenses(editor: TextEditor): Promise<string[]> {
    const found = await commands.executeCommand<CodeLens[]>(
        "vscode.executeCodeLensProvider",
        editor.document.uri,
    );
    return found.flatMap(({ command }) => (command ? [command.title] : []));
}

const undo = () => commands.executeCommand("undo");

describe("an edit by the model", () => {
    let edits: Edits | undefined;
    afterEach(async () => {
        edits?.dispose();
        edits = undefined;
        await closeEditors();
    });

    it("is reviewed change by change, and is one step to undo", async () => {
        const scripted = setUp([ANSWER.join("\n")]);
        edits = scripted.edits;
        const editor = await openAt(FILE, "typescript");
        const { document } = editor;
        await scripted.edit();
        const session = edits.reviews.of(document);
        assert.equal(session?.pending.length, 2);
        assert.equal(
            document.getText(),
            ["// numbers", "", "", ...ANSWER, "", "export const none = 0;"].join("\r\n"),
        );
        const titles = (await lenses(editor)).join();
        assert.match(titles, /Accept 1 of 2.*Reject.*Accept All.*Reject All.*Accept 2 of 2/);
        const uri = document.uri.toString();
        const [first, second] = session.pending;
        await edits.reviews.settle("reject", uri, first?.id);
        await edits.reviews.settle("accept", uri, second?.id);
        const expected = ORIGINAL.replace("\treturn", "\tlog(total);\r\n\treturn");
        assert.equal(document.getText(), expected);
        assert.equal(edits.reviews.of(document), undefined);
        await undo();
        assert.equal(document.getText(), ORIGINAL);
        await commands.executeCommand("redo");
        assert.equal(document.getText(), expected);
    });

    it("streams, lives through edits elsewhere, and ends when its own lines are edited", async () => {
        const pieces = ANSWER.map((line) => `${line}\n`);
        const scripted = setUp(pieces, { waits: true });
        edits = scripted.edits;
        const { document } = await openAt(FILE, "typescript");
        const done = scripted.edit();
        const text = () => document.getText();
        await until("the first line", () => text().includes("readonly number[]"));
        assert.ok(text().includes("export function sum(values: number[])"), "still there");
        const editor = window.activeTextEditor;
        assert.ok(editor);
        await editor.edit((builder) => builder.insert(new Position(0, 0), "// above\n"));
        scripted.goOn();
        scripted.goOn();
        assert.equal(scripted.aborted(), 0);
        const line = document
            .getText()
            .split("\r\n")
            .findIndex((one) => one.includes("readonly"));
        await editor.edit((builder) => builder.insert(new Position(line, 0), "/* mine */ "));
        await done;
        assert.equal(scripted.aborted(), 1);
        await until("the review to end", () => !edits?.reviews.of(document));
        assert.ok(text().startsWith("// above\r\n// numbers\r\n"));
        assert.ok(text().includes("/* mine */"));
        assert.ok(text().endsWith("\treturn total;\r\n}\r\n\r\nexport const none = 0;"), text());
    });

    it("that is rejected leaves a clean document; closing its tab ends it", async () => {
        const scripted = setUp([ANSWER.join("\n")]);
        edits = scripted.edits;
        const { document } = await openAt(FILE, "typescript");
        await scripted.edit();
        await edits.reviews.settleAll("reject");
        assert.equal(document.getText(), ORIGINAL);
        assert.equal(document.isDirty, false);
        await scripted.edit();
        assert.ok(edits.reviews.of(document));
        await closeEditors();
        assert.equal(edits.reviews.of(document), undefined);
    });

    it("is saved without the empty lines that stand for what is gone", async () => {
        const scripted = setUp([ANSWER.join("\n")]);
        edits = scripted.edits;
        const { document } = await openAt(FILE, "typescript");
        await scripted.edit();
        await document.save();
        const saved = ["// numbers", "", ...ANSWER, "", "export const none = 0;"].join("\r\n");
        assert.equal(readFileSync(document.uri.fsPath, "utf8"), saved);
        assert.equal(edits.reviews.of(document)?.pending.length, 2);
        await edits.reviews.settleAll("reject");
        assert.equal(document.getText(), ORIGINAL);
    });

    it("goes on after a reload and a closed tab, unsaved or saved, and can still be rejected", async () => {
        await withFolder(async (folder) => {
            const reload = async () => {
                await edits?.save();
                edits?.dispose();
                const saved = new SavedReviews({ folder, log: silentLog, now: Date.now });
                const scripted = setUp([ANSWER.join("\n")], { saved });
                edits = scripted.edits;
                return scripted;
            };
            const { document } = await openAt(FILE, "typescript");
            await (await reload()).edit();
            const shown = document.getText();
            await reload();
            const again = () => edits?.reviews.of(document);
            await until("the review of before", () => again()?.pending.length === 2);
            assert.equal(document.getText(), shown);
            await document.save();
            const saved = document.getText();
            assert.equal(saved.split("\r\n").length, shown.split("\r\n").length - 1);
            await reload();
            await until("the review of the saved file", () => again()?.pending.length === 2);
            await closeEditors();
            assert.equal(again(), undefined);
            await window.showTextDocument(document.uri);
            const reopened = await workspace.openTextDocument(document.uri);
            const session = await until("the review of the file opened again", () =>
                edits?.reviews.of(reopened),
            );
            await session.rejectAll();
            assert.equal(reopened.getText(), ORIGINAL);
            await reopened.save();
            await reload();
            assert.equal(edits?.reviews.of(reopened), undefined);
        });
    });

    it("of the starter model is under review, and goes with Reject All", async () => {
        await api();
        const editor = await openAt(FILE.replace("|\tlet", "\t|let"), "typescript");
        const { document } = editor;
        editor.selection = new Selection(2, 0, 6, 1);
        await commands.executeCommand(COMMAND.editSelection, "Rename total to result");
        const isChanged = document.getText() !== ORIGINAL;
        assert.equal(
            (await lenses(editor)).some((title) => title.includes("Accept")),
            isChanged,
        );
        await commands.executeCommand(COMMAND.rejectAllChanges);
        assert.equal(document.getText(), ORIGINAL);
        assert.equal(
            (await lenses(editor)).some((title) => title.includes("Accept")),
            false,
        );
        assert.equal(isChanged, true, "the model left the lines as they are");
    });

    it("from a chat answer goes to the symbol that it defines", async () => {
        const scripted = setUp([]);
        edits = scripted.edits;
        const editor = await openAt(FILE, "typescript");
        await edits.applying.apply(
            editor,
            ANSWER.join("\n").replace("export ", "").replaceAll("\t", "  "),
        );
        await edits.reviews.settleAll("accept");
        const expected = ["// numbers", "", ...ANSWER, "", "export const none = 0;"].join("\r\n");
        assert.equal(editor.document.getText(), expected);
        await undo();
        assert.equal(editor.document.getText(), ORIGINAL);
        await workspace.saveAll();
    });
});
