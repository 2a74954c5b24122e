/**
 * Where quoted lines stand in a document: as they are, else with other white space at the ends, other indentation, other spaces,
 * else with small mistakes. What fits in more than one place, or in none, is refused with the reason. Blank lines do not count. Lines can
 * be replaced between two searches; neither looks at the whole document, unless there are mistakes. Pure.
 */

import { similarity, squeezed } from "./similar";

/** A line of the document, and those beside it; the one before the first is that behind the last. */
export interface Row {
    readonly text: string;
    before: Row;
    after: Row;
}

export type Anchor = { kind: "found"; first: Row; last: Row } | { kind: "refused"; reason: string };

/** How the lines of a quotation and of a document may differ, strictest first. */
const LEVELS: readonly ((line: string) => string)[] = [
    (line) => line,
    (line) => line.trimEnd(),
    (line) => line.trim(),
    squeezed,
];
/** With mistakes: of all characters, and of those of each line, so much has to be right. */
const MIN_SIMILARITY = 0.85;
const MIN_LINE_SIMILARITY = 0.5;
/** Another place that is nearly as good makes it a guess. */
const MARGIN = 0.08;
/** Quotations of more lines must have half of them right before mistakes are looked at: comparing takes long. */
const MAX_FREE_LINES = 2;
const MAX_NAMED = 4;

export class AnchoredLines {
    private readonly edge: Row;
    /** By level: the rows with each text, blank ones left out. Made when first asked for. */
    private readonly known: (Map<string, Set<Row>> | undefined)[] = [];

    constructor(lines: readonly string[]) {
        const edge = { text: "" } as Row;
        edge.before = edge;
        edge.after = edge;
        this.edge = edge;
        this.insert(lines, edge);
    }

    get lines(): string[] {
        const { before, after } = this.edge;
        return before === this.edge ? [] : this.between(after, before);
    }

    between(first: Row, last: Row): string[] {
        const lines = [first.text];
        for (let row = first; row !== last; row = row.after) lines.push(row.after.text);
        return lines;
    }

    replace(first: Row, last: Row, lines: readonly string[]): void {
        const { after } = last;
        for (let row = first; row !== after; row = row.after)
            for (const [level, rows] of this.known.entries())
                rows?.get(LEVELS[level]?.(row.text) ?? "")?.delete(row);
        first.before.after = after;
        after.before = first.before;
        this.insert(lines, after);
    }

    /** The lines that `quoted` means. */
    find(quoted: readonly string[]): Anchor {
        const wanted = quoted.filter((line) => line.trim() !== "");
        if (wanted.length === 0)
            return { kind: "refused", reason: "it names no lines that are to be replaced" };
        for (const level of LEVELS.keys()) {
            const places = this.exactPlaces(wanted, level);
            if (places.length > 1)
                return this.ambiguous(new Set(places.map(([first = this.edge]) => first)));
            const [place] = places;
            if (place) return foundIn(place);
        }
        return this.nearest(wanted);
    }

    /** In front of a row. */
    private insert(lines: readonly string[], after: Row): void {
        for (const text of lines) {
            const row = { text, before: after.before, after };
            row.before.after = row;
            after.before = row;
            for (const level of this.known.keys()) this.note(row, level);
        }
    }

    private note(row: Row, level: number): void {
        const rows = this.known[level];
        if (!rows || row.text.trim() === "") return;
        const text = LEVELS[level]?.(row.text) ?? "";
        const same = rows.get(text);
        if (same) same.add(row);
        else rows.set(text, new Set([row]));
    }

    private rowsBy(level: number): Map<string, Set<Row>> {
        const known = this.known[level];
        if (known) return known;
        const made = new Map<string, Set<Row>>();
        this.known[level] = made;
        for (let row = this.edge.after; row !== this.edge; row = row.after) this.note(row, level);
        return made;
    }

    /** Where the lines stand, looked for from the one that is seldom. */
    private exactPlaces(wanted: readonly string[], level: number): Row[][] {
        const reduce = LEVELS[level] ?? squeezed;
        const known = this.rowsBy(level);
        const goal = wanted.map(reduce);
        const rows = goal.map((text) => known.get(text));
        const nOf = (i: number) => rows[i]?.size ?? 0;
        const seldom = [...goal.keys()].reduce((best, i) => (nOf(i) < nOf(best) ? i : best), 0);
        const places: Row[][] = [];
        for (const row of rows[seldom] ?? []) {
            let first: Row = row;
            for (let i = 0; i < seldom; i++) first = this.filled(first, "before");
            const place = this.rowsFrom(first, goal.length);
            if (place.every(({ text }, i) => reduce(text) === goal[i])) places.push(place);
        }
        return places;
    }

    /** The next row that is not blank, or the edge, which is one's own neighbour. */
    private filled(from: Row, side: "before" | "after"): Row {
        if (from === this.edge) return from;
        let row = from[side];
        while (row !== this.edge && row.text.trim() === "") row = row[side];
        return row;
    }

    private rowsFrom(first: Row, nRows: number): Row[] {
        const rows = [first];
        while (rows.length < nRows) rows.push(this.filled(rows.at(-1) ?? first, "after"));
        return rows;
    }

    private nearest(wanted: readonly string[]): Anchor {
        const goal = wanted.map(squeezed);
        const present: Row[] = [];
        for (let row = this.edge.after; row !== this.edge; row = row.after)
            if (row.text.trim() !== "") present.push(row);
        const lines = present.map(({ text }) => squeezed(text));
        const nCharacters = goal.reduce((sum, line) => sum + line.length, 0);
        let best = { at: -1, score: 0 };
        let second = { at: -1, score: 0 };
        for (let at = 0; at + goal.length <= lines.length; at++) {
            const score = scoreAt(lines, goal, at) / nCharacters;
            if (score > best.score) [best, second] = [{ at, score }, best];
            else if (score > second.score) second = { at, score };
        }
        if (best.score < MIN_SIMILARITY)
            return {
                kind: "refused",
                reason: `the file has no lines like "${shortened(goal[0] ?? "")}"`,
            };
        if (second.score >= MIN_SIMILARITY && best.score - second.score < MARGIN)
            return this.ambiguous(
                new Set([best, second].map(({ at }) => present[at] ?? this.edge)),
            );
        return foundIn(present.slice(best.at, best.at + goal.length));
    }

    private ambiguous(places: ReadonlySet<Row>): Anchor {
        const numbers: number[] = [];
        let line = 0;
        for (let row = this.edge.after; row !== this.edge; row = row.after) {
            line++;
            if (places.has(row)) numbers.push(line);
        }
        const named = numbers.slice(0, MAX_NAMED).join(", ");
        const more = numbers.length > MAX_NAMED ? " and more" : "";
        return {
            kind: "refused",
            reason: `the lines to replace stand in the file more than once (lines ${named}${more})`,
        };
    }
}

function foundIn(rows: readonly Row[]): Anchor {
    const [first] = rows;
    const last = rows.at(-1);
    if (!first || !last) throw new Error("A quotation has lines");
    return { kind: "found", first, last };
}

/** Characters that are right, 0 when a line has too few of them. */
function scoreAt(lines: readonly string[], goal: readonly string[], at: number): number {
    if (goal.length > MAX_FREE_LINES) {
        const nRight = goal.filter((text, i) => lines[at + i] === text).length;
        if (nRight * 2 < goal.length) return 0;
    }
    let sum = 0;
    for (const [i, text] of goal.entries()) {
        const alike = similarity(text, lines[at + i] ?? "");
        if (alike < MIN_LINE_SIMILARITY) return 0;
        sum += alike * text.length;
    }
    return sum;
}

function shortened(text: string): string {
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
