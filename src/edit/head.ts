/**
 * What stands in front of a symbol: comments and decorators above it, and whether others may use it. Who rewrites a function often
 * leaves those out, so that they stay where an answer does not say otherwise. Pure.
 */

import { indentOf } from "../prompt/lines";
import { isElision } from "./elision";
import { fitLines } from "./fit";
import { isCommentAbove, type Part } from "./outline";
import { wordsOf } from "./similar";

export interface Head {
    comments: readonly string[];
    decorators: readonly string[];
    /** Both, as they stand there. */
    all: readonly string[];
    /** The line behind them. */
    body: number;
}

const DECORATOR = /^\s*(?:@(?!interface\b)[\w.$]+\s*|#!?(?=\[)|(?=\[[A-Z]))/;
const MODIFIER = /^\s*(export default |export |pub(?:\([^)]*\))? )/;

/** `lines`: of the text that the symbol is in. */
export function headOf(lines: readonly string[], { lead, end }: Pick<Part, "lead" | "end">): Head {
    const comments: string[] = [];
    const decorators: string[] = [];
    let body = lead;
    while (body < end - 1) {
        const next = decoratorEnd(lines, body, end);
        if (next !== undefined) decorators.push(...lines.slice(body, next));
        else if (isCommentAbove(lines[body] ?? "")) comments.push(lines[body] ?? "");
        else break;
        body = next ?? body + 1;
    }
    const all = lines.slice(lead, body).filter((line) => !isElision(line));
    return { comments: comments.filter((line) => !isElision(line)), decorators, all, body };
}

/** The line behind a decorator (an annotation, an attribute) that begins at a line and shares none; undefined: none does. */
function decoratorEnd(lines: readonly string[], at: number, end: number): number | undefined {
    const name = DECORATOR.exec(lines[at] ?? "")?.[0];
    if (name === undefined) return undefined;
    let depth = 0;
    for (let line = at; line < end; line++) {
        const text = (lines[line] ?? "").slice(line === at ? name.length : 0);
        for (const [i, character] of [...text].entries()) {
            if ("([{".includes(character)) depth++;
            else if (")]}".includes(character)) depth--;
            else if (depth === 0 && character.trim() !== "")
                return /^(?:\/\/|\/\*|#)/.test(text.slice(i)) ? line + 1 : undefined;
        }
        if (depth <= 0) return line + 1;
    }
    return undefined;
}

/** The lines above a symbol's body when an answer replaces it, and whether any of them differ from the old ones. `isAll`: nothing else does. */
export function headInstead(
    old: Head,
    own: Head,
    {
        keeps,
        unit,
        body,
        isAll = false,
    }: { keeps: boolean; unit: string; body: string; isAll?: boolean },
): { lines: readonly string[]; isNew: boolean } {
    const fitted = (lines: readonly string[]) =>
        fitLines(lines.join("\n"), { before: old.all.length > 0 ? old.all : [body], unit });
    const keepsDecorators = keeps && own.decorators.length === 0 && old.decorators.length > 0;
    if (own.all.length === 0 && (keepsDecorators || old.decorators.length === 0))
        return { lines: old.all, isNew: false };
    const lines = [
        ...commentsKept(old.comments, own.comments, isAll),
        ...fitted(own.all),
        ...(keepsDecorators ? old.decorators : []),
    ];
    return { lines, isNew: true };
}

/**
 * Comments that stay above a symbol though an answer has some of its own: what describes it goes for another description only, and any
 * other for one that says something like it, or that is all that changes. "updated" says nothing of what was there.
 */
export function commentsKept(
    old: readonly string[],
    own: readonly string[],
    isAll = false,
): readonly string[] {
    const hasDoc = own.some(isDoc);
    const hadDoc = old.some(isDoc);
    const wasDoc = (line: string) => hadDoc && (isDoc(line) || /^\s*\*/.test(line));
    const words = new Set(own.flatMap(wordsOf));
    const others = old
        .filter((line) => !wasDoc(line))
        .flatMap(wordsOf)
        .filter((word) => word.length > 1);
    const nShared = others.filter((word) => words.has(word)).length;
    const isSame = others[0] !== undefined && words.has(others[0]);
    const isAnew = own.length > 0 && (isAll || isSame || nShared * 3 >= others.length);
    return old.filter((line) => (wasDoc(line) ? !hasDoc : !isAnew));
}

/** Where a language has a form for comments that describe what is below: the first line of one. */
function isDoc(line: string): boolean {
    return /^\s*(?:\/\*[*!](?!\/)|\/\/[/!])/.test(line);
}

/** The first line of a body with the `export` that it had; `before`: as it was. */
export function withModifier(lines: readonly string[], before: string): string[] {
    const [first = "", ...rest] = lines;
    const modifier = MODIFIER.exec(before)?.[1];
    if (modifier === undefined || /^\s*(export|pub)\b/.test(first)) return [...lines];
    const word = /^\s*\S+/.exec(before.replace(modifier, ""))?.[0].trim();
    const isSameKind = word !== undefined && first.trimStart().startsWith(word);
    const indent = indentOf(first);
    return isSameKind ? [indent + modifier + first.trimStart(), ...rest] : [...lines];
}

/** A function that is shown without what makes it a method, as `before` is one: with a receiver in Go, without `function` in a class. */
export function asMethod(lines: readonly string[], before: string): readonly string[] {
    const [first = "", ...rest] = lines;
    const receiver = /^func\s+\([^)]*\)\s*(?=\w)/.exec(before)?.[0];
    if (receiver !== undefined) return [first.replace(/^func\s+(?=\w)/, () => receiver), ...rest];
    const bare = first.replace(/^(\s*)(?:export\s+)?(async\s+)?function\s+(?=[\w$])/, "$1$2");
    return /^\s/.test(before) && !/\bfunction\b/.test(before) ? [bare, ...rest] : lines;
}

/** An answer that says of a symbol beside it that others may use that one, and not of it, means so. */
export function isMeantWithout(
    lines: readonly string[],
    parts: readonly Part[],
    { container }: Part,
): boolean {
    return parts.some(
        (part) =>
            part.container === container && MODIFIER.test(lines[headOf(lines, part).body] ?? ""),
    );
}
