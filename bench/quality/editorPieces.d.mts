/** Types of editorPieces.mjs. */

import type { Outlines } from "../../src/context/outlines";
import type { Syntax } from "../../src/syntax/syntax";

type Modules = typeof import("../../src/cli/folderSource") &
    typeof import("../../src/completion/gates") &
    typeof import("../../src/context/sourceText") &
    typeof import("../../src/host/context/diagnostics") &
    typeof import("../../src/host/context/editRing") &
    typeof import("../../src/host/context/merge") &
    typeof import("../../src/host/context/regions");

export type Product = Modules & { outlines: Outlines; syntax: Syntax | undefined };

export interface Piece {
    kind: string;
    path: string;
    text: string;
}

/** A hole with the pieces that an editor would bring along. */
export interface EditorHole {
    path: string;
    languageId: string;
    before: string;
    truth: string;
    after: string;
    repository: string;
    pieces: Piece[];
}
