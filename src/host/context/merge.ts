/** Pieces from several sources as one list: nothing twice, nothing with a secret in it. Pure. */

import type { Snippet } from "../../context/snippet";
import { holdsSecret } from "../../context/secretText";

/** Pieces of one gathering; what is behind them was found by the weakest sources. */
const MAX_SNIPPETS = 40;

/** `groups`: best first, and so is each. A piece that an earlier one of the same file holds is left out. */
export function merged(groups: readonly (readonly Snippet[])[]): Snippet[] {
    const kept: { snippet: Snippet; squeezed: string }[] = [];
    for (const snippet of groups.flat()) {
        if (kept.length >= MAX_SNIPPETS) break;
        const squeezed = squeeze(snippet.text);
        const isKnown = kept.some(
            (one) => one.snippet.path === snippet.path && one.squeezed.includes(squeezed),
        );
        if (!isKnown && !holdsSecret(snippet.text)) kept.push({ snippet, squeezed });
    }
    return kept.map(({ snippet }) => snippet);
}

/** Without indentation: a member is shown with its class, and on its own. */
function squeeze(text: string): string {
    return text.replace(/^[ \t]+/gm, "");
}
