/**
 * Lets the editor ask again when a suggestion that is on the screen has become longer. VS Code shows what a provider resolves with and
 * nothing else, so growing text takes another request; it is answered from the cache.
 */

import { commands, window } from "vscode";

/** Does nothing when another document is in front or this one has changed. */
export function showGrown(uri: string, version: number): void {
    const editor = window.activeTextEditor;
    if (editor?.document.uri.toString() !== uri || editor.document.version !== version) return;
    void commands.executeCommand("editor.action.inlineSuggest.trigger");
}
