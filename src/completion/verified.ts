/** The last look at a model's answer before anybody sees it: with the grammar, where there is one. Pure but for the parser's cache. */

import { breakBeforeCloser } from "../prompt/trim";
import type { CompletionOutcome } from "../protocol/completion";
import type { Syntax } from "../syntax/syntax";
import type { CompletionDocument, Trigger } from "./request";

/**
 * An outcome cut to what fits the document, or the reason why nothing of it does. Who has asked explicitly gets what there is, broken or
 * not.
 */
export function verified(
    outcome: CompletionOutcome,
    document: CompletionDocument,
    { syntax, trigger }: { syntax: Syntax | undefined; trigger: Trigger },
): CompletionOutcome {
    if (outcome.kind !== "suggestion") return outcome;
    const checked = syntax?.check(document, outcome.text);
    if (!checked || ("text" in checked && checked.text === outcome.text)) return outcome;
    if ("text" in checked) {
        const text = checked.text + breakBeforeCloser(checked.text, document);
        return { ...outcome, text, stop: "scope-end" };
    }
    if (trigger === "explicit") return outcome;
    const { tokens, timings, inspection } = outcome;
    return { kind: "none", reason: checked.reason, stage: "filter", tokens, timings, inspection };
}
