/** How prompt code looks at text around a cursor: lines, indentation, closers. Pure; all texts have `\n` line ends. */

/** Text of the cursor's line before the cursor. */
export function linePrefix(prefix: string): string {
    return prefix.slice(prefix.lastIndexOf("\n") + 1);
}

/** Text of the cursor's line after the cursor. */
export function lineSuffix(suffix: string): string {
    const end = suffix.indexOf("\n");
    return end < 0 ? suffix : suffix.slice(0, end);
}

/** The first line after the cursor's own that is not blank, or undefined. */
export function nextNonBlankLine(suffix: string): string | undefined {
    return suffix
        .split("\n", 64)
        .slice(1)
        .find((line) => line.trim() !== "");
}

/** The last line above the cursor's own that is not blank, or undefined. */
export function previousNonBlankLine(prefix: string): string | undefined {
    return prefix
        .slice(-8000)
        .split("\n")
        .slice(0, -1)
        .findLast((line) => line.trim() !== "");
}

/** The blanks and tabs that a line begins with. */
export function indentOf(line: string): string {
    return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** Columns of leading white space; a tab counts 4. */
export function indentWidth(line: string): number {
    let width = 0;
    for (const character of line) {
        if (character === " ") width += 1;
        else if (character === "\t") width += 4;
        else break;
    }
    return width;
}

/** Nothing but white space. */
export function isBlank(text: string): boolean {
    return text.trim() === "";
}

/** Whether a line opens a block or bracket that its following lines belong to. */
export function opensBlock(line: string, languageId: string): boolean {
    const end = line.trimEnd();
    if (/[{([]$/.test(end) || end.endsWith("=>")) return true;
    if (OPENING_WORDS[languageId]?.test(end)) return true;
    if (!end.endsWith(":")) return false;
    return COLON_LANGUAGES.has(languageId) || /^\s*(case\b.*|default):$/.test(end);
}

const COLON_LANGUAGES = new Set(["python", "yaml", "coffeescript", "nim", "gdscript", "starlark"]);

/** Languages whose blocks open with words. */
const OPENING_WORDS: Readonly<Record<string, RegExp>> = {
    ruby: /^\s*((private |protected )?def|class|module|if|elsif|else|unless|while|until|case|when|begin|rescue|ensure|for)\b(?!.*\bend$)|\bdo(\s*\|[^|]*\|)?$/,
    shellscript: /(^|[\s;])(then|do|else|in)$/,
    lua: /\b(then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$/,
};

/** Whether a line begins with what closes, or goes on with, a block that was opened above it. */
export function closesBlock(line: string): boolean {
    return /^\s*([)\]}]|(end|else|elif|elsif|except|finally|catch|rescue|ensure|fi|done|esac|until)\b)/.test(
        line,
    );
}

/**
 * The indentation of the closer that a block around the cursor lacks below it; undefined when it is there, or when nothing is known to
 * be open.
 */
export function missingCloserIndent(
    prefix: string,
    suffix: string,
    languageId: string,
): number | undefined {
    const lines = prefix.slice(-8000).split("\n");
    const base = indentWidth(lines.at(-1) ?? "");
    const header = lines
        .slice(0, -1)
        .findLast((line) => !isBlank(line) && indentWidth(line) < base);
    if (header === undefined || !isBlank(lineSuffix(suffix))) return undefined;
    if (header.trimEnd().endsWith(":") || !opensBlock(header, languageId)) return undefined;
    const indent = indentWidth(header);
    const next = nextNonBlankLine(suffix);
    if (next === undefined) return indent;
    const nextIndent = indentWidth(next);
    const isClosed = nextIndent > indent || (nextIndent === indent && closesBlock(next));
    return isClosed ? undefined : indent;
}

/**
 * Whether what stands right of the cursor is only what an editor or a statement closes with, so that text of several lines can
 * still be inserted there.
 */
export function isOnlyClosers(restOfLine: string): boolean {
    return /^\s*[)\]}>"'`]*\s*[;:,{]?\s*$/.test(restOfLine);
}

/** The run of closing brackets and quotes directly right of the cursor. */
export function closersAtCursor(suffix: string): string {
    return /^[)\]}>"'`]+/.exec(suffix)?.[0] ?? "";
}

/** Equal lines; indentation counts only where so little text is left that it alone tells lines apart. */
export function isSameLine(a: string, b: string): boolean {
    const text = a.trim();
    if (text === "" || text !== b.trim()) return false;
    return text.length >= 4 || a.trimEnd() === b.trimEnd();
}

/** The closing bracket of each opening one. */
export const CLOSER_OF: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

export interface BracketScan {
    /** Openers without a closer, outermost first. */
    open: string[];
    /** Where the first closer without an opener stands. */
    unmatchedAt: number | undefined;
}

/** Brackets outside of quoted strings. A string ends at the line's end, except in backticks. */
export function scanBrackets(text: string): BracketScan {
    const open: string[] = [];
    let quote = "";
    for (let i = 0; i < text.length; i++) {
        const character = text.charAt(i);
        if (quote) {
            if (character === "\\") i++;
            else if (character === quote || (character === "\n" && quote !== "`")) quote = "";
            continue;
        }
        if (character === '"' || character === "'" || character === "`") quote = character;
        else if (character in CLOSER_OF) open.push(character);
        else if (character === ")" || character === "]" || character === "}") {
            if (CLOSER_OF[open.at(-1) ?? ""] !== character) return { open, unmatchedAt: i };
            open.pop();
        }
    }
    return { open, unmatchedAt: undefined };
}

/** Whether a position after `before` (one line) is inside a string that `quote` opened. */
export function isInsideString(before: string, quote: string): boolean {
    let inside = false;
    for (let i = 0; i < before.length; i++) {
        if (before[i] === "\\") i++;
        else if (before[i] === quote) inside = !inside;
    }
    return inside;
}
