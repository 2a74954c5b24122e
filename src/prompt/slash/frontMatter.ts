/**
 * The header of a prompt file: `key: value` lines, texts over several lines (`|`, `>`) and lists of plain texts between two lines of `---`.
 * Deliberately no YAML: what prompt files use, and a sentence with the line for what is broken. Pure.
 */

import { AppError } from "../../base/errors";
import { indentOf } from "../lines";

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
        const below = lines.slice(at + 1, end);
        const { value, nLines } = valueAt(withoutComment(match[2] ?? ""), below, { name, at });
        values.set((match[1] ?? "").toLowerCase(), value);
        at += 1 + nLines;
    }
    return {
        values,
        body: lines
            .slice(end + 1)
            .join("\n")
            .trim(),
    };
}

/** What a key has, with the number of lines `below` that belong to it. */
function valueAt(
    given: string,
    below: readonly string[],
    { name, at }: { name: string; at: number },
): { value: string | string[]; nLines: number } {
    const style = /^([|>])[+-]?\d?[+-]?$/.exec(given)?.[1];
    if (style !== undefined) {
        const lines = indented(below);
        return { value: blockText(style, lines), nLines: lines.length };
    }
    if (given.startsWith("[") && !given.endsWith("]")) {
        const end = below.findIndex((line) => withoutComment(line).endsWith("]"));
        const lines = below.slice(0, end + 1);
        const text = [given, ...lines.map(withoutComment)].join(" ");
        return { value: valueOf(text, name, at), nLines: lines.length };
    }
    const items = given === "" ? itemsBelow(below, name, at + 1) : [];
    if (items.length > 0) return { value: items, nLines: items.length };
    // A plain text goes on where lines are indented.
    const more = /^[["']/.test(given) ? [] : indented(below);
    const text = [given, ...more.map(withoutComment)].filter((line) => line !== "").join(" ");
    return { value: valueOf(text, name, at), nLines: more.length };
}

/** The lines from the first on that are indented, or empty between such. */
function indented(lines: readonly string[]): string[] {
    const end = lines.findIndex((line) => /^\S/.test(line));
    const own = lines.slice(0, end < 0 ? undefined : end);
    return own.slice(0, own.findLastIndex((line) => line.trim() !== "") + 1);
}

/** As it stands, or with spaces for the ends of lines that are not empty. */
function blockText(style: string, lines: readonly string[]): string {
    const depth = Math.min(
        ...lines.filter((line) => line.trim() !== "").map((line) => indentOf(line).length),
    );
    const text = lines.map((line) => line.slice(depth).trimEnd()).join("\n");
    return style === "|" ? text : text.replace(/(\S)\n(?=\S)/g, "$1 ").replace(/\n\n/g, "\n");
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
