/**
 * Two ways to rank the same pieces made one: by words and by meaning. Reciprocal ranks (Cormack, Clarke and Büttcher, SIGIR 2009), because
 * scores of BM25 and cosines have no common measure. Pure.
 */

export interface Ranked<T> {
    /** Best first. */
    items: readonly T[];
    weight: number;
}

/** How little the first places count more than the next ones. By `npm run bench -- codebase`. */
const FLATNESS = 20;

/** All that is in any of them, best first, with its score. */
export function fuse<T>(rankings: readonly Ranked<T>[]): { item: T; score: number }[] {
    const scores = new Map<T, number>();
    for (const { items, weight } of rankings)
        for (const [at, item] of items.entries())
            scores.set(item, (scores.get(item) ?? 0) + weight / (FLATNESS + at + 1));
    return [...scores].map(([item, score]) => ({ item, score })).sort((a, b) => b.score - a.score);
}
