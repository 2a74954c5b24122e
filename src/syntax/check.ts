/**
 * The last look at a suggestion, in the tree that the document would have with it: it ends where the scope of the cursor ends, not in
 * the middle of one that it has opened itself, and the code is not more broken with it than without.
 */

import { linePrefix } from "../prompt/lines";
import { countErrors } from "./errors";
import { isScope, scopeStart } from "./languages";
import { endings } from "./mend";
import { ancestors, type SyntaxNode, type SyntaxTree } from "./tree";

export type Checked =
    /** `reason`: why it is shorter than it was; left out: it is as it was. */
    | { text: string; reason?: "scope-end" | "breaks-syntax" }
    /** Not even its first line fits. */
    | { reason: "breaks-syntax" };

export interface CheckedDocument {
    languageId: string;
    /** Text before and after the cursor. */
    prefix: string;
    suffix: string;
    /** Errors in the tree as it is. */
    nErrors: number;
    /** The tree with a text at the cursor, or undefined when that took too long; the caller deletes it. */
    with: (inserted: string) => SyntaxTree | undefined;
}

/** Most lines of a suggestion that are taken off before it is given up. */
const MAX_TRIES = 12;
/** Code that is broken elsewhere, too, moves its errors about when text is inserted: so many more say nothing. */
const MARGIN = 1;
/** No grammar knows what a macro stands for. */
const MACROS = new Set(["c", "cpp"]);

/** A suggestion as it can be shown. When parsing takes too long, it is what it was. */
export function check(document: CheckedDocument, answer: string): Checked {
    const inScope = cutAtScopeEnd(document, answer);
    const checked = cutErrors(document, inScope);
    if ("text" in checked && inScope !== answer) return { reason: "scope-end", ...checked };
    return checked;
}

/** A suggestion up to the end of the scope that the cursor is in. */
export function cutAtScopeEnd(document: CheckedDocument, answer: string): string {
    if (!answer.includes("\n")) return answer;
    const tree = document.with(answer);
    if (!tree) return answer;
    try {
        const start = document.prefix.length;
        const text = document.prefix + answer;
        return text.slice(start, scopeEnd(tree.rootNode, text, start, text.length)).trimEnd();
    } finally {
        tree.delete();
    }
}

/**
 * A suggestion up to the last line with which the code is no more broken than without. One that stops inside of what it has opened
 * ends before that, or, when nothing is left then, stays.
 */
export function cutErrors(document: CheckedDocument, answer: string): Checked {
    const limit = allowed(document);
    const judged = (text: string) =>
        limit === undefined ? undefined : judge(document, limit, text);
    const whole = judged(answer);
    const lines = answer.split("\n");
    if (whole === undefined || whole === "fits") return { text: answer };
    let open = whole === "open" ? answer : undefined;
    for (let n = lines.length - 1; n > 0 && n >= lines.length - MAX_TRIES; n--) {
        const text = lines.slice(0, n).join("\n").trimEnd();
        if (text.trim() === "") break;
        const verdict = judged(text);
        if (verdict === undefined) return { text: answer };
        if (verdict === "fits") return { text, reason: "breaks-syntax" };
        if (verdict === "open") open ??= text;
    }
    if (open === undefined) return { reason: "breaks-syntax" };
    return open === answer ? { text: answer } : { text: open, reason: "breaks-syntax" };
}

/**
 * How many errors the code may have with a suggestion: as many as with the shortest text that the cursor's line could go on with. The
 * line is being written, and what is broken only because its end is missing would excuse as much in a suggestion.
 */
export function allowed(document: CheckedDocument): number | undefined {
    const { nErrors, languageId, prefix } = document;
    const line = linePrefix(prefix);
    const slack = MACROS.has(languageId) ? MARGIN : 0;
    let best = nErrors;
    for (const text of ["x", ...endings(line, languageId)]) {
        if (best === 0) return slack;
        const n = errorsWith(document, text);
        if (n === undefined) return undefined;
        best = Math.min(best, n);
    }
    return best === 0 ? slack : Math.max(nErrors, best) + MARGIN;
}

type Verdict = "fits" | "open" | "breaks";

/** Whether the code with `text` is no worse than it may be: as it is, or (`open`) with what closes what it has opened. */
export function judge(document: CheckedDocument, limit: number, text: string): Verdict | undefined {
    const n = errorsWith(document, text);
    if (n === undefined) return undefined;
    if (n <= limit) return "fits";
    for (const ending of endings(text, document.languageId)) {
        const nMended = errorsWith(document, text + ending);
        if (nMended === undefined) return undefined;
        if (nMended <= limit) return "open";
    }
    return "breaks";
}

function errorsWith(document: CheckedDocument, text: string): number | undefined {
    const tree = document.with(text);
    if (!tree) return undefined;
    try {
        return countErrors(tree.rootNode);
    } finally {
        tree.delete();
    }
}

/** Where the scope that the cursor is in ends, when that is before the end of a suggestion that stands at `start` to `end`. */
export function scopeEnd(root: SyntaxNode, text: string, start: number, end: number): number {
    const first = start + (/^\s*/.exec(text.slice(start, end))?.[0].length ?? 0);
    const scope = first < end ? scopeAround(root, start, first) : undefined;
    if (!scope || scope.endIndex >= end) return end;
    // What the scope belongs to may go on: `} else {`, `});`.
    let last = scope.endIndex;
    for (let node = scope.parent; node?.parent && !isScope(node); node = node.parent)
        if (node.startIndex < start && node.endIndex <= end) last = Math.max(last, node.endIndex);
    const lineEnd = text.indexOf("\n", last);
    return lineEnd < 0 || lineEnd > end ? end : lineEnd;
}

/**
 * The scope of a cursor at `start`: the innermost around the first character behind it, at `first`, that was open before. A suggestion
 * that begins with the closer of a scope goes on in the one around it.
 */
function scopeAround(root: SyntaxNode, start: number, first: number): SyntaxNode | undefined {
    for (const node of ancestors(root, first, first + 1))
        if (isScope(node) && scopeStart(node) < start && !isCloser(node.lastChild, first))
            return node;
    return undefined;
}

function isCloser(token: SyntaxNode | null, at: number): boolean {
    return token !== null && !token.isNamed && token.startIndex === at;
}
