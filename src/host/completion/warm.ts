/**
 * Loads the completion model when a person puts the cursor into an editor that is served, so that the first keystroke does not wait for
 * it. Opening a window alone loads nothing.
 */

import { TextEditorSelectionChangeKind, window } from "vscode";
import type { Disposable } from "../../base/lifecycle";
import type { Settings } from "../config";
import { silenceOf } from "../place";
import { SERVED_SCHEMES } from "./snapshot";

export interface WarmOptions {
    settings: Settings;
    /** Does nothing when the model is loaded or could not be. */
    warm: () => void;
}

export function warmOnCursor({ settings, warm }: WarmOptions): Disposable {
    return window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        const byHand =
            kind === TextEditorSelectionChangeKind.Mouse ||
            kind === TextEditorSelectionChangeKind.Keyboard;
        const isServed = SERVED_SCHEMES.includes(textEditor.document.uri.scheme);
        if (byHand && isServed && silenceOf(textEditor, settings) === undefined) warm();
    });
}
