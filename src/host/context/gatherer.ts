/**
 * What of a workspace is worth showing to the model at a place, best first: definitions of the names around the cursor, what the compiler
 * says there, imports, recent edits, places looked at, files that belong together, copied code. Each source is on its own: one that is
 * late or fails leaves the others' pieces as they are.
 */

import { languages, Uri, window, workspace, type TextDocument } from "vscode";
import type { Event } from "../../base/event";
import type { Log } from "../../base/log";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { ReadNames, Spot } from "../../context/names";
import { Outlines } from "../../context/outlines";
import type { ContextSource, Place, Snippet } from "../../context/snippet";
import type { Syntax } from "../../syntax/syntax";
import { notebookOf } from "../completion/notebook";
import { documentKey, pathForModel } from "../completion/snapshot";
import type { Settings } from "../config";
import { Clipboard } from "./clipboard";
import { cursorIn } from "./cursor";
import { Definitions } from "./definitions";
import { diagnosticsText } from "./diagnostics";
import { LookUp } from "./lookUp";
import { merged } from "./merge";
import { Neighbourhood } from "./neighbourhood";
import { Offered } from "./offered";
import { Recent } from "./recent";
import { SourceFiles } from "./sourceFiles";
import { within } from "./within";

export interface GathererOptions {
    settings: Settings;
    syntax: Pick<Syntax, "identifiers" | "outline">;
    log: Log;
}

/** A source that takes longer is left out; what it finds is known the next time. */
const SOURCE_MS = 1000;

export class Gatherer implements ContextSource, Disposable {
    private readonly store = new DisposableStore();
    private readonly definitions: Definitions;
    private readonly neighbourhood: Neighbourhood;
    private readonly recent: Recent;
    private readonly clipboard: Clipboard;
    private readonly files: SourceFiles;
    private readonly offered: Offered;
    /** URIs of files that may not be shown any more. */
    readonly onDidWithdraw: Event<readonly string[]>;

    constructor(private readonly options: GathererOptions) {
        const { settings, syntax } = options;
        const outlines = new Outlines(syntax);
        const now = () => performance.now();
        const files = this.store.add(new SourceFiles(settings));
        this.files = files;
        const offered = this.store.add(new Offered(files));
        this.offered = offered;
        this.onDidWithdraw = offered.onDidWithdraw;
        const pathOf = (uri: Uri, from: Uri) => {
            offered.add(notebookOf(uri)?.uri ?? uri);
            return pathForModel(uri, from);
        };
        const lookUp = new LookUp(now);
        this.definitions = new Definitions({ lookUp, files, outlines, pathOf, now });
        this.neighbourhood = new Neighbourhood({ files, outlines, pathOf, now });
        this.recent = this.store.add(new Recent({ files, outlines, pathOf }));
        this.clipboard = this.store.add(
            new Clipboard({
                isOn: () => settings.current.contextClipboard,
                isHidden: (text, among) => files.hides(text, among),
                isKept: (document) => files.isKept(document),
                now,
            }),
        );
    }

    async gather(place: Place): Promise<readonly Snippet[]> {
        const { settings, log } = this.options;
        const uri = Uri.parse(place.uri);
        const { languageId } = place;
        if (!settings.for({ languageId, uri }).contextEnable) return [];
        const beginMs = performance.now();
        try {
            const sources = this.sources(place, uri).map((work) => within(SOURCE_MS, [], work));
            const snippets = merged(await Promise.all(sources));
            const ms = Math.round(performance.now() - beginMs);
            log.debug("context", { ms, kinds: snippets.map(({ kind }) => kind).join(" ") });
            return snippets;
        } catch (error) {
            log.warn("context", { error: String(error) });
            return [];
        }
    }

    /** Whether a file that an earlier window has given pieces of may still be shown; what becomes of it is told from then on. */
    stillShows(uri: Uri): Promise<boolean> {
        this.offered.add(uri);
        return this.files.mayShow(uri);
    }

    dispose(): void {
        this.store.dispose();
    }

    /** Best first. */
    private sources(place: Place, uri: Uri): Promise<readonly Snippet[]>[] {
        const document = documentAt(place);
        const cursor = document && cursorIn(document, place);
        const found: Promise<readonly Snippet[]>[] = [];
        if (document && cursor) {
            const text = diagnosticsText(languages.getDiagnostics(document.uri), cursor.line);
            const read = readNames(this.options.syntax, place, cursor);
            found.push(this.definitions.gather(document, cursor, read));
            if (text !== "")
                found.push(Promise.resolve([{ kind: "diagnostic", path: place.path, text }]));
        }
        found.push(
            this.neighbourhood.imports(uri, place.languageId, place.prefix),
            this.recent.edited(uri),
            this.recent.visited(uri),
            this.neighbourhood.related(uri),
            this.clipboard.gather(place.path),
        );
        return found;
    }
}

/** The names of a place's text by the lines of its document, which may be the last cell of it, or all of a document that was cut. */
function readNames(syntax: Pick<Syntax, "identifiers">, place: Place, { line }: Spot): ReadNames {
    const shift = place.prefix.split("\n").length - 1 - line;
    return (lines) =>
        syntax
            .identifiers(
                place,
                lines.map((at) => at + shift),
            )
            ?.map((name) => ({ ...name, line: name.line - shift }));
}

/** The editor's document of a place, of a notebook the cell that is written in. */
function documentAt({ uri, version }: Place): TextDocument | undefined {
    const isIt = (document: TextDocument) =>
        document.version === version && documentKey(document) === uri;
    const active = window.activeTextEditor?.document;
    return active && isIt(active) ? active : workspace.textDocuments.find(isIt);
}
