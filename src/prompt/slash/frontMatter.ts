/**
 * The header of a prompt file: `key: value` lines and lists of plain texts between two lines of `---`. Deliberately no YAML: what
 * prompt files use, and a sentence with the line for what is broken. Pure.
 */

import { AppError } from "../../base/errors";

export interface FrontMatter {
    /** Keys in lower case. */
    values: ReadonlyMap<string, string | string[]>;
    body: string;
}

const MAX_LINES = 100;

/** `name`: what the file is called in a message. Throws AppError `user/usage`. */
export function readFrontMatter(name: string, text: string): FrontMatter {
    const lines = text.replace(/^\uFEFF/, "").split(/\r\n?|\n/);
    const values = new Map<string, string | string[]>();
    if (lines[0]?.trimEnd() !== "---") return { values, body: lines.join("\n").trim() };
    const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === "---");
    if (end < 0) throw broken(name, 1, "its header is not closed by a line of ---");
    if (end > MAX_LINES)
        throw broken(name, MAX_LINES, `its header is longer than ${MAX_LINES} lines`);
    for (let at = 1; at < end;) {
        const line = lines[at] ?? "";
        if (line.trim() === "" || line.trimStart().startsWith("#")) {
            at++;
            continue;
        }
        const match = /^([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?$/.exec(line.trimEnd());
        if (!match) throw broken(name, at + 1, "this is no `key: value`");
        const given = withoutComment(match[2] ?? "");
        const items = given === "" ? itemsBelow(lines.slice(at + 1, end), name, at + 1) : [];
        const value = items.length > 0 ? items : valueOf(given, name, at);
        values.set((match[1] ?? "").toLowerCase(), value);
        at += 1 + items.length;
    }
    return {
        values,
        body: lines
            .slice(end + 1)
            .join("\n")
            .trim(),
    };
}

/** The `- item` lines right below a key; `first` is the zero-based number of the first of them. */
function itemsBelow(lines: readonly string[], name: string, first: number): string[] {
    const end = lines.findIndex((line) => !/^\s*-(\s|$)/.test(line));
    return lines
        .slice(0, end < 0 ? undefined : end)
        .map((line, at) => scalar(withoutComment(line.replace(/^\s*-\s*/, "")), name, first + at));
}

function valueOf(text: string, name: string, at: number): string | string[] {
    if (!text.startsWith("[")) return scalar(text, name, at);
    if (!text.endsWith("]")) throw broken(name, at + 1, "a list is not closed by ]");
    const items = text.slice(1, -1).match(/"[^"]*"|'[^']*'|[^,]+/g) ?? [];
    return items.map((item) => scalar(item.trim(), name, at)).filter((item) => item !== "");
}

/** A prompt file that cannot be used; `line` is one-based. */
export function broken(name: string, line: number | undefined, why: string): AppError {
    const where = line === undefined ? "" : ` (line ${line})`;
    return new AppError("user/usage", `The prompt file ${name} cannot be used${where}: ${why}`);
}

function scalar(text: string, name: string, at: number): string {
    const quote = text[0];
    if (quote !== '"' && quote !== "'") return text;
    if (text.length < 2 || !text.endsWith(quote))
        throw broken(name, at + 1, "a quote is not closed");
    const inner = text.slice(1, -1);
    return quote === "'" ? inner.replaceAll("''", "'") : inner.replace(/\\(["\\])/g, "$1");
}

/** A `#` inside of quotes belongs to the text. */
function withoutComment(text: string): string {
    const trimmed = text.trim();
    const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?$/.exec(trimmed)?.[1];
    if (quoted !== undefined) return quoted;
    return /^["']/.test(trimmed) ? trimmed : trimmed.replace(/(^|\s)#.*$/, "").trim();
}
