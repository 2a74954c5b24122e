/**
 * The context chips: which file is open, which lines are selected, which of the two go along with the next question. Follows the
 * editor that was used last; the person's clicks hold until the file changes, the selection goes or a new chat begins.
 */

import { window, type TextEditor } from "vscode";
import { isSecretFile } from "../../completion/gates";
import { Emitter, type Event } from "../../base/event";
import { DisposableStore, toDisposable, type Disposable } from "../../base/lifecycle";
import type { ContextChip } from "../../protocol/webview";
import { pathForModel } from "../completion/snapshot";
import type { LastEditor } from "../lastEditor";
import { fileBlock, lineRange, selectionBlock, type ContextBlock, type Excerpt } from "./context";
import { suggestPrompts, symbolAbove } from "./prompt";

/** Selections change with every key; the page hears of them at most this often. */
const SETTLE_MS = 80;

export class Chips implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    readonly onDidChange: Event<void> = this.changed.event;
    private editor: TextEditor | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    /** What the person clicked; undefined: the default. */
    private file: boolean | undefined;
    private selection: boolean | undefined;
    private shown = "";

    constructor(private readonly last: Pick<LastEditor, "current" | "onDidChange">) {
        this.follow();
        const { store } = this;
        store.add(last.onDidChange(() => this.follow()));
        store.add(
            window.onDidChangeTextEditorSelection(({ textEditor }) => {
                if (textEditor === this.editor) this.settle();
            }),
        );
        store.add(toDisposable(() => clearTimeout(this.timer)));
    }

    /** The editor that code is inserted into. */
    get lastEditor(): TextEditor | undefined {
        return this.editor;
    }

    /** Whether the editor's code may go along: the person has not turned it off, and the file is not secret unless it was turned on. */
    get isOn(): boolean {
        return this.list.some(({ enabled }) => enabled);
    }

    get list(): ContextChip[] {
        const { editor } = this;
        if (!editor) return [];
        const { document } = editor;
        const name = document.uri.path.split("/").at(-1) ?? document.uri.path;
        const tooltip = document.uri.scheme === "file" ? document.uri.fsPath : document.uri.path;
        const chips: ContextChip[] = [
            { id: "file", kind: "file", label: name, tooltip, enabled: this.isFileOn(editor) },
        ];
        const range = selectedLines(editor);
        if (range) {
            const lines = lineRange(range.first, range.last);
            chips.push({
                id: "selection",
                kind: "selection",
                label: `${name}, ${lines}`,
                tooltip: `${tooltip}, ${lines}`,
                enabled: this.isSelectionOn(editor),
            });
        }
        return chips;
    }

    get suggestions(): string[] {
        const { editor } = this;
        if (!editor) return suggestPrompts(undefined);
        const { document, selection } = editor;
        return suggestPrompts({
            name: document.uri.path.split("/").at(-1) ?? document.uri.path,
            hasSelection: selectedLines(editor) !== undefined,
            symbol: symbolAbove(document, selection.active.line),
        });
    }

    toggle(id: string): void {
        const { editor } = this;
        if (!editor) return;
        if (id === "file") this.file = !this.isFileOn(editor);
        else if (id === "selection") this.selection = !this.isSelectionOn(editor);
        this.changed.fire();
    }

    /** Makes sure that the selection goes along. */
    useSelection(): void {
        this.selection = true;
        this.changed.fire();
    }

    /** Back to the defaults: the selected lines, else the file. */
    reset(): void {
        this.file = undefined;
        this.selection = undefined;
        this.changed.fire();
    }

    /** What the enabled chips stand for, now. The selection comes first in the budget, last in the text. */
    blocks(maxCharacters: number): ContextBlock[] {
        const { editor } = this;
        if (!editor) return [];
        const blocks: ContextBlock[] = [];
        let room = maxCharacters;
        const range = selectedLines(editor);
        if (range && this.isSelectionOn(editor)) {
            const block = selectionBlock(this.excerpt(editor, range), room);
            blocks.push(block);
            room -= block.text.length;
        }
        if (this.isFileOn(editor) && room > 200) {
            const line = editor.selection.active.line;
            blocks.unshift(fileBlock(this.excerpt(editor, { first: line, last: line }), room));
        }
        return blocks;
    }

    dispose(): void {
        this.store.dispose();
    }

    /** A file that holds keys or passwords goes along only when somebody says so. */
    private isFileOn(editor: TextEditor): boolean {
        if (this.file !== undefined) return this.file;
        if (isSecretFile(editor.document.uri.path)) return false;
        return selectedLines(editor) === undefined || !this.isSelectionOn(editor);
    }

    private isSelectionOn(editor: TextEditor): boolean {
        return this.selection ?? !isSecretFile(editor.document.uri.path);
    }

    private excerpt({ document }: TextEditor, range: { first: number; last: number }): Excerpt {
        const { languageId } = document;
        return { path: pathForModel(document.uri), languageId, lines: document, ...range };
    }

    private follow(): void {
        const { current } = this.last;
        if (current?.document !== this.editor?.document) {
            this.file = undefined;
            this.selection = undefined;
        }
        this.editor = current;
        this.settle();
    }

    private settle(): void {
        this.timer ??= setTimeout(() => {
            this.timer = undefined;
            if (this.editor && !selectedLines(this.editor)) this.selection = undefined;
            const now = JSON.stringify([this.list, this.suggestions]);
            if (now === this.shown) return;
            this.shown = now;
            this.changed.fire();
        }, SETTLE_MS);
    }
}

/** Zero-based, both included; a selection that ends before the first character of a line does not include it. */
function selectedLines({ selection }: TextEditor): { first: number; last: number } | undefined {
    if (selection.isEmpty) return undefined;
    const { start, end } = selection;
    const last = end.character === 0 && end.line > start.line ? end.line - 1 : end.line;
    return { first: start.line, last };
}
