/**
 * The files of the workspace that may be searched for a model. Ignored and excluded folders are not entered, links to folders neither, and
 * a link to a file counts only when it ends in the workspace.
 */

import { readdir } from "node:fs/promises";
import { workspace, type Uri } from "vscode";
import { throwIfAborted } from "../../base/cancel";
import { isMadeByTools } from "../../context/sourceText";
import type { IndexedFile } from "../../protocol/codebase";
import type { SourceFiles } from "../context/sourceFiles";
import { isInside, relativeTo } from "../tools/workspaceFiles";

export type FileRules = Pick<SourceFiles, "mayShow" | "mayEnter">;

export interface FileList {
    files: IndexedFile[];
    /** There are more. */
    isCut: boolean;
}

export const MAX_FILES = 20_000;
/** Pictures, archives, programs: they are not even opened. */
const BINARY =
    /\.(?:png|jpe?g|gif|webp|bmp|ico|tiff?|avif|heic|pdf|zip|gz|tgz|bz2|xz|zst|7z|rar|jar|war|class|o|a|so|dll|dylib|exe|bin|wasm|node|pyc|pdb|gguf|safetensors|onnx|pt|pth|npy|npz|parquet|sqlite3?|db|mp[34]|m4a|wav|ogg|flac|mov|avi|mkv|webm|woff2?|ttf|otf|eot|vsix|whl)$/i;
/** Also where no ignore file names them. */
const NEVER = new Set(["node_modules", ".git"]);
/** Files looked at at a time. */
const AT_ONCE = 16;

/** In the order of their paths. Throws AppError `cancelled`. */
export async function listFiles(rules: FileRules, signal: AbortSignal): Promise<FileList> {
    const files: IndexedFile[] = [];
    const waiting = (workspace.workspaceFolders ?? [])
        .map(({ uri }) => uri)
        .filter(({ scheme }) => scheme === "file")
        .reverse();
    for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
        throwIfAborted(signal);
        const found = await entriesOf(folder, rules, signal);
        files.push(...found.files);
        if (files.length > MAX_FILES) return { files: files.slice(0, MAX_FILES), isCut: true };
        waiting.push(...found.folders.reverse());
    }
    return { files, isCut: false };
}

/** As the index knows it; undefined when it may not be shown, or is no file of the workspace. */
export async function indexedFile(
    uri: Uri,
    rules: Pick<FileRules, "mayShow">,
): Promise<IndexedFile | undefined> {
    if (uri.scheme !== "file" || !workspace.getWorkspaceFolder(uri)) return undefined;
    if (!isCandidate(uri.path) || uri.path.split("/").some((part) => NEVER.has(part)))
        return undefined;
    if (!(await rules.mayShow(uri)) || !(await isInside(uri))) return undefined;
    return { path: uri.fsPath, name: relativeTo(uri) };
}

function isCandidate(path: string): boolean {
    return !BINARY.test(path) && !isMadeByTools(path);
}

async function entriesOf(
    folder: Uri,
    rules: FileRules,
    signal: AbortSignal,
): Promise<{ files: IndexedFile[]; folders: Uri[] }> {
    const entries = await readdir(folder.fsPath, { withFileTypes: true }).catch(() => []);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const files: IndexedFile[] = [];
    const folders: Uri[] = [];
    const at = (name: string) => folder.with({ path: `${folder.path}/${name}` });
    for (const entry of entries) {
        if (entry.isDirectory() && !NEVER.has(entry.name) && (await rules.mayEnter(at(entry.name))))
            folders.push(at(entry.name));
    }
    const candidates = entries.filter(
        (entry) => (entry.isFile() || entry.isSymbolicLink()) && isCandidate(entry.name),
    );
    for (let first = 0; first < candidates.length; first += AT_ONCE) {
        throwIfAborted(signal);
        const some = candidates.slice(first, first + AT_ONCE);
        const may = await Promise.all(
            some.map(async (entry) => {
                const uri = at(entry.name);
                if (!(await rules.mayShow(uri))) return false;
                return !entry.isSymbolicLink() || (await isInside(uri));
            }),
        );
        for (const [i, { name }] of some.entries())
            if (may[i]) files.push({ path: at(name).fsPath, name: relativeTo(at(name)) });
    }
    return { files, folders };
}
