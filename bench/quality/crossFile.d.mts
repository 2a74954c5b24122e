/** Types of crossFile.mjs. */

import type { Source } from "./holes.mjs";

export interface Visit {
    path: string;
    languageId: string;
    text: string;
    cursor: number;
}

export interface CrossHole {
    kind: "before" | "behind";
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
    /** What is defined in the last of the visited files, and its name. */
    symbol: string;
    /** Absolute. */
    folder: string;
    repository: string;
    visited: Visit[];
}

export interface Use {
    name: string;
    line: number;
    column: number;
    definition: { path: string; line: number };
    imports: { name: string; target: string }[];
}

export const CROSS_KINDS: CrossHole["kind"][];
export function cutCross(folders: readonly string[], nHoles: number, seed: number): CrossHole[];
export function usesIn(source: Source & { folder: string }): Use[];
