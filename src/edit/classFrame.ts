/**
 * What a class has around its members, when an answer shows some of those only: its comment, its header, and in Python the text below it.
 * What the answer has anew is taken over; what it only leaves out stays. Pure.
 */

import { indentOf } from "../prompt/lines";
import { fitLines } from "./fit";
import { headInstead, headOf, withModifier } from "./head";
import type { Parts } from "./memberKind";
import type { Part } from "./outline";
import type { LineRange } from "./range";
import { areSame, wordsOf } from "./similar";

export interface ClassSource {
    lines: readonly string[];
    part: Part;
    members: readonly Part[];
}

/** A class of a text, with its members. */
export function classIn({ lines, parts }: Parts, part: Part): ClassSource {
    return withFrame({ lines, part, members: parts.filter((other) => isMember(other, part)) });
}

function isMember(part: Part, of: Part): boolean {
    const path = of.container === undefined ? of.name : `${of.container}.${of.name}`;
    return part.container === path && part.start >= of.start && part.end <= of.end;
}

interface Frame {
    head: ReturnType<typeof headOf>;
    header: LineRange;
    /** Empty where there is none. */
    text: LineRange;
}

/** What is to be put instead, in order; nothing where all stays. `keeps`: decorators and `export` that are left out, too. */
export function frameChanges(
    document: ClassSource,
    code: ClassSource,
    { keeps, keepsModifier, unit }: { keeps: boolean; keepsModifier: boolean; unit: string },
): (LineRange & { lines: readonly string[] })[] {
    const old = frameOf(document);
    const own = frameOf(code);
    if (!old || !own) return [];
    const oldHeader = textIn(document, old.header);
    const ownHeader = textIn(code, own.header);
    const [first = ""] = oldHeader;
    const head = headInstead(old.head, own.head, { keeps, unit, body: first });
    const isLess = keeps && isLessThan(ownHeader, oldHeader);
    const fitted = fitLines(ownHeader.join("\n"), { before: oldHeader, unit });
    const header = isLess ? oldHeader : keepsModifier ? withModifier(fitted, first) : fitted;
    const changes = [];
    if (head.isNew)
        changes.push({ start: document.part.lead, end: old.head.body, lines: head.lines });
    if (!areSame(header, oldHeader)) changes.push({ ...old.header, lines: header });
    const text = textIn(code, own.text);
    const oldText = textIn(document, old.text);
    const indent = indentOf(document.lines[innerLine(document, old.header.end)] ?? "");
    const lines = fitLines(text.join("\n"), { before: oldText, indent, unit });
    if (text.length > 0 && !areSame(lines, oldText))
        changes.push({ ...old.text, lines: [...lines, ...blankBehind(document, old)] });
    return changes;
}

/** The empty line below a text that is new. */
function blankBehind({ lines }: ClassSource, { text }: Frame): string[] {
    return text.start === text.end && lines[text.end]?.trim() !== "" ? [""] : [];
}

/** The class with members that do not begin in the text below its header, which looks like a comment above the first one. */
export function withFrame(source: ClassSource): ClassSource {
    const end = frameOf(source)?.text.end ?? 0;
    const members = source.members.map((part) => ({ ...part, lead: Math.max(part.lead, end) }));
    return { ...source, members };
}

/** Lines of a class that are in no member and not around them. */
export function leftOutOf(source: ClassSource): string[] {
    const { lines, part, members } = source;
    const start = frameOf(source)?.text.end ?? part.start + 1;
    return lines
        .slice(0, part.end)
        .filter(
            (_line, at) => at >= start && !members.some(({ lead, end }) => lead <= at && at < end),
        );
}

/** Whether there is nothing in a class that is shown without members. */
export function isFrameOnly(source: ClassSource): boolean {
    return leftOutOf(source).every(isNothing);
}

function isNothing(line: string): boolean {
    return /^\s*(?:[\])};]+|end|pass|\.{3}|\{)?\s*$/.test(line);
}

/** Whether there is nothing in a class, so that one that is shown with members takes nothing from it. */
export function isBare({ lines, part, members }: ClassSource, shown: ClassSource): boolean {
    const inside = lines.slice(headOf(lines, part).body + 1, part.end);
    return members.length === 0 && shown.members.length > 0 && inside.every(isNothing);
}

/** A class that is no longer bare, with the header that it had where the new one only says less. */
export function withHeader(lines: readonly string[], before: string): readonly string[] {
    const [first = "", ...rest] = lines;
    const old = before.replace(/\s*(?:\{\s*\}?|:\s*(?:pass|\.{3})?)\s*$/, "");
    const opener = /\s*[{:]\s*$/.exec(first)?.[0] ?? "";
    return isLessThan([first], [old]) ? [old + opener, ...rest] : lines;
}

/** What a function of Python has below its header and the text that describes it, or behind its colon. */
export function bodyBelow(
    lines: readonly string[],
    { lead, end: limit }: Pick<Part, "lead" | "end">,
): readonly string[] {
    const end = headerEnd(lines, headOf(lines, { lead, end: limit }).body, limit);
    const header = (lines[end - 1] ?? "").replace(/\s*#\s.*$/, "");
    const behind = /:\s*([^:]*)$/.exec(header)?.[1] ?? "";
    return [behind, ...lines.slice(docText(lines, end, limit).end, limit)];
}

/** The old lines with the text below the header that the new ones have: what is left out below it does not bring the old one back. */
export function withTextOf(
    written: readonly string[],
    before: readonly string[],
): readonly string[] {
    const textOf = (lines: readonly string[]) =>
        docText(lines, headerEnd(lines, 0, lines.length), lines.length);
    const own = textOf(written);
    const old = textOf(before);
    const text = written.slice(own.start, own.end);
    return text.length === 0 ? before : before.toSpliced(old.start, old.end - old.start, ...text);
}

/** Undefined: a member is on the same line. */
function frameOf({ lines, part, members }: ClassSource): Frame | undefined {
    const head = headOf(lines, part);
    const limit = Math.min(part.end, ...members.map(({ lead }) => lead));
    const end = headerEnd(lines, head.body, limit);
    if (end > limit) return undefined;
    return { head, header: { start: head.body, end }, text: docText(lines, end, part.end) };
}

/** A header can go over several lines. */
function headerEnd(lines: readonly string[], start: number, limit: number): number {
    let open = 0;
    for (let at = start; at < limit; at++) {
        const line = (lines[at] ?? "").replace(/\s*(?:\/\/|#\s).*$/, "").trimEnd();
        open += (line.match(/[([]/g) ?? []).length - (line.match(/[)\]]/g) ?? []).length;
        const goesOn =
            open > 0 ||
            line.endsWith(",") ||
            /^\s*(?:\{|(?:extends|implements|permits|where|with)\b|:)/.test(lines[at + 1] ?? "");
        if (/[{:]$/.test(line) || !goesOn) return at + 1;
    }
    return start + 1;
}

/** The text in quotes that describes a class of Python. */
function docText(lines: readonly string[], start: number, end: number): LineRange {
    const none = { start, end: start };
    const [, quotes] = /^\s*[rRuU]{0,2}("""|'''|"|')/.exec(lines[start] ?? "") ?? [];
    if (quotes === undefined) return none;
    for (let at = start; at < end; at++) {
        const line = lines[at] ?? "";
        const rest: string = at === start ? line.slice(line.indexOf(quotes) + quotes.length) : line;
        if (rest.includes(quotes)) return { start, end: at + 1 };
    }
    return none;
}

function innerLine({ lines, part }: ClassSource, from: number): number {
    const at = lines.findIndex((line, i) => i >= from && line.trim() !== "");
    return at < 0 || at >= part.end ? from : at;
}

function textIn({ lines }: ClassSource, { start, end }: LineRange): readonly string[] {
    return lines.slice(start, end);
}

/** Whether it has some of the other's words, and no others. */
function isLessThan(some: readonly string[], all: readonly string[]): boolean {
    const words = wordsOf(some.join(" "));
    let at = 0;
    for (const word of wordsOf(all.join(" "))) if (word === words[at]) at++;
    return at === words.length;
}
