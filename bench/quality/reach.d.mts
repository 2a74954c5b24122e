/** Types of reach.mjs. */

import type { Piece } from "./editorPieces.mjs";

export interface ReachCase {
    kind: string;
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
    variants: { snippets: Piece[]; maxPieceTokens: number }[];
}

type Choose = (
    one: ReachCase,
    variant: { snippets: Piece[]; maxPieceTokens: number },
) => { pieces: readonly Piece[]; window: string };

export function isReached(
    truth: string,
    window: string,
    pieces: readonly Piece[],
): boolean | undefined;
export function reachReport(options: {
    cases: readonly ReachCase[];
    labels: readonly string[];
    kinds: readonly string[];
    sizes: readonly number[];
    choose: Choose;
}): string;
