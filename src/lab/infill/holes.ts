/**
 * Cuts holes out of somebody's own source files, the same ones for the same files: the rest of a line from a word on, and a few whole
 * lines that are complete statements. Comments are left alone. Pure.
 */

import { commentStart, isCommentLine } from "../../prompt/comments";
import { closesBlock, indentWidth, isBlank, opensBlock, scanBrackets } from "../../prompt/lines";
import type { HoleKind } from "../../protocol/labInfill";

export interface Source {
    /** As the person named it: decides, with nothing else, which holes are cut. */
    name: string;
    languageId: string;
    /** Lines end with `\n`. */
    text: string;
}

export interface Hole {
    kind: HoleKind;
    name: string;
    languageId: string;
    prefix: string;
    truth: string;
    suffix: string;
}

/** A place in a file: from a column of a line to the end of another line. */
interface Cut {
    kind: HoleKind;
    first: number;
    column: number;
    /** The last line. */
    last: number;
}

const KINDS: readonly HoleKind[] = ["line", "lines"];
const MAX_LINE_CHARACTERS = 160;
/** A shorter rest of a line is a closer or luck. */
const MIN_TRUTH_CHARACTERS = 6;
const LINES = { least: 2, most: 5 };

/** Whether comments of the language are known: without, they would be taken for code. */
export function isCode(languageId: string): boolean {
    return ["//", "#", "--", ";", "%"].some((mark) => commentStart(mark, languageId) === 0);
}

/** At most `nHoles`, of both kinds in turn and of all files in turn. */
export function cutHoles(sources: readonly Source[], nHoles: number): Hole[] {
    const files = sources
        .filter(({ languageId }) => isCode(languageId))
        .map((source) => ({ source, order: hashOf(source.name) }))
        .sort((a, b) => a.order - b.order || (a.source.name < b.source.name ? -1 : 1))
        .map(({ source, order }) => {
            const lines = source.text.split("\n");
            const random = randomOf(order);
            const cuts = {
                line: shuffled(restsOfLines(lines, source.languageId, random), random),
                lines: shuffled(statements(lines, source.languageId), random),
            };
            return { source, lines, cuts };
        });
    const holes: Hole[] = [];
    for (let isMore = true; isMore && holes.length < nHoles;) {
        isMore = false;
        for (const { source, lines, cuts } of files) {
            const wanted = KINDS[holes.length % KINDS.length] ?? "line";
            const cut = cuts[wanted].pop() ?? cuts[wanted === "line" ? "lines" : "line"].pop();
            if (!cut || holes.length >= nHoles) continue;
            holes.push(holeOf(source, lines, cut));
            isMore = true;
        }
    }
    return holes;
}

function holeOf(
    { name, languageId }: Source,
    lines: readonly string[],
    { kind, first, column, last }: Cut,
): Hole {
    const start = lines[first] ?? "";
    const cut = [start, ...lines.slice(first + 1, last + 1)];
    return {
        kind,
        name,
        languageId,
        prefix: [...lines.slice(0, first), start.slice(0, column)].join("\n"),
        truth: cut.join("\n").slice(column),
        suffix: ["", ...lines.slice(last + 1)].join("\n"),
    };
}

/** One place on each line of code, at the beginning of a word that is not the first. */
function restsOfLines(lines: readonly string[], languageId: string, random: () => number): Cut[] {
    return lines.flatMap((line, first) => {
        if (!isCodeLine(line, languageId)) return [];
        const end = line.trimEnd().length - MIN_TRUTH_CHARACTERS;
        const words = [...line.matchAll(/\b\w/g)].map(({ index }) => index).slice(1);
        const columns = words.filter((column) => column <= end);
        const column = columns[Math.floor(random() * columns.length)];
        return column === undefined ? [] : [{ kind: "line", first, column, last: first }];
    });
}

/** Runs of lines that begin and end a statement, of which none is a comment and nothing is left open. */
function statements(lines: readonly string[], languageId: string): Cut[] {
    return lines.flatMap((line, first) => {
        if (!isCodeLine(line, languageId) || closesBlock(line)) return [];
        const indent = indentWidth(line);
        const cuts: Cut[] = [];
        for (let last = first + 1; last < first + LINES.most; last++) {
            const next = lines[last] ?? "";
            const closes = closesBlock(next) && indentWidth(next) === indent;
            if (!closes && (!isCodeLine(next, languageId) || indentWidth(next) < indent)) break;
            if (last - first + 1 < LINES.least || !endsStatement(lines, first, last, languageId))
                continue;
            const column = line.length - line.trimStart().length;
            cuts.push({ kind: "lines", first, column, last });
        }
        // The longest of those that begin here: others are parts of it.
        return cuts.slice(-1);
    });
}

function endsStatement(
    lines: readonly string[],
    first: number,
    last: number,
    languageId: string,
): boolean {
    const indent = indentWidth(lines[first] ?? "");
    if (opensBlock(lines[last] ?? "", languageId)) return false;
    const { open, unmatchedAt } = scanBrackets(lines.slice(first, last + 1).join("\n"));
    if (open.length > 0 || unmatchedAt !== undefined) return false;
    const next = lines.slice(last + 1).find((line) => !isBlank(line));
    if (next === undefined) return true;
    const goesOn = closesBlock(next) && indentWidth(next) === indent;
    return indentWidth(next) <= indent && !goesOn && !/^\s*[.?:&|+,]/.test(next);
}

function isCodeLine(line: string, languageId: string): boolean {
    return (
        line.length <= MAX_LINE_CHARACTERS &&
        /\w.*\w/.test(line) &&
        commentStart(line, languageId) === undefined &&
        !isCommentLine(line, languageId) &&
        !/"""|'''/.test(line)
    );
}

/** FNV-1a of a text. */
function hashOf(text: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++)
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    return hash;
}

/** 0 to 1, the same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
}

function shuffled<T>(list: T[], random: () => number): T[] {
    return list
        .map((value) => ({ value, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ value }) => value);
}
