/** The names on some lines of a text, told from keywords, strings and comments by its tree. */

import { once } from "../base/once";
import { childrenOf, lineStarts, type SyntaxNode } from "./tree";

/** Zero-based, as editors count. */
export interface Identifier {
    name: string;
    line: number;
    character: number;
}

const NAMES = /(identifier(_pattern)?|^constant|^name|^word|^variable_name|^command_name)$/;
const NAME = once(() => /^[\p{L}_$][\p{L}\p{N}_$]*$/u);

/** In the order of `lines`; on a line from left to right. */
export function identifiersIn(
    root: SyntaxNode,
    text: string,
    lines: readonly number[],
): Identifier[] {
    const starts = lineStarts(text);
    return lines.flatMap((line) => {
        const start = starts[line];
        if (start === undefined) return [];
        const end = starts[line + 1] ?? text.length;
        return leavesBetween(root, start, end)
            .filter((node) => node.isNamed && NAMES.test(node.type))
            .map(({ startIndex, endIndex }) => ({
                name: text.slice(startIndex, endIndex),
                line,
                character: startIndex - start,
            }))
            .filter(({ name }) => NAME().test(name));
    });
}

/** The nodes without children that begin in a part of the text. */
function leavesBetween(root: SyntaxNode, start: number, end: number): SyntaxNode[] {
    const leaves: SyntaxNode[] = [];
    const waiting = [root.descendantForIndex(start, Math.max(start, end - 1)) ?? root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
        if (node.endIndex <= start || node.startIndex >= end) continue;
        if (node.childCount > 0) waiting.push(...childrenOf(node).reverse());
        else if (node.startIndex >= start) leaves.push(node);
    }
    return leaves;
}
