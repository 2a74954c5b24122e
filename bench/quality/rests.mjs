// Rests of lines of code, from a word's beginning, for holes that must say something: a line that stands elsewhere in its file as well does not. Pure.
import { commentsOf, cut } from "./holes.mjs";

const MIN_LINE = 12;
const MAX_LINE = 120;
const MIN_REST = 6;

export function linesIn(text) {
    return text.replaceAll("\r\n", "\n").split("\n");
}

/** Takes a zero-based line and gives `{ before, truth, after }`; undefined: no such hole is there. */
export function restsOf(lines, random) {
    const isComment = commentsOf(lines);
    return (at) => {
        const line = lines[at] ?? "";
        const { length } = line.trim();
        if (isComment[at] || !/\w.*\w/.test(line)) return undefined;
        if (length < MIN_LINE || length > MAX_LINE) return undefined;
        if (lines.filter((one) => one.trim() === line.trim()).length > 1) return undefined;
        const found = cut("word", lines, { first: at, end: at + 1 }, random);
        return found && found.truth.length >= MIN_REST ? found : undefined;
    };
}
