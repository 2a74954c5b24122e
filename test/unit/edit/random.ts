/** Seeded numbers and texts for property tests: a failure names its seed and can be run again. */

/** A generator of whole numbers below `n`. */
export function randomFrom(seed: number): (n: number) => number {
    let state = seed + 0x9e3779b9;
    return (n) => {
        state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
        state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
        return ((state ^ (state >>> 15)) >>> 0) % n;
    };
}

const LINES = ["", "}", "a();", "    b();", "\tc();", "  d(1, 2);", "x = 1", "\t\ty = 2;", "// z"];

/** Lines of which many are alike, as in code. */
export function randomLines(next: (n: number) => number, most = 12): string[] {
    return Array.from({ length: next(most) + 1 }, () => LINES[next(LINES.length)] ?? "");
}

/** The lines after a few changes. */
export function changedLines(next: (n: number) => number, lines: readonly string[]): string[] {
    const result = [...lines];
    for (let n = next(5); n > 0; n--)
        result.splice(next(result.length + 1), next(3), ...randomLines(next, 3).slice(next(2)));
    return result;
}

export const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);
