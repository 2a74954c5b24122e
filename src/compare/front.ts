/** Which files no other one beats: none is both smaller and nearer to the reference. Pure. */

import type { CompareRow } from "../protocol/compare";

/** A row that has a place in the picture: size against divergence, which a logarithmic axis needs above 0. */
export type PlacedRow = CompareRow & { meanKl: number };

export function placedRows(rows: readonly CompareRow[]): PlacedRow[] {
    return rows.filter(
        (row): row is PlacedRow => !row.isReference && row.meanKl !== undefined && row.meanKl > 0,
    );
}

/** The Pareto front, from small to large: each one is nearer to the reference than every smaller one. */
export function paretoFront(rows: readonly CompareRow[]): PlacedRow[] {
    const ordered = placedRows(rows).sort((a, b) => a.bytes - b.bytes || a.meanKl - b.meanKl);
    const front: PlacedRow[] = [];
    for (const row of ordered) {
        const last = front.at(-1);
        if (last === undefined || row.meanKl < last.meanKl) front.push(row);
    }
    return front;
}
