/** Types of ghost.mjs. */

import type { Edit } from "./trace.mjs";

export interface GhostItem {
    text: string;
    start: number;
    end: number;
}

export function survive(
    item: GhostItem,
    edits: readonly Edit[],
    text: string,
    cursor: number,
): GhostItem | undefined;
export function completesLine(
    item: GhostItem,
    document: { text: string; auto?: number[] },
    full: string,
): boolean;
export function difference(from: string, to: string): Edit;
