/** Types of edits.mjs. */

import type { Hunk } from "./changes.mjs";
import type { EditorHole, Piece, Product } from "./editorPieces.mjs";

export interface EditHole extends EditorHole {
    kind: "edit";
    commit: string;
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
