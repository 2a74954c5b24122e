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
/** Fractions only below this: with six more digits they are exact too. */
const MOST_WITH_FRACTION = 999_999_999;
const FRACTION_DIGITS = 6;
/** Fractions are counted in these. A count divided by it is the double that its decimal is read as. */
const PER_ONE = 10 ** FRACTION_DIGITS;

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

/** Numbers within bounds, whole or with up to six digits of fraction, never with an exponent unless a bound itself has one. */
export function numbersWithin(g: Grammar, bounds: Bounds): Node {
    const { min = -Infinity, max = Infinity } = bounds;
    const least = firstFrom(min, bounds.minIsOut);
    const most = -firstFrom(-max, bounds.maxIsOut);
    const parts = [
        g.sequence([integersWithin(g, bounds), g.optional(g.text(".0"))]),
        withFraction(g, Math.max(0, least), most),
        g.sequence([g.text("-"), withFraction(g, Math.max(0, -most), -least)]),
        // Finer bounds have at least themselves and their middle.
        ...[min, max, (min + max) / 2]
            .filter((value) => Number.isFinite(value) && !isCountable(value))
            .filter((value) => isWithin(value, bounds))
            .map((value) => g.text(String(value))),
    ];
    return g.choice(parts);
}

/** The least count of millionths that is not below a number, or above it when the number itself does not belong. */
function firstFrom(value: number, isOut = false): number {
    if (value > MOST_WITH_FRACTION) return Infinity;
    if (value < -MOST_WITH_FRACTION) return 1 - (MOST_WITH_FRACTION + 1) * PER_ONE;
    let count = Math.ceil(value * PER_ONE) - 1;
    while (isOut ? count / PER_ONE <= value : count / PER_ONE < value) count++;
    return count;
}

function isCountable(value: number): boolean {
    return Math.round(value * PER_ONE) / PER_ONE === value;
}

/** Decimals with a fraction from one count of millionths to another, neither negative. */
function withFraction(g: Grammar, from: number, to: number): Node {
    if (isEmpty(from, to)) return g.choice([]);
    const [low, high] = [from, to].map((count) => Math.floor(count / PER_ONE)) as [number, number];
    const [lowRest, highRest] = [from, to].map((count) =>
        String(count % PER_ONE).padStart(FRACTION_DIGITS, "0"),
    ) as [string, string];
    const zeros = "0".repeat(FRACTION_DIGITS);
    const nines = "9".repeat(FRACTION_DIGITS);
    const decimals = (whole: Node, first: string, last: string) =>
        g.sequence([whole, g.text("."), fraction(g, first, last)]);
    if (low === high) return decimals(naturals(g, low, low), lowRest, highRest);
    return g.choice([
        decimals(naturals(g, low, low), lowRest, nines),
        decimals(naturals(g, low + 1, high - 1), zeros, nines),
        decimals(naturals(g, high, high), zeros, highRest),
    ]);
}

/** Digits that do not end in a zero and, with zeros behind them, lie between two of equal length. */
function fraction(g: Grammar, low: string, high: string): Node {
    const n = low.length;
    if (n === 0) return g.choice([]);
    if (/^0*$/.test(low) && /^9*$/.test(high))
        return g.sequence([g.repeat(digits(g, 0, 9), 0, n - 1), digits(g, 1, 9)]);
    const [a, b] = [Number(low[0]), Number(high[0])];
    const [lowRest, highRest] = [low.slice(1), high.slice(1)];
    const [zeros, nines] = ["0".repeat(n - 1), "9".repeat(n - 1)];
    /** A digit and what may follow it; without more only a digit that is no zero, and only where zeros may follow. */
    const behind = (from: number, to: number, first: string, last: string): Node => {
        const more = g.sequence([digits(g, from, to), fraction(g, first, last)]);
        const isEnd = /^0*$/.test(first) && to > 0;
        return isEnd ? g.choice([more, digits(g, Math.max(1, from), to)]) : more;
    };
    if (a === b) return behind(a, a, lowRest, highRest);
    return g.choice([
        behind(a, a, lowRest, nines),
        ...(a + 1 <= b - 1 ? [behind(a + 1, b - 1, zeros, nines)] : []),
        behind(b, b, zeros, highRest),
    ]);
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
