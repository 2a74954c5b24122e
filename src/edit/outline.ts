/**
 * The symbols of a text by lines, as whole-symbol edits need them: from a grammar's outline, or by keywords and indentation where
 * there is none. Comments and decorators right above a symbol belong to it. Pure.
 */

import { indentOf } from "../prompt/lines";
import type { CodeSymbol } from "../syntax/symbols";

export interface Part {
    name: string;
    /** `Outer.Inner`; undefined at the top level; empty in one that is not shown. */
    container: string | undefined;
    /** Whether others can be in it. */
    isContainer: boolean;
    /** It only holds a value: nothing by which code can be told from a few lines. */
    isValue?: true;
    /** Lines, end excluded; `start` is the symbol's own first line, `lead` that of the comment above it. */
    lead: number;
    start: number;
    end: number;
}

/** `symbols`: of the same text. */
export function partsOf(lines: readonly string[], symbols: readonly CodeSymbol[]): Part[] {
    return symbols.map(({ name, kind, container, first, last }) => ({
        name,
        container,
        ...(kind === "value" && { isValue: true as const }),
        isContainer: kind === "class" || kind === "interface" || kind === "module",
        lead: leadOf(lines, first),
        start: first,
        end: last + 1,
    }));
}

const DECLARATION =
    /^([ \t]*)(?:(?:export|default|public|private|protected|internal|open|override|static|abstract|final|async|suspend|pub(?:\([^)]*\))?|local)\s+)*(class|struct|interface|trait|enum|object|module|function\*?|def|defp|fn|func|fun|sub|proc)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][\w$.:]*)/;
const CONTAINERS = /^(class|struct|interface|trait|object|module)$/;
const CLOSER = /^[ \t]*(?:[\])}]+[;,]?|end\b.*)\s*$/;

/** Symbols by their keywords; each ends where the indentation is back, with the closer that stands there. */
export function partsByIndentation(lines: readonly string[]): Part[] {
    const parts: Part[] = [];
    const open: Part[] = [];
    for (const [start, line] of lines.entries()) {
        const [, indent, keyword = "", name] = DECLARATION.exec(line) ?? [];
        if (indent === undefined || name === undefined) continue;
        const end = endByIndentation(lines, start, indent.length);
        while (open.length > 0 && (open.at(-1)?.end ?? 0) <= start) open.pop();
        const outer = open.at(-1);
        // What is inside of a function is part of it.
        if (outer && !outer.isContainer) continue;
        const container = outer && [outer.container, outer.name].filter(Boolean).join(".");
        const isContainer = CONTAINERS.test(keyword);
        const part = { name, container, isContainer, lead: leadOf(lines, start), start, end };
        parts.push(part);
        open.push(part);
    }
    return parts;
}

function endByIndentation(lines: readonly string[], start: number, indent: number): number {
    let end = start + 1;
    for (let at = start + 1; at < lines.length; at++) {
        const line = lines[at] ?? "";
        if (line.trim() === "") continue;
        const own = indentOf(line).length;
        if (own < indent) break;
        if (own === indent && !/^[ \t]*(?:[{)]|(?:public|private|protected)\b.*:\s*$)/.test(line))
            return CLOSER.test(line) ? at + 1 : end;
        end = at + 1;
    }
    return end;
}

const COMMENT =
    /^\s*(\/\/|#(?!\s*(include|define|if|endif|pragma|region))|\/?\*|--|;;|"""|@(doc|impl|spec|typedoc)\b|@[\w.$]+\s*(\(.*\))?\s*$)/;

/** A comment or a decorator on a line of its own. */
export function isCommentAbove(line: string): boolean {
    return COMMENT.test(line);
}

function leadOf(lines: readonly string[], start: number): number {
    let lead = start;
    while (lead > 0 && isCommentAbove(lines[lead - 1] ?? "") && !/^#!/.test(lines[lead - 1] ?? ""))
        lead--;
    return lead;
}

/** Those that are in no other. */
export function outermost(parts: readonly Part[]): Part[] {
    return parts.filter(
        (part) =>
            !parts.some(
                (other) =>
                    other !== part &&
                    other.start <= part.start &&
                    part.end <= other.end &&
                    other.end - other.start > part.end - part.start,
            ),
    );
}

/** A line that brings in what is defined elsewhere. */
export function isImport(line: string): boolean {
    return (
        /^\s*(import\b|from\s+\S+\s+import\b|use\s+[\w:{]|using\s+[\w.]+\s*;|#\s*include\b|require\b|package\s+[\w.]+;?\s*$)/.test(
            line,
        ) || /^\s*(const|let|var)\s+[\w{},\s]+=\s*require\(/.test(line)
    );
}
