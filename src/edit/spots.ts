/**
 * Where a symbol goes that is new in a document: beside those of its name, to the type or the class that it belongs to, else by what
 * stands before and behind it in the code. Pure.
 */

import { classIn, type ClassSource } from "./classFrame";
import { isSignature, type Document, type Parts } from "./memberKind";
import { outermost, type Part } from "./outline";
import { implOf, type Found } from "./whichPart";

export interface Spot {
    line: number;
    /** The symbol whose indentation it gets. */
    near: Part | undefined;
    /** It goes into that one, which has no others. */
    isInside?: true;
}

/** Where one of the code's outermost symbols belongs by itself; undefined: nothing says so, or it is not new. */
export function newSpot(
    document: Document,
    code: Parts,
    { found, tops, cursor }: { found: readonly Found[]; tops: readonly Part[]; cursor: number },
    i: number,
): Spot | undefined {
    const part = tops[i];
    if (!part || matchOf(found[i])) return undefined;
    const spot = besideSpot(document, code, { found, tops }, i) ?? relatedTo(document, code, part);
    const isAlone = !found.some(matchOf);
    return spot ?? inClassSpot(document, code, { part, cursor: isAlone ? cursor : -1 });
}

/** Beside those of the same name: behind the last, or before it where the code has that one below, or has what is a form of it. */
function besideSpot(
    document: Document,
    code: Parts,
    { found, tops }: { found: readonly Found[]; tops: readonly Part[] },
    i: number,
): Spot | undefined {
    const own = found[i];
    const wanted = tops[i];
    if (!wanted || typeof own !== "object" || !("beside" in own)) return undefined;
    const { beside } = own;
    const isBefore =
        found.slice(i + 1).some((other) => matchOf(other) === beside) ||
        (isSignature(document, code, wanted) && !isSignature(document, document, beside));
    return { line: isBefore ? beside.lead : beside.end, near: beside };
}

/** Behind the type that a new `impl` block is of, and behind its other blocks. */
function relatedTo(document: Parts, code: Parts, part: Part): Spot | undefined {
    if (implOf(code.lines, part) === undefined) return undefined;
    const near = document.parts.findLast(
        ({ name, container }) => name === part.name && container === part.container,
    );
    return near && { line: near.end, near };
}

/** A member that is shown alone: in the class that is called as a constructor, else in that at the cursor (-1: none), or the only one. */
function inClassSpot(
    document: Document,
    code: Parts,
    { part, cursor }: { part: Part; cursor: number },
): Spot | undefined {
    if (!isBareMember(document, code, part)) return undefined;
    const noImpl = document.languageId === "rust" ? undefined : "";
    const classes = document.parts
        .filter((one) => one.isContainer && (implOf(document.lines, one) ?? noImpl) === "")
        .map((one) => classIn(document, one))
        .filter(({ members }) => members.length === 0 || !members.every(isClass));
    const around = classes.findLast((one) => isAround(one.part, cursor));
    const [only, ...others] = outermost(classes.map((one) => one.part));
    const isOnly = (one: ClassSource) => cursor >= 0 && others.length === 0 && one.part === only;
    const own =
        classes.find((one) => one.part.name === part.name) ?? around ?? classes.find(isOnly);
    const isLong = own && own.part.end - own.part.start > 1;
    return isLong ? spotIn(own, { part, at: around ? cursor : -1 }) : undefined;
}

function isAround({ lead, end }: Part, line: number): boolean {
    return lead <= line && line < end;
}

/** Fields to the fields, constructors behind them, functions where there is room at a line, behind the one that it is in, or behind all. */
function spotIn(
    { lines, part: own, members }: ClassSource,
    { part, at }: { part: Part; at: number },
): Spot {
    const [first] = members;
    if (!first) return insideOf({ lines }, own);
    const method = members.find((one) => !one.isValue);
    if (method && part.name === own.name) return { line: method.lead, near: method };
    const around = members.find((one) => isAround(one, at));
    if (!part.isValue && !around && lines[at]?.trim() === "") return { line: at, near: first };
    const last = members.findLast((one) => one.isValue === part.isValue && !one.isContainer);
    if (!last && part.isValue) return { line: first.lead, near: first };
    const near = (!part.isValue && around) || (last ?? members.at(-1) ?? first);
    return { line: near.end, near };
}

/** Whether it can be nothing else than a member. */
function isBareMember({ languageId }: Document, { lines }: Parts, part: Part): boolean {
    if (part.isContainer || part.container) return false;
    const [, given = ""] =
        /\b(?:def|fn) \w+\(\s*(?:&\s*)?(?:mut )?(\w*)/.exec(
            lines.slice(part.start, part.end).join(" "),
        ) ?? [];
    return (
        part.container === "" ||
        /^(?:java|csharp)$/.test(languageId) ||
        (/^(?:python|rust)$/.test(languageId) && /^(?:self|cls)$/.test(given))
    );
}

function isClass({ isContainer }: Part): boolean {
    return isContainer;
}

/** At the end of a class, before what closes it. */
function insideOf({ lines }: Pick<Parts, "lines">, near: Part): Spot {
    const isClosed = /^\s*(?:\}|end\b)/.test(lines[near.end - 1] ?? "");
    return { line: isClosed ? near.end - 1 : near.end, near, isInside: true };
}

export function matchOf(found: Found): Part | undefined {
    return typeof found === "object" && "part" in found ? found.part : undefined;
}

/** Where a new member goes: beside one of its name, fields to the fields, functions behind the one before it, else behind all. */
export function memberSpot(
    { whole, own, known }: { whole: ClassSource; own: Part; known: readonly (Part | undefined)[] },
    i: number,
): Spot {
    const present = whole.members;
    const behind = (near: Part) => ({ line: near.end, near });
    const ahead = (near: Part) => ({ line: near.lead, near });
    const isNamed = (part: Part | undefined) => part !== undefined && part.name === own.name;
    const isAlike = (part: Part | undefined) => part !== undefined && part.isValue === own.isValue;
    const before = known.slice(0, i);
    const sibling = before.findLast(isNamed);
    if (sibling) return behind(sibling);
    const next = known.slice(i + 1).find(isNamed);
    if (next) return ahead(next);
    const near = present.findLast(isNamed) ?? before.findLast(isAlike);
    if (near) return behind(near);
    const below = own.isValue ? undefined : known.slice(i + 1).find(isAlike);
    return below ? ahead(below) : spotIn(whole, { part: own, at: -1 });
}

/** Behind the known symbol before it in the code, before the one after it, else behind what the cursor is in. */
export function placeOf(
    document: Parts,
    known: readonly (Part | undefined)[],
    i: number,
    cursor: number,
): Spot {
    const before = known.slice(0, i).findLast((match) => match !== undefined);
    if (before) return { line: before.end, near: before };
    const after = known.slice(i + 1).find((match) => match !== undefined);
    if (after) return { line: after.lead, near: after };
    const around = outermost(document.parts).find((part) => isAround(part, cursor));
    return { line: around?.end ?? document.lines.length, near: around };
}
