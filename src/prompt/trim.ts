/**
 * What of an answer the document already has right of the cursor and below it, and how the two are joined. Each function gives a
 * beginning of the text; filters.ts knows them by name.
 */

import {
    CLOSER_OF,
    closersAtCursor,
    indentOf,
    isInsideString,
    isOnlyClosers,
    isSameLine,
    linePrefix,
    lineSuffix,
    nextNonBlankLine,
    scanBrackets,
} from "./lines";

export interface TrimContext {
    /** Document text before and after the cursor. */
    prefix: string;
    suffix: string;
}

/**
 * The line break that belongs between a suggested block and the closer that an editor put right of the cursor: `{|}` becomes three
 * lines, not two.
 */
export function breakBeforeCloser(text: string, { prefix, suffix }: TrimContext): string {
    if (!/^[ \t]*\n/.test(text)) return "";
    const line = linePrefix(prefix);
    const opener = line.trimEnd().at(-1) ?? "";
    const closer = closersAtCursor(suffix).charAt(0);
    if (closer === "" || CLOSER_OF[opener] !== closer) return "";
    return `\n${indentOf(line)}`;
}

/** Text right of the cursor that the answer brings along at its end. With other text there, only one line fits. */
export function cutRestOfLine(text: string, suffix: string): string {
    const rest = lineSuffix(suffix);
    if (isOnlyClosers(rest)) return text;
    const line = text.split("\n", 1)[0] ?? "";
    const wanted = rest.trim();
    const found = line.lastIndexOf(wanted);
    if (found >= 0 && line.slice(found).trim() === wanted) return line.slice(0, found);
    for (let length = Math.min(line.length, wanted.length); length >= 4; length--)
        if (line.endsWith(wanted.slice(0, length))) return line.slice(0, -length);
    // The statement goes on to the right: an end of statement in front of it is wrong.
    return line.trimEnd().endsWith(";") ? line.trimEnd().slice(0, -1) : line;
}

/** Lines that the document already has below the cursor, and everything after them. */
export function cutFollowingLines(text: string, { prefix, suffix }: TrimContext): string {
    const next = nextNonBlankLine(suffix);
    if (next === undefined) return text;
    const lines = text.split("\n");
    const blankBefore = linePrefix(prefix).trim() === "";
    const same = lines.findIndex((line, i) =>
        i === 0
            ? lineSuffix(suffix).trim() === "" &&
              (blankBefore || line.trim() !== "") &&
              isSameLine(linePrefix(prefix) + line, next)
            : isSameLine(line, next),
    );
    return same < 0 ? text : lines.slice(0, same).join("\n");
}

/** The answer up to the closer that already stands right of the cursor: `foo(|)` gets `a, b`, not `a, b)`. */
export function dropClosersRightOfCursor(text: string, prefix: string, suffix: string): string {
    const closer = closersAtCursor(suffix).charAt(0);
    if (closer === "") return text;
    if (closer === '"' || closer === "'" || closer === "`") {
        if (!isInsideString(linePrefix(prefix), closer)) return text;
        const at = indexOfUnescaped(text, closer);
        return at < 0 ? text : text.slice(0, at);
    }
    const { unmatchedAt } = scanBrackets(text);
    if (unmatchedAt === undefined || text[unmatchedAt] !== closer) return text;
    return text.slice(0, unmatchedAt);
}

function indexOfUnescaped(text: string, character: string): number {
    for (let i = 0; i < text.length; i++) {
        if (text[i] === "\\") i++;
        else if (text[i] === character) return i;
    }
    return -1;
}
