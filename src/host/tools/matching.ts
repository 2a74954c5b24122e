/** Which lines of a file a search finds. No regular expressions: a model's pattern could hold up the window for minutes. Pure. */

export interface Matches {
    /** Lines with the whole text, zero-based. */
    exact: number[];
    /** Lines with all of its words, in any order. */
    loose: number[];
}

const MAX_LINE_CHARACTERS = 2000;

export function matchLines(lines: readonly string[], query: string): Matches {
    const wanted = query.trim().toLowerCase();
    const words = wanted.split(/\s+/);
    const found: Matches = { exact: [], loose: [] };
    for (const [at, whole] of lines.entries()) {
        const line = whole.slice(0, MAX_LINE_CHARACTERS).toLowerCase();
        if (line.includes(wanted)) found.exact.push(at);
        else if (words.length > 1 && words.every((word) => line.includes(word)))
            found.loose.push(at);
    }
    return found;
}
