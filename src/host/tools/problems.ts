/** The tool that tells what compilers and linters say about the workspace's files. */

import { languages, type Diagnostic, type Uri } from "vscode";
import { isSecretFile } from "../../completion/gates";
import type { SourceFiles } from "../context/sourceFiles";
import type { PROBLEMS_INPUT } from "./schemas";
import { problemLines, type FileProblems, type Said } from "./texts";
import type { InputOf } from "./validate";
import { findPath, isInside, relativeTo } from "./workspaceFiles";

const MAX_FILES = 200;

export async function problems(
    { path, severity = "warning" }: InputOf<typeof PROBLEMS_INPUT>,
    files: Pick<SourceFiles, "mayShow">,
): Promise<Said> {
    const found = path === undefined ? undefined : await findPath(path);
    const all = found && !found.isFolder ? [entry(found.uri)] : languages.getDiagnostics();
    const shown: FileProblems[] = [];
    for (const [uri, diagnostics] of all) {
        if (shown.length >= MAX_FILES) break;
        if (diagnostics.length === 0 || isSecretFile(uri.path)) continue;
        if (found?.isFolder && !uri.path.startsWith(`${found.uri.path}/`)) continue;
        if (!(await isInside(uri)) || !(await files.mayShow(uri))) continue;
        shown.push({ path: relativeTo(uri), diagnostics });
    }
    return problemLines(shown, severity, path);
}

function entry(uri: Uri): [Uri, Diagnostic[]] {
    return [uri, languages.getDiagnostics(uri)];
}
