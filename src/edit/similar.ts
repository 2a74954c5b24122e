/** How alike two lines are: what a model has quoted from memory against what stands in the file. Pure. */

/** Longer lines are compared by their beginnings. */
const MAX_CHARACTERS = 300;

/** Without indentation, and with single spaces. */
export function squeezed(line: string): string {
    return line.trim().replace(/\s+/g, " ");
}

export function wordsOf(text: string): string[] {
    return text.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** Whether a line is one of these, but for white space. */
export function isOneOf(lines: readonly string[]): (line: string) => boolean {
    const known = new Set(lines.map(squeezed));
    return (line) => known.has(squeezed(line));
}

/** Whether they are the same, but for white space. */
export function areSame(some: readonly string[], others: readonly string[]): boolean {
    return some.map(squeezed).join("\n") === others.map(squeezed).join("\n");
}

/** 0 (nothing in common) to 1 (the same but for white space): characters that need not be changed. */
export function similarity(a: string, b: string): number {
    const left = squeezed(a).slice(0, MAX_CHARACTERS);
    const right = squeezed(b).slice(0, MAX_CHARACTERS);
    const longest = Math.max(left.length, right.length);
    if (left === right) return 1;
    if (longest === 0 || Math.min(left.length, right.length) * 2 < longest) return 0;
    return 1 - distance(left, right) / longest;
}

/** Characters to insert, delete or replace. */
function distance(a: string, b: string): number {
    let costs = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let k = 1; k <= b.length; k++) {
            const replaced = (costs[k - 1] ?? 0) + (a[i - 1] === b[k - 1] ? 0 : 1);
            next.push(Math.min(replaced, (costs[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1));
        }
        costs = next;
    }
    return costs[b.length] ?? 0;
}
