/** How broken a text is for its grammar. Code that is being typed always is, so only differences say anything. */

import { childrenOf, type SyntaxNode } from "./tree";

/** Text that is broken in so many places says nothing any more. */
export const MAX_ERRORS = 200;

/** Errors and missing tokens in a tree, counted up to MAX_ERRORS. Nodes inside of an error count on their own. */
export function countErrors(root: SyntaxNode): number {
    let n = 0;
    const waiting = [root];
    for (let node = waiting.pop(); node && n < MAX_ERRORS; node = waiting.pop()) {
        if (!node.hasError) continue;
        if (node.isError || node.isMissing) n++;
        for (const child of childrenOf(node)) if (child.hasError) waiting.push(child);
    }
    return n;
}
