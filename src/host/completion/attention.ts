/**
 * Where a person is in the editors that are served, told to the completion session before it is asked: typing begins the work for the
 * next suggestion, a cursor put somewhere by hand loads the model and lets it read. Opening a window alone loads nothing.
 */

import {
    TextEditorSelectionChangeKind,
    window,
    workspace,
    type Position,
    type TextDocumentChangeEvent,
    type TextEditor,
    type TextEditorSelectionChangeEvent,
} from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { CompletionSession } from "../../completion/session";
import type { Modes } from "../modes";
import { silenceOf } from "../place";
import { SERVED_SCHEMES, takeSnapshot } from "./snapshot";
import { leftOfCursor } from "./typed";

/** Changes in a row after which an editor that does not ask about them is not going to: it is snoozed, or shows nothing. */
const UNASKED = 8;

/** Whether the editor asks about what is typed. It does not say when it is snoozed by its own command. */
export class Asking {
    private nUnasked = 0;

    asked(): void {
        this.nUnasked = 0;
    }

    /** The document was changed; false when nobody will ask about it. */
    changed(): boolean {
        return ++this.nUnasked <= UNASKED;
    }
}

export interface AttentionOptions {
    asking: Asking;
    session: Pick<CompletionSession, "anticipate" | "visit" | "left">;
    modes: Modes;
    /** Loads the model; does nothing when it is loaded or could not be. */
    warm: () => void;
}

export function followAttention(options: AttentionOptions): Disposable {
    const attention = new Attention(options);
    const store = new DisposableStore();
    store.add(workspace.onDidChangeTextDocument((event) => attention.changed(event)));
    store.add(window.onDidChangeTextEditorSelection((event) => attention.moved(event)));
    store.add(window.onDidChangeActiveTextEditor((editor) => attention.opened(editor)));
    return store;
}

class Attention {
    /** Where the last change put the cursor: the selection event that follows is not a move. */
    private expected: { uri: string; cursor: Position } | undefined;

    constructor(private readonly options: AttentionOptions) {}

    changed({ document, contentChanges }: TextDocumentChangeEvent): void {
        const editor = window.activeTextEditor;
        const [change] = contentChanges;
        if (editor?.document !== document || editor.selections.length > 1) return;
        if (!change || contentChanges.length > 1 || !this.isWanted(editor)) return;
        const cursor = document.positionAt(change.rangeOffset + leftOfCursor(change.text));
        this.expected = { uri: document.uri.toString(), cursor };
        if (!this.options.asking.changed()) return;
        this.options.session.anticipate(takeSnapshot(document, cursor));
    }

    moved({ textEditor, kind, selections }: TextEditorSelectionChangeEvent): void {
        const byHand =
            kind === TextEditorSelectionChangeKind.Mouse ||
            kind === TextEditorSelectionChangeKind.Keyboard;
        const [selection] = selections;
        if (!byHand || !selection || selections.length > 1) return;
        const { expected } = this;
        const uri = textEditor.document.uri.toString();
        if (expected?.uri === uri && expected.cursor.isEqual(selection.active)) return;
        this.visit(textEditor);
    }

    opened(editor: TextEditor | undefined): void {
        this.options.session.left();
        // A cursor at the very beginning was not put there by anybody.
        if (editor && !editor.selection.active.isEqual(editor.document.positionAt(0)))
            this.visit(editor, false);
    }

    private visit(editor: TextEditor, load = true): void {
        if (!this.isWanted(editor)) return;
        if (load) this.options.warm();
        this.options.session.visit(takeSnapshot(editor.document, editor.selection.active));
    }

    /** Not where the editor would never ask: nobody could see what the work is for. */
    private isWanted(editor: TextEditor): boolean {
        const { document } = editor;
        if (!SERVED_SCHEMES.includes(document.uri.scheme)) return false;
        const silence = silenceOf(editor, this.options.modes);
        if (silence !== undefined && silence !== "quiet") return false;
        return (
            workspace.getConfiguration("editor", document).get("inlineSuggest.enabled") !== false
        );
    }
}
