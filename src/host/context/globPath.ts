/** The path of a file as the patterns of settings name it. */

import { workspace, type Uri } from "vscode";
import { notebookOf } from "../completion/notebook";

/** Relative to its workspace folder, without a slash in front; all of the path outside of all folders, without the drive. A cell is its notebook. */
export function globPath(document: Uri): string {
    const uri = notebookOf(document)?.uri ?? document;
    const folder = workspace.getWorkspaceFolder(uri);
    const path = folder ? uri.path.slice(folder.uri.path.length) : uri.path;
    return path.replace(/^\/+(?:[a-z]:\/+)?/i, "");
}
