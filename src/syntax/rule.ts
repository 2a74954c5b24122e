/**
 * What a suggestion should be at a place, known before the model is asked: the kind of text that the cursor is in, and whether one
 * line is wanted or several.
 */

import {
    closersAtCursor,
    isBlank,
    isOnlyClosers,
    linePrefix,
    lineSuffix,
    opensBlock,
} from "../prompt/lines";
import type { SyntaxRule } from "../protocol/engine";
import { kindOf } from "./languages";
import { ancestors, type SyntaxNode } from "./tree";

export interface RulePlace {
    languageId: string;
    prefix: string;
    suffix: string;
}

/** The rule for a place in a tree of the text around it. */
export function ruleAt(place: RulePlace, root: SyntaxNode): SyntaxRule {
    const at = contextAt(place, root);
    return { at, lines: linesAt(place, root, at) };
}

/** What kind of text the cursor is in. */
export function contextAt({ prefix, suffix }: RulePlace, root: SyntaxNode): SyntaxRule["at"] {
    const offset = prefix.length;
    if (offset === 0) return "code";
    for (const node of ancestors(root, offset - 1, offset)) {
        const kind = kindOf(node);
        if (kind === "code") break;
        if (kind && isInside(node, kind, prefix, suffix)) return kind;
        if (kind) break;
        if (node.isError) return unfinished(linePrefix(prefix)) ?? "code";
    }
    return isAfterStatement(prefix, suffix, root) ? "after-statement" : "code";
}

/** A comment that nothing closes goes on to the end of its line. */
function isInside(
    node: SyntaxNode,
    kind: "string" | "comment",
    prefix: string,
    suffix: string,
): boolean {
    const offset = prefix.length;
    if (offset <= node.startIndex) return false;
    if (offset < node.endIndex) return true;
    if (kind === "string") return node.hasError;
    const text = prefix.slice(node.startIndex);
    return !text.endsWith("*/") && (suffix === "" || suffix.startsWith("\n"));
}

/** What the end of a line is in that is not finished: a quote without its other one, the beginning of a comment. */
function unfinished(line: string): "string" | "comment" | undefined {
    let quote = "";
    for (let i = 0; i < line.length; i++) {
        const character = line.charAt(i);
        if (character === "\\") i++;
        else if (quote !== "") quote = character === quote ? "" : quote;
        else if (line.startsWith("//", i) || line.startsWith("/*", i)) return "comment";
        else if (character === '"' || character === "'" || character === "`") quote = character;
    }
    return quote === "" ? undefined : "string";
}

const LOOP = /^(for|c_style_for)/;

/** Right behind the semicolon that ends a whole statement, with nothing more on the line. */
function isAfterStatement(prefix: string, suffix: string, root: SyntaxNode): boolean {
    // A blank behind it says that more is to come.
    if (!prefix.endsWith(";") || !isBlank(lineSuffix(suffix))) return false;
    const at = prefix.length;
    const token = root.descendantForIndex(at - 1, at);
    const statement = token?.endIndex === at ? token.parent : undefined;
    if (!statement || LOOP.test(statement.type)) return false;
    return !statement.isError && !LOOP.test(statement.parent?.type ?? "");
}

/** Braces that hold a list, not a body. */
const LIST = /(pattern|imports|specifiers|export_clause|import_clause|use_list)$/;

function linesAt(place: RulePlace, root: SyntaxNode, at: SyntaxRule["at"]): SyntaxRule["lines"] {
    if (at === "comment" || at === "string") return "one";
    if (isBlockOpening(place, root)) return "several";
    const { prefix, suffix } = place;
    if (isBlank(linePrefix(prefix)) || at === "after-statement") return undefined;
    const line = linePrefix(prefix).trimEnd();
    // `foo(|)`: what was opened on this line and is closed on it holds no lines.
    if (/[([{]$/.test(line) && closersAtCursor(suffix) !== "") return "one";
    return undefined;
}

/** Whether a body is wanted here: the line ends with what opens a block, or it is the blank line in an empty one. */
export function isBlockOpening(
    { prefix, suffix, languageId }: RulePlace,
    root: SyntaxNode,
): boolean {
    if (!isOnlyClosers(lineSuffix(suffix))) return false;
    const before = prefix.trimEnd();
    const opener = linePrefix(before);
    const between = prefix.slice(before.length);
    if (/\n[ \t]*\n/.test(between) || !opensBlock(opener, languageId)) return false;
    if (!/[[({]$/.test(opener) || between.includes("\n")) return true;
    if (!opener.endsWith("{")) return false;
    const token = root.descendantForIndex(before.length - 1, before.length);
    return !LIST.test(token?.parent?.type ?? "");
}
