/**
 * Code that was copied lately. VS Code tells nobody about copying, so the clipboard is read when the window gets the focus and when a
 * completion is asked for, at most every few seconds, and whenever a file that may not be shown is left. Text that was there before is
 * of unknown age and is not used.
 */

import { env, UIKind, window, workspace, type TextDocument } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Snippet } from "../../context/snippet";
import { isUsefulCode } from "./codeLike";

export interface ClipboardOptions {
    isOn: () => boolean;
    /** Whether a text stands in an open file that may not be shown; or in one of these, which may be closed by now. */
    isHidden: (text: string, among?: readonly TextDocument[]) => Promise<boolean>;
    /** Whether a rule keeps a document from the model. */
    isKept: (document: TextDocument) => Promise<boolean>;
    /** Milliseconds. */
    now: () => number;
}

const EVERY_MS = 3000;
const LATELY_MS = 5 * 60_000;

export class Clipboard implements Disposable {
    private readonly store = new DisposableStore();
    /** `isHidden`: it was seen in a file that may not be shown, which may be closed by now. */
    private last: { text: string; sinceMs: number; isHidden: boolean } | undefined;
    private readMs = -Infinity;
    private front = window.activeTextEditor?.document;
    /** Looks at the clipboard that files which may not be shown caused, one after the other. */
    private leaving: Promise<void> = Promise.resolve();

    constructor(private readonly options: ClipboardOptions) {
        this.store.add(
            window.onDidChangeWindowState(({ focused }) => {
                if (focused) void this.look();
            }),
        );
        this.store.add(
            window.onDidChangeActiveTextEditor((editor) => {
                if (this.front && this.front !== editor?.document) this.left(this.front);
                this.front = editor?.document;
            }),
        );
        this.store.add(workspace.onDidCloseTextDocument((document) => this.left(document)));
    }

    /** `path`: of the document that is asked about; what was copied has none. */
    async gather(path: string): Promise<Snippet[]> {
        await this.leaving;
        await this.look();
        const { last } = this;
        if (!this.options.isOn() || !last || this.options.now() - last.sinceMs > LATELY_MS)
            return [];
        if (last.isHidden || !isUsefulCode(last.text)) return [];
        if (await this.options.isHidden(last.text)) return [];
        return [{ kind: "clipboard", path, text: last.text }];
    }

    dispose(): void {
        this.store.dispose();
    }

    private left(document: TextDocument): void {
        const looked = this.leaving.then(() => this.lookFrom(document));
        // A clipboard that cannot be read now is none.
        this.leaving = looked.catch(() => undefined);
    }

    /** What is new since the last look may have been cut from the document: then it stands there no more. */
    private async lookFrom(document: TextDocument): Promise<void> {
        if (!this.canRead() || !(await this.options.isKept(document))) return;
        const text = await env.clipboard.readText();
        const { last } = this;
        const isHere = text !== last?.text || (await this.options.isHidden(text, [document]));
        if (isHere) this.last = { text, sinceMs: last?.sinceMs ?? -Infinity, isHidden: true };
    }

    /** A browser asks the person for leave each time. */
    private canRead(): boolean {
        return this.options.isOn() && env.uiKind !== UIKind.Web;
    }

    private async look(): Promise<void> {
        if (!this.canRead()) return;
        const now = this.options.now();
        if (now - this.readMs < EVERY_MS) return;
        this.readMs = now;
        const text = await env.clipboard.readText();
        if (text === this.last?.text) return;
        const sinceMs = this.last ? now : -Infinity;
        const isHidden = isUsefulCode(text) && (await this.options.isHidden(text));
        this.last = { text, sinceMs, isHidden };
    }
}
