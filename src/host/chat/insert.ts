/** Puts code from an answer into the editor that was used last, as one undo step, and shows where it went. */

import { Selection, window, type TextEditor } from "vscode";
import { AppError } from "../../base/errors";
import { reindent } from "../../edit/reindent";
import { indentOf } from "../../prompt/lines";
import { indentUnit } from "../indentUnit";
import { notTaken } from "../notTaken";

/** Replaces the selection, or inserts at the cursor. Throws AppError when there is no editor or it cannot be changed. */
export async function insertCode(editor: TextEditor | undefined, code: string): Promise<void> {
    if (!editor)
        throw new AppError("user/usage", "There is no editor to insert into; open a file first");
    const { document, options } = editor;
    const visible =
        window.visibleTextEditors.find((other) => other === editor) ??
        window.visibleTextEditors.find((other) => other.document === document) ??
        (await window.showTextDocument(document, editor.viewColumn));
    const { selection } = visible;
    const before = document.lineAt(selection.start.line).text.slice(0, selection.start.character);
    const unit = indentUnit(options);
    const text = reindent(code, { before, indent: replacedIndent(visible), unit });
    // Whole lines make room for whole lines.
    const end = !selection.isEmpty && selection.end.character === 0 ? "\n" : "";
    const isDone = await visible.edit((builder) => builder.replace(selection, text + end), {
        undoStopBefore: true,
        undoStopAfter: true,
    });
    if (!isDone) throw notTaken();
    visible.selection = new Selection(visible.selection.end, visible.selection.end);
    visible.revealRange(visible.selection);
    await window.showTextDocument(document, { viewColumn: visible.viewColumn });
}

/** Indentation of the first line with text in the selection; undefined without one. */
function replacedIndent({ document, selection }: TextEditor): string | undefined {
    if (selection.isEmpty) return undefined;
    const { start, end } = selection;
    for (let at = start.line; at <= end.line; at++) {
        const { text } = document.lineAt(at);
        const selected = at === end.line ? text.slice(0, end.character) : text;
        if (selected.trim() !== "") return indentOf(text);
    }
    return undefined;
}
