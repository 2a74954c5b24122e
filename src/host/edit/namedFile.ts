/**
 * The files of the workspace that a path in an answer can mean: from a folder's root on, else by its end; never those of others' packages
 * or ignored ones. What stands open in the editor may be any file.
 */

import { Uri, workspace } from "vscode";

/** More files of one name are several in any case. */
const MAX_FOUND = 100;
const PACKAGES = "**/node_modules/**";

export interface Named {
    /** From the root of its workspace folder; undefined: it is in none. */
    relative: string | undefined;
    isOpen: boolean;
    /** In the workspace folder of the open file. */
    isBesideOpen: boolean;
}

/** `open`: of the editor; `mayChange`: whether no rule keeps a file from the model. */
export async function namedFiles(
    path: string,
    open: Uri | undefined,
    mayChange: (uri: Uri) => Promise<boolean>,
): Promise<Uri[]> {
    const roots = (workspace.workspaceFolders ?? []).map(({ uri }) => Uri.joinPath(uri, path));
    const ends = await workspace.findFiles(`**/${path}`, PACKAGES, MAX_FOUND);
    const found = new Map<string, Uri>();
    for (const uri of [...roots, ...ends])
        if ((await isFile(uri)) && !isInPackages(uri) && (await mayChange(uri)))
            found.set(uri.toString(), uri);
    if (open?.path.endsWith(`/${path}`)) found.set(open.toString(), open);
    const home = open && workspace.getWorkspaceFolder(open)?.uri.toString();
    return meant(
        path,
        [...found.values()].map((uri) => {
            const folder = workspace.getWorkspaceFolder(uri)?.uri;
            return {
                uri,
                relative: folder && uri.path.slice(folder.path.length).replace(/^\/+/, ""),
                isOpen: uri.toString() === open?.toString(),
                isBesideOpen: folder !== undefined && folder.toString() === home,
            };
        }),
    ).map(({ uri }) => uri);
}

/** Only a name is that of the open file; a path is meant from the root, else the open file's, else any that ends so. */
export function meant<T extends Named>(path: string, found: readonly T[]): readonly T[] {
    const open = found.filter(({ isOpen }) => isOpen);
    const exact = found.filter(({ relative }) => relative === path);
    const near = exact.filter(({ isBesideOpen }) => isBesideOpen);
    const inOrder = path.includes("/") ? [near, exact, open] : [open, near, exact];
    return inOrder.find((files) => files.length > 0) ?? found;
}

async function isFile(uri: Uri): Promise<boolean> {
    return workspace.fs.stat(uri).then(
        () => true,
        () => false,
    );
}

function isInPackages({ path }: Uri): boolean {
    return path.split("/").includes("node_modules");
}
