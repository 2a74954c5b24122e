/**
 * Lets the editor ask again when a suggestion that is on the screen has become longer. VS Code shows what a provider resolves with and
 * nothing else, so growing text takes another request; it is answered from the cache. To VS Code it is as if a person had asked: what asks is
 * told apart here.
 */

import { commands, window, type TextDocument } from "vscode";
import { ASK_COMMAND } from "../manifest";
import { documentKey } from "./snapshot";

export class Growth {
    private awaited: { uri: string; version: number } | undefined;

    /** Does nothing when another document is in front or this one has changed. */
    show(uri: string, version: number): void {
        const document = window.activeTextEditor?.document;
        if (!document || documentKey(document) !== uri || document.version !== version) return;
        this.awaited = { uri, version };
        void commands.executeCommand(ASK_COMMAND);
    }

    /** Whether a request is the one that `show` has caused; the next one is not. */
    isOwn(document: TextDocument): boolean {
        const { awaited } = this;
        this.awaited = undefined;
        return awaited?.uri === documentKey(document) && awaited.version === document.version;
    }
}
