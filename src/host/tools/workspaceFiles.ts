/** The files that the tools may look at: of the workspace's folders, also behind links, and by the rules of `SourceFiles`. */

import { realpath } from "node:fs/promises";
import { FileType, Uri, workspace } from "vscode";
import { AppError } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import type { SourceFile, SourceFiles } from "../context/sourceFiles";
import { candidates, type Folder } from "./paths";

export interface Found {
    uri: Uri;
    isFolder: boolean;
}

/** A file or folder that a model named. Throws AppError with a sentence for the model. */
export async function findPath(given: string): Promise<Found> {
    const folders = workspace.workspaceFolders ?? [];
    const known = folders.map(({ name, uri }): Folder => ({ name, path: uri.path }));
    for (const path of candidates(given, known)) {
        const uri = (folders[0]?.uri ?? Uri.file("/")).with({ path });
        const type = await workspace.fs.stat(uri).then(
            (found) => found.type,
            () => undefined,
        );
        if (type === undefined) continue;
        if (!(await isInside(uri)))
            throw new AppError("user/usage", `\`${given}\` leads out of the workspace`);
        return { uri, isFolder: (type & FileType.Directory) !== 0 };
    }
    throw new AppError(
        "user/usage",
        `There is no \`${given.slice(0, 200)}\` in the workspace; search for it, or check the path`,
    );
}

/** The text of a file that a model may see. Throws AppError that says why it may not. */
export async function readAllowed(
    { uri, isFolder }: Found,
    files: Pick<SourceFiles, "read" | "mayShow">,
): Promise<SourceFile> {
    const path = relativeTo(uri);
    if (isFolder)
        throw new AppError("user/usage", `\`${path}\` is a folder; name a file, or search in it`);
    if (isSecretFile(uri.path))
        throw new AppError(
            "user/usage",
            `\`${path}\` holds keys or passwords and is never shown; ask the person for what you need of it`,
        );
    if (!(await files.mayShow(uri)))
        throw new AppError(
            "user/usage",
            `\`${path}\` is ignored or excluded in this workspace and is not shown`,
        );
    const file = await files.read(uri);
    if (!file)
        throw new AppError(
            "user/usage",
            `\`${path}\` is not shown: it is no text, larger than 512 KB, or made by a tool`,
        );
    return file;
}

/** `src/a.ts`; with its folder's name in front when there are several. */
export function relativeTo(uri: Uri): string {
    return workspace.asRelativePath(uri);
}

/** A link may lead anywhere; what counts is where it ends. */
export async function isInside(uri: Uri): Promise<boolean> {
    if (uri.scheme !== "file") return workspace.getWorkspaceFolder(uri) !== undefined;
    const real = await realpath(uri.fsPath).catch(() => undefined);
    if (real === undefined) return false;
    for (const folder of workspace.workspaceFolders ?? []) {
        const root = await realpath(folder.uri.fsPath).catch(() => folder.uri.fsPath);
        const rest = real.slice(root.length);
        if (real.startsWith(root) && (rest === "" || /^[\\/]/.test(rest) || /[\\/]$/.test(root)))
            return true;
    }
    return false;
}
