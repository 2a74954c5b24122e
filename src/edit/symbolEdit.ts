/**
 * Code that defines whole symbols, put where they belong: those that the document has are replaced, new ones stand behind the one they
 * follow in the code, imports that are missing are added to the others. What names a symbol that the document has twice is refused. Pure.
 */

import { indentOf } from "../prompt/lines";
import { frameChanges, isFrameOnly, leftOutOf, withFrame, type ClassSource } from "./classFrame";
import { fillElisions } from "./elided";
import { hasElisions, isElision } from "./elision";
import { fitLines } from "./fit";
import { headInstead, headOf, isMeantWithout, withModifier } from "./head";
import { missingImports } from "./imports";
import { diffLines } from "./lines";
import { isImport, outermost, type Part } from "./outline";
import { ofSameLength, overloadOf, type Overloads } from "./overloads";
import type { LineRange } from "./range";
import { squeezed } from "./similar";

export interface SymbolSource {
    lines: readonly string[];
    parts: readonly Part[];
}

export interface SymbolEdit {
    lines: string[];
    /** Names of replaced and added symbols. */
    replaced: string[];
    added: string[];
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
    replaced: string[];
    added: string[];
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
    document: SymbolSource,
    code: SymbolSource,
    target: SymbolTarget,
): SymbolEdit | { reason: string } | undefined {
    const edit = editWith(document, code, target, true);
    if (!edit || "reason" in edit || diffLines(document.lines, edit.lines).length > 0) return edit;
    // Where nothing else would change, that something is left out is what it is about.
    return editWith(document, code, target, false);
}

function editWith(
    document: SymbolSource,
    code: SymbolSource,
    target: SymbolTarget,
    keeps: boolean,
): SymbolEdit | { reason: string } | undefined {
    const { unit, cursor } = target;
    const tops = outermost(code.parts);
    if (tops.length === 0) return undefined;
    const plan: Plan = { replacements: [], replaced: [], added: [], keeps, leftOut: [] };
    const matches = tops.map((part) => findPart(document, code, part, target));
    const twice = matches.find((match) => match === "ambiguous");
    if (twice) {
        const name = tops[matches.indexOf(twice)]?.name ?? "";
        return {
            reason: `the file defines ${name} more than once; put the cursor into the one that is meant`,
        };
    }
    const known = matches.map((match) => (match === "ambiguous" ? undefined : match));
    const isRelated = (part: Part) => relatedTo(document, code, part) !== undefined;
    if (known.every((match) => !match) && !tops.some(isRelated)) return undefined;
    for (const [i, part] of tops.entries()) {
        const match = known[i];
        const problem = match
            ? replacePart(document, code, { part, match, unit }, plan)
            : addPart(
                  document,
                  code,
                  {
                      part,
                      unit,
                      at: relatedTo(document, code, part) ?? placeOf(document, known, i, cursor),
                  },
                  plan,
              );
        if (problem !== undefined) return { reason: problem };
    }
    addImports(document, code, plan);
    const lines = replaceAll(document.lines, plan.replacements);
    if (!lines) return { reason: "two of its symbols stand on the same line of the file" };
    const { replaced, added } = plan;
    const nLeftOut = countUnused(document, [...plan.leftOut, ...outside(code, tops)]);
    return { lines, replaced, added, nLeftOut };
}

/**
 * The same container, else the only symbol of that name: a method is often shown without its class. Of several (overloads, `impl`
 * blocks) the one that is selected, else the one that begins with the same line or has the same parameters, else the one that the cursor is in.
 */
function findPart(
    document: SymbolSource,
    code: SymbolSource,
    wanted: Part,
    { selection, cursor }: SymbolTarget,
): Part | "ambiguous" | undefined {
    const isMethod = wanted.container === "";
    const of = implOf(code.lines, wanted);
    const named = document.parts.filter(
        (part) =>
            part.name === wanted.name &&
            !(isMethod && part.container === undefined) &&
            implOf(document.lines, part) === of,
    );
    const same = named.filter(({ container }) => container === wanted.container);
    const found = same.length > 0 ? same : !wanted.container ? named : [];
    if (found.length < 2) return found[0];
    const inside = found.filter(
        ({ start, end }) => selection && start < selection.end && selection.start < end,
    );
    if (inside.length === 1) return inside[0];
    const first = squeezed(code.lines[wanted.start] ?? "");
    const alike = found.filter(({ start }) => squeezed(document.lines[start] ?? "") === first);
    if (alike.length === 1) return alike[0];
    const overloads = overloadsOf(document, code, { wanted, found });
    const overload = overloads && overloadOf(...overloads, wanted);
    if (overload) return overload;
    const around = found.filter(({ lead, end }) => lead <= cursor && cursor < end);
    if (around.length === 1 && around[0]) return around[0];
    return (overloads && ofSameLength(...overloads, wanted)) ?? "ambiguous";
}

/** Functions of the same name, of the document and of the code; undefined: they are not in one class. */
function overloadsOf(
    document: SymbolSource,
    code: SymbolSource,
    { wanted, found }: { wanted: Part; found: readonly Part[] },
): [Overloads, Overloads] | undefined {
    const [first] = found;
    if (found.some(({ container, isContainer }) => isContainer || container !== first?.container))
        return undefined;
    const own = code.parts.filter(
        ({ name, container }) => name === wanted.name && container === wanted.container,
    );
    return [
        { lines: document.lines, parts: found },
        { lines: code.lines, parts: own },
    ];
}

const IMPL = /^\s*(?:unsafe\s+)?impl\b\s*(?:<[^{}]*?>\s*(?=[\w(&:]))?(?:(.*?)\s+for\s)?/;

/** What an `impl` block of Rust implements, empty when it is the type itself; undefined: it is none. Such blocks have the type's name. */
function implOf(lines: readonly string[], part: Part): string | undefined {
    if (!part.isContainer) return undefined;
    const found = IMPL.exec(lines[headOf(lines, part).body] ?? "");
    return found ? squeezed((found[1] ?? "").replace(/\w+::/g, "")) : undefined;
}

/** Behind the type that a new `impl` block is of, and behind its other blocks. */
function relatedTo(document: SymbolSource, code: SymbolSource, part: Part): Spot | undefined {
    if (implOf(code.lines, part) === undefined) return undefined;
    const near = document.parts.findLast(
        ({ name, container }) => name === part.name && container === part.container,
    );
    return near && { line: near.end, near };
}

function replacePart(
    document: SymbolSource,
    code: SymbolSource,
    { part, match, unit }: { part: Part; match: Part; unit: string },
    plan: Plan,
): string | undefined {
    const end = endWithMarkers(code, part);
    const shown = classIn(code, part);
    const whole = classIn(document, match);
    if (isByMembers(whole, shown, code.lines.slice(part.start, end), plan.keeps)) {
        replaceFrame(whole, shown, { code, unit }, plan);
        return replaceMembers(document, code, { shown, whole, unit }, plan);
    }
    const old = headOf(document.lines, match);
    const own = headOf(code.lines, part);
    const before = document.lines.slice(old.body, match.end);
    const [first = ""] = before;
    const text = code.lines.slice(own.body, end).join("\n");
    const fitted = fitLines(text, { before, unit });
    const filled = hasElisions(fitted) ? fillElisions(before, fitted) : { lines: fitted };
    if ("reason" in filled) return filled.reason;
    const { keeps } = plan;
    const head = headInstead(old, own, { keeps, unit, body: first });
    const isKept = keeps && !isMeantWithout(code.lines, code.parts, part);
    const body = isKept ? withModifier(filled.lines, first) : filled.lines;
    const start = head.isNew ? match.lead : old.body;
    const lines = head.isNew ? [...head.lines, ...body] : body;
    plan.replacements.push({ start, end: match.end, lines });
    plan.replaced.push(match.name);
    return undefined;
}

/** In Python, a comment in the last line of a block is behind it. */
function endWithMarkers({ lines }: SymbolSource, { start, end }: Part): number {
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
    whole: ClassSource,
    shown: ClassSource,
    written: readonly string[],
    keeps: boolean,
): boolean {
    if (!hasElisions(written)) return isExcerptOf(whole, shown, keeps);
    const isAllMembers = leftOutOf(shown).every((line) => isElision(line) || !/\w/.test(line));
    const { members } = shown;
    return whole.part.isContainer && whole.members.length > 0 && members.length > 0 && isAllMembers;
}

/** A class of which only some members are shown, or only new ones, is not meant to lose the others. */
function isExcerptOf(
    { lines, part: match, members: present }: ClassSource,
    shown: ClassSource,
    keeps: boolean,
): boolean {
    const { members } = shown;
    if (!match.isContainer) return false;
    if (members.length === 0) return present.length > 0 && isFrameOnly(shown);
    if (members.length * 2 < present.length) return true;
    if (!keeps) return false;
    const names = new Set(members.map(({ name }) => name));
    const nMissing = present.filter(({ name }) => !names.has(name)).length;
    if (nMissing < present.length) return nMissing * 2 >= present.length && nMissing > 0;
    // Members with other names are the old ones where their lines are.
    const known = new Set(lines.slice(match.start, match.end).map(squeezed));
    const written = shown.lines.slice(shown.part.start, shown.part.end);
    const words = written.slice(1).filter((line) => /\w/.test(line));
    return words.filter((line) => known.has(squeezed(line))).length * 2 < words.length;
}

/** What a class has around its members. */
function replaceFrame(
    whole: ClassSource,
    shown: ClassSource,
    { code, unit }: { code: SymbolSource; unit: string },
    plan: Plan,
): void {
    const { keeps } = plan;
    const keepsModifier = keeps && !isMeantWithout(code.lines, code.parts, shown.part);
    const changes = frameChanges(whole, shown, { keeps, keepsModifier, unit });
    plan.replacements.push(...changes);
    if (changes.length > 0) plan.replaced.push(whole.part.name);
    plan.leftOut.push(...leftOutOf(shown));
}

function replaceMembers(
    document: SymbolSource,
    code: SymbolSource,
    { shown, whole, unit }: { shown: ClassSource; whole: ClassSource; unit: string },
    plan: Plan,
): string | undefined {
    const { part: match, members: present } = whole;
    for (const member of shown.members) {
        const named = present.filter(({ name }) => name === member.name);
        const overloads = overloadsOf(document, code, { wanted: member, found: named });
        const isOne = !overloads?.some(({ parts }) => parts.length > 1);
        const same = overloads && !isOne ? overloadOf(...overloads, member) : named[0];
        if (!same && named.length > 1) return `${match.name} defines ${member.name} more than once`;
        if (same) {
            const problem = replacePart(document, code, { part: member, match: same, unit }, plan);
            if (problem !== undefined) return problem;
        } else {
            const last = present.at(-1);
            const at = { line: last?.end ?? match.end - 1, near: last ?? match };
            addPart(document, code, { part: member, unit, at }, plan);
        }
    }
    return undefined;
}

function classIn({ lines, parts }: SymbolSource, part: Part): ClassSource {
    return withFrame({ lines, part, members: parts.filter((other) => isMember(other, part)) });
}

function isMember(part: Part, of: Part): boolean {
    const path = of.container === undefined ? of.name : `${of.container}.${of.name}`;
    return part.container === path && part.start >= of.start && part.end <= of.end;
}

interface Spot {
    line: number;
    /** The symbol whose indentation it gets. */
    near: Part | undefined;
}

/** Behind the known symbol before it in the code, before the one after it, else behind what the cursor is in. */
function placeOf(
    document: SymbolSource,
    known: readonly (Part | undefined)[],
    i: number,
    cursor: number,
): Spot {
    const before = known.slice(0, i).findLast((match) => match !== undefined);
    if (before) return { line: before.end, near: before };
    const after = known.slice(i + 1).find((match) => match !== undefined);
    if (after) return { line: after.lead, near: after };
    const around = outermost(document.parts).find(
        ({ lead, end }) => lead <= cursor && cursor < end,
    );
    return { line: around?.end ?? document.lines.length, near: around };
}

function addPart(
    document: SymbolSource,
    code: SymbolSource,
    { part, unit, at }: { part: Part; unit: string; at: Spot },
    plan: Plan,
): undefined {
    const { line, near } = at;
    const written = [...commentOf(code, part), ...code.lines.slice(part.start, part.end)];
    const text = written.filter((one) => !isElision(one)).join("\n");
    const indent = indentOf(document.lines[near?.start ?? -1] ?? "");
    const fitted = fitLines(text, { before: [], indent, unit });
    const isBefore = near !== undefined && line <= near.start;
    const lines = isBefore ? [...fitted, ""] : ["", ...fitted];
    plan.replacements.push({ start: line, end: line, lines });
    plan.added.push(part.name);
}

function commentOf(code: SymbolSource, part: Part): string[] {
    return code.lines.slice(part.lead, part.start).filter((line) => !isElision(line));
}

function addImports(document: SymbolSource, code: SymbolSource, plan: Plan): void {
    const textOf = (source: SymbolSource) => (range: LineRange) =>
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
function importsOf(source: SymbolSource): LineRange[] {
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
function importEnd({ lines }: SymbolSource, start: number): number {
    const nOpen = (line: string) =>
        (line.match(/[({]/g) ?? []).length - (line.match(/[)}]/g) ?? []).length;
    let open = 0;
    for (let at = start; at < lines.length; at++) {
        open += nOpen(lines[at] ?? "");
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
function outside(code: SymbolSource, tops: readonly Part[]): string[] {
    const imports = importsOf(code);
    return code.lines.filter(
        (_line, i) =>
            !imports.some(({ start, end }) => start <= i && i < end) &&
            !tops.some(({ lead, end }) => lead <= i && i < end),
    );
}

/** Those that say something that the file does not have. */
function countUnused({ lines }: SymbolSource, leftOut: readonly string[]): number {
    const known = new Set(lines.map(squeezed));
    return leftOut.filter(
        (line) =>
            line.trim() !== "" &&
            !known.has(squeezed(line)) &&
            !isElision(line) &&
            !/^\s*(\/\/|#|\/?\*|--)/.test(line),
    ).length;
}
