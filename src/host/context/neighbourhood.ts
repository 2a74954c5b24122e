/** What stands beside a file on the disk: the files that it imports, its test, its header, neighbours in the folder; as outlines. */

import { opendir, stat } from "node:fs/promises";
import { workspace, type Uri } from "vscode";
import type { Snippet, SnippetKind } from "../../context/snippet";
import { folderOf } from "../../context/imports";
import type { Outline } from "../../context/outline";
import type { Outlines } from "../../context/outlines";
import { importedPaths } from "./imports";
import { companions, neighbours } from "./related";
import type { SourceFiles } from "./sourceFiles";

export interface NeighbourhoodOptions {
    files: Pick<SourceFiles, "read">;
    outlines: Outlines;
    /** What the model is shown as a file's name. */
    pathOf: (uri: Uri, from: Uri) => string;
    /** Milliseconds. */
    now: () => number;
}

const MAX_IMPORTS = 8;
const MAX_NEIGHBOURS = 2;
const MAX_CHARACTERS = 1500;
/** Entries of a folder that are looked at. */
const MAX_ENTRIES = 400;
/** The disk is looked at again after so long. */
const KEPT_MS = 10_000;

type Kind = Extract<SnippetKind, "import" | "related">;

interface Present {
    key: string;
    atMs: number;
    files: Promise<Uri[]>;
}

export class Neighbourhood {
    private readonly present = new Map<Kind, Present>();
    /** The outlines as text. */
    private readonly shown = new WeakMap<Outline, string>();

    constructor(private readonly options: NeighbourhoodOptions) {}

    /** `text`: the document's, from its beginning. */
    async imports(uri: Uri, languageId: string, text: string): Promise<Snippet[]> {
        if (uri.scheme !== "file") return [];
        const groups = importedPaths(languageId, text, uri.path).slice(0, MAX_IMPORTS);
        const key = `${uri.toString()} ${groups.map(([first]) => first).join(" ")}`;
        const files = await this.kept("import", key, () => firstOfEach(uri, groups));
        return this.outlines("import", uri, files);
    }

    async related(uri: Uri): Promise<Snippet[]> {
        if (uri.scheme !== "file") return [];
        const files = await this.kept("related", uri.toString(), async () => {
            const names = await namesBeside(uri);
            const beside = neighbours(uri.path, names, MAX_NEIGHBOURS).map((path) => [path]);
            return firstOfEach(uri, [...companions(uri.path), ...beside]);
        });
        return this.outlines("related", uri, files);
    }

    private kept(kind: Kind, key: string, look: () => Promise<Uri[]>): Promise<Uri[]> {
        const now = this.options.now();
        const known = this.present.get(kind);
        if (known?.key === key && now - known.atMs < KEPT_MS) return known.files;
        const files = look();
        this.present.set(kind, { key, atMs: now, files });
        return files;
    }

    private async outlines(kind: Kind, from: Uri, uris: readonly Uri[]): Promise<Snippet[]> {
        const { files, outlines, pathOf } = this.options;
        const found = await Promise.all(
            uris.map(async (uri) => {
                const file = await files.read(uri);
                if (!file) return [];
                const outline = await outlines.of({ path: uri.path, lines: file.lines });
                const text = this.textOf(outline);
                return [{ kind, path: pathOf(uri, from), file: uri.toString(), text }];
            }),
        );
        return found.flat().filter(({ text }) => text !== "");
    }

    private textOf(outline: Outline): string {
        const known = this.shown.get(outline) ?? outline.text(MAX_CHARACTERS);
        this.shown.set(outline, known);
        return known;
    }
}

/** Of each group the first path where there is a file; only in a folder of the workspace, or beside a file that is in none. */
async function firstOfEach(from: Uri, groups: readonly (readonly string[])[]): Promise<Uri[]> {
    const folder = folderOf(from.path);
    const found = groups.map(async (paths) => {
        for (const path of paths) {
            const uri = from.with({ path, query: "", fragment: "" });
            const isNear = workspace.getWorkspaceFolder(uri) || folderOf(path) === folder;
            if (path !== from.path && isNear && (await isFile(uri))) return uri;
        }
        return undefined;
    });
    return (await Promise.all(found)).filter((uri) => uri !== undefined);
}

async function namesBeside(uri: Uri): Promise<string[]> {
    const names: string[] = [];
    try {
        for await (const entry of await opendir(uri.with({ path: folderOf(uri.path) }).fsPath)) {
            if (entry.isFile()) names.push(entry.name);
            if (names.length >= MAX_ENTRIES) break;
        }
    } catch {
        // A folder that cannot be listed has no neighbours to show.
    }
    return names;
}

async function isFile(uri: Uri): Promise<boolean> {
    return stat(uri.fsPath).then(
        (found) => found.isFile(),
        () => false,
    );
}
