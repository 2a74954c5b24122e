/** Which of the pieces that were found are told: none that is a part of another, and not all of one file. Pure. */

/** Lines of a file, both ends included. */
interface Lines {
    path: string;
    first: number;
    last: number;
}

const MAX_OF_FILE = 3;
const TEST = /(?:^|[/_.-])(?:tests?|specs?|__tests__|fixtures?|mocks?)(?=[/_.-])/i;
/** Tests say the words of what they test, most of them oftener. */
const TEST_WEIGHT = 0.7;

/** `found`: best first. */
export function spread<T extends Lines>(found: readonly T[], limit: number): T[] {
    const taken: T[] = [];
    const nOfFile = new Map<string, number>();
    for (const one of found) {
        if (taken.length >= limit) break;
        const n = nOfFile.get(one.path) ?? 0;
        if (n >= MAX_OF_FILE || taken.some((other) => overlaps(one, other))) continue;
        nOfFile.set(one.path, n + 1);
        taken.push(one);
    }
    return taken;
}

/** Behind what they test, unless the question is about tests. */
export function testsLast<T extends { name: string; score: number }>(
    found: readonly T[],
    question: string,
): T[] {
    if (/\b(?:tests?|specs?|fixtures?|mocks?)\b/i.test(question)) return [...found];
    return found
        .map((one) => (TEST.test(one.name) ? { ...one, score: one.score * TEST_WEIGHT } : one))
        .sort((a, b) => b.score - a.score);
}

function overlaps(a: Lines, b: Lines): boolean {
    return a.path === b.path && a.first <= b.last && b.first <= a.last;
}
