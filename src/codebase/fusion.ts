/**
 * Two ways to rank the same pieces made one: by words and by meaning. Scores are made comparable first: of BM25 the share of the best, of cosines
 * (all of them high) where between the last and the best of the ranking. That found a little more than reciprocal ranks, which know no
 * distances (docs/measuring.md). Pure.
 */

export interface Ranking<T> {
    /** Best first; scores of at least 0. */
    found: readonly { item: T; score: number }[];
    weight: number;
    /** What counts as nothing: 0, or the score of the last. */
    from: "zero" | "last";
}

/** All that is in any of them, best first. */
export function fuse<T>(rankings: readonly Ranking<T>[]): { item: T; score: number }[] {
    const scores = new Map<T, number>();
    for (const { found, weight, from } of rankings) {
        const least = from === "zero" ? 0 : (found.at(-1)?.score ?? 0);
        const range = (found[0]?.score ?? 0) - least;
        for (const { item, score } of found) {
            const share = range > 0 ? (score - least) / range : 1;
            scores.set(item, (scores.get(item) ?? 0) + weight * share);
        }
    }
    return [...scores].map(([item, score]) => ({ item, score })).sort((a, b) => b.score - a.score);
}
