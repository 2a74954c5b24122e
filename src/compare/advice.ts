/**
 * Which of the measured files this computer should use, and why: it fits the memory with its context, is near enough to the reference, and is
 * the smallest of those; a faster one of nearly the same size goes before it. Pure.
 */

import { formatBytes } from "../base/format";
import type { Comparison, CompareRow } from "../protocol/compare";
import { percent, small } from "./columns";
import { paretoFront, placedRows, type PlacedRow } from "./front";

/**
 * What is near enough. About what Q4_K_M costs on models of 7 to 8 billion weights, which the field recommends; smaller models pay more for the
 * same type and so get a larger one.
 */
export const MAX_MEAN_KL = 0.05;
export const MIN_SAME_TOP = 0.9;
/** So much faster makes a file of at most so much more size the better choice. */
const MUCH_FASTER = 1.2;
const LITTLE_LARGER = 1.15;
/** Below this a person waits for every word; it is said then. */
const SLOW_TOKENS_PER_SECOND = 5;

/** What loading a file takes with the context that this computer uses, and the most that there is for it. */
export interface MemoryRule {
    needed(bytes: number): number;
    most: number;
    contextTokens: number;
}

export interface Advice {
    /** The recommended row. */
    file?: string | undefined;
    label?: string | undefined;
    /** What to use and why, then what the neighbours would change; with periods. */
    sentences: string[];
}

/** Says so when there is nothing to recommend. */
export function advise(comparison: Comparison, memory: MemoryRule): Advice {
    const placed = placedRows(comparison.rows);
    if (placed.length === 0)
        return { sentences: comparison.state === "running" ? [] : [nothingMeasured(comparison)] };
    const fits = (row: CompareRow) => memory.needed(row.bytes) <= memory.most;
    const fitting = placed.filter(fits);
    const least = [...placed].sort((a, b) => a.bytes - b.bytes)[0];
    if (fitting.length === 0 && least)
        return {
            sentences: [
                `None of them fits this computer: the smallest, ${least.label}, needs ${formatBytes(memory.needed(least.bytes))} of memory with ${tokens(memory)} of context, and ${formatBytes(memory.most)} are there for a model.`,
            ],
        };
    const near = fitting.filter(isNear).sort((a, b) => a.bytes - b.bytes);
    const smallest = near[0];
    if (!smallest) return outside(fitting, memory);
    const chosen = faster(smallest, near);
    return {
        file: chosen.file,
        label: chosen.label,
        sentences: [
            reason(chosen, smallest, memory),
            ...neighbours(chosen, paretoFront(comparison.rows), fits),
            ...(isSlow(chosen)
                ? [
                      `It writes only ${speedOf(chosen)} here, which is slow to wait for: a smaller model would serve better than a smaller type.`,
                  ]
                : []),
        ],
    };
}

function nothingMeasured({ rows, state }: Comparison): string {
    if (state === "stopped")
        return "Nothing is recommended: it was stopped before a divergence from the reference was measured.";
    const nFailed = rows.filter(({ state }) => state === "failed").length;
    return nFailed > 0
        ? "Nothing is recommended, because no divergence from the reference could be measured; the reasons are below the table."
        : "Nothing is recommended: a recommendation needs at least one type beside the reference.";
}

function isNear({ meanKl, sameTop }: PlacedRow): boolean {
    return meanKl <= MAX_MEAN_KL && (sameTop === undefined || sameTop >= MIN_SAME_TOP);
}

/** The smallest, unless one that is hardly larger is much faster. */
function faster(smallest: PlacedRow, near: readonly PlacedRow[]): PlacedRow {
    const own = smallest.generationSpeed;
    if (own === undefined) return smallest;
    const better = near
        .filter(
            (row) =>
                row.bytes <= smallest.bytes * LITTLE_LARGER &&
                (row.generationSpeed ?? 0) >= own * MUCH_FASTER,
        )
        .sort((a, b) => (b.generationSpeed ?? 0) - (a.generationSpeed ?? 0));
    return better[0] ?? smallest;
}

function reason(chosen: PlacedRow, smallest: PlacedRow, memory: MemoryRule): string {
    const why =
        chosen === smallest
            ? "it is the smallest that is near enough to the original"
            : `${smallest.label} is ${formatBytes(chosen.bytes - smallest.bytes)} smaller and near enough, but ${((chosen.generationSpeed ?? 0) / (smallest.generationSpeed ?? 1)).toFixed(1)} times slower`;
    const speed = chosen.generationSpeed === undefined ? "" : `, and it writes ${speedOf(chosen)}`;
    return `Use ${chosen.label} on this computer: ${why} (${costOf(chosen)}; up to ${MAX_MEAN_KL} and from ${percent(MIN_SAME_TOP)} hardly show), it needs ${formatBytes(memory.needed(chosen.bytes))} of memory with ${tokens(memory)} of context, of ${formatBytes(memory.most)} for a model${speed}.`;
}

/** Nothing is near enough: the nearest that fits. */
function outside(fitting: readonly PlacedRow[], memory: MemoryRule): Advice {
    const [nearest] = [...fitting].sort((a, b) => a.meanKl - b.meanKl);
    if (!nearest) return { sentences: [] };
    return {
        file: nearest.file,
        label: nearest.label,
        sentences: [
            `Use ${nearest.label} on this computer: of those that fit its memory it is the nearest to the reference, but ${costOf(nearest)} shows (up to ${MAX_MEAN_KL} and from ${percent(MIN_SAME_TOP)} hardly would); it needs ${formatBytes(memory.needed(nearest.bytes))} of memory with ${tokens(memory)} of context.`,
        ],
    };
}

function neighbours(
    chosen: PlacedRow,
    front: readonly PlacedRow[],
    fits: (row: CompareRow) => boolean,
): string[] {
    const smaller = front.filter(({ bytes }) => bytes < chosen.bytes).at(-1);
    const larger = front.find(
        ({ bytes, meanKl }) => bytes > chosen.bytes && meanKl < chosen.meanKl,
    );
    return [
        ...(smaller
            ? [
                  `${smaller.label} would save ${formatBytes(chosen.bytes - smaller.bytes)} at ${costOf(smaller)}.`,
              ]
            : []),
        ...(larger && fits(larger)
            ? [
                  `${larger.label} would take ${formatBytes(larger.bytes - chosen.bytes)} more for ${costOf(larger)}.`,
              ]
            : []),
    ];
}

function costOf({ meanKl, sameTop }: PlacedRow): string {
    const top = sameTop === undefined ? "" : ` and ${percent(sameTop)} same top tokens`;
    return `a mean KL of ${small(meanKl)}${top}`;
}

function isSlow({ generationSpeed }: CompareRow): boolean {
    return generationSpeed !== undefined && generationSpeed < SLOW_TOKENS_PER_SECOND;
}

function speedOf({ generationSpeed = 0 }: CompareRow): string {
    const value = generationSpeed < 10 ? generationSpeed.toFixed(1) : Math.round(generationSpeed);
    return `${value} tokens/s`;
}

function tokens({ contextTokens }: MemoryRule): string {
    return `${contextTokens.toLocaleString("en-US")} tokens`;
}
