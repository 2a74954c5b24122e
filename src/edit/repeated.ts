/**
 * Lines around the ones to rewrite that a model has written once more: what it was shown to understand the place. They are taken off an
 * answer's ends. Pure.
 */

import { squeezed } from "./similar";

/** No more lines than this are looked for. */
const MAX_LINES = 12;

/** `above` and `below`: the document's lines next to the ones that are rewritten, which are `before`. */
export function withoutRepeated(
    answer: readonly string[],
    { above, below, before }: Record<"above" | "below" | "before", readonly string[]>,
): string[] {
    const start = repeatedAbove(answer, above, before);
    const rest = answer.slice(start);
    const reversed = (lines: readonly string[]) => [...lines].reverse();
    const end = repeatedAbove(reversed(rest), reversed(below), reversed(before));
    return rest.slice(0, rest.length - end);
}

/** How many lines at the beginning are the last ones of `above`. */
function repeatedAbove(
    answer: readonly string[],
    above: readonly string[],
    before: readonly string[],
): number {
    const most = Math.min(MAX_LINES, above.length, answer.length - 1);
    for (let n = most; n > 0; n--) {
        const lines = answer.slice(0, n).map(squeezed);
        const shown = above.slice(above.length - n).map(squeezed);
        const isOwn = squeezed(before[0] ?? "") === lines[0];
        const hasWords = lines.some((line) => /[\p{L}\p{N}]{2}/u.test(line));
        if (hasWords && !isOwn && lines.every((line, i) => line === shown[i])) return n;
    }
    return 0;
}
