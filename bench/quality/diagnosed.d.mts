/** Types of diagnosed.mjs. */

import type { Piece, Product } from "./editorPieces.mjs";

export interface DiagnosedHole {
    kind: "diagnostic";
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
    repository: string;
    pieces: Piece[];
}

export function cutDiagnosed(
    product: Product,
    where: { project: string; below: string },
    nHoles: number,
    seed: number,
): Promise<DiagnosedHole[]>;
