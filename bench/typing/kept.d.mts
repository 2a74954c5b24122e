/** Types of kept.mjs. */

import type { Edit } from "./trace.mjs";

export interface Range {
    start: number;
    end: number;
}

export function moved(ranges: readonly Range[], edits: readonly Edit[]): Range[];
export function lengthOf(ranges: readonly Range[]): number;
