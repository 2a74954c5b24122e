/**
 * Where a person was before: regions that were edited and places that were looked at, in other documents than the one asked about. Only
 * places are remembered; their text is read when it is asked for, by the rules that hold then.
 */

import { Uri, window, workspace, type TextDocument, type TextEditor } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import { Lru } from "../../base/lru";
import type { Snippet, SnippetKind } from "../../context/snippet";
import { CELL_SCHEME } from "../completion/notebook";
import { documentKey } from "../completion/snapshot";
import { textOf, type LineRange } from "../../context/blocks";
import type { Outlines } from "../../context/outlines";
import { EditRing } from "./editRing";
import type { SourceFiles } from "./sourceFiles";

export interface RecentOptions {
    files: Pick<SourceFiles, "read">;
    outlines: Outlines;
    /** What the model is shown as a file's name. */
    pathOf: (uri: Uri, from: Uri) => string;
}

const MAX_EDITS = 8;
const MAX_VISITS = 6;
/** Lines shown above and below what was edited. */
const AROUND_EDIT = 3;
/** A place that was looked at is so many lines around its cursor. */
const AROUND_VISIT = 15;
const SCHEMES = ["file", CELL_SCHEME];

export class Recent implements Disposable {
    private readonly store = new DisposableStore();
    private readonly edits = new EditRing(2 * MAX_EDITS);
    private readonly visits = new Lru<string, LineRange>(2 * MAX_VISITS);

    constructor(private readonly options: RecentOptions) {
        this.store.add(
            workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
                if (!isTyped(document)) return;
                for (const { range, text } of contentChanges)
                    this.edits.record(document.uri.toString(), {
                        first: range.start.line,
                        last: range.end.line,
                        nLines: text.split("\n").length,
                    });
            }),
        );
        this.store.add(
            window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.visit(textEditor)),
        );
        this.store.add(
            window.onDidChangeTextEditorSelection((event) => this.visit(event.textEditor)),
        );
        this.store.add(
            workspace.onDidRenameFiles(({ files }) => {
                for (const { oldUri, newUri } of files) this.move(oldUri, newUri);
            }),
        );
        this.store.add(
            workspace.onDidDeleteFiles(({ files }) => {
                for (const uri of files) this.move(uri, undefined);
            }),
        );
        for (const editor of window.visibleTextEditors) this.visit(editor);
    }

    edited(from: Uri): Promise<Snippet[]> {
        const regions = this.edits.list().filter(isElsewhere(from));
        return this.toSnippets("edit", from, regions.slice(0, MAX_EDITS), AROUND_EDIT);
    }

    visited(from: Uri): Promise<Snippet[]> {
        const places = this.visits.entries().map(([uri, range]) => ({ uri, ...range }));
        const others = places.filter(isElsewhere(from));
        return this.toSnippets("visited", from, others.slice(0, MAX_VISITS), 0);
    }

    dispose(): void {
        this.store.dispose();
    }

    /** What is remembered of a file, or of all in a folder, goes with it. */
    private move(from: Uri, to: Uri | undefined): void {
        const old = from.toString();
        const isMoved = (uri: string) => uri === old || uri.startsWith(`${old}/`);
        const moved = (uri: string) => to && to.toString() + uri.slice(old.length);
        for (const { uri } of this.edits.list())
            if (isMoved(uri)) this.edits.rename(uri, moved(uri));
        for (const [uri, range] of this.visits.entries().reverse()) {
            if (!isMoved(uri)) continue;
            this.visits.delete(uri);
            const now = moved(uri);
            if (now !== undefined) this.visits.set(now, range);
        }
    }

    private visit({ document, selection, visibleRanges }: TextEditor): void {
        if (!SCHEMES.includes(document.uri.scheme)) return;
        const [visible] = visibleRanges;
        const cursor = selection.active.line;
        const isSeen = !visible || (visible.start.line <= cursor && cursor <= visible.end.line);
        const middle = isSeen ? cursor : Math.floor((visible.start.line + visible.end.line) / 2);
        const range = { first: middle - AROUND_VISIT, last: middle + AROUND_VISIT };
        this.visits.set(document.uri.toString(), range);
    }

    private async toSnippets(
        kind: SnippetKind,
        from: Uri,
        regions: readonly ({ uri: string } & LineRange)[],
        around: number,
    ): Promise<Snippet[]> {
        const { files, outlines, pathOf } = this.options;
        const found = await Promise.all(
            regions.map(async ({ uri: text, first, last }) => {
                const uri = Uri.parse(text);
                const lines = (await files.read(uri))?.lines;
                if (!lines) return [];
                const part = {
                    first: Math.max(0, first - around),
                    last: Math.min(lines.length - 1, last + around),
                };
                // What was edited says more than what it stands in; what was looked at is a whole thing.
                const outline =
                    kind === "visited" && (await outlines.of({ path: uri.path, lines }));
                const range = outline ? outline.wholeIn(part) : part;
                const file = documentKey({ uri });
                return [{ kind, path: pathOf(uri, from), file, text: textOf(lines, range) }];
            }),
        );
        return found.flat().filter(({ text }) => text.trim() !== "");
    }
}

/** Another branch, or a formatter outside, changes documents behind the one in front and leaves them clean: nobody typed that. */
function isTyped(document: TextDocument): boolean {
    const isInFront = window.activeTextEditor?.document === document;
    return (document.isDirty || isInFront) && SCHEMES.includes(document.uri.scheme);
}

/** The cells of one notebook are one document. */
function isElsewhere(from: Uri): (place: { uri: string }) => boolean {
    const own = documentKey({ uri: from });
    return ({ uri }) => documentKey({ uri: Uri.parse(uri) }) !== own;
}
