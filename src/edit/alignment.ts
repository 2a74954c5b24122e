/**
 * Two lists of lines or blocks beside each other, an original's and an answer's, in which a marker stands for any number of the
 * original's: the steps from one to the other that cost least. Pure.
 */

export interface Costs {
    /** Of taking one of the answer's for one of the original's. */
    pair(own: number, old: number): number;
    /** Of putting one of the answer's before one of the original's; no marker is put anywhere. */
    inserting(own: number, old: number): number;
    isMarker(own: number): boolean;
    /** Of each one that a marker takes in. */
    filling(own: number): number;
}

export interface Aligned {
    step: "same" | "filled" | "marker" | "removed" | "inserted";
    /** Indices into the answer and the original. */
    own: number | undefined;
    old: number | undefined;
}

/** Of steps that cost the same, the one that stands first below. To leave out one of the original's costs 1. */
export function align(nOwn: number, nOld: number, of: Costs): Aligned[] {
    const width = nOld + 1;
    const costs = new Float64Array(width * (nOwn + 1)).fill(Infinity);
    const cost = (i: number, k: number) =>
        i < 0 || k < 0 ? Infinity : (costs[i * width + k] ?? Infinity);
    /** Last steps into a cell, with how far they go. */
    const options = (i: number, k: number): [Aligned["step"], number, number, number][] => {
        const isMarker = of.isMarker(i - 1);
        return [
            ["same", i > 0 && k > 0 ? cost(i - 1, k - 1) + of.pair(i - 1, k - 1) : Infinity, 1, 1],
            ["filled", isMarker ? cost(i, k - 1) + of.filling(i - 1) : Infinity, 0, 1],
            ["marker", isMarker ? cost(i - 1, k) : Infinity, 1, 0],
            ["removed", cost(i, k - 1) + 1, 0, 1],
            [
                "inserted",
                i > 0 && !isMarker ? cost(i - 1, k) + of.inserting(i - 1, k) : Infinity,
                1,
                0,
            ],
        ];
    };
    const best = (i: number, k: number) =>
        options(i, k).reduce((left, right) => (right[1] < left[1] ? right : left));
    costs[0] = 0;
    for (let i = 0; i <= nOwn; i++)
        for (let k = 0; k < width; k++) if (i + k > 0) costs[i * width + k] = best(i, k)[1];
    const steps: Aligned[] = [];
    for (let i = nOwn, k = nOld; i + k > 0;) {
        const [step, , di, dk] = best(i, k);
        steps.push({ step, own: di > 0 ? i - 1 : undefined, old: dk > 0 ? k - 1 : undefined });
        i -= di;
        k -= dk;
    }
    return steps.reverse();
}
