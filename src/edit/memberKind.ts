/**
 * Members that stand beside each other under one name: what reads, sets and deletes a value, the signatures of an overload, and where a
 * language tells functions by their types, those with others. An answer that shows one of them is not about the others. Pure.
 */

import { headOf } from "./head";
import type { Part } from "./outline";
import { hasOtherTypes } from "./overloads";

export interface Parts {
    lines: readonly string[];
    parts: readonly Part[];
}

type Kind = "get" | "set" | "delete" | "overload" | "other";

const OVERLOADING = /^(?:java|csharp|cpp|cuda-cpp|kotlin|scala|groovy|swift)$/;

function kindOf(lines: readonly string[], part: Part): Kind {
    const { decorators, body } = headOf(lines, part);
    const above = decorators.join("\n");
    if (/@[\w.]+\.setter\b/.test(above)) return "set";
    if (/@[\w.]+\.deleter\b/.test(above)) return "delete";
    if (/@(?:[\w.]+\.)?(?:(?:cached_|abstract)?property|getter)\b/.test(above)) return "get";
    if (/@(?:[\w.]+\.)?overload\b/.test(above)) return "overload";
    const [, keyword, name] = /(?:^|\s)(get|set)\s+([#\w$]+)/.exec(lines[body] ?? "") ?? [];
    return name === part.name ? (keyword as "get" | "set") : "other";
}

/** Those of `found`, which have its name, that `wanted` can mean; none: it is a new one beside them. */
export function ofKind(
    document: Parts,
    code: Parts,
    { wanted, found }: { wanted: Part; found: readonly Part[] },
): readonly Part[] {
    const kind = kindOf(code.lines, wanted);
    const ofOne = (one: Kind) => found.filter((part) => kindOf(document.lines, part) === one);
    const same = ofOne(kind);
    // Decorators are often left out.
    if (same.length > 0 || kind === "other") return same.length > 0 ? same : found;
    if (kind === "get") return ofOne("other");
    const isOnly = !ofSameName(code, wanted).some((part) => kindOf(code.lines, part) === "get");
    // A field and what sets it have one name in no language.
    return kind === "set" && isOnly ? ofOne("other").filter(({ isValue }) => isValue) : [];
}

/** The code's members of one name and kind. */
export function siblingsIn(code: Parts, wanted: Part): Part[] {
    const kind = kindOf(code.lines, wanted);
    return ofSameName(code, wanted).filter((part) => kindOf(code.lines, part) === kind);
}

function ofSameName({ parts }: Parts, { name, container }: Part): Part[] {
    return parts.filter((part) => part.name === name && part.container === container);
}

/** Whether functions of one name can both be there, as their types are not the same. */
export function isOtherOverload(
    document: Parts & { languageId: string },
    code: Parts,
    { wanted, part }: { wanted: Part; part: Part },
): boolean {
    const { languageId } = document;
    if (!OVERLOADING.test(languageId) || wanted.isContainer || part.isContainer) return false;
    return hasOtherTypes([document.lines, part], [code.lines, wanted], languageId);
}

/** Whether a language tells functions by their types. */
export function isOverloading(languageId: string): boolean {
    return OVERLOADING.test(languageId);
}
