/** Which lines an editor has selected, and how changes under review come into sight. */

import { Range, Selection, window, type TextEditor } from "vscode";
import type { LineRange } from "../../edit/range";
import type { PendingHunk } from "../../edit/review";
import type { ReviewSession } from "./reviewSession";

/** Lines, end excluded; undefined without a selection. One that ends before the first character of a line does not include it. */
export function selectedLines({ selection }: TextEditor): LineRange | undefined {
    if (selection.isEmpty) return undefined;
    const { start, end } = selection;
    const isBefore = end.character === 0 && end.line > start.line;
    return { start: start.line, end: isBefore ? end.line : end.line + 1 };
}

/** How long the status bar says how to go on, ms. */
const SAID_MS = 10_000;

/**
 * The first change comes into sight, and a selection that would cover the colours of the changes becomes the cursor on it; how to go on
 * stands in the status bar for a while, at most until the review is over.
 */
export function showChanges(
    editor: TextEditor,
    session: Pick<ReviewSession, "pending" | "state" | "onDidChange">,
): void {
    const { pending } = session;
    const [first] = pending;
    const selected = selectedLines(editor);
    if (first && selected && pending.some((hunk) => isCovered(hunk, selected)))
        editor.selection = new Selection(first.line, 0, first.line, 0);
    if (first) editor.revealRange(new Range(first.line, 0, first.line + first.nLines, 0));
    const changes = pending.length === 1 ? "1 change" : `${pending.length} changes`;
    const text = `${changes} to review: Ctrl+Enter accepts all, Escape rejects all.`;
    const message = window.setStatusBarMessage(text, SAID_MS);
    const listener = session.onDidChange(() => {
        if (session.state === "reviewing" && session.pending.length === pending.length) return;
        message.dispose();
        listener.dispose();
    });
}

function isCovered({ line, nLines }: PendingHunk, { start, end }: LineRange): boolean {
    return line < end && start < line + Math.max(1, nLines);
}
