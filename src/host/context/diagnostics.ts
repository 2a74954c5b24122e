/** What a compiler says about the lines around a cursor, as text. Pure: diagnostics are passed in as an editor has them. */

import type { Diagnostic } from "vscode";

const AROUND_LINES = 20;
const MAX_MESSAGES = 4;
const MAX_MESSAGE_CHARACTERS = 200;
/** vscode.DiagnosticSeverity: errors are 0, warnings 1; hints are about style. */
const MAX_SEVERITY = 1;

/**
 * A line each, nearest first; empty when there is nothing to say. The cursor's own line is left out: it is being written, and what is
 * wrong with it is that it is not finished.
 */
export function diagnosticsText(diagnostics: readonly Diagnostic[], cursorLine: number): string {
    const distance = ({ range }: Diagnostic) => Math.abs(range.start.line - cursorLine);
    const isNear = (one: Diagnostic) => distance(one) > 0 && distance(one) <= AROUND_LINES;
    const near = diagnostics.filter(
        (one) => (one.severity as number) <= MAX_SEVERITY && isNear(one),
    );
    const messages = near
        .sort((a, b) => distance(a) - distance(b))
        .map(({ message }) => message.replace(/\s+/g, " ").slice(0, MAX_MESSAGE_CHARACTERS));
    return [...new Set(messages)].slice(0, MAX_MESSAGES).join("\n");
}
