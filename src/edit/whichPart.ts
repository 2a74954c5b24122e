/**
 * Which symbol of a document a symbol of code means: by its name and where it is, and of several by kind, parameters and the cursor. One
 * of another kind, or with other types where those tell functions apart, is new and belongs beside those of its name. Pure.
 */

import { headOf } from "./head";
import {
    isOtherOverload,
    isOverloading,
    isSignature,
    ofKind,
    siblingsIn,
    type Document,
    type Parts,
} from "./memberKind";
import type { Part } from "./outline";
import { hasOtherTypes, overloadOf, pairedWith, type Overloads } from "./overloads";
import type { LineRange } from "./range";
import { isOneOf, squeezed } from "./similar";

/** `beside`: it is new, and that is the last one of its name. */
export type Found = { part: Part } | { beside: Part } | "ambiguous" | undefined;

/**
 * The same container, else the only symbol of that name: a method is often shown without its class. Of several (overloads, `impl`
 * blocks) the one that is selected, else the one that begins with the same line or has the same parameters, else the one that the cursor
 * is in; where a language tells them by their types, one with others is new.
 */
export function findPart(
    document: Document,
    code: Parts,
    wanted: Part,
    { selection, cursor }: { selection?: LineRange | undefined; cursor: number },
): Found {
    const isMethod = wanted.container === "";
    const of = implOf(code.lines, wanted);
    // A constructor has the name of its class.
    const isPossible = ({ container, isContainer }: Part) =>
        !isMethod || (container !== undefined && isContainer === wanted.isContainer);
    const named = document.parts.filter(
        (part) =>
            part.name === wanted.name && isPossible(part) && implOf(document.lines, part) === of,
    );
    const same = named.filter(({ container }) => container === wanted.container);
    const near = same.length > 0 ? same : !wanted.container ? named : [];
    const found = ofKind(document, code, { wanted, found: near });
    const inside = found.filter(
        ({ start, end }) => selection && start < selection.end && selection.start < end,
    );
    if (inside.length === 1 && inside[0]) return { part: inside[0] };
    const [only] = found;
    const isForm = near.length > 1 && found.length === 1 && isSignature(document, code, wanted);
    const { lines, languageId } = document;
    if (!only || (isForm && hasOtherTypes([lines, only], [code.lines, wanted], languageId)))
        return besideOf(document, near, cursor);
    return found.length === 1
        ? asOverload(document, code, { wanted, part: only })
        : ofSeveral(document, code, { wanted, found, near, cursor });
}

function asOverload(
    document: Document,
    code: Parts,
    { wanted, part }: { wanted: Part; part: Part },
): Found {
    return isOtherOverload(document, code, { wanted, part }) ? { beside: part } : { part };
}

function ofSeveral(
    document: Document,
    code: Parts,
    {
        wanted,
        found,
        near,
        cursor,
    }: { wanted: Part; found: readonly Part[]; near: readonly Part[]; cursor: number },
): Found {
    const first = squeezed(code.lines[wanted.start] ?? "");
    const alike = found.filter(({ start }) => squeezed(document.lines[start] ?? "") === first);
    if (alike.length === 1 && alike[0]) return { part: alike[0] };
    const around = found.filter(({ lead, end }) => lead <= cursor && cursor < end);
    const [at] = around.length === 1 ? around : [];
    const isClose = ({ container }: Part) => !at || container === at.container;
    const few = found.filter(isClose);
    if (few.length === 1 && at) return asOverload(document, code, { wanted, part: at });
    const overloads = overloadsOf(document, code, { wanted, found: few });
    const part = overloads && sameOverload(document, code, { wanted, overloads });
    if (part) return { part };
    if (overloads && areTold(document, code, wanted))
        return besideOf(document, near.filter(isClose), cursor);
    return at ? { part: at } : "ambiguous";
}

/** Whether functions of one name are told by their types: all of a language, or the signatures of one. */
function areTold(document: Document, code: Parts, wanted: Part): boolean {
    return isOverloading(document.languageId) || isSignature(document, code, wanted);
}

/** The one with the same parameters, or of as many the one in the same place, if that has the same body where types tell them. */
function sameOverload(
    document: Document,
    code: Parts,
    { wanted, overloads }: { wanted: Part; overloads: [Overloads, Overloads] },
): Part | undefined {
    const [{ parts }] = overloads;
    const same = overloadOf(...overloads, wanted);
    if (same) return same;
    const equal = parts.filter((part) => !isOtherOverload(document, code, { wanted, part }));
    if (isOverloading(document.languageId) && equal.length === 1) return equal[0];
    const paired = pairedWith(...overloads, wanted);
    const isMeant =
        paired &&
        (!areTold(document, code, wanted) ||
            isChanged(document, code, { part: paired, member: wanted }));
    return isMeant ? paired : undefined;
}

/** Behind those of its name in one class: the only one that has any, else the one at the cursor. */
function besideOf(document: Document, near: readonly Part[], cursor: number): Found {
    const last = inOneClass(document, near, cursor).at(-1);
    if (!last) return near.length > 0 ? "ambiguous" : undefined;
    return { beside: last };
}

/** Those in the only class that has any, else in the one at the cursor. */
function inOneClass({ parts }: Document, near: readonly Part[], cursor: number): readonly Part[] {
    const pathOf = ({ name, container }: Part) => [container, name].filter(Boolean).join(".");
    if (new Set(near.map(({ container }) => container)).size < 2) return near;
    const around = parts.filter(({ lead, end }) => lead <= cursor && cursor < end).map(pathOf);
    return near.filter(({ container }) => around.includes(container ?? ""));
}

/** Which of a class's members one that is shown in it means; undefined: it is new. */
export function memberFor(
    document: Document,
    code: Parts,
    { member, present }: { member: Part; present: readonly Part[] },
): Part | "ambiguous" | undefined {
    const named = present.filter(({ name }) => name === member.name);
    const found = ofKind(document, code, { wanted: member, found: named });
    const [only] = found;
    const overloads = overloadsOf(document, code, { wanted: member, found });
    if (!only || !overloads || !overloads.some(({ parts }) => parts.length > 1))
        return only && isOtherOverload(document, code, { wanted: member, part: only })
            ? undefined
            : only;
    const same = sameOverload(document, code, { wanted: member, overloads });
    if (same || found.length === 1) return same;
    return areTold(document, code, member) ? undefined : "ambiguous";
}

/** Functions of the same name, of the document and of the code; undefined: they are not in one class. */
function overloadsOf(
    document: Document,
    code: Parts,
    { wanted, found }: { wanted: Part; found: readonly Part[] },
): [Overloads, Overloads] | undefined {
    const [first] = found;
    if (found.some(({ container, isContainer }) => isContainer || container !== first?.container))
        return undefined;
    return [
        { lines: document.lines, parts: found },
        { lines: code.lines, parts: siblingsIn(document, code, wanted) },
    ];
}

const IMPL = /^\s*(?:unsafe\s+)?impl\b\s*(?:<[^{}]*?>\s*(?=[\w(&:]))?(?:(.*?)\s+for\s)?/;

/** What an `impl` block of Rust implements, empty when it is the type itself; undefined: it is none. Such blocks have the type's name. */
export function implOf(lines: readonly string[], part: Part): string | undefined {
    if (!part.isContainer) return undefined;
    const found = IMPL.exec(lines[headOf(lines, part).body] ?? "");
    return found ? squeezed((found[1] ?? "").replace(/\w+::/g, "")) : undefined;
}

/** Functions of a class that an answer neither shows nor has under another name. */
export function lostMembers(
    document: Document,
    code: Parts,
    { present, members }: { present: readonly Part[]; members: readonly Part[] },
): Part[] {
    const isMeant = (part: Part, member: Part) =>
        member.name === part.name &&
        ofKind(document, code, { wanted: member, found: [part] }).length > 0 &&
        !isOtherOverload(document, code, { wanted: member, part });
    const unknown = members.filter((member) => !present.some((part) => isMeant(part, member)));
    const isSome = unknown.length < members.length;
    return present.filter(
        (part) =>
            part.isValue !== true &&
            !members.some((member) => isMeant(part, member)) &&
            !(isSome && unknown.some((member) => isChanged(document, code, { part, member }))),
    );
}

/** Whether a function has most lines of another: it is that one, with another name or other types. */
function isChanged(
    document: Document,
    code: Parts,
    { part, member }: { part: Part; member: Part },
): boolean {
    if (ofKind(document, code, { wanted: member, found: [part] }).length === 0) return false;
    const body = document.lines.slice(headOf(document.lines, part).body + 1, part.end);
    const words = body.filter((line) => /\w/.test(line));
    const nSame = words.filter(isOneOf(code.lines.slice(member.start, member.end))).length;
    return nSame > 0 && nSame * 2 >= words.length;
}
