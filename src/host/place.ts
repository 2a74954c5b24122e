/** Where the cursor is, as far as completions are concerned: served or not, switched off or not. */

import { window, type TextEditor } from "vscode";
import { gate } from "../completion/gates";
import type { CompletionDocument, CompletionSettings } from "../completion/request";
import type { NoSuggestionReason } from "../protocol/engine";
import { SERVED_SCHEMES, takeSnapshot } from "./completion/snapshot";
import type { Config, Settings } from "./config";
import type { Place } from "./debug/outcomes";

/** Tokens generated at most for so many lines: about 16 a line, with room for the first. */
function maxTokensFor(maxLines: number): number {
    return Math.min(256, 32 + 16 * maxLines);
}

/** What a completion session needs to know of the settings. */
export function completionSettings(config: Config): CompletionSettings {
    return {
        enabled: config.completionEnable,
        snoozed: false,
        languages: config.completionLanguages,
        maxLines: config.completionMaxLines,
        maxTokens: maxTokensFor(config.completionMaxLines),
        debounceMs: config.completionDebounceMs,
    };
}

/** The reason why nothing would be asked at this position now. */
export function gateAt(
    document: CompletionDocument,
    config: Config,
): NoSuggestionReason | undefined {
    return gate(document, completionSettings(config), "automatic");
}

/** A switch that is off for a whole editor, whatever the position in it. */
export function silenceOf(editor: TextEditor, settings: Settings): NoSuggestionReason | undefined {
    const { document } = editor;
    if (!SERVED_SCHEMES.includes(document.uri.scheme)) return undefined;
    const { languageId, uri, version } = document;
    const bare = { uri: "", path: uri.path, languageId, version, prefix: "", suffix: "" };
    return gateAt(bare, settings.for({ languageId, uri }));
}

/** The active editor's position, for `Why No Suggestion?`. */
export function activePlace(settings: Settings): Place {
    const editor = window.activeTextEditor;
    if (!editor) return { path: undefined, gate: undefined, isServed: false };
    const { document, selection } = editor;
    const isServed = SERVED_SCHEMES.includes(document.uri.scheme);
    const snapshot = takeSnapshot(document, selection.active);
    const { languageId, uri } = document;
    const reason = isServed ? gateAt(snapshot, settings.for({ languageId, uri })) : undefined;
    return { path: snapshot.path, gate: reason, isServed };
}
