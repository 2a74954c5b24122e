/**
 * The documents under review in this window: what their events mean for the reviews, what their editors show, what the keys do. One
 * review per document; with its last tab, or the window, it is put aside, and goes on when the document is shown again.
 */

import {
    commands,
    languages,
    Selection,
    TabInputText,
    TextDocumentChangeReason,
    window,
    workspace,
    type TextDocument,
    type TextDocumentChangeEvent,
} from "vscode";
import { AppError } from "../../base/errors";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { PendingHunk, Verdict } from "../../edit/review";
import { resumedRows } from "../../edit/savedReview";
import { SERVED_SCHEMES } from "../completion/snapshot";
import { CONTEXT_KEY } from "../manifest";
import { EditorDocument, textEdit } from "./editorDocument";
import { ReviewLenses, type Lensed } from "./lenses";
import { Painting } from "./painting";
import { ReviewSession } from "./reviewSession";
import type { SavedReviews } from "./savedReviews";

interface Review extends Lensed {
    document: EditorDocument;
}

export class Reviews implements Disposable {
    private readonly store = new DisposableStore();
    private readonly reviews = new Map<string, Review>();
    private readonly painting = this.store.add(new Painting());
    private readonly lenses = this.store.add(
        new ReviewLenses((document) => this.reviews.get(document.uri.toString())),
    );
    private isReviewing = false;
    private isDisposed = false;

    /** `saved`: where they are kept while no window has them. */
    constructor(private readonly saved: SavedReviews | undefined) {
        const { store } = this;
        const selector = SERVED_SCHEMES.map((scheme) => ({ scheme }));
        store.add(languages.registerCodeLensProvider(selector, this.lenses));
        store.add(workspace.onDidChangeTextDocument((event) => this.changed(event)));
        store.add(workspace.onDidCloseTextDocument(({ uri }) => this.drop(uri.toString())));
        store.add(
            workspace.onWillSaveTextDocument((event) => {
                const { document } = event;
                const change = this.reviews.get(document.uri.toString())?.session.beforeSave();
                if (change) event.waitUntil(Promise.resolve([textEdit(document, change)]));
            }),
        );
        store.add(workspace.onDidOpenTextDocument((document) => void this.resume(document)));
        store.add(
            window.onDidChangeVisibleTextEditors((editors) => {
                this.show();
                for (const { document } of editors) void this.resume(document);
            }),
        );
        store.add(window.onDidChangeActiveTextEditor(() => this.show()));
        store.add(
            window.tabGroups.onDidChangeTabs(({ closed }) => {
                for (const { input } of closed)
                    if (input instanceof TabInputText && !hasTab(input.uri.toString()))
                        this.drop(input.uri.toString());
            }),
        );
        for (const document of workspace.textDocuments) void this.resume(document);
    }

    /** The review of a document that goes on. */
    of(document: TextDocument): ReviewSession | undefined {
        const session = this.reviews.get(document.uri.toString())?.session;
        return isOpen(session) ? session : undefined;
    }

    /** Throws AppError when there is one: nothing else may be written into the document then. */
    refuseSecond(document: TextDocument): void {
        if (this.of(document))
            throw new AppError(
                "user/usage",
                "This file has changes under review; accept or reject them first",
            );
    }

    /** Begins one for lines `start` to `end` (excluded); the document must have none that goes on. */
    begin(document: TextDocument, range: { start: number; end: number }): ReviewSession {
        this.drop(document.uri.toString());
        const port = new EditorDocument(document);
        return this.keep(port, new ReviewSession(port, range));
    }

    /** What is happening while an answer is written. */
    setActivity(session: ReviewSession, activity: string | undefined): void {
        for (const review of this.reviews.values()) {
            if (review.session !== session || review.activity === activity) continue;
            review.activity = activity;
            this.lenses.refresh();
        }
    }

    /** `given`: document and change of a button; else what is at the cursor, or follows it. */
    async settle(verdict: Verdict, ...given: unknown[]): Promise<void> {
        const session = this.session(given[0]);
        if (!session) return;
        const id = typeof given[1] === "number" ? given[1] : this.near(session)?.id;
        if (id === undefined) return;
        await session.settle(id, verdict);
        if (given.length === 0) this.go(1);
    }

    async settleAll(verdict: Verdict, ...given: unknown[]): Promise<void> {
        const session = this.session(given[0]);
        await (verdict === "accept" ? session?.acceptAll() : session?.rejectAll());
    }

    /** Puts the cursor on the next change, or the one before. */
    go(by: 1 | -1): void {
        const editor = window.activeTextEditor;
        const session = this.session();
        if (!editor || !session || session.pending.length === 0) return;
        const at = editor.selection.active.line;
        const { pending } = session;
        const next =
            by > 0
                ? (pending.find(({ line }) => line > at) ?? pending[0])
                : (pending.findLast(({ line }) => line < at) ?? pending.at(-1));
        if (!next) return;
        const line = Math.min(next.line, editor.document.lineCount - 1);
        editor.selection = new Selection(line, 0, line, 0);
        editor.revealRange(editor.selection);
    }

    dispose(): void {
        this.isDisposed = true;
        for (const key of [...this.reviews.keys()]) this.drop(key);
        this.store.dispose();
    }

    /** Goes on with what was left of a review when the document, or the window, was closed. */
    private async resume(document: TextDocument): Promise<void> {
        const key = document.uri.toString();
        if (this.reviews.has(key) || !SERVED_SCHEMES.includes(document.uri.scheme)) return;
        const saved = await this.saved?.read(key);
        // Another one may have begun meanwhile.
        if (!saved || this.isDisposed || document.isClosed || this.reviews.has(key)) return;
        const port = new EditorDocument(document);
        const rows = resumedRows(saved, port.lines());
        if (rows) this.keep(port, new ReviewSession(port, { start: 0, end: 0 }, rows));
        else port.dispose();
    }

    private keep(port: EditorDocument, session: ReviewSession): ReviewSession {
        const key = port.document.uri.toString();
        this.reviews.set(key, { session, document: port, activity: undefined });
        session.onDidChange(() => {
            this.remember(key, session);
            if (session.state === "ended") this.drop(key, session);
            this.show();
        });
        this.show();
        return session;
    }

    /** One that was only put aside stays known. */
    private remember(key: string, session: ReviewSession): void {
        const nPending = session.pending.length;
        if (session.state === "asleep" || nPending === 0) this.saved?.forget(key);
        else if (session.state !== "ended") this.saved?.put(key, session.all);
    }

    private session(uri?: unknown): ReviewSession | undefined {
        const key =
            typeof uri === "string" ? uri : window.activeTextEditor?.document.uri.toString();
        const session = key === undefined ? undefined : this.reviews.get(key)?.session;
        return isOpen(session) ? session : undefined;
    }

    /** The change at the cursor, else the next one below, else the first. */
    private near({ pending }: ReviewSession): PendingHunk | undefined {
        const at = window.activeTextEditor?.selection.active.line ?? 0;
        return pending.find(({ line, nLines }) => at < line + Math.max(1, nLines)) ?? pending[0];
    }

    private changed({ document, contentChanges, reason }: TextDocumentChangeEvent): void {
        const how =
            reason === TextDocumentChangeReason.Undo
                ? "undo"
                : reason === TextDocumentChangeReason.Redo
                  ? "redo"
                  : "edit";
        this.reviews.get(document.uri.toString())?.session.documentChanged(
            contentChanges.map(({ range: { start, end }, text }) => ({
                startLine: start.line,
                startCharacter: start.character,
                endLine: end.line,
                endCharacter: end.character,
                text,
            })),
            how,
        );
    }

    /** `only`: not when the document has another review by now. */
    private drop(key: string, only?: ReviewSession): void {
        const review = this.reviews.get(key);
        if (!review || (only && review.session !== only)) return;
        this.reviews.delete(key);
        review.session.dispose();
        review.document.dispose();
        this.show();
    }

    private show(): void {
        for (const editor of window.visibleTextEditors)
            this.painting.paint(editor, this.reviews.get(editor.document.uri.toString())?.session);
        this.lenses.refresh();
        const isReviewing = this.session() !== undefined;
        if (isReviewing === this.isReviewing) return;
        this.isReviewing = isReviewing;
        void commands.executeCommand("setContext", CONTEXT_KEY.isReviewing, isReviewing);
    }
}

function isOpen(session: ReviewSession | undefined): session is ReviewSession {
    return session?.state === "writing" || session?.state === "reviewing";
}

function hasTab(uri: string): boolean {
    return window.tabGroups.all.some(({ tabs }) =>
        tabs.some(({ input }) => input instanceof TabInputText && input.uri.toString() === uri),
    );
}
