/**
 * From an editor's document and a position to the plain text that the completion session works on. A very large document is
 * cut to a window around the cursor, whose start moves in steps so that typing only appends to what the model has read.
 */

import { Range, workspace, type Position, type TextDocument, type Uri } from "vscode";
import type { CompletionDocument } from "../../completion/request";
import { cellsAbove, notebookOf } from "./notebook";
import { windowAround } from "./window";

/** Schemes of editors that hold text a person writes; others (output, diff, search) are not served. */
export const SERVED_SCHEMES: readonly string[] = [
    "file",
    "untitled",
    "vscode-notebook-cell",
    "vscode-remote",
    "vscode-userdata",
    "vscode-vfs",
];

export interface SnapshotOptions {
    /** The item chosen in the suggestion list, as if it were already inserted. */
    selected?: { range: Range; text: string } | undefined;
}

/** Text around the position; offsets in UTF-16 units, as the editor counts. */
export function takeSnapshot(
    document: TextDocument,
    position: Position,
    { selected }: SnapshotOptions = {},
): CompletionDocument {
    const start = document.offsetAt(selected?.range.start ?? position);
    const end = document.offsetAt(selected?.range.end ?? position);
    const lastLine = document.lineAt(document.lineCount - 1);
    const total = document.offsetAt(lastLine.range.end);
    const { from, to } = windowAround(start, end, total);
    const before = new Range(document.positionAt(from), document.positionAt(start));
    const after = new Range(document.positionAt(end), document.positionAt(to));
    const typed = document.getText(new Range(selected?.range.start ?? position, position));
    return {
        uri: documentKey(document),
        path: pathForModel(document.uri),
        languageId: document.languageId,
        repository: workspace.getWorkspaceFolder(notebookOf(document.uri)?.uri ?? document.uri)
            ?.name,
        version: document.version,
        prefix: cellsAbove(document) + document.getText(before) + (selected?.text ?? ""),
        suffix: document.getText(after),
        position: { line: position.line, character: position.character },
        nAssumed: selected && lengthAhead(selected.text, typed),
    };
}

/** How much of an item is still to be typed; 0 when it would replace what is typed. */
function lengthAhead(item: string, typed: string): number {
    return item.startsWith(typed) ? item.length - typed.length : 0;
}

/** What a document is known by: the cells of a notebook are one text, read from the top. */
export function documentKey({ uri }: Pick<TextDocument, "uri">): string {
    return (notebookOf(uri)?.uri ?? uri).toString();
}

/**
 * Relative to its workspace folder, `/` separated; the bare file name for a file outside of all folders. `from`: where it is told about;
 * the name of the folder stands in front when that is in another one.
 */
export function pathForModel(document: Uri, from?: Uri): string {
    const uri = notebookOf(document)?.uri ?? document;
    const folder = workspace.getWorkspaceFolder(uri);
    if (!folder) return uri.path.split("/").at(-1) ?? uri.path;
    const isElsewhere = from !== undefined && workspace.getWorkspaceFolder(from) !== folder;
    return workspace.asRelativePath(uri, isElsewhere);
}
