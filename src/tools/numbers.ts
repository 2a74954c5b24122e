/** Numbers between bounds as a grammar over their digits. What is let through is always within; some ways to write it are left out. */

import type { Grammar, Node } from "./grammar";

export interface Bounds {
    min?: number | undefined;
    max?: number | undefined;
    /** Whether a bound itself does not belong. */
    minIsOut?: boolean | undefined;
    maxIsOut?: boolean | undefined;
}

/** Fifteen digits: every whole number below is exact. */
const MOST = 999_999_999_999_999;
/** Fractions only where rounding cannot carry a number over a bound. */
const MOST_WITH_FRACTION = 999_999_999;

const isEmpty = (from: number, to: number) => !(from <= to);

/** Whole numbers within bounds, of at most fifteen digits; beyond those only the nearest. */
export function integersWithin(g: Grammar, bounds: Bounds): Node {
    const low = Math.ceil(bounds.min ?? -Infinity);
    const high = Math.floor(bounds.max ?? Infinity);
    const from = bounds.minIsOut && low === bounds.min ? low + 1 : low;
    const to = bounds.maxIsOut && high === bounds.max ? high - 1 : high;
    if (isEmpty(from, to)) return g.choice([]);
    if (from <= MOST && to >= -MOST) return between(g, Math.max(from, -MOST), Math.min(to, MOST));
    const nearest = from > MOST ? from : to;
    return Number.isSafeInteger(nearest) ? g.text(String(nearest)) : g.choice([]);
}

/** Numbers within bounds, with a fraction or without, never with an exponent. */
export function numbersWithin(g: Grammar, bounds: Bounds): Node {
    const { min = -Infinity, max = Infinity } = bounds;
    const digit = g.characters([[0x30, 0x39]]);
    const fraction = g.sequence([g.text("."), g.repeat(digit, 0, 5), g.characters([[0x31, 0x39]])]);
    const whole = g.sequence([integersWithin(g, bounds), g.optional(g.text(".0"))]);
    const limit = MOST_WITH_FRACTION;
    const above = naturals(g, Math.max(0, Math.ceil(min)), Math.min(limit, Math.floor(max) - 1));
    const below = naturals(g, Math.max(0, Math.ceil(-max)), Math.min(limit, Math.floor(-min) - 1));
    const parts = [
        whole,
        g.sequence([above, fraction]),
        g.sequence([g.text("-"), below, fraction]),
        // Bounds without a whole number between them still have themselves and their middle.
        ...[bounds.minIsOut ? NaN : min, bounds.maxIsOut ? NaN : max, (min + max) / 2]
            .filter((value) => Number.isFinite(value) && !Number.isInteger(value))
            .filter((value) => isWithin(value, bounds))
            .map((value) => g.text(String(value))),
    ];
    return g.choice(parts);
}

export function isWithin(value: number, { min, max, minIsOut, maxIsOut }: Bounds): boolean {
    const isAbove = min === undefined || (minIsOut ? value > min : value >= min);
    const isBelow = max === undefined || (maxIsOut ? value < max : value <= max);
    return isAbove && isBelow;
}

function between(g: Grammar, from: number, to: number): Node {
    const negative = naturals(g, Math.max(1, -to), -from);
    return g.choice([naturals(g, Math.max(0, from), to), g.sequence([g.text("-"), negative])]);
}

/** Whole numbers from `from` to `to`, neither negative; nothing when there are none. */
function naturals(g: Grammar, from: number, to: number): Node {
    if (isEmpty(from, to)) return g.choice([]);
    const parts: Node[] = from === 0 ? [g.text("0")] : [];
    const first = Math.max(1, from);
    if (isEmpty(first, to)) return g.choice(parts);
    const low = String(first);
    const high = String(to);
    if (low.length === high.length) parts.push(sameLength(g, low, high));
    else {
        parts.push(sameLength(g, low, "9".repeat(low.length)));
        parts.push(sameLength(g, `1${"0".repeat(high.length - 1)}`, high));
        if (high.length - low.length > 1)
            parts.push(
                g.sequence([
                    digits(g, 1, 9),
                    g.repeat(digits(g, 0, 9), low.length, high.length - 2),
                ]),
            );
    }
    return g.choice(parts);
}

function digits(g: Grammar, from: number, to: number): Node {
    return from > to ? g.choice([]) : g.characters([[0x30 + from, 0x30 + to]]);
}

/** Digits between two numbers of equally many. */
function sameLength(g: Grammar, low: string, high: string): Node {
    if (low === "") return g.empty;
    const [a, b] = [Number(low[0]), Number(high[0])];
    const [restLow, restHigh] = [low.slice(1), high.slice(1)];
    if (a === b) return g.sequence([digits(g, a, a), sameLength(g, restLow, restHigh)]);
    const n = restLow.length;
    const isWholeLow = /^0*$/.test(restLow);
    const isWholeHigh = /^9*$/.test(restHigh);
    const middle = digits(g, isWholeLow ? a : a + 1, isWholeHigh ? b : b - 1);
    const parts = [g.sequence([middle, g.repeat(digits(g, 0, 9), n, n)])];
    if (!isWholeLow)
        parts.push(g.sequence([digits(g, a, a), sameLength(g, restLow, "9".repeat(n))]));
    if (!isWholeHigh)
        parts.push(g.sequence([digits(g, b, b), sameLength(g, "0".repeat(n), restHigh)]));
    return g.choice(parts);
}
