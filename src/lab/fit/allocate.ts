/**
 * One choice for each of many items under a budget of bytes, at the lowest sum of costs: the multiple-choice knapsack. Exact when the
 * budget has at most `MAX_CELLS` units (sizes share large divisors: rows of blocks); else sizes are rounded up to such units and
 * what that leaves is filled by single and paired exchanges. Pure.
 */

export interface Option {
    /** Whole and at least 0. */
    bytes: number;
    /** At least 0; what is added up. */
    cost: number;
}

export interface Allocation {
    /** Along the items: index into the item's options. */
    picks: number[];
    bytes: number;
    cost: number;
}

/** Columns of the table: 300 tensors then take 20 MB and about a second. */
export const MAX_CELLS = 65_536;

/** Undefined when even the smallest option of every item together is over the budget. Every item has at least one option. */
export function allocate(
    items: readonly (readonly Option[])[],
    budgetBytes: number,
    maxCells = MAX_CELLS,
): Allocation | undefined {
    const choices = items.map(usefulOptions);
    const least = sum(choices.map(([first]) => first?.bytes ?? 0));
    if (least > budgetBytes) return undefined;
    const spare = budgetBytes - least;
    const steps = choices.map((options) =>
        options.map(({ bytes }) => bytes - (options[0]?.bytes ?? 0)),
    );
    const all = steps.flat().filter((step) => step > 0);
    const divisor = all.reduce(greatestDivisor, 0) || 1;
    // More than everything at its largest is not needed.
    const most = sum(steps.map((own) => own.at(-1) ?? 0));
    const useful = Math.min(spare, most);
    const unit = Math.max(divisor, Math.ceil(useful / maxCells / divisor) * divisor);
    const picks = solve(choices, steps, Math.floor(useful / unit), unit);
    if (unit > divisor) improve(choices, picks, budgetBytes);
    return {
        picks: picks.map((pick, i) => choices[i]?.[pick]?.index ?? 0),
        bytes: sum(picks.map((pick, i) => choices[i]?.[pick]?.bytes ?? 0)),
        cost: sum(picks.map((pick, i) => choices[i]?.[pick]?.cost ?? 0)),
    };
}

type Choice = Option & { index: number };

/** By size; without those that cost as much as a smaller one or more. */
function usefulOptions(options: readonly Option[]): Choice[] {
    const sorted = options
        .map((option, index): Choice => ({ ...option, index }))
        .sort((a, b) => a.bytes - b.bytes || a.cost - b.cost);
    let best = Infinity;
    return sorted.filter(({ cost }, i) => {
        if (i > 0 && cost >= best) return false;
        best = cost;
        return true;
    });
}

/** Dynamic programming over units spent beyond the smallest options. */
function solve(
    choices: readonly Choice[][],
    steps: readonly number[][],
    nUnits: number,
    unit: number,
): number[] {
    let costs = new Float64Array(nUnits + 1);
    const taken: Uint8Array[] = [];
    choices.forEach((options, i) => {
        const next = new Float64Array(nUnits + 1).fill(Infinity);
        const pick = new Uint8Array(nUnits + 1);
        options.forEach(({ cost }, k) => {
            const width = Math.ceil((steps[i]?.[k] ?? 0) / unit);
            for (let at = width; at <= nUnits; at++) {
                const total = (costs[at - width] ?? Infinity) + cost;
                if (total < (next[at] ?? Infinity)) {
                    next[at] = total;
                    pick[at] = k;
                }
            }
        });
        taken.push(pick);
        costs = next;
    });
    let at = nUnits;
    const picks = choices.map(() => 0);
    for (let i = choices.length - 1; i >= 0; i--) {
        const pick = taken[i]?.[at] ?? 0;
        picks[i] = pick;
        at -= Math.ceil((steps[i]?.[pick] ?? 0) / unit);
    }
    return picks;
}

/** What rounding left is little: after so many exchanges there is next to nothing to gain. */
const MAX_EXCHANGES = 40;

/** Exchanges of one or two items that fit and cost less, the best first. */
function improve(choices: readonly Choice[][], picks: number[], budgetBytes: number): void {
    for (let n = 0; n < MAX_EXCHANGES; n++) {
        const spare = budgetBytes - sum(picks.map((pick, i) => choices[i]?.[pick]?.bytes ?? 0));
        const moves = listMoves(choices, picks);
        const best = bestExchange(moves, spare);
        if (!best) return;
        for (const { item, pick } of best) picks[item] = pick;
    }
}

interface Move {
    item: number;
    pick: number;
    bytes: number;
    cost: number;
}

function listMoves(choices: readonly Choice[][], picks: readonly number[]): Move[] {
    return choices.flatMap((options, item) => {
        const now = options[picks[item] ?? 0];
        return options.flatMap((option, pick): Move[] =>
            now === undefined || option === now
                ? []
                : [{ item, pick, bytes: option.bytes - now.bytes, cost: option.cost - now.cost }],
        );
    });
}

/** Smaller gains are rounding. */
const LEAST_GAIN = 1e-12;

function bestExchange(moves: readonly Move[], spare: number): Move[] | undefined {
    let best: Move[] | undefined;
    let gain = -LEAST_GAIN;
    const bigger = moves.filter(({ cost }) => cost < 0);
    const smaller = moves.filter(({ cost }) => cost >= 0);
    for (const up of bigger) {
        if (up.bytes <= spare && up.cost < gain) {
            best = [up];
            gain = up.cost;
        }
        for (const down of smaller) {
            const cost = up.cost + down.cost;
            if (cost >= gain || down.item === up.item || up.bytes + down.bytes > spare) continue;
            best = [up, down];
            gain = cost;
        }
    }
    return best;
}

function greatestDivisor(a: number, b: number): number {
    while (b > 0) [a, b] = [b, a % b];
    return a;
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}
