/**
 * A document while changes to it are reviewed, as rows: lines that stay, lines that were added, and lines that are gone but are still
 * shown. A gone row stands in the document as an empty line (the editor paints the old text into it, since it cannot show lines
 * that are not there), or not at all when it is hidden. Pure; every function returns new rows.
 */

import type { Hunk } from "./lines";

export type Row =
    | { kind: "same"; text: string }
    | { kind: "added"; text: string; hunk: number }
    | { kind: "gone"; text: string; hunk: number; isHidden?: boolean | undefined };

/** One change that is neither accepted nor rejected. */
export interface PendingHunk {
    id: number;
    /** The document's line at which it begins: its own first line, or the one that follows lines that are gone. */
    line: number;
    /** Lines of the document that are its own, gone ones included. */
    nLines: number;
    added: readonly string[];
    gone: readonly string[];
}

/** The hunk of lines that are left of settled ones. */
const LEFT_OVER = -1;

export type Verdict = "accept" | "reject";

/** The rows of a document with changes; hunks get their index as id. */
export function rowsOf(lines: readonly string[], hunks: readonly Hunk[]): Row[] {
    const rows: Row[] = [];
    let at = 0;
    for (const [hunk, { start, removed, added }] of hunks.entries()) {
        for (const text of lines.slice(at, start)) rows.push({ kind: "same", text });
        for (const text of removed) rows.push({ kind: "gone", text, hunk });
        for (const text of added) rows.push({ kind: "added", text, hunk });
        at = start + removed.length;
    }
    for (const text of lines.slice(at)) rows.push({ kind: "same", text });
    return rows;
}

/** Whether a row has a line in the document. */
function isLine(row: Row): boolean {
    return row.kind !== "gone" || row.isHidden !== true;
}

/** What the document holds. */
export function documentLines(rows: readonly Row[]): string[] {
    return rows.filter(isLine).map((row) => (row.kind === "gone" ? "" : row.text));
}

/** The rows that have a line in the document, in its order. */
export function shownRows(rows: readonly Row[]): Row[] {
    return rows.filter(isLine);
}

/** What is pending, in order. */
export function pendingHunks(rows: readonly Row[]): PendingHunk[] {
    const found = new Map<number, PendingHunk & { added: string[]; gone: string[] }>();
    let line = 0;
    for (const row of rows) {
        if (row.kind !== "same" && row.hunk !== LEFT_OVER) {
            const { hunk: id } = row;
            const known = found.get(id) ?? { id, line, nLines: 0, added: [], gone: [] };
            found.set(id, known);
            known[row.kind].push(row.text);
            if (isLine(row)) known.nLines++;
        }
        if (isLine(row)) line++;
    }
    return [...found.values()];
}

/** Accepts or rejects one hunk, or all. */
export function settle(rows: readonly Row[], which: number | "all", verdict: Verdict): Row[] {
    const kept = verdict === "accept" ? "added" : "gone";
    return rows.flatMap((row): Row[] => {
        if (row.kind === "same" || (which !== "all" && row.hunk !== which)) return [row];
        if (row.hunk === LEFT_OVER) return [];
        return row.kind === kept ? [{ kind: "same", text: row.text }] : [];
    });
}

/** Takes the empty lines of what is gone out of the document; it can still be rejected. */
export function hideGone(rows: readonly Row[]): Row[] {
    return rows.map((row) => (row.kind === "gone" ? { ...row, isHidden: true } : row));
}

/** Puts them back. */
export function showGone(rows: readonly Row[]): Row[] {
    return rows.map((row) => (row.kind === "gone" ? { ...row, isHidden: undefined } : row));
}

/**
 * Somebody else has replaced the document's lines `start` to `end` (excluded) by `lines`. A hunk that loses a line that way is
 * settled: what the person made of it counts. The lines of what is gone stay until `dropLeftOver`, since the document has them.
 */
export function takeOver(
    rows: readonly Row[],
    { start, end, lines }: { start: number; end: number; lines: readonly string[] },
): Row[] {
    const touched = new Set<number>();
    const result: Row[] = [];
    const put = () => {
        for (const text of lines) result.push({ kind: "same", text });
    };
    let line = 0;
    let isPut = false;
    for (const row of rows) {
        if (isLine(row) && line >= start && !isPut) {
            put();
            isPut = true;
        }
        const isReplaced = isLine(row) && line >= start && line < end;
        if (isReplaced && row.kind !== "same") touched.add(row.hunk);
        if (!isReplaced) result.push(row);
        if (isLine(row)) line++;
    }
    if (!isPut) put();
    return settleHunks(result, touched);
}

/** Hunks that others have settled: their lines are the document's, what is gone is over. */
export function settleHunks(rows: readonly Row[], hunks: ReadonlySet<number>): Row[] {
    return rows.flatMap((row): Row[] => {
        if (row.kind === "same" || !hunks.has(row.hunk)) return [row];
        if (row.kind === "added") return [{ kind: "same", text: row.text }];
        return row.isHidden ? [] : [{ ...row, hunk: LEFT_OVER }];
    });
}

/** Without the lines that settled hunks have left in the document. */
export function dropLeftOver(rows: readonly Row[]): Row[] {
    return settle(rows, LEFT_OVER, "accept");
}

/** A change of a document as an editor tells it: characters from one place to another, ends excluded. */
export interface TextChange {
    startLine: number;
    startCharacter: number;
    endLine: number;
    endCharacter: number;
    text: string;
}

/**
 * The lines that a change replaces, and by what. What only adds or removes whole lines touches no line beside them: a new line
 * below a change under review is not part of it.
 */
export function touchedLines(
    before: readonly string[],
    { startLine, startCharacter, endLine, endCharacter, text }: TextChange,
): { start: number; end: number; lines: string[] } {
    const added = text.split(/\r\n|\r|\n/);
    const first = before[startLine] ?? "";
    const last = before[endLine] ?? "";
    if (startCharacter === 0 && endCharacter === 0 && added.at(-1) === "")
        return { start: startLine, end: endLine, lines: added.slice(0, -1) };
    const isAtEnds = startCharacter === first.length && endCharacter === last.length;
    if (isAtEnds && added[0] === "")
        return { start: startLine + 1, end: endLine + 1, lines: added.slice(1) };
    const lines = (first.slice(0, startCharacter) + text + last.slice(endCharacter)).split(
        /\r\n|\r|\n/,
    );
    return { start: startLine, end: endLine + 1, lines };
}
