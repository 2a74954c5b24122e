/**
 * How much of the text right of the cursor a suggestion replaces. Editors close brackets and quotes as they are typed: when the
 * suggestion brings those closers itself, inserting it would leave them twice. Pure.
 */

const OPEN: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const CLOSE = new Set(Object.values(OPEN));
const QUOTE = new Set(['"', "'", "`"]);

/**
 * Number of characters at the start of `lineSuffix` (the rest of the line after the cursor) that `text` already holds as closers
 * of something opened before the cursor.
 */
export function replacedLength(text: string, lineSuffix: string): number {
    const closers = unmatchedClosers(text, lineSuffix.charAt(0));
    let length = 0;
    for (const closer of closers) {
        if (lineSuffix.charAt(length) !== closer) break;
        length++;
    }
    return length;
}

/** Closers in `text` whose opener is not in it. A quote counts only if the text right of the cursor begins with that quote. */
function unmatchedClosers(text: string, right: string): string[] {
    const expected: string[] = [];
    const unmatched: string[] = [];
    let quote = QUOTE.has(right) ? right : "";
    for (let at = 0; at < text.length; at++) {
        const char = text.charAt(at);
        if (char === "\\") {
            at++;
        } else if (quote) {
            if (char !== quote) continue;
            unmatched.push(char);
            quote = "";
        } else if (OPEN[char]) {
            expected.push(OPEN[char]);
        } else if (CLOSE.has(char)) {
            if (expected.at(-1) === char) expected.pop();
            else unmatched.push(char);
        }
    }
    return unmatched;
}
