/** Types of edits.mjs. */

import type { Hunk } from "./changes.mjs";
import type { Piece, Product } from "./editorPieces.mjs";

export interface EditHole {
    kind: "edit";
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
    repository: string;
    commit: string;
    pieces: Piece[];
    diffs: Piece[];
}

export function cutEdits(
    product: Product,
    repository: string,
    nHoles: number,
    seed: number,
): Promise<EditHole[]>;
export function diffOf(
    hunks: readonly Hunk[],
    lines: readonly string[],
    region: { first: number; last: number },
): string;
