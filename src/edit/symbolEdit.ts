/**
 * Code that defines whole symbols, put where they belong: those that the document has are replaced, new ones stand behind the one they
 * follow in the code, imports that are missing are added to the others. What names a symbol that the document has twice is refused. Pure.
 */

import { indentOf } from "../prompt/lines";
import {
    classIn,
    frameChanges,
    isBare,
    isFrameOnly,
    leftOutOf,
    withHeader,
    withTextOf,
    type ClassSource,
} from "./classFrame";
import { openBrackets } from "./cutOff";
import { fillElisions } from "./elided";
import { hasElisions, isElision } from "./elision";
import { fitLines } from "./fit";
import { asMethod, headInstead, headOf, isMeantWithout, withModifier } from "./head";
import { missingImports } from "./imports";
import { diffLines } from "./lines";
import { isSignature, type Document, type Parts } from "./memberKind";
import { isImport, outermost, type Part } from "./outline";
import type { LineRange } from "./range";
import { areSame, isOneOf } from "./similar";
import { matchOf, memberSpot, newSpot, placeOf, type Spot } from "./spots";
import { findPart, implOf, lostMembers, memberFor } from "./whichPart";

export interface SymbolEdit {
    lines: string[];
    /** Names of functions that were kept though the code shows most of their class without them. */
    kept: string[];
    /** Lines of the code that belong to no symbol and were not used. */
    nLeftOut: number;
}

/** Lines instead of the document's `start` to `end` (excluded). */
interface Replacement {
    start: number;
    end: number;
    lines: readonly string[];
}

interface Plan {
    replacements: Replacement[];
    kept: string[];
    /** Whether decorators and `export` that the code leaves out stay. */
    keeps: boolean;
    /** Lines of the code that were put nowhere. */
    leftOut: string[];
}

/** What the code is for. */
export interface SymbolTarget {
    /** One level of indentation. */
    unit: string;
    /**
     * Line of the document near which new symbols go when nothing else says where; of several with the same name, the one that it is
     * in is meant.
     */
    cursor: number;
    /** Of symbols with the same name, the one in these lines is meant. */
    selection?: LineRange | undefined;
}

/** Undefined: the code defines no symbol of the document. */
export function editSymbols(
    document: Document,
    code: Parts,
    target: SymbolTarget,
): SymbolEdit | { reason: string } | undefined {
    const edit = editWith(document, code, target, true);
    if (!edit || "reason" in edit || diffLines(document.lines, edit.lines).length > 0) return edit;
    // Where nothing else would change, that something is left out is what it is about.
    return editWith(document, code, target, false);
}

function editWith(
    document: Document,
    code: Parts,
    target: SymbolTarget,
    keeps: boolean,
): SymbolEdit | { reason: string } | undefined {
    const { unit, cursor } = target;
    const tops = outermost(code.parts);
    if (tops.length === 0) return undefined;
    const plan: Plan = { replacements: [], kept: [], keeps, leftOut: [] };
    const found = tops.map((part) => findPart(document, code, part, target));
    const twice = found.indexOf("ambiguous");
    if (twice >= 0) {
        const name = tops[twice]?.name ?? "";
        return {
            reason: `the file defines ${name} more than once; put the cursor into the one that is meant`,
        };
    }
    const known = found.map(matchOf);
    const spots = tops.map((_part, i) => newSpot(document, code, { found, tops, cursor }, i));
    if (!known.some(Boolean) && !spots.some(Boolean)) return undefined;
    for (const [i, part] of tops.entries()) {
        const match = known[i];
        const at = spots[i] ?? placeOf(document, known, i, cursor);
        const problem = match
            ? replacePart(document, code, { part, match, unit }, plan)
            : addPart(document, code, { part, unit, at }, plan);
        if (problem !== undefined) return { reason: problem };
    }
    addImports(document, code, plan);
    const lines = replaceAll(document.lines, plan.replacements);
    if (!lines) return { reason: "two of its symbols stand on the same line of the file" };
    const nLeftOut = countUnused(document, [...plan.leftOut, ...outside(code, tops)]);
    return { lines, kept: plan.kept, nLeftOut };
}

function replacePart(
    document: Document,
    code: Parts,
    { part, match, unit }: { part: Part; match: Part; unit: string },
    plan: Plan,
): string | undefined {
    const end = endWithMarkers(code, part);
    const shown = classIn(code, part);
    const whole = classIn(document, match);
    const written = code.lines.slice(part.start, end);
    if (isByMembers(document, code, { whole, shown }, written, plan.keeps)) {
        replaceFrame(whole, shown, { code, unit }, plan);
        return replaceMembers(document, code, { shown, whole, unit }, plan);
    }
    const old = headOf(document.lines, match);
    const own = headOf(code.lines, part);
    const before = document.lines.slice(old.body, match.end);
    const [first = ""] = before;
    if (!part.isContainer && isHeadOf(code.lines.slice(own.body, end), before))
        return `the code shows ${match.name} without its body`;
    const text = code.lines.slice(own.body, end).join("\n");
    const fitted = fitLines(text, { before, unit });
    const filled = hasElisions(fitted)
        ? fillElisions(withTextOf(fitted, before), fitted)
        : { lines: fitted };
    if ("reason" in filled) return filled.reason;
    const { keeps } = plan;
    const isAll = areSame(filled.lines, before);
    const head = headInstead(old, own, { keeps, unit, body: first, isAll });
    const isKept = keeps && !isMeantWithout(code.lines, code.parts, part);
    const method = asMethod(filled.lines, first);
    const named = keeps && isBare(whole, shown) ? withHeader(method, first) : method;
    const body = isKept ? withModifier(named, first) : named;
    const start = head.isNew ? match.lead : old.body;
    const lines = head.isNew ? [...head.lines, ...body] : body;
    plan.replacements.push({ start, end: match.end, lines });
    return undefined;
}

/** Whether it only says how a function is called that has a body. */
function isHeadOf(written: readonly string[], before: readonly string[]): boolean {
    const text = written.join("\n");
    const isHead = /^[^={}]*\([^{}]*\)[^={}]*;\s*$/.test(text);
    return (
        isHead &&
        !/\b(?:abstract|declare|extern|native)\b/.test(text) &&
        /\}\s*$/.test(before.at(-1) ?? "")
    );
}

/** In Python, a comment in the last line of a block is behind it. */
function endWithMarkers({ lines }: Parts, { start, end }: Part): number {
    const margin = indentOf(lines[start] ?? "").length;
    let last = end;
    for (let at = end; at < lines.length; at++) {
        const line = lines[at] ?? "";
        if (isElision(line) && indentOf(line).length > margin) last = at + 1;
        else if (line.trim() !== "") break;
    }
    return last;
}

/** Whether members go to those of the same name; not where lines that are in none would be lost beside what is left out. */
function isByMembers(
    document: Document,
    code: Parts,
    { whole, shown }: { whole: ClassSource; shown: ClassSource },
    written: readonly string[],
    keeps: boolean,
): boolean {
    if (!hasElisions(written)) return isExcerptOf(document, code, { whole, shown }, keeps);
    const isAllMembers = leftOutOf(shown).every((line) => isElision(line) || !/\w/.test(line));
    const { members } = shown;
    return whole.part.isContainer && whole.members.length > 0 && members.length > 0 && isAllMembers;
}

/** A class of which only some members are shown, or only new ones, is not meant to lose the others; nor is one inside of a namespace. */
function isExcerptOf(
    document: Document,
    code: Parts,
    { whole, shown }: { whole: ClassSource; shown: ClassSource },
    keeps: boolean,
): boolean {
    const { lines, part: match, members: present } = whole;
    const { members } = shown;
    if (!match.isContainer || isBare(whole, shown)) return false;
    if (members.length === 0) return present.length > 0 && isFrameOnly(shown);
    if (members.length * 2 < present.length) return true;
    if (!keeps) return false;
    const names = new Set(members.map(({ name }) => name));
    const nMissing = present.filter(({ name }) => !names.has(name)).length;
    const isLost = () => lostIn(document, { whole, shown }).length > 0;
    const isInside = present.some((inner) => {
        const own = members.find(({ name, isContainer }) => isContainer && name === inner.name);
        if (!own || !inner.isContainer) return false;
        const sources = { whole: classIn(document, inner), shown: classIn(code, own) };
        return isExcerptOf(document, code, sources, keeps);
    });
    if (isInside) return true;
    if (nMissing < present.length)
        return (nMissing * 2 >= present.length && nMissing > 0) || isLost();
    // Members with other names are the old ones where their lines are.
    const isKnown = isOneOf(lines.slice(match.start, match.end));
    const written = shown.lines.slice(shown.part.start, shown.part.end);
    const words = written.slice(1).filter((line) => /\w/.test(line));
    return words.filter(isKnown).length * 2 < words.length;
}

function lostIn(
    { languageId }: Document,
    { whole, shown }: { whole: ClassSource; shown: ClassSource },
): Part[] {
    const { lines, members: present } = whole;
    const { lines: own, members } = shown;
    const source = { lines, parts: present, languageId };
    return lostMembers(source, { lines: own, parts: members }, { present, members });
}

/**
 * Whether the code has all names of the document, but not the type beside an `impl` block of it; or shows a class without some of its
 * functions, as something other than their removal.
 */
export function losesParts(document: Document, code: Parts): boolean {
    const tops = outermost(code.parts);
    const shownAs = (part: Part) => {
        const of = implOf(document.lines, part);
        return tops.find((top) => top.name === part.name && implOf(code.lines, top) === of);
    };
    const present = outermost(document.parts);
    if (present.some((part) => part.isContainer && !shownAs(part))) return true;
    if (code.lines.every(isOneOf(document.lines))) return false;
    return present.some((part) => {
        const top = shownAs(part);
        const isOne = present.every((other) => other === part || shownAs(other) !== top);
        if (!top?.isContainer || !part.isContainer || !isOne) return false;
        const sources = { whole: classIn(document, part), shown: classIn(code, top) };
        return lostIn(document, sources).length > 0;
    });
}

/** What a class has around its members. */
function replaceFrame(
    whole: ClassSource,
    shown: ClassSource,
    { code, unit }: { code: Parts; unit: string },
    plan: Plan,
): void {
    const { keeps } = plan;
    const keepsModifier = keeps && !isMeantWithout(code.lines, code.parts, shown.part);
    const changes = frameChanges(whole, shown, { keeps, keepsModifier, unit });
    plan.replacements.push(...changes);
    plan.leftOut.push(...leftOutOf(shown));
}

function replaceMembers(
    document: Document,
    code: Parts,
    { shown, whole, unit }: { shown: ClassSource; whole: ClassSource; unit: string },
    plan: Plan,
): string | undefined {
    const { part: match, members: present } = whole;
    const found = shown.members.map((member) => memberFor(document, code, { member, present }));
    const twice = found.indexOf("ambiguous");
    if (twice >= 0)
        return `${match.name} defines ${shown.members[twice]?.name ?? ""} more than once`;
    const known = found.map((one) => (one === "ambiguous" ? undefined : one));
    for (const [i, part] of shown.members.entries()) {
        const same = known[i];
        const at = memberSpot({ whole, own: part, known }, i);
        const problem = same
            ? replacePart(document, code, { part, match: same, unit }, plan)
            : addPart(document, code, { part, unit, at }, plan);
        if (problem !== undefined) return problem;
    }
    const lost = lostIn(document, { whole, shown }).filter((part) => !known.includes(part));
    if (lost.length * 2 < present.length) plan.kept.push(...lost.map(({ name }) => name));
    return undefined;
}

function addPart(
    document: Document,
    code: Parts,
    { part, unit, at }: { part: Part; unit: string; at: Spot },
    plan: Plan,
): undefined {
    const { line, near, isInside } = at;
    const written = [...commentOf(code, part), ...code.lines.slice(part.start, part.end)];
    const text = written.filter((one) => !isElision(one)).join("\n");
    const indent = indentOf(document.lines[near?.start ?? -1] ?? "") + (isInside ? unit : "");
    const fitted = fitLines(text, { before: [], indent, unit });
    const last = plan.replacements.at(-1);
    const isField = part.isValue === true && fitted.length === 1;
    if (isField && isBefore(at) && last?.end === line && last.start === line)
        last.lines = last.lines.slice(0, -1);
    const lines = spaced(document, code, { part, fitted, at });
    plan.replacements.push({ start: line, end: line, lines });
}

function isBefore({ line, near }: Spot): boolean {
    return near !== undefined && line <= near.start;
}

/** With the empty line beside it; fields stand close together, and so do the forms of a function. */
function spaced(
    document: Document,
    code: Parts,
    { part, fitted, at }: { part: Part; fitted: readonly string[]; at: Spot },
): readonly string[] {
    const { line, near } = at;
    const isOne = fitted.length === 1;
    const isForm = isOne && near?.name === part.name && isSignature(document, code, part);
    if (isBefore(at)) return isForm ? fitted : [...fitted, ""];
    const isBehindForm = isForm && isSignature(document, document, near);
    const isBehindField = isOne && part.isValue === true && near?.isValue === true;
    const isFirst = at.isInside === true && line === (near?.start ?? 0) + 1;
    return isBehindForm || isBehindField || isFirst ? fitted : ["", ...fitted];
}

function commentOf(code: Parts, part: Part): string[] {
    return code.lines.slice(part.lead, part.start).filter((line) => !isElision(line));
}

function addImports(document: Parts, code: Parts, plan: Plan): void {
    const textOf = (source: Parts) => (range: LineRange) =>
        source.lines.slice(range.start, range.end);
    const present = importsOf(document);
    // The package that an answer names is the model's guess of the file's own.
    const wanted = importsOf(code).filter(({ start }) => !isPackage(code.lines[start] ?? ""));
    const { changed, added } = missingImports(
        present.map(textOf(document)),
        wanted.map(textOf(code)),
    );
    for (const [i, lines] of changed) {
        const at = present[i];
        if (at) plan.replacements.push({ ...at, lines });
    }
    if (added.length === 0) return;
    const missing = added.flat();
    const last = present.at(-1);
    const at = last?.end ?? (/^#!/.test(document.lines[0] ?? "") ? 1 : 0);
    plan.replacements.unshift({
        start: at,
        end: at,
        lines: last ? missing : [...missing, ""],
    });
}

/** Where its imports are, outside of its symbols. */
function importsOf(source: Parts): LineRange[] {
    const isInPart = (line: number) =>
        source.parts.some(({ start, end }) => start <= line && line < end);
    return source.lines.flatMap((line, start) =>
        isImport(line) && !isInPart(start) ? [{ start, end: importEnd(source, start) }] : [],
    );
}

function isPackage(line: string): boolean {
    return /^\s*package\b/.test(line);
}

/** An import can go over several lines. */
function importEnd({ lines }: Parts, start: number): number {
    let open = 0;
    for (let at = start; at < lines.length; at++) {
        open += openBrackets(lines[at] ?? "");
        if (open <= 0) return at + 1;
    }
    return start + 1;
}

/** Undefined when two of them overlap. */
function replaceAll(
    lines: readonly string[],
    replacements: readonly Replacement[],
): string[] | undefined {
    // Sorting keeps the order of those at the same place.
    const sorted = [...replacements].sort((a, b) => a.start - b.start || a.end - b.end);
    const result: string[] = [];
    let at = 0;
    for (const { start, end, lines: now } of sorted) {
        if (start < at) return undefined;
        result.push(...lines.slice(at, start), ...now);
        at = end;
    }
    return [...result, ...lines.slice(at)];
}

/** Lines of code outside of its symbols and imports. */
function outside(code: Parts, tops: readonly Part[]): string[] {
    const imports = importsOf(code);
    return code.lines.filter(
        (_line, i) =>
            !imports.some(({ start, end }) => start <= i && i < end) &&
            !tops.some(({ lead, end }) => lead <= i && i < end),
    );
}

/** Those that say something that the file does not have. */
function countUnused({ lines }: Parts, leftOut: readonly string[]): number {
    const isKnown = isOneOf(lines);
    return leftOut.filter(
        (line) =>
            line.trim() !== "" &&
            !isKnown(line) &&
            !isElision(line) &&
            !/^\s*(\/\/|#|\/?\*|--)/.test(line),
    ).length;
}
