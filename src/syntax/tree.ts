/**
 * What this folder needs of tree-sitter, as plain interfaces, and how its trees are walked. Offsets are UTF-16 units. The runtime
 * itself is loaded elsewhere (src/node/grammars.ts), so that nothing here depends on where its files are.
 */

export interface Point {
    row: number;
    column: number;
}

export interface SyntaxNode {
    readonly type: string;
    readonly startIndex: number;
    readonly endIndex: number;
    readonly isNamed: boolean;
    readonly isError: boolean;
    readonly isMissing: boolean;
    /** Whether it, or anything below it, is an error or missing. */
    readonly hasError: boolean;
    readonly parent: SyntaxNode | null;
    readonly childCount: number;
    readonly children: (SyntaxNode | null)[];
    readonly firstChild: SyntaxNode | null;
    readonly lastChild: SyntaxNode | null;
    childForFieldName(name: string): SyntaxNode | null;
    /** The smallest node that covers a range. */
    descendantForIndex(start: number, end?: number): SyntaxNode | null;
}

export interface SyntaxEdit {
    startIndex: number;
    oldEndIndex: number;
    newEndIndex: number;
    startPosition: Point;
    oldEndPosition: Point;
    newEndPosition: Point;
}

export interface SyntaxTree {
    readonly rootNode: SyntaxNode;
    copy(): SyntaxTree;
    edit(edit: SyntaxEdit): void;
    /** Trees are memory of the runtime: whoever has parsed one deletes it. */
    delete(): void;
}

export interface SyntaxParser {
    /** Null when `progressCallback` has returned true; the next call with the same text then goes on. */
    parse(
        text: string,
        oldTree?: SyntaxTree | null,
        options?: { progressCallback: () => boolean },
    ): SyntaxTree | null;
    /** The next call begins anew. */
    reset(): void;
    delete(): void;
}

/** Parsers by the name of a grammar; loading one never blocks. */
export interface Grammars {
    /** A new parser; undefined when the grammar's file cannot be used here. Never rejects. */
    load(grammar: string): Promise<(() => SyntaxParser) | undefined>;
}

/** The nodes from the smallest one that covers a range up to the root. */
export function* ancestors(
    root: SyntaxNode,
    start: number,
    end = start,
): Generator<SyntaxNode, void> {
    let node = root.descendantForIndex(start, end);
    while (node) {
        yield node;
        node = node.parent;
    }
}

/** The children that exist. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
    return node.children.filter((child) => child !== null);
}

/** Row and column of an offset. */
export function pointAt(text: string, offset: number): Point {
    let row = 0;
    let lineStart = 0;
    for (;;) {
        const next = text.indexOf("\n", lineStart);
        if (next < 0 || next >= offset) return { row, column: offset - lineStart };
        row++;
        lineStart = next + 1;
    }
}

/** Offsets at which the lines of a text begin. */
export function lineStarts(text: string): number[] {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    return starts;
}

/** The line that an offset is in, from 0. */
export function lineAt(starts: readonly number[], offset: number): number {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle;
    }
    return low;
}

/** The edit that turns `before` into `after`: what lies between their common beginning and end. */
export function editBetween(before: string, after: string): SyntaxEdit {
    const most = Math.min(before.length, after.length);
    const start = commonLength(most, (i) => before.charCodeAt(i) === after.charCodeAt(i));
    const nEnd = commonLength(
        most - start,
        (i) => before.charCodeAt(before.length - 1 - i) === after.charCodeAt(after.length - 1 - i),
    );
    return insertion(before, after, start, before.length - nEnd, after.length - nEnd);
}

/** The edit that replaces `start` to `oldEnd` of `before`, which makes it `after`. */
export function insertion(
    before: string,
    after: string,
    startIndex: number,
    oldEndIndex: number,
    newEndIndex: number,
): SyntaxEdit {
    return {
        startIndex,
        oldEndIndex,
        newEndIndex,
        startPosition: pointAt(before, startIndex),
        oldEndPosition: pointAt(before, oldEndIndex),
        newEndPosition: pointAt(after, newEndIndex),
    };
}

function commonLength(most: number, isSame: (i: number) => boolean): number {
    let n = 0;
    while (n < most && isSame(n)) n++;
    return n;
}
