/** A document as a review sees it: lines that it can replace. An editor has it, or a test. */

import type { LineChange } from "../../edit/lines";

export interface ReviewedDocument {
    lines(): readonly string[];
    /** Replaces lines; false when it changed meanwhile. Waits while no editor shows it. `isFirst`: a new undo step begins. */
    replace(change: LineChange, isFirst: boolean): Promise<boolean>;
    /** Takes back the last undo step of this document, and gives it the focus; false when it cannot. */
    undo(): Promise<boolean>;
    /** Brings back what `undo` has taken. */
    redo(): Promise<void>;
}
