/** How much of what was found travels to the engine: far more than any prompt holds, and never more than a message should carry. Pure. */

import type { Snippet } from "./snippet";

export const MAX_PIECES = 32;
const MAX_CHARACTERS = 32_000;
/** Of one piece; cut after a whole line. */
const MAX_PIECE_CHARACTERS = 8000;

/** The first ones, with `\n` at line ends. */
export function bounded(snippets: readonly Snippet[]): Snippet[] {
    let left = MAX_CHARACTERS;
    const taken: Snippet[] = [];
    for (const snippet of snippets) {
        if (taken.length >= MAX_PIECES || left <= 0) break;
        const text = cut(
            snippet.text.replace(/\r\n?/g, "\n"),
            Math.min(left, MAX_PIECE_CHARACTERS),
        );
        if (text.trim() === "") continue;
        left -= text.length;
        taken.push({ ...snippet, text });
    }
    return taken;
}

function cut(text: string, most: number): string {
    if (text.length <= most) return text;
    return text.slice(0, text.lastIndexOf("\n", most) + 1);
}
