/**
 * Cells of a notebook as one text. The code above a cell is the beginning of its own text and stands before it, as in a file: names
 * defined there are in reach, and writing the next cell only adds to what the model has read. Cells below are left out: they are often
 * run before this one is written, and often not.
 */

import {
    NotebookCellKind,
    workspace,
    type NotebookDocument,
    type TextDocument,
    type Uri,
} from "vscode";

/** Scheme of the document of one cell. */
export const CELL_SCHEME = "vscode-notebook-cell";

/** What a cell's text is, for the pure part. */
export interface CellText {
    languageId: string;
    isCode: boolean;
    text: string;
}

/** As much of the cells above as is ever looked at. */
const MAX_CHARACTERS = 256_000;

/** The notebook that a cell's document belongs to; undefined for every other document. */
export function notebookOf(cell: Uri): NotebookDocument | undefined {
    if (cell.scheme !== CELL_SCHEME) return undefined;
    const key = cell.toString();
    return workspace.notebookDocuments.find((notebook) =>
        notebook.getCells().some(({ document }) => document.uri.toString() === key),
    );
}

/** The text above a cell with a blank line behind each; empty for every other document. */
export function cellsAbove(document: TextDocument): string {
    const cells = notebookOf(document.uri)?.getCells() ?? [];
    const at = cells.findIndex((cell) => cell.document === document);
    const above = cells.slice(0, Math.max(0, at)).map((cell) => ({
        languageId: cell.document.languageId,
        isCode: cell.kind === NotebookCellKind.Code,
        text: cell.document.getText(),
    }));
    return joinedCells(above, document.languageId);
}

/** Code in the same language; a cell for another program (`%%bash`) is none. Whole cells, the last ones when they are too many. */
export function joinedCells(cells: readonly CellText[], languageId: string): string {
    const texts = cells
        .filter((cell) => cell.isCode && cell.languageId === languageId)
        .map((cell) => cell.text.trimEnd())
        .filter((text) => text !== "" && !text.startsWith("%%"));
    let used = 0;
    const kept = texts.reverse().filter((text) => (used += text.length) <= MAX_CHARACTERS);
    return kept
        .reverse()
        .map((text) => `${text}\n\n`)
        .join("");
}
