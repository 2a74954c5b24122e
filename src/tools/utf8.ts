/** Ranges of code points, and the bytes that spell them. */

/** First and last, both included. */
export type Range = readonly [from: number, to: number];

export const LAST_CODE_POINT = 0x10ffff;
/** Every code point that is a character of its own. */
export const ALL_CHARACTERS: readonly Range[] = [
    [0, 0xd7ff],
    [0xe000, LAST_CODE_POINT],
];

/** The ranges sorted, without overlaps and without surrogates. */
export function normalized(ranges: readonly Range[]): Range[] {
    const sorted = ranges.filter(([from, to]) => from <= to).toSorted((a, b) => a[0] - b[0]);
    const joined: [number, number][] = [];
    for (const [from, to] of sorted) {
        const last = joined.at(-1);
        if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
        else joined.push([from, to]);
    }
    return intersection(joined, ALL_CHARACTERS);
}

/** Of two sorted lists. */
export function intersection(a: readonly Range[], b: readonly Range[]): Range[] {
    return a.flatMap(([from, to]) =>
        b
            .map(([start, end]): Range => [Math.max(from, start), Math.min(to, end)])
            .filter(([start, end]) => start <= end),
    );
}

/** Every character that is in none of the ranges. */
export function inverted(ranges: readonly Range[]): Range[] {
    const gaps: Range[] = [];
    let next = 0;
    for (const [from, to] of normalized(ranges)) {
        gaps.push([next, from - 1]);
        next = to + 1;
    }
    return normalized([...gaps, [next, LAST_CODE_POINT]]);
}

/** Sequences of byte ranges that spell exactly the code points of one range without surrogates. */
export function utf8Sequences(from: number, to: number): Range[][] {
    if (from > to) return [];
    for (const last of [0x7f, 0x7ff, 0xffff])
        if (from <= last && to > last)
            return [...utf8Sequences(from, last), ...utf8Sequences(last + 1, to)];
    if (to <= 0x7f) return [[[from, to]]];
    // Where the leading bytes differ, the bytes behind them have to run through all their values.
    for (const bits of [6, 12, 18]) {
        const mask = (1 << bits) - 1;
        if ((from & ~mask) === (to & ~mask)) continue;
        if ((from & mask) !== 0)
            return [...utf8Sequences(from, from | mask), ...utf8Sequences((from | mask) + 1, to)];
        if ((to & mask) !== mask)
            return [...utf8Sequences(from, (to & ~mask) - 1), ...utf8Sequences(to & ~mask, to)];
    }
    const last = encoded(to);
    return [encoded(from).map((byte, i): Range => [byte, last[i] ?? byte])];
}

function encoded(codePoint: number): number[] {
    return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}
