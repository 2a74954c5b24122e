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
import type { StatementPlace } from "../prompt/statement";
import type { SyntaxRule } from "../protocol/completion";
import { isAfterStatement } from "./ending";
import { kindOf } from "./languages";
import { ancestors, type SyntaxNode } from "./tree";

/** The rule for a place in a tree of the text around it. */
export function ruleAt(place: StatementPlace, root: SyntaxNode): SyntaxRule {
    const at = contextAt(place, root);
    return { at, lines: linesAt(place, root, at) };
}

/** What kind of text the cursor is in. */
export function contextAt(place: StatementPlace, root: SyntaxNode): SyntaxRule["at"] {
    const { prefix, suffix } = place;
    const offset = prefix.length;
    if (offset === 0) return "code";
    for (const node of ancestors(root, offset - 1, offset)) {
        const kind = kindOf(node);
        if (kind === "code") break;
        if (kind && isInside(node, kind, prefix, suffix)) return kind;
        if (kind) break;
        if (!node.isError) continue;
        const open = unfinished(linePrefix(prefix));
        if (open) return open;
        break;
    }
    return isAfterStatement(place, root) ? "after-statement" : "code";
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

/** Braces that hold a list, not a body. */
const LIST = /(pattern|imports|specifiers|export_clause|import_clause|use_list)$/;

function linesAt(
    place: StatementPlace,
    root: SyntaxNode,
    at: SyntaxRule["at"],
): SyntaxRule["lines"] {
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
    { prefix, suffix, languageId }: StatementPlace,
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
