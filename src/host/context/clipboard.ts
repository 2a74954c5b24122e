/**
 * Code that was copied lately. VS Code tells nobody about copying, so the clipboard is read when the window gets the focus and when a
 * completion is asked for, at most every few seconds. Text that was there before is of unknown age and is not used.
 */

import { env, UIKind, window } from "vscode";
import { DisposableStore, type Disposable } from "../../base/lifecycle";
import type { Snippet } from "../../context/snippet";
import { isUsefulCode } from "./codeLike";

export interface ClipboardOptions {
    isOn: () => boolean;
    /** Whether a text stands in an open file that may not be shown. */
    isHidden: (text: string) => Promise<boolean>;
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

    constructor(private readonly options: ClipboardOptions) {
        this.store.add(
            window.onDidChangeWindowState(({ focused }) => {
                if (focused) void this.look();
            }),
        );
    }

    /** `path`: of the document that is asked about; what was copied has none. */
    async gather(path: string): Promise<Snippet[]> {
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

    private async look(): Promise<void> {
        // A browser asks the person for leave each time.
        if (!this.options.isOn() || env.uiKind === UIKind.Web) return;
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
