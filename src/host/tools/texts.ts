/** What tools say, as lines: a file's text with its numbers, the problems of files. Pure. */

import type { Diagnostic } from "vscode";

/** An answer before it is made to fit. */
export interface Said {
    head: string;
    lines: readonly string[];
    /** What to say when only so many of the lines fit. */
    more?: (nShown: number) => string;
}

export interface FileProblems {
    path: string;
    diagnostics: readonly Diagnostic[];
}

const MAX_LINE_CHARACTERS = 500;
const MAX_MESSAGE_CHARACTERS = 300;
/** As vscode.DiagnosticSeverity counts. */
const LEVELS = ["error", "warning", "information", "hint"] as const;

export function numbered(
    path: string,
    lines: readonly string[],
    { startLine, endLine }: { startLine: number; endLine?: number | undefined },
): Said {
    const total = lines.length;
    if (startLine > total)
        return { head: `${path} has only ${total} ${total === 1 ? "line" : "lines"}.`, lines: [] };
    const last = Math.min(total, Math.max(startLine, endLine ?? total));
    const shown = lines.slice(startLine - 1, last).map((text, at) => {
        const cut = text.length > MAX_LINE_CHARACTERS;
        return `${startLine + at}: ${cut ? `${text.slice(0, MAX_LINE_CHARACTERS)} ...` : text}`;
    });
    return {
        head: `${path}, ${total} ${total === 1 ? "line" : "lines"}:`,
        lines: shown,
        more: (nShown) =>
            nShown < shown.length
                ? `... lines ${startLine + nShown} to ${last} did not fit; ask for them with startLine ${startLine + nShown}.`
                : "",
    };
}

/** The files with errors first; in a file the most serious first. */
export function problemLines(
    files: readonly FileProblems[],
    least: "error" | "warning" | "information",
    path?: string,
): Said {
    const limit = LEVELS.indexOf(least);
    const entries = files
        .flatMap(({ path, diagnostics }) => diagnostics.map((one) => ({ path, one })))
        .filter(({ one }) => (one.severity as number) <= limit)
        .sort(
            (a, b) =>
                a.one.severity - b.one.severity ||
                (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) ||
                a.one.range.start.line - b.one.range.start.line,
        );
    const where = path === undefined ? "" : ` in ${path}`;
    const what =
        least === "error" ? "errors" : least === "warning" ? "errors or warnings" : "problems";
    if (entries.length === 0)
        return { head: `There are no ${what}${where}, as far as the editor knows.`, lines: [] };
    return {
        head: `${entries.length} ${entries.length === 1 ? "problem" : "problems"}${where}:`,
        lines: entries.map(({ path, one }) => {
            const { line, character } = one.range.start;
            const level = LEVELS[one.severity] ?? "hint";
            const source = one.source === undefined ? "" : ` [${one.source}]`;
            const message = one.message.replace(/\s+/g, " ").slice(0, MAX_MESSAGE_CHARACTERS);
            return `${path}:${line + 1}:${character + 1}: ${level}: ${message}${source}`;
        }),
    };
}
