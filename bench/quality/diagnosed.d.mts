/** Types of diagnosed.mjs. */

import type { EditorHole, Product } from "./editorPieces.mjs";

export interface DiagnosedHole extends EditorHole {
    kind: "diagnostic";
}

export function cutDiagnosed(
    product: Product,
    where: { project: string; below: string },
    nHoles: number,
    seed: number,
): Promise<DiagnosedHole[]>;
