/** Cheap reasons not to ask the model at all. Pure; the first that applies is the answer. */

import { once } from "../base/once";
import { endsInComment, isCommentLine } from "../prompt/comments";
import { linePrefix, lineSuffix } from "../prompt/lines";
import type { NoSuggestionReason } from "../protocol/completion";
import type { CompletionDocument, CompletionSettings, Trigger } from "./request";

/** Characters of one document beyond which no completion is offered: copying the text for each keystroke would be felt. */
export const MAX_DOCUMENT_CHARACTERS = 4_000_000;

/** What editors and people append to the name of a copy. */
const COPY = String.raw`(~|\.(bak|backup|old|orig|save|copy|swp))?$`;
const SECRET_NAMES = [
    // `env.d.ts` and `environment.ts` are code.
    /^(\.env([.\-_].*|rc)?|[\w-]+\.env)/,
    /^(\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass|\.my\.cnf|\.git-credentials|\.htpasswd|\.?vault[_-]pass(word)?(\.txt)?)/,
    /^(credentials(\.json)?|service[-_]?account.*\.json|secrets?\.(ya?ml|json)|kubeconfig)/,
    /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?/,
    /^.*\.tfvars(\.json)?|^.*\.tfstate(\.backup)?/,
    /^.*\.(pem|key|p8|p12|pfx|jks|keystore|kdbx|ppk|asc)/,
].map(({ source }) => new RegExp(`^(?:${source})${COPY}`, "i"));
/** Names that hold secrets in this folder only. */
const SECRET_PLACES = /(^|[\\/])(\.docker[\\/]config\.json|\.kube[\\/]config)$/i;
const EXAMPLE = /^([\w-]*\.)?env\.(example|sample|template|dist)$|^example\.env$/i;
const WORD = once(() => /[\p{L}\p{N}_$]/u);

/** Whether a file by its name holds keys or passwords: such files are never shown to a model. */
export function isSecretFile(path: string): boolean {
    const name = path.split(/[\\/]/).at(-1) ?? path;
    if (EXAMPLE.test(name)) return false;
    return SECRET_NAMES.some((form) => form.test(name)) || SECRET_PLACES.test(path);
}

/** As `isSecretFile`, also for a file of any other name that the editor takes for one of environment variables. */
function isSecretDocument({ path, languageId }: CompletionDocument): boolean {
    if (isSecretFile(path)) return true;
    return languageId === "dotenv" && !EXAMPLE.test(path.split(/[\\/]/).at(-1) ?? path);
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
    if (isSecretDocument(document)) return "secret-file";
    if (settings.excluded) return "excluded";
    if (document.prefix.length + document.suffix.length > MAX_DOCUMENT_CHARACTERS)
        return "document-too-large";
    if (trigger === "automatic" && settings.snoozed) return "snoozed";
    if (trigger === "automatic" && settings.onDemand) return settings.onDemand;
    if (trigger === "automatic" && WORD().test(document.suffix.charAt(0))) return "mid-word";
    if (trigger === "automatic" && isMidComment(document)) return "mid-comment";
    return undefined;
}

/** At the end of a comment's line with words, when the next line is more of it: a sentence that was wrapped, not one to be continued. */
function isMidComment({ prefix, suffix, languageId }: CompletionDocument): boolean {
    if (lineSuffix(suffix).trim() !== "") return false;
    const line = linePrefix(prefix);
    const next = suffix.split("\n", 2)[1] ?? "";
    if (!WORD().test(line) || !WORD().test(next)) return false;
    return endsInComment(prefix, languageId) && isCommentLine(next, languageId);
}
