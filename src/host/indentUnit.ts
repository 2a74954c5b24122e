/** What one step of indentation is in an editor, as it was set or detected. */

import type { TextEditorOptions } from "vscode";

/** A tab or spaces; four spaces where no editor says. */
export function indentUnit({ insertSpaces, tabSize }: TextEditorOptions = {}): string {
    if (insertSpaces === false) return "\t";
    return " ".repeat(typeof tabSize === "number" ? tabSize : 4);
}
