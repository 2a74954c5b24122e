/**
 * A document under review as the editor has it. Changes go through the text editor that shows it, because only that can put several of
 * them into one undo step; while none shows it they wait.
 */

import { commands, EndOfLine, Range, TextEdit, window, type TextDocument } from "vscode";
import { Deferred } from "../../base/async";
import type { Disposable } from "../../base/lifecycle";
import type { LineChange } from "../../edit/lines";
import type { ReviewedDocument } from "./reviewedDocument";

export class EditorDocument implements ReviewedDocument, Disposable {
    private known: { version: number; lines: string[] } | undefined;
    /** Resolves what waits for an editor: whether there is one. */
    private waiting: Deferred<boolean> | undefined;
    private isClosed = false;
    private readonly listener = window.onDidChangeVisibleTextEditors(() => {
        if (this.editor) this.release(true);
    });

    constructor(readonly document: TextDocument) {}

    lines(): readonly string[] {
        const { document } = this;
        if (this.known?.version !== document.version)
            this.known = {
                version: document.version,
                lines: document.getText().split(/\r\n|\r|\n/),
            };
        return this.known.lines;
    }

    async replace(change: LineChange, isFirst: boolean): Promise<boolean> {
        if (!this.editor && !(await this.shown())) return false;
        const edit = textEdit(this.document, change);
        try {
            return (
                (await this.editor?.edit((builder) => builder.replace(edit.range, edit.newText), {
                    undoStopBefore: isFirst,
                    undoStopAfter: false,
                })) ?? false
            );
        } catch {
            // The editor was closed while it edited.
            return false;
        }
    }

    async undo(): Promise<boolean> {
        if (!this.isActive) return false;
        // The command goes to whatever has the focus, which may be the chat's input or a commit message.
        await commands.executeCommand("workbench.action.focusActiveEditorGroup");
        if (!this.isActive) return false;
        await commands.executeCommand("undo");
        return true;
    }

    async redo(): Promise<void> {
        if (this.isActive) await commands.executeCommand("redo");
    }

    dispose(): void {
        this.isClosed = true;
        this.listener.dispose();
        this.release(false);
    }

    private get isActive(): boolean {
        return window.activeTextEditor?.document === this.document;
    }

    private get editor() {
        const { document } = this;
        const active = window.activeTextEditor;
        if (active?.document === document) return active;
        return window.visibleTextEditors.find((editor) => editor.document === document);
    }

    private shown(): Promise<boolean> {
        if (this.isClosed) return Promise.resolve(false);
        this.waiting ??= new Deferred<boolean>();
        return this.waiting.promise;
    }

    private release(isShown: boolean): void {
        this.waiting?.resolve(isShown);
        this.waiting = undefined;
    }
}

/** A change of lines as the editor takes it: with the line ends that belong to it. */
export function textEdit(document: TextDocument, { start, end, lines }: LineChange): TextEdit {
    const eol = document.eol === EndOfLine.CRLF ? "\r\n" : "\n";
    if (end < document.lineCount)
        return TextEdit.replace(
            new Range(start, 0, end, 0),
            lines.map((line) => line + eol).join(""),
        );
    const last = document.lineAt(document.lineCount - 1).range.end;
    if (start > 0)
        return TextEdit.replace(
            new Range(document.lineAt(start - 1).range.end, last),
            lines.map((line) => eol + line).join(""),
        );
    return TextEdit.replace(new Range(0, 0, last.line, last.character), lines.join(eol));
}
