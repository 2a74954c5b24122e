/** What is gathered of other files in a real VS Code: definitions by its own language services, places, and what never is. */

import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
    commands,
    NotebookRange,
    Selection,
    Uri,
    window,
    workspace,
    type TextEditor,
} from "vscode";
import type { Snippet } from "../../../src/protocol/completion";
import { api, closeEditors, requestCompletion, until, withSetting } from "./support";

/** A definition that no model knows, as long as the language service finds it. */
const MONEY = `/** Cents, rounded as tills do. */
export function roundedCents(amount: number, taxRate: number): number {
    const taxed = amount * (1 + taxRate);
    return Math.round(taxed * 100);
}

export interface Receipt {
    totalCents: number;
    printedAt: string;
}
`;

const SHOP = `import { roundedCents, type Receipt } from "./lib/money";

export function sell(receipt: Receipt, amount: number): number {
    const cents = roundedCents(amount, 0.2);
    |
}
`;

const FIRST_CELL = "def first_cell(rows):\n    return len(rows)";

const MAX_TRIES = 6;
const PAUSE_MS = 4000;

let folder: string;
let nNotebooks = 0;

/** A file of the suite's own folder in the workspace. */
function write(name: string, text: string): Uri {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return Uri.file(path);
}

/** Opens a file with the cursor where `|` stands. */
async function show(uri: Uri, marked: string): Promise<TextEditor> {
    const offset = marked.indexOf("|");
    writeFileSync(uri.fsPath, marked.replace("|", ""));
    const editor = await window.showTextDocument(await workspace.openTextDocument(uri));
    const position = editor.document.positionAt(offset);
    editor.selection = new Selection(position, position);
    return editor;
}

/** Gathers until what is wanted is there: language services take a while to start. */
async function gathered(
    what: string,
    isThere: (snippets: readonly Snippet[]) => boolean,
): Promise<readonly Snippet[]> {
    const { context } = await api();
    return until(what, async () => {
        const snippets = await context();
        return isThere(snippets) && snippets;
    });
}

const isMoney = ({ kind, path }: Snippet) => kind === "definition" && path.endsWith("lib/money.ts");
const hasMoney = (snippets: readonly Snippet[]) => snippets.some(isMoney);

describe("what is gathered of other files", () => {
    before(() => {
        const [root] = workspace.workspaceFolders ?? [];
        assert.ok(root, "a folder is open");
        folder = mkdtempSync(join(root.uri.fsPath, "context-"));
    });
    beforeEach(() => {
        write("lib/money.ts", MONEY);
    });
    afterEach(async () => {
        await closeEditors();
        rmSync(folder, { recursive: true, force: true });
    });

    it("holds the whole definition of a function that another file exports", async () => {
        await show(write("shop.ts", ""), SHOP);
        const names = ["roundedCents", "Receipt"];
        const defines = (name: string) => (one: Snippet) =>
            Boolean(isMoney(one) && one.symbols?.includes(name));
        const snippets = await gathered("both definitions", (all) =>
            names.every((name) => all.some(defines(name))),
        );
        const found = snippets.find(defines("roundedCents"));
        assert.equal(found?.text, MONEY.slice(0, MONEY.indexOf("\n\nexport interface")));
        assert.equal(found.path, workspace.asRelativePath(join(folder, "lib", "money.ts")));
        const type = snippets.find(defines("Receipt"));
        assert.match(type?.text ?? "", /^export interface Receipt \{\n {4}totalCents/);
        assert.equal(window.tabGroups.all.flatMap(({ tabs }) => tabs).length, 1, "one editor");
    });

    it("holds what was edited and looked at elsewhere, as it stands in the editor", async () => {
        const notes = await show(write("other.ts", ""), "export const before = 1;\n|\n");
        await notes.edit((edit) => edit.insert(notes.selection.active, "export const typed = 2;"));
        await show(write("shop.ts", ""), SHOP);
        const isEdit = ({ kind }: Snippet) => kind === "edit";
        const edit = (await gathered("the edit", (all) => all.some(isEdit))).find(isEdit);
        assert.match(edit?.path ?? "", /other\.ts$/);
        assert.match(edit?.text ?? "", /typed = 2/);
    });

    it("never holds ignored, excluded, secret or binary files, open or not, nor by a link", async () => {
        write(".gitignore", "ignored/\n");
        const never: Record<string, string> = {
            "ignored/deep/hidden.ts": "export const neverIgnored = 'NEVER-1';\n",
            "excluded.ts": "export const neverExcluded = 'NEVER-2';\n",
            id_rsa: "NEVER-3\n",
            "blob.ts": "export const neverBinary = 'NEVER-4';\0\n",
            ".env": "KEY=NEVER-5\n",
        };
        for (const [name, text] of Object.entries(never)) write(name, text);
        symlinkSync(join(folder, "id_rsa"), join(folder, "linked.ts"));
        const names = ["neverIgnored", "neverExcluded", "neverBinary"];
        const from = ["./ignored/deep/hidden", "./excluded", "./blob"];
        const lines = names.map((name, at) => `import { ${name} } from "${from[at]}";`);
        lines.push('import { linked } from "./linked";');
        const uses = names.map((name) => `    void ${name};`).join("\n");
        const text = `${lines.join("\n")}\n${SHOP.replace("    |", `${uses}\n    |`)}`;
        await withSetting("context.exclude", { "**/excluded.ts": true }, async () => {
            for (const name of Object.keys(never).filter((one) => one !== "blob.ts")) {
                const uri = Uri.file(join(folder, name));
                const editor = await window.showTextDocument(uri);
                await editor.edit((edit) => edit.insert(editor.selection.active, "\n"));
                await editor.document.save();
            }
            const editor = await show(write("shop.ts", ""), text);
            await gathered("the definition of roundedCents", hasMoney);
            // The language service would find the others as well.
            await until("the language service's word on the ignored file", async () => {
                const found = await commands.executeCommand<unknown[]>(
                    "vscode.executeDefinitionProvider",
                    editor.document.uri,
                    editor.document.positionAt(editor.document.getText().indexOf("neverIgnored")),
                );
                return found.length > 0;
            });
            const snippets = await gathered("the definition of roundedCents", hasMoney);
            assert.ok(snippets.length > 0);
            assert.doesNotMatch(JSON.stringify(snippets), /NEVER-/);
            // A compiler's message may name a file that the document imports.
            const paths = snippets.map(({ path }) => path).join("\n");
            assert.doesNotMatch(paths, /hidden\.ts|excluded\.ts|id_rsa|linked\.ts|\.env/);
        });
    });

    it("is nothing when it is switched off", async () => {
        await show(write("shop.ts", ""), SHOP);
        await gathered("the definition of roundedCents", hasMoney);
        await withSetting("context.enable", false, async () => {
            assert.deepEqual(await (await api()).context(), []);
        });
    });

    it("reaches the model", async () => {
        const { document } = await show(write("shop.ts", ""), SHOP);
        await gathered("the definition of roundedCents", hasMoney);
        const readPrompt = async () => {
            const text = await commands.executeCommand<string>("ingot.showLastPrompt");
            return text.includes("Math.round(taxed * 100)") && text;
        };
        // Pieces get into the prompt in pauses: asking goes on, the typing does not.
        let prompt: string | undefined;
        for (let i = 0; i < MAX_TRIES && prompt === undefined; i++) {
            const editor = await window.showTextDocument(document);
            await editor.edit((edit) => edit.insert(editor.selection.active, "\n    "));
            await requestCompletion();
            prompt = await until("the definition", readPrompt, PAUSE_MS).catch(() => undefined);
        }
        assert.match(prompt ?? "", /lib\/money\.ts[^]*roundedCents/);
    });

    it("of a notebook are the cells above, before the cell", async () => {
        const editor = await showCell("count = ");
        assert.equal(editor.document.getText(), "count = ");
        // A request of a slow computer may be told as outdone by the window's own, for which another prompt is the last one.
        const own = await until("the prompt of the cell", async () => {
            await requestCompletion();
            const text = await commands.executeCommand<string>("ingot.showLastPrompt");
            // Before it may stand pieces of files that were looked at.
            const at = text.indexOf("notes.ipynb\n");
            return at >= 0 && text.slice(at);
        });
        assert.match(own, /def first_cell\(rows\):\n {4}return len\(rows\)\n\ncount =/);
        assert.doesNotMatch(own, /prose|echo other/);
    });

    it("are written into the notebook's cell that they were shown in", async () => {
        for (const beginning of ["for i in range(", "def add(a, b):\n    return ", "total = "]) {
            const editor = await showCell(beginning);
            const { outcome } = await requestCompletion();
            if (outcome.kind !== "suggestion") {
                await closeEditors();
                continue;
            }
            await until("the accepted text in the cell", async () => {
                await commands.executeCommand("editor.action.inlineSuggest.commit");
                return editor.document.getText() !== beginning;
            });
            const cells = window.activeNotebookEditor?.notebook.getCells() ?? [];
            const texts = cells.map(({ document }) => document.getText());
            assert.deepEqual(texts.slice(0, -1), [FIRST_CELL, "prose", "%%bash\necho other"]);
            assert.ok(texts.at(-1)?.startsWith(beginning + outcome.text), texts.at(-1));
            return;
        }
        assert.fail("no suggestion in any cell");
    });
});

/** Opens a notebook of two code cells with prose and a script between them, the cursor at the end of the last. */
async function showCell(last: string): Promise<TextEditor> {
    const cell = (source: string, type = "code") => ({
        cell_type: type,
        source,
        metadata: {},
        ...(type === "code" ? { outputs: [], execution_count: null } : {}),
    });
    const cells = [
        cell(FIRST_CELL),
        cell("prose", "markdown"),
        cell("%%bash\necho other"),
        cell(last),
    ];
    const metadata = { language_info: { name: "python" } };
    const uri = write(
        `${++nNotebooks}/notes.ipynb`,
        JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }),
    );
    const notebook = await workspace.openNotebookDocument(uri);
    await window.showNotebookDocument(notebook, { selections: [new NotebookRange(3, 4)] });
    await commands.executeCommand("notebook.cell.edit");
    const editor = await until("the cell's editor", () => {
        const active = window.activeTextEditor;
        return active?.document === notebook.cellAt(3).document && active;
    });
    const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
    editor.selection = new Selection(end, end);
    return editor;
}
