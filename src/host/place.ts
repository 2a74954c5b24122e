/** Where the cursor is, as far as completions are concerned: served or not, switched off or not. */

import { window, type TextEditor } from "vscode";
import { gate } from "../completion/gates";
import type { NoSuggestionReason } from "../protocol/completion";
import type { CompletionDocument } from "../completion/request";
import { SERVED_SCHEMES, takeSnapshot } from "./completion/snapshot";
import type { Place } from "./debug/outcomes";
import type { Modes } from "./modes";

/** A switch that is off for a whole editor, whatever the position in it. */
export function silenceOf(editor: TextEditor, modes: Modes): NoSuggestionReason | undefined {
    const { document } = editor;
    if (!SERVED_SCHEMES.includes(document.uri.scheme)) return undefined;
    const { languageId, uri, version } = document;
    const bare = { uri: "", path: uri.path, languageId, version, prefix: "", suffix: "" };
    return gate(bare, modes.for({ languageId, uri }), "automatic");
}

/** The active editor's document, cut at its cursor. */
export function activeSnapshot(): CompletionDocument | undefined {
    const editor = window.activeTextEditor;
    return editor && takeSnapshot(editor.document, editor.selection.active);
}

/** An editor's position, for `Why No Suggestion?`. */
export function placeIn(editor: TextEditor | undefined, modes: Modes): Place {
    if (!editor) return { path: undefined, gate: undefined, isServed: false };
    const { document, selection } = editor;
    const isServed = SERVED_SCHEMES.includes(document.uri.scheme);
    const snapshot = takeSnapshot(document, selection.active);
    const { languageId, uri } = document;
    const settings = modes.for({ languageId, uri });
    const reason = isServed ? gate(snapshot, settings, "automatic") : undefined;
    return { path: snapshot.path, uri: snapshot.uri, languageId, gate: reason, isServed };
}
