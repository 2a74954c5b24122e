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

export type Document = Parts & { languageId: string };

type Kind = "get" | "set" | "delete" | "overload" | "other";

const OVERLOADING = /^(?:java|csharp|cpp|cuda-cpp|kotlin|scala|groovy|swift)$/;

/** A function of TypeScript without a body, which is a form of the one below. */
const SIGNATURE =
    /^\s*(?:(?:export|default|public|private|protected|static|async)\s+)*(?:function\s+)?[#\w$]+\s*(?:<.*>)?\(/;

function kindOf(languageId: string, lines: readonly string[], part: Part): Kind {
    const { decorators, body } = headOf(lines, part);
    const above = decorators.join("\n");
    if (/@[\w.]+\.setter\b/.test(above)) return "set";
    if (/@[\w.]+\.deleter\b/.test(above)) return "delete";
    if (/@(?:[\w.]+\.)?(?:(?:cached_|abstract)?property|getter)\b/.test(above)) return "get";
    if (/@(?:[\w.]+\.)?overload\b/.test(above)) return "overload";
    const first = lines[body] ?? "";
    const isFunction = !part.isContainer && part.isValue !== true;
    if (/^typescript/.test(languageId) && isFunction && SIGNATURE.test(first))
        return /\}\s*$/.test(lines[part.end - 1] ?? "") ? "other" : "overload";
    const [, keyword, name] = /(?:^|\s)(get|set)\s+([#\w$]+)/.exec(first) ?? [];
    return name === part.name ? (keyword as "get" | "set") : "other";
}

/** Whether a function of the code, or of the document itself, is a signature alone. */
export function isSignature({ languageId }: Document, { lines }: Parts, wanted: Part): boolean {
    return kindOf(languageId, lines, wanted) === "overload";
}

/** Those of `found`, which have its name, that `wanted` can mean; none: it is a new one beside them. */
export function ofKind(
    document: Document,
    code: Parts,
    { wanted, found }: { wanted: Part; found: readonly Part[] },
): readonly Part[] {
    const { languageId } = document;
    const kind = kindOf(languageId, code.lines, wanted);
    const ofOne = (one: Kind) =>
        found.filter((part) => kindOf(languageId, document.lines, part) === one);
    const same = ofOne(kind);
    // Decorators are often left out.
    if (same.length > 0 || kind === "other") return same.length > 0 ? same : found;
    if (kind === "get") return ofOne("other");
    const isOnly = !ofSameName(code, wanted).some(
        (part) => kindOf(languageId, code.lines, part) === "get",
    );
    // A field and what sets it have one name in no language.
    return kind === "set" && isOnly ? ofOne("other").filter(({ isValue }) => isValue) : [];
}

/** The code's members of one name and kind. */
export function siblingsIn({ languageId }: Document, code: Parts, wanted: Part): Part[] {
    const kindIn = (part: Part) => kindOf(languageId, code.lines, part);
    return ofSameName(code, wanted).filter((part) => kindIn(part) === kindIn(wanted));
}

function ofSameName({ parts }: Parts, { name, container }: Part): Part[] {
    return parts.filter((part) => part.name === name && part.container === container);
}

/** Whether functions of one name can both be there, as their types are not the same. */
export function isOtherOverload(
    document: Document,
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
