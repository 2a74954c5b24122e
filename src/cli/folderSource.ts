/**
 * Pieces of other files without an editor: those that a document imports, those opened before it and those that lie beside it, read from
 * the project's folder. Reads no secrets, nothing large and nothing outside of the folder.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Lru } from "../base/lru";
import { isSecretFile } from "../completion/gates";
import { importsOf } from "../context/imports";
import { Outlines } from "../context/outlines";
import { ranked, type Source } from "../context/rank";
import type { ContextSource, Place, Snippet, SnippetKind } from "../context/snippet";
import type { Syntax } from "../syntax/syntax";

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
    /** What grammars know; undefined: indentation and words have to do. */
    syntax?: Syntax | undefined;
    /** Read at each gathering; undefined: all. */
    kinds?: (() => readonly SnippetKind[] | undefined) | undefined;
}

const MAX_FILE_BYTES = 200_000;
const MAX_RELATED = 4;
const MAX_ENTRIES = 400;
/** Characters of files that are kept. */
const KEPT_CHARACTERS = 8_000_000;

export class FolderSource implements ContextSource {
    private readonly outlines: Outlines;
    /** Of the same text the same lines, which are outlined once. */
    private readonly kept = new Lru<string, { text: string; source: Source }>(
        KEPT_CHARACTERS,
        ({ text }) => text.length,
    );

    constructor(private readonly options: FolderSourceOptions) {
        this.outlines = new Outlines(options.syntax);
    }

    async gather(place: Place): Promise<readonly Snippet[]> {
        const { kinds: readKinds, folderOf, syntax } = this.options;
        const kinds = readKinds?.();
        const folder = folderOf(place.uri);
        const visited = this.options.visited(place.uri).map((file) => this.toSource(file));
        const imported = folder === undefined ? [] : this.importedFiles(folder, place);
        const related = folder === undefined ? [] : this.besides(folder, place.path);
        const known = new Set(imported.map(({ source }) => source.path));
        const seen = visited.filter(({ path }) => !known.has(path));
        for (const { path } of seen) known.add(path);
        const around = {
            imported,
            visited: seen,
            related: related.filter(({ path }) => !known.has(path)),
        };
        const found = await ranked(place, around, { outlines: this.outlines, syntax });
        const shown = kinds ? found.filter(({ kind }) => kinds.includes(kind)) : found;
        if (folder === undefined) return shown;
        return shown.map((snippet) => {
            return { ...snippet, file: pathToFileURL(join(folder, snippet.path)).href };
        });
    }

    private importedFiles(folder: string, place: Place) {
        return importsOf(place.languageId, place.prefix, place.path).flatMap(
            ({ candidates, names }) => {
                for (const path of candidates) {
                    const source = path === place.path ? undefined : this.read(folder, path);
                    if (source) return [{ source, names }];
                }
                return [];
            },
        );
    }

    /** Other files of the same language in the document's folder, in order of their names. */
    private besides(folder: string, path: string): Source[] {
        const place = path.slice(0, Math.max(0, path.lastIndexOf("/")));
        const ending = extname(path);
        const names = entriesOf(join(folder, place)).filter((name) => name.endsWith(ending));
        const paths = names.map((name) => (place === "" ? name : `${place}/${name}`));
        return paths
            .filter((other) => other !== path)
            .slice(0, MAX_RELATED)
            .flatMap((other) => this.read(folder, other) ?? []);
    }

    private read(folder: string, path: string): Source | undefined {
        const text = readText(folder, path);
        return text === undefined ? undefined : this.toSource({ path, text });
    }

    private toSource({ path, text }: OpenedFile): Source {
        const known = this.kept.get(path);
        if (known?.text === text) return known.source;
        const source = { path, lines: text.split(/\r\n?|\n/) };
        this.kept.set(path, { text, source });
        return source;
    }
}

function entriesOf(folder: string): string[] {
    try {
        return readdirSync(folder).sort().slice(0, MAX_ENTRIES);
    } catch {
        return [];
    }
}

function readText(folder: string, path: string): string | undefined {
    const file = resolve(folder, path);
    const inside = relative(folder, file);
    if (inside === "" || inside.split(sep)[0] === ".." || isSecretFile(path)) return undefined;
    try {
        const found = statSync(file);
        if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
        const text = readFileSync(file, "utf8");
        return text.includes("\0") ? undefined : text;
    } catch {
        return undefined;
    }
}
