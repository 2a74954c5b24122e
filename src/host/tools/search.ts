/** The tool that finds a text in the workspace. Bounded in files, in time and in what it says; ignored and secret files are no part. */

import { RelativePattern, workspace, type CancellationToken, type Uri } from "vscode";
import { cancelled } from "../../base/errors";
import { isSecretFile } from "../../completion/gates";
import type { SourceFiles } from "../context/sourceFiles";
import { matchLines } from "./matching";
import type { SEARCH_INPUT } from "./schemas";
import { withoutSecrets } from "../../context/secretLines";
import type { Said } from "./texts";
import type { InputOf } from "./validate";
import { findPath, isInside, relativeTo } from "./workspaceFiles";

const MAX_FILES = 5000;
const MAX_MS = 8000;
const DEFAULT_RESULTS = 30;
const MAX_LINE_CHARACTERS = 200;

interface Hit {
    path: string;
    line: number;
    text: string;
}

export async function search(
    { query, path, maxResults = DEFAULT_RESULTS }: InputOf<typeof SEARCH_INPUT>,
    files: Pick<SourceFiles, "read">,
    token: CancellationToken,
): Promise<Said> {
    const uris = await filesBelow(path, token);
    const endMs = performance.now() + MAX_MS;
    const exact: Hit[] = [];
    const loose: Hit[] = [];
    let nRead = 0;
    for (const uri of uris) {
        if (token.isCancellationRequested) throw cancelled();
        if (exact.length > maxResults || performance.now() > endMs) break;
        nRead++;
        const found = await hitsIn(uri, query, files);
        exact.push(...found.exact.slice(0, maxResults + 1));
        if (loose.length <= maxResults) loose.push(...found.loose.slice(0, maxResults + 1));
    }
    const hits = exact.length > 0 ? exact : loose;
    const isCut = nRead < uris.length && hits.length <= maxResults;
    const notes = isCut ? [`Only ${nRead} of ${uris.length} files were searched.`] : [];
    if (uris.length >= MAX_FILES)
        notes.push(`Only the first ${MAX_FILES} files count; give a path.`);
    const what =
        exact.length > 0 || hits.length === 0 ? `\`${query}\`` : `all words of \`${query}\``;
    return {
        head: [
            headline(hits.length, maxResults, `${what}${path ? ` in ${path}` : ""}`),
            ...notes,
        ].join(" "),
        lines: hits.slice(0, maxResults).map(({ path, line, text }) => `${path}:${line}: ${text}`),
    };
}

function headline(nHits: number, maxResults: number, what: string): string {
    if (nHits === 0) return `No line holds ${what}.`;
    const many = nHits > maxResults ? `More than ${maxResults}` : `${nHits}`;
    return `${many} ${nHits === 1 ? "line holds" : "lines hold"} ${what}:`;
}

async function hitsIn(
    uri: Uri,
    query: string,
    files: Pick<SourceFiles, "read">,
): Promise<{ exact: Hit[]; loose: Hit[] }> {
    const isAllowed = !isSecretFile(uri.path) && (await isInside(uri));
    const file = isAllowed ? await files.read(uri) : undefined;
    if (!file) return { exact: [], loose: [] };
    const { exact, loose } = matchLines(file.lines, query);
    if (exact.length + loose.length === 0) return { exact: [], loose: [] };
    const shown = withoutSecrets(file.lines);
    const toHit = (line: number): Hit => ({
        path: relativeTo(uri),
        line: line + 1,
        text: (shown[line] ?? "").trim().slice(0, MAX_LINE_CHARACTERS),
    });
    return { exact: exact.map(toHit), loose: loose.map(toHit) };
}

async function filesBelow(path: string | undefined, token: CancellationToken): Promise<Uri[]> {
    const found = path === undefined ? undefined : await findPath(path);
    if (found && !found.isFolder) return [found.uri];
    const pattern = found ? new RelativePattern(found.uri, "**/*") : "**/*";
    const uris = await workspace.findFiles(pattern, excluded(), MAX_FILES, token);
    return uris.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What is excluded from search anyway, so that it does not fill the list of files. */
function excluded(): string {
    const patterns = ["**/node_modules/**", "**/.git/**"];
    for (const section of ["files", "search"]) {
        const switches =
            workspace.getConfiguration(section).get<Record<string, unknown>>("exclude") ?? {};
        // A brace inside of braces is more than VS Code's globs take apart.
        for (const [pattern, is] of Object.entries(switches))
            if (is === true && !/[{},]/.test(pattern)) patterns.push(pattern);
    }
    return `{${[...new Set(patterns)].join(",")}}`;
}
