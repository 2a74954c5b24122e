/**
 * Three dots alone on a line, which small models write for code that stays. In Python they can be a body, and are one where the file
 * has nothing else there; in a text they are its own. Pure.
 */

import { indentOf } from "../prompt/lines";
import { bodyBelow } from "./classFrame";
import { MARKER } from "./elision";
import { headOf } from "./head";
import { ofKind, type Document, type Parts } from "./memberKind";
import type { Part } from "./outline";
import { squeezed } from "./similar";

const DOTS = /^\s*(?:\.{3}|…)\s*$/;
const NOTHING = /^\s*(?:(?:\.{3}|pass)\s*)?(?:#.*)?$/;

/** Whether a line has nothing else. */
export function isDots(line: string): boolean {
    return DOTS.test(line);
}

/** The code with marks that stand for code (see `isElision`) in place of such lines. */
export function withoutBareDots(
    document: Document,
    { text, parts }: { text: string; parts: readonly Part[] },
): string {
    const lines = text.split("\n");
    if (!lines.some(isDots)) return text;
    const isMeant =
        document.languageId === "python"
            ? dotsOfPython(document, { lines, parts })
            : (at: number) => isThere(document.lines, lines, at);
    return lines
        .map((line, i) => (isDots(line) && !isMeant(i) ? indentOf(line) + MARKER : line))
        .join("\n");
}

/** Whether the file has dots above or below the same line. */
function isThere(present: readonly string[], lines: readonly string[], at: number): boolean {
    const around = (all: readonly string[], i: number) => [
        squeezed(all.slice(0, i).findLast(isText) ?? ""),
        squeezed(all.slice(i + 1).find(isText) ?? ""),
    ];
    const [above, below] = around(lines, at);
    return present.some((line, i) => {
        if (!isDots(line)) return false;
        const [before, behind] = around(present, i);
        return before === above || behind === below;
    });
}

function dotsOfPython(document: Document, code: Parts): (at: number) => boolean {
    const texts = insideTexts(code.lines);
    return (at) => texts.has(at) || (isBody(code.lines, at) && !standsForCode(document, code, at));
}

/** All of a block, but for a text that describes it. */
function isBody(lines: readonly string[], at: number): boolean {
    const before = lines.slice(0, at).findLast(isText) ?? "";
    const behind = lines.slice(at + 1).find(isText) ?? "";
    const indent = indentOf(lines[at] ?? "").length;
    const isFirst = /(?::|"""|''')\s*$/.test(before);
    return isFirst && indentOf(behind).length < indent;
}

/** Whether the file has more in the block. */
function standsForCode(document: Document, code: Parts, at: number): boolean {
    const { lines } = code;
    const indent = indentOf(lines[at] ?? "").length;
    const part = code.parts.findLast(({ start, end }) => start <= at && at < end);
    const known = part && counterparts(document, code, part);
    const isOwn = part && isAlone(lines, headOf(lines, part).body, at);
    if (known && isOwn) {
        if (part.isContainer || isAbstract(code, part) || known.length === 0) return false;
        return known.every((other) =>
            bodyBelow(document.lines, other).some((line) => !NOTHING.test(line)),
        );
    }
    const opener = lines
        .slice(0, at)
        .findLast((one) => isText(one) && indentOf(one).length < indent);
    const places = known ?? [{ start: 0, end: document.lines.length }];
    return places.some(({ start, end }) => {
        const before = document.lines.slice(start, end);
        const found = before.findIndex((line) => squeezed(line) === squeezed(opener ?? ""));
        const first = before.slice(found + 1).find(isText);
        return found >= 0 && first !== undefined && !NOTHING.test(first);
    });
}

/** Whether no line between a header and the dots begins a block. */
function isAlone(lines: readonly string[], header: number, at: number): boolean {
    return bodyBelow(lines, { lead: header, end: at + 1 }).filter(isText).length <= 1;
}

/** What the file has of a symbol of the code. */
function counterparts(document: Document, code: Parts, wanted: Part): readonly Part[] {
    const { name, container, isContainer } = wanted;
    const found = document.parts.filter(
        (part) =>
            part.name === name &&
            part.isContainer === isContainer &&
            (!container || part.container === container),
    );
    return ofKind(document, code, { wanted, found });
}

/** Functions that are meant to have no body. */
function isAbstract({ lines, parts }: Parts, part: Part): boolean {
    const { decorators } = headOf(lines, part);
    const outer = parts.find(
        ({ isContainer, start, end }) => isContainer && start <= part.start && part.end <= end,
    );
    return (
        decorators.some((line) => /\b(?:overload|abstractmethod)\b/.test(line)) ||
        (outer !== undefined && /\bProtocol\b/.test(lines[headOf(lines, outer).body] ?? ""))
    );
}

/** Lines of Python that begin inside of a text of several lines. */
function insideTexts(lines: readonly string[]): Set<number> {
    const inside = new Set<number>();
    let quotes: string | undefined;
    for (const [i, line] of lines.entries()) {
        if (quotes !== undefined) inside.add(i);
        for (const [token] of line.matchAll(/\\.|"""|'''|#|"|'/g)) {
            if (quotes === undefined && token === "#") break;
            if (token === quotes) quotes = undefined;
            else if (quotes === undefined && !token.startsWith("\\")) quotes = token;
        }
        // A text in single quotes ends with its line.
        if (quotes?.length === 1) quotes = undefined;
    }
    return inside;
}

function isText(line: string): boolean {
    return line.trim() !== "";
}
