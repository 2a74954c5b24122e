/**
 * Lines as the items that stand beside each other in them: each a line with the block below it, what closes that, and the comments and
 * decorators above. Found by indentation and brackets, so that it works without a grammar. Pure.
 */

import { indentOf } from "../prompt/lines";
import { openBrackets } from "./cutOff";
import { isElision } from "./elision";
import { isCommentAbove } from "./outline";

export interface Item {
    /** Empty lines, comments and decorators above. */
    lead: readonly string[];
    /** Its own lines; none below the last item. */
    lines: readonly string[];
    isMarker: boolean;
}

/** A part of an item: the line (or lines) that open it, and what is in it. */
export interface Section {
    head: readonly string[];
    body: readonly string[];
}

const CLOSER = /^\s*(?:[\])}]|end\b\s*[);,]*\s*(?:$|#|--))/;
const GOES_ON = /^\s*(?:(?:else|elif|except|finally|catch|rescue|ensure)\b|\{\s*$)/;

const RULE = /^\s*(?:#[^\s!#].*|\*\s*)[{,]\s*$/;

/** Undefined: the brackets say otherwise than the indentation, or it is markup. */
export function itemsOf(lines: readonly string[]): Item[] | undefined {
    const isText = linesInTexts(lines);
    const base = baseOf(lines.filter((_line, at) => !isText[at]));
    const items: Item[] = [];
    let lead: string[] = [];
    for (let at = 0; at < lines.length;) {
        const line = lines[at] ?? "";
        const isMarker = isElision(line);
        if (!isMarker && (isText[at] || isLead(line))) {
            lead.push(line);
            at++;
            continue;
        }
        if (/^\s*<[/!A-Za-z]/.test(line) || CLOSER.test(line)) return undefined;
        if (!isMarker && indentOf(line).length > base) return undefined;
        const end = isMarker ? at + 1 : itemEnd(codeOf(lines, isText), at, base);
        if (end === undefined) return undefined;
        items.push({ lead, lines: lines.slice(at, end), isMarker });
        lead = [];
        at = end;
    }
    return lead.length > 0 ? [...items, { lead, lines: [], isMarker: false }] : items;
}

/** Lines of texts and comments that go over several, but for the first one. */
function linesInTexts(lines: readonly string[]): boolean[] {
    let closer: string | undefined;
    return lines.map((line) => {
        const isInside = closer !== undefined;
        if (closer !== undefined) {
            if (line.includes(closer)) closer = undefined;
            return isInside;
        }
        const [, quotes] = /(?:^|[=(,[]|\breturn)\s*[bfru]{0,2}("""|''')/i.exec(line) ?? [];
        if (quotes !== undefined && line.split(quotes).length % 2 === 0) closer = quotes;
        else if (/^\s*\/\*/.test(line) && !line.includes("*/")) closer = "*/";
        return isInside;
    });
}

function codeOf(lines: readonly string[], isText: readonly boolean[]): string[] {
    return lines.map((line, at) => (isText[at] ? "" : line));
}

function baseOf(lines: readonly string[]): number {
    const depths = lines
        .filter((line) => line.trim() !== "" && !isElision(line))
        .map((line) => indentOf(line).length);
    return Math.min(...depths);
}

/** A rule of CSS can begin as a comment does. */
function isLead(line: string): boolean {
    return line.trim() === "" || (isCommentAbove(line) && !RULE.test(line));
}

function itemEnd(lines: readonly string[], start: number, base: number): number | undefined {
    let open = 0;
    let end = start;
    for (let at = start; at < lines.length; at++) {
        const line = lines[at] ?? "";
        if (line.trim() === "") continue;
        const isInside = indentOf(line).length > base || CLOSER.test(line) || GOES_ON.test(line);
        if (at > start && open === 0 && !isInside) return end;
        open += openBrackets(line);
        if (open < 0) return undefined;
        end = at + 1;
    }
    return open === 0 ? end : undefined;
}

/** Its parts, as `if` and `else`; the last one closes it and is empty. */
export function sectionsOf({ lines }: Item): Section[] {
    const base = indentOf(lines[0] ?? "").length;
    const sections: { head: string[]; body: string[] }[] = [];
    for (const [at, line] of lines.entries()) {
        const isHead =
            at === 0 ||
            (line.trim() !== "" &&
                indentOf(line).length <= base &&
                (CLOSER.test(line) || GOES_ON.test(line)));
        const last = sections.at(-1);
        // Parameters over several lines.
        if (last?.body.length === 0 && opensParameters(last.head)) last.head.push(line);
        else if (!isHead) last?.body.push(line);
        else if (last && /^\s*\{\s*$/.test(line) && last.body.length === 0) last.head.push(line);
        else sections.push({ head: [line], body: [] });
    }
    return sections;
}

function opensParameters(head: readonly string[]): boolean {
    const text = head.join("");
    const isFunction = /\b(?:def|function|fn|func|fun)\b[^(]*\($/.test((head[0] ?? "").trimEnd());
    return isFunction && text.split("(").length > text.split(")").length;
}
