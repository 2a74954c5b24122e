/**
 * Pieces of other files without an editor: those that a document imports, those opened before it and those that lie beside it, read from
 * the project's folder. Which files of it may be read is folderFiles'.
 */

import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Lru } from "../base/lru";
import { importsOf } from "../context/imports";
import { Outlines } from "../context/outlines";
import { ranked, type Source } from "../context/rank";
import { holdsSecret } from "../context/secretText";
import type { ContextSource, Place, Snippet, SnippetKind } from "../context/snippet";
import type { Syntax } from "../syntax/syntax";
import { FolderFiles } from "./folderFiles";

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

const MAX_RELATED = 4;
const MAX_ENTRIES = 400;
/** Characters of files that are kept. */
const KEPT_CHARACTERS = 8_000_000;

export class FolderSource implements ContextSource {
    private readonly outlines: Outlines;
    private readonly folders = new Map<string, FolderFiles>();
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
        const imported = folder === undefined ? [] : await this.importedFiles(folder, place);
        const related = folder === undefined ? [] : await this.besides(folder, place.path);
        const known = new Set(imported.map(({ source }) => source.path));
        const seen = visited.filter(({ path }) => !known.has(path));
        for (const { path } of seen) known.add(path);
        const around = {
            imported,
            visited: seen,
            related: related.filter(({ path }) => !known.has(path)),
        };
        const found = await ranked(place, around, { outlines: this.outlines, syntax });
        const shown = found.filter(
            ({ kind, text }) => (kinds?.includes(kind) ?? true) && !holdsSecret(text),
        );
        if (folder === undefined) return shown;
        return shown.map((snippet) => {
            return { ...snippet, file: pathToFileURL(join(folder, snippet.path)).href };
        });
    }

    private async importedFiles(folder: string, place: Place) {
        const found: { source: Source; names: readonly string[] }[] = [];
        for (const { candidates, names } of importsOf(place.languageId, place.prefix, place.path)) {
            const others = candidates.filter((path) => path !== place.path);
            const source = await this.firstOf(folder, others);
            if (source) found.push({ source, names });
        }
        return found;
    }

    /** Other files of the same language in the document's folder, in order of their names. */
    private async besides(folder: string, path: string): Promise<Source[]> {
        const place = path.slice(0, Math.max(0, path.lastIndexOf("/")));
        const ending = extname(path);
        const names = entriesOf(join(folder, place)).filter((name) => name.endsWith(ending));
        const paths = names.map((name) => (place === "" ? name : `${place}/${name}`));
        const found: Source[] = [];
        for (const other of paths.filter((other) => other !== path)) {
            if (found.length >= MAX_RELATED) break;
            const source = await this.firstOf(folder, [other]);
            if (source) found.push(source);
        }
        return found;
    }

    /** The first of several paths where there is a file that may be shown. */
    private async firstOf(folder: string, paths: readonly string[]): Promise<Source | undefined> {
        const files = this.folders.get(folder) ?? new FolderFiles(folder);
        this.folders.set(folder, files);
        for (const path of paths) {
            const text = await files.read(path);
            if (text !== undefined) return this.toSource({ path, text });
        }
        return undefined;
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
