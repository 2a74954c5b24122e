/**
 * Which files may be shown to a model beside the one that is written in, and their text: as it stands in an editor, else from the disk.
 * INVARIANT: nothing of an ignored, excluded or secret file leaves here, whether it is open or not, nor through a link to it.
 */

import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { Uri, workspace, type TextDocument } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { Lru } from "../../base/lru";
import { isSecretFile } from "../../completion/gates";
import { IgnoreRules } from "../../context/ignoreRules";
import {
    decodeSource,
    isMadeByTools,
    MAX_SOURCE_BYTES,
    sourceLines,
} from "../../context/sourceText";
import { isThere, readBeginning, readBytes } from "../../node/boundedFile";
import type { Settings } from "../config";
import { CELL_SCHEME, notebookOf } from "../completion/notebook";
import { globPath } from "./globPath";
import { Globs, type GlobSwitches } from "./globs";

export interface SourceFile {
    uri: Uri;
    /** The same array as long as the text is the same. */
    lines: readonly string[];
    /** Another one when the text is another one. */
    version: string;
}

interface Kept {
    version: string;
    /** Undefined: no text. */
    file: SourceFile | undefined;
    weight: number;
}

/** Settings that say which files may not be shown. */
export const EXCLUDE_SETTINGS = ["files.exclude", "search.exclude", "ingot.context"];
/** Characters of files that are kept. */
const KEPT_CHARACTERS = 4_000_000;
/** What an entry without text counts for. */
const ENTRY_WEIGHT = 500;
/** A name that no rule means. */
const ANY_FILE = "ingot-any-file";
const MAX_RULE_BYTES = 200_000;

export class SourceFiles implements Disposable {
    private readonly store = new DisposableStore();
    private readonly texts = new Lru<string, Kept>(KEPT_CHARACTERS, ({ weight }) => weight);
    private readonly globs = new Map<string, Globs>();
    private readonly ignored = new IgnoreRules({
        read: (path) => readBeginning(Uri.file(path).fsPath, MAX_RULE_BYTES),
        exists: (path) => isThere(Uri.file(path).fsPath),
        home: Uri.file(homedir()).path,
        now: () => performance.now(),
    });

    constructor(private readonly settings: Pick<Settings, "for">) {
        this.store.add(
            workspace.onDidChangeConfiguration((event) => {
                if (EXCLUDE_SETTINGS.some((key) => event.affectsConfiguration(key)))
                    this.globs.clear();
            }),
        );
    }

    /** Undefined when it may not be shown, is not there, too large or no text. Never rejects and opens nothing. */
    async read(uri: Uri): Promise<SourceFile | undefined> {
        try {
            if (uri.scheme === "file" && isMadeByTools(uri.path)) return undefined;
            if (!(await this.mayShow(uri))) return undefined;
            const document = openDocument(uri);
            if (document) return this.fromDocument(uri, document);
            return uri.scheme === "file" ? await this.fromDisk(uri) : undefined;
        } catch {
            return undefined;
        }
    }

    /** Ignore files were written: what they say holds at once. */
    rulesChanged(): void {
        this.ignored.changed();
    }

    /**
     * Files that are on the disk, by every rule: a deleted one may live on in an editor. Not untitled text: prompts are kept on the disk, where nobody has put it yet. Other kinds of
     * documents belong to extensions or servers, whose ignore rules cannot be read.
     */
    async mayShow(uri: Uri): Promise<boolean> {
        if (uri.scheme === CELL_SCHEME) {
            const notebook = notebookOf(uri);
            return notebook !== undefined && this.mayShow(notebook.uri);
        }
        if (uri.scheme !== "file" || uri.authority !== "") return false;
        if (!(await this.isAllowed(uri))) return false;
        const real = await realpath(uri.fsPath).catch(() => undefined);
        if (real === undefined) return false;
        return real === uri.fsPath || this.isAllowed(Uri.file(real));
    }

    /** As `mayShow`, also for a file that is gone: by the rules for its name. */
    async mayShowChange(uri: Uri): Promise<boolean> {
        const isThere = await realpath(uri.fsPath).catch(() => undefined);
        return isThere === undefined ? this.isAllowed(uri) : this.mayShow(uri);
    }

    /** Whether files of a folder may be shown, as far as its own name decides that. */
    async mayEnter(folder: Uri): Promise<boolean> {
        return this.isAllowed(folder.with({ path: `${folder.path}/${ANY_FILE}` }));
    }

    /** Whether a rule keeps an open file, or one that was closed just now, from the model. */
    async isKept(document: TextDocument): Promise<boolean> {
        const { uri } = notebookOf(document.uri) ?? document;
        return uri.scheme === "file" && !(await this.isAllowed(uri));
    }

    /** Whether a text stands, with whatever margins, in an open file that a rule keeps from the model. */
    async hides(text: string, among = workspace.textDocuments): Promise<boolean> {
        const looked = squeezed(text);
        for (const document of among) {
            if (!(await this.isKept(document))) continue;
            const all = document.getText().slice(0, MAX_SOURCE_BYTES);
            if (squeezed(all).includes(looked)) return true;
        }
        return false;
    }

    dispose(): void {
        this.store.dispose();
    }

    private async isAllowed(uri: Uri): Promise<boolean> {
        if (isSecretFile(uri.path)) return false;
        const folder = workspace.getWorkspaceFolder(uri);
        if (this.globsFor(folder?.uri).matches(globPath(uri))) return false;
        return !(await this.ignored.isIgnored(uri.path));
    }

    private globsFor(folder: Uri | undefined): Globs {
        const key = folder?.toString() ?? "";
        const known = this.globs.get(key);
        if (known) return known;
        const switches = ["files", "search"].map(
            (section) =>
                workspace.getConfiguration(section, folder).get<GlobSwitches>("exclude") ?? {},
        );
        const { contextExclude } = this.settings.for({ languageId: "", uri: folder });
        const globs = new Globs([...switches, contextExclude]);
        this.globs.set(key, globs);
        return globs;
    }

    private fromDocument(uri: Uri, document: TextDocument): SourceFile | undefined {
        const version = `open:${document.version}`;
        const key = uri.toString();
        const known = this.texts.get(key);
        if (known?.version === version) return known.file;
        const text = document.getText();
        const lines = sourceLines(text);
        const file = lines && { uri, lines, version };
        this.texts.set(key, { version, file, weight: ENTRY_WEIGHT + (file ? text.length : 0) });
        return file;
    }

    private async fromDisk(uri: Uri): Promise<SourceFile | undefined> {
        const found = await stat(uri.fsPath);
        if (!found.isFile() || found.size > MAX_SOURCE_BYTES) return undefined;
        const version = `${found.mtimeMs}:${found.size}`;
        const key = uri.toString();
        const known = this.texts.get(key);
        if (known?.version === version) return known.file;
        const lines = decodeSource(await readBytes(uri.fsPath, MAX_SOURCE_BYTES));
        const file = lines && { uri, lines, version };
        this.texts.set(key, { version, file, weight: ENTRY_WEIGHT + (file ? found.size : 0) });
        return file;
    }
}

/** The first line is often copied from its middle, and copied code moved. */
function squeezed(text: string): string {
    return text.replace(/\s+/g, " ").trim();
}

/** A document that is open somewhere; undefined when the file is only on the disk. */
export function openDocument(uri: Uri): TextDocument | undefined {
    const key = uri.toString();
    return workspace.textDocuments.find(
        (document) => !document.isClosed && document.uri.toString() === key,
    );
}
