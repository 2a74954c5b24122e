/** Shows a change of a document as a diff and asks whether to make it. Changes nothing itself. */

import {
    commands,
    TabInputTextDiff,
    Uri,
    window,
    workspace,
    type Range,
    type TextDocument,
} from "vscode";
import { DisposableStore } from "../../base/lifecycle";

export interface Change {
    range: Range;
    text: string;
}

/** A question with buttons; undefined when it was closed. `Notify` asks it. */
export type AskPerson = (text: string, labels: readonly string[]) => Promise<string | undefined>;

const SCHEME = "ingot-review";
const APPLY = "Apply";
let nReviews = 0;

export async function isWanted(
    document: TextDocument,
    { range, text }: Change,
    ask: AskPerson,
): Promise<boolean> {
    const whole = document.getText();
    const after = whole.slice(document.offsetAt(range.end));
    const proposed = whole.slice(0, document.offsetAt(range.start)) + text + after;
    const name = document.uri.path.split("/").at(-1) ?? document.uri.path;
    const uri = Uri.from({ scheme: SCHEME, path: document.uri.path, query: `${++nReviews}` });
    const store = new DisposableStore();
    store.add(
        workspace.registerTextDocumentContentProvider(SCHEME, {
            provideTextDocumentContent: ({ query }) => (query === uri.query ? proposed : undefined),
        }),
    );
    try {
        await commands.executeCommand("vscode.diff", document.uri, uri, `${name}: Proposed Change`);
        return (await ask(`Apply this change to ${name}?`, [APPLY, "Discard"])) === APPLY;
    } finally {
        const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
        const shown = tabs.filter(
            ({ input }) =>
                input instanceof TabInputTextDiff && input.modified.toString() === uri.toString(),
        );
        await window.tabGroups.close(shown);
        store.dispose();
    }
}
