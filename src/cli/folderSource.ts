/**
 * Pieces of other files without an editor: those that a document imports, those opened before it and those that lie beside it, read from
 * the project's folder. Reads no secrets, nothing large and nothing outside of the folder.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, resolve, sep } from "node:path";
import { isSecretFile } from "../completion/gates";
import { importsOf } from "../context/imports";
import { ranked, type Source } from "../context/rank";
import type { ContextSource, Place, Snippet, SnippetKind } from "../context/snippet";

/** A document that is or was open, by the name that the model is shown. */
export interface OpenedFile {
    path: string;
    text: string;
}

export interface FolderSourceOptions {
    /** Absolute; undefined: there is none for this document. */
    folderOf: (uri: string) => string | undefined;
    /** Looked at before this one, the last first. */
    visited: (uri: string) => readonly OpenedFile[];
    /** Read at each gathering; undefined: all. */
    kinds?: (() => readonly SnippetKind[] | undefined) | undefined;
}

const MAX_FILE_BYTES = 200_000;
const MAX_RELATED = 4;
const MAX_ENTRIES = 400;

export class FolderSource implements ContextSource {
    constructor(private readonly options: FolderSourceOptions) {}

    gather(place: Place): Promise<readonly Snippet[]> {
        const kinds = this.options.kinds?.();
        const folder = this.options.folderOf(place.uri);
        const visited = this.options.visited(place.uri).map(toSource);
        const imported = folder === undefined ? [] : importedFiles(folder, place);
        const related = folder === undefined ? [] : besides(folder, place.path);
        const known = new Set(imported.map(({ source }) => source.path));
        const seen = visited.filter(({ path }) => !known.has(path));
        for (const { path } of seen) known.add(path);
        const found = ranked(place, {
            imported,
            visited: seen,
            related: related.filter(({ path }) => !known.has(path)),
        });
        return Promise.resolve(kinds ? found.filter(({ kind }) => kinds.includes(kind)) : found);
    }
}

function importedFiles(folder: string, place: Place) {
    return importsOf(place.languageId, place.prefix, place.path).flatMap(
        ({ candidates, names }) => {
            for (const path of candidates) {
                const source = path === place.path ? undefined : read(folder, path);
                if (source) return [{ source, names }];
            }
            return [];
        },
    );
}

/** Other files of the same language in the document's folder, in order of their names. */
function besides(folder: string, path: string): Source[] {
    const place = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const ending = extname(path);
    const names = entriesOf(join(folder, place)).filter((name) => name.endsWith(ending));
    const paths = names.map((name) => (place === "" ? name : `${place}/${name}`));
    return paths
        .filter((other) => other !== path)
        .slice(0, MAX_RELATED)
        .flatMap((other) => read(folder, other) ?? []);
}

function entriesOf(folder: string): string[] {
    try {
        return readdirSync(folder).sort().slice(0, MAX_ENTRIES);
    } catch {
        return [];
    }
}

function read(folder: string, path: string): Source | undefined {
    const file = resolve(folder, path);
    const inside = relative(folder, file);
    if (inside === "" || inside.split(sep)[0] === ".." || isSecretFile(path)) return undefined;
    try {
        const found = statSync(file);
        if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
        const text = readFileSync(file, "utf8");
        return text.includes("\0") ? undefined : toSource({ path, text });
    } catch {
        return undefined;
    }
}

function toSource({ path, text }: OpenedFile): Source {
    return { path, lines: text.split(/\r\n?|\n/) };
}
