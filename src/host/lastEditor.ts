/** The editor of code that was used last, from the start of the window: the chat, which is loaded later, asks about its file. */

import { window, workspace, type TextEditor } from "vscode";
import { Emitter, type Event } from "../base/event";
import { DisposableStore, type Disposable } from "../base/lifecycle";
import { SERVED_SCHEMES } from "./completion/snapshot";

export class LastEditor implements Disposable {
    private readonly store = new DisposableStore();
    private readonly changed = this.store.add(new Emitter<void>());
    /** An editor was shown, or the last one's document closed. */
    readonly onDidChange: Event<void> = this.changed.event;
    private editor: TextEditor | undefined;

    constructor() {
        for (const editor of [...window.visibleTextEditors, window.activeTextEditor])
            this.follow(editor);
        this.store.add(window.onDidChangeActiveTextEditor((editor) => this.follow(editor)));
        this.store.add(
            workspace.onDidCloseTextDocument((document) => {
                if (document !== this.editor?.document) return;
                this.editor = undefined;
                this.changed.fire();
            }),
        );
    }

    /** Undefined: none yet, or its document is closed. It need not be visible. */
    get current(): TextEditor | undefined {
        return this.editor;
    }

    dispose(): void {
        this.store.dispose();
    }

    /** Focus on the chat or a panel leaves the last editor in place; so does an output channel. */
    private follow(editor: TextEditor | undefined): void {
        if (!editor || !SERVED_SCHEMES.includes(editor.document.uri.scheme)) return;
        this.editor = editor;
        this.changed.fire();
    }
}
