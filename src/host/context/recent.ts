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
import type { LineRange } from "../../context/blocks";
import type { Outlines } from "../../context/outlines";
import { EditRing } from "./editRing";
import { editedText, MAX_EDITS, MAX_VISITS, visitAt, visitedText } from "./regions";
import type { SourceFiles } from "./sourceFiles";

export interface RecentOptions {
    files: Pick<SourceFiles, "read">;
    outlines: Outlines;
    /** What the model is shown as a file's name. */
    pathOf: (uri: Uri, from: Uri) => string;
}

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
        return this.toSnippets("edit", from, regions.slice(0, MAX_EDITS));
    }

    visited(from: Uri): Promise<Snippet[]> {
        const places = this.visits.entries().map(([uri, range]) => ({ uri, ...range }));
        const others = places.filter(isElsewhere(from));
        return this.toSnippets("visited", from, others.slice(0, MAX_VISITS));
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
        this.visits.set(document.uri.toString(), visitAt(middle));
    }

    private async toSnippets(
        kind: Extract<SnippetKind, "edit" | "visited">,
        from: Uri,
        regions: readonly ({ uri: string } & LineRange)[],
    ): Promise<Snippet[]> {
        const { files, outlines, pathOf } = this.options;
        const found = await Promise.all(
            regions.map(async ({ uri: place, ...range }) => {
                const uri = Uri.parse(place);
                const lines = (await files.read(uri))?.lines;
                if (!lines) return [];
                const source = { path: uri.path, lines };
                const text =
                    kind === "edit"
                        ? editedText(source, range)
                        : await visitedText(source, range, outlines);
                const file = documentKey({ uri });
                return [{ kind, path: pathOf(uri, from), file, text }];
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
