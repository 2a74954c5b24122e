/** Round values for the axes of a picture, and what is written at them. Pure. */

export interface Scale {
    /** Ends of the axis: round, and around all values. */
    from: number;
    to: number;
    ticks: number[];
    /** 0 at `from`, 1 at `to`. */
    place(value: number): number;
}

/** Steps of 1, 2 or 5 times a power of ten; about `wanted` of them. Throws nothing: no values give 0 to 1. */
export function linearScale(values: readonly number[], wanted = 6): Scale {
    const least = values.length > 0 ? Math.min(...values) : 0;
    const most = values.length > 0 ? Math.max(...values) : 1;
    const step = roundStep((most > least ? most - least : Math.abs(most) || 1) / wanted);
    const first = Math.floor(least / step);
    const last = Math.max(first + 1, Math.ceil(most / step));
    // Each from its number: sums of steps drift away from round values.
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * step));
    const from = ticks[0] ?? 0;
    const to = ticks.at(-1) ?? 1;
    return { from, to, ticks, place: (value) => (value - from) / (to - from) };
}

/** Powers of ten, with 2 and 5 times them when there are few. Values must be above 0. */
export function logScale(values: readonly number[]): Scale {
    const least = values.length > 0 ? Math.min(...values) : 0.1;
    const most = values.length > 0 ? Math.max(...values) : 1;
    const nDecades = Math.log10(most / least);
    const factors = nDecades <= 3 ? [1, 2, 5] : [1];
    const all: number[] = [];
    for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
        for (const factor of factors) all.push(round(factor * 10 ** power));
    const first = Math.max(
        0,
        all.findLastIndex((tick) => tick <= least),
    );
    const after = all.findIndex((tick) => tick >= most);
    const last = Math.max(first + 1, after < 0 ? all.length - 1 : after);
    const ticks = all.slice(first, last + 1);
    const from = ticks[0] ?? least;
    const to = ticks.at(-1) ?? most;
    const span = Math.log(to / from);
    return { from, to, ticks, place: (value) => Math.log(value / from) / span };
}

function roundStep(step: number): number {
    const power = 10 ** Math.floor(Math.log10(step));
    const factor = [1, 2, 5, 10].find((one) => one * power >= step * 0.999) ?? 10;
    return factor * power;
}

/** Without the last digits of binary fractions. */
function round(value: number): number {
    return Number(value.toPrecision(12));
}
