/** What the suite's files share: the extension and its test surface, polling, editors, temporary settings. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    commands,
    ConfigurationTarget,
    extensions,
    Selection,
    Uri,
    window,
    workspace,
    type Extension,
    type TextEditor,
} from "vscode";
import type { IngotApi } from "../../../src/host/app";
import type { OutcomeRecord } from "../../../src/completion/records";
import { EXTENSION_ID } from "../../../src/host/manifest";

export type { IngotApi };

/** The starter model's checkpoint in the tree: the bundled suite lies in `out/test/suite`. */
export const STARTER_FOLDER = join(__dirname, "..", "..", "..", "models", "starter");

export function ingot(): Extension<IngotApi> {
    const extension = extensions.getExtension<IngotApi>(EXTENSION_ID);
    if (!extension) throw new Error(`${EXTENSION_ID} is not installed`);
    return extension;
}

export async function api(): Promise<IngotApi> {
    return ingot().activate();
}

/** Looks again until there is a value; fails with the sentence when time is up. */
export async function until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
    limitMs = 30_000,
): Promise<T> {
    const end = Date.now() + limitMs;
    for (;;) {
        const value = await look();
        if (value !== undefined && value !== false) return value;
        if (Date.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
}

const ENDING = { typescript: "ts", python: "py" } as const;
let documentsFolder: string | undefined;
let nDocuments = 0;

after(() => {
    if (documentsFolder) rmSync(documentsFolder, { recursive: true, force: true });
});

/**
 * A new file with the cursor where `|` stands. A file of its own each, not an untitled document: those get the name, and for a
 * while the text, of one that was just closed.
 */
export async function openAt(text: string, language: keyof typeof ENDING): Promise<TextEditor> {
    const offset = text.indexOf("|");
    documentsFolder ??= mkdtempSync(join(tmpdir(), "ingot-documents-"));
    const file = join(documentsFolder, `file${++nDocuments}.${ENDING[language]}`);
    writeFileSync(file, text.slice(0, offset) + text.slice(offset + 1));
    const document = await workspace.openTextDocument(Uri.file(file));
    const editor = await window.showTextDocument(document);
    const position = document.positionAt(offset);
    editor.selection = new Selection(position, position);
    return editor;
}

/** Throws unsaved text away without a question. */
export async function closeEditors(): Promise<void> {
    await commands.executeCommand("workbench.action.focusActiveEditorGroup");
    while (window.tabGroups.all.some((group) => group.tabs.length > 0)) {
        await commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    }
}

/**
 * Asks for a completion at the cursor as a person does, and resolves with how that request ended. VS Code does not ask twice at
 * the same place of the same text: a second request needs an edit or another document.
 */
export async function requestCompletion(): Promise<OutcomeRecord> {
    const { outcomes } = await api();
    const last = outcomes().at(-1)?.id ?? 0;
    await commands.executeCommand("editor.action.inlineSuggest.trigger");
    return until("an outcome of the request", () =>
        outcomes().find((record) => record.id > last && record.trigger === "explicit"),
    );
}

/** Beginnings after which a code model has something to add; the first that brings a suggestion is used. */
const BEGINNINGS = [
    "export function add(a: number, b: number): number {\n    return |\n}\n",
    "for (let i = 0; i < |\n",
    "const names = items.map((item) => |\n",
    "export interface Options {\n    |\n}\n",
    "if (value === undefined) |\n",
];

/** Opens documents until the model suggests something; the suggestion is shown when this resolves. */
export async function openWithSuggestion(): Promise<{ editor: TextEditor; record: OutcomeRecord }> {
    const seen: string[] = [];
    for (const beginning of BEGINNINGS) {
        const editor = await openAt(beginning, "typescript");
        const record = await requestCompletion();
        if (record.outcome.kind === "suggestion") return { editor, record };
        seen.push(`${record.outcome.reason} ${record.outcome.detail ?? ""}`);
        await closeEditors();
    }
    throw new Error(`No suggestion after any beginning: ${seen.join("; ")}`);
}

export async function setSetting(key: string, value: unknown): Promise<void> {
    await workspace.getConfiguration("ingot").update(key, value, ConfigurationTarget.Global);
}

/** Runs with a setting and takes it back, whatever happens. */
export async function withSetting(
    key: string,
    value: unknown,
    work: () => Promise<void>,
): Promise<void> {
    await setSetting(key, value);
    try {
        await work();
    } finally {
        await setSetting(key, undefined);
    }
}

export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "ingot-suite-"));
    try {
        await work(folder);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}
