/** Cheap reasons not to ask the model at all. Pure; the first that applies is the answer. */

import { isCommentLine } from "../prompt/comments";
import { linePrefix, lineSuffix } from "../prompt/lines";
import type { NoSuggestionReason } from "../protocol/engine";
import type { CompletionDocument, CompletionSettings, Trigger } from "./request";

/** Characters of one document beyond which no completion is offered: copying the text for each keystroke would be felt. */
export const MAX_DOCUMENT_CHARACTERS = 4_000_000;

const SECRET_NAMES =
    /^(\.env(\..*)?|\.netrc|_netrc|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|credentials|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk))$/i;
const WORD = /[\p{L}\p{N}_$]/u;

/** Whether a file by its name holds keys or passwords: such files are never shown to a model. */
export function isSecretFile(path: string): boolean {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    if (/^\.env\.(example|sample|template|dist)$/i.test(name)) return false;
    return SECRET_NAMES.test(name);
}

/** A per-language switch: the language's own entry, else `"*"`, else on. */
export function isLanguageOn(
    languages: Readonly<Record<string, boolean>>,
    languageId: string,
): boolean {
    return languages[languageId] ?? languages["*"] ?? true;
}

/** Why this position gets no suggestion, or undefined when the model may be asked. */
export function gate(
    document: CompletionDocument,
    settings: CompletionSettings,
    trigger: Trigger,
): NoSuggestionReason | undefined {
    if (!settings.enabled) return "disabled";
    if (!isLanguageOn(settings.languages, document.languageId)) return "language-off";
    if (isSecretFile(document.path)) return "secret-file";
    if (document.prefix.length + document.suffix.length > MAX_DOCUMENT_CHARACTERS)
        return "document-too-large";
    if (trigger === "automatic" && settings.snoozed) return "snoozed";
    if (trigger === "automatic" && settings.onDemand) return settings.onDemand;
    if (trigger === "automatic" && WORD.test(document.suffix.charAt(0))) return "mid-word";
    if (trigger === "automatic" && isMidComment(document)) return "mid-comment";
    return undefined;
}

/** At the end of a comment's line with words, when the next line is more of it: a sentence that was wrapped, not one to be continued. */
function isMidComment({ prefix, suffix, languageId }: CompletionDocument): boolean {
    if (lineSuffix(suffix).trim() !== "") return false;
    const next = suffix.split("\n", 2)[1] ?? "";
    return [linePrefix(prefix), next].every(
        (line) => WORD.test(line) && isCommentLine(line, languageId),
    );
}
