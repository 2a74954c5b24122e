/** Which part of a document is copied for one request. Pure arithmetic on offsets. */

/** Documents up to this many characters are taken whole. */
const WHOLE = 1_000_000;
const BEFORE = 256_000;
const BEFORE_STEP = 64_000;
const AFTER = 64_000;

/**
 * `start` and `end`: the edges of the hole at the cursor. In a large document the window's start is a multiple of a step, so
 * that it stays where it is while a person types.
 */
export function windowAround(
    start: number,
    end: number,
    total: number,
): { from: number; to: number } {
    if (total <= WHOLE) return { from: 0, to: total };
    const from = Math.max(0, Math.floor((start - BEFORE) / BEFORE_STEP) * BEFORE_STEP);
    return { from, to: Math.min(total, end + AFTER) };
}
