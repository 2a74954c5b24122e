/** One page of a list that may be long: filtered and counted without making a row of what is not shown. Pure. */

import type { Page, PageParams } from "../../protocol/inspector";

/** More than a screen has; a page cannot ask for everything at once. */
const MOST_ROWS = 1000;

/** `fits`: undefined lets everything through. */
export function pageOf<T>(
    length: number,
    fits: ((index: number) => boolean) | undefined,
    params: Pick<PageParams, "from" | "count">,
    row: (index: number) => T,
): Page<T> {
    const { from, to } = bounds(params);
    const rows: T[] = [];
    if (!fits) {
        for (let i = from; i < Math.min(to, length); i++) rows.push(row(i));
        return { total: length, rows };
    }
    let total = 0;
    for (let i = 0; i < length; i++) {
        if (!fits(i)) continue;
        if (total >= from && total < to) rows.push(row(i));
        total++;
    }
    return { total, rows };
}

/** Of numbers that a page sent. */
export function bounds({ from, count }: Pick<PageParams, "from" | "count">): {
    from: number;
    to: number;
} {
    const start = Math.max(0, Math.floor(from) || 0);
    return { from: start, to: start + Math.min(Math.max(0, Math.floor(count) || 0), MOST_ROWS) };
}
