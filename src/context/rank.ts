/**
 * Which pieces of the files around a place come first: whole definitions of the names that stand at the cursor, nearest first; then the
 * heads of what is imported, what is not used yet before the rest; then the most similar pieces of files that were looked at or lie beside.
 * Pure.
 */

import type { Syntax } from "../syntax/syntax";
import type { Import } from "./imports";
import { allNames, linesOf, namesAround } from "./names";
import { Outline } from "./outline";
import type { Outlines } from "./outlines";
import type { Place, Snippet, SnippetKind } from "./snippet";

/** A file that may be shown. */
export interface Source {
    path: string;
    lines: readonly string[];
}

export interface Around {
    /** Files that are imported, with what is taken from them. */
    imported: readonly { source: Source; names: Import["names"] }[];
    /** Files that were looked at, the last first. */
    visited: readonly Source[];
    /** Files that lie beside, likeliest first. */
    related: readonly Source[];
}

/** A name behind a dot. */
const MEMBER = /(?<=\.\s*)[\p{L}_$][\p{L}\p{N}_$]*/gu;
const MAX_NAMES = 16;
const MAX_DEFINITION = 1200;
/** What is only imported is shown by its head. */
const MAX_HEAD = 400;
const MAX_OUTLINE = 1200;
/** Pieces that are compared are at most so many lines long. */
const PART_LINES = 24;
const NEAR_LINES = 20;
const MAX_SIMILAR = 3;
/** Pieces that have less in common with the place say nothing about it. */
const MIN_SIMILARITY = 0.1;

/** What knows the code. */
export interface Readers {
    outlines: Outlines;
    /** Of the place's own document; undefined, or where it knows nothing: the words have to do. */
    syntax?: Pick<Syntax, "identifiers" | "symbols"> | undefined;
}

export async function ranked(
    place: Place,
    { imported, visited, related }: Around,
    { outlines, syntax }: Readers,
): Promise<Snippet[]> {
    const before = place.prefix.split("\n");
    const after = place.suffix.split("\n");
    const own = [
        ...before.slice(0, -1),
        (before.at(-1) ?? "") + (after[0] ?? ""),
        ...after.slice(1),
    ];
    const cursor = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
    const read = (lines: readonly number[]) => syntax?.identifiers(place, lines);
    const near = namesAround(linesOf(own), cursor, MAX_NAMES, read).map(({ name }) => name);
    const local = new Outline(own, syntax?.symbols(place)).names;
    const wanted = near.filter((name) => !local.has(name));
    const outlined = async (sources: readonly Source[]) =>
        Promise.all(
            sources.map(async (source) => ({ source, outline: await outlines.of(source) })),
        );
    const [ofImported, ofVisited, ofRelated] = await Promise.all(
        [imported.map(({ source }) => source), visited, related].map(outlined),
    );
    const found = new Definitions(ofImported ?? []);
    const others = new Definitions([...(ofVisited ?? []), ...(ofRelated ?? [])]);
    // Where files say what they import, a name that is not imported is at most a member of something that is.
    const taken = new Map(
        imported.flatMap(({ source, names }) => names.map((name) => [name, source] as const)),
    );
    const members = new Set(
        own.flatMap((line) => [...line.matchAll(MEMBER)].map(([name]) => name)),
    );
    const definitions = wanted.flatMap((name) => {
        const source = taken.get(name);
        if (source) return found.of(name, MAX_DEFINITION, source);
        if (members.has(name)) return found.of(name, MAX_DEFINITION);
        return taken.size > 0 ? [] : others.of(name, MAX_DEFINITION);
    });
    const shown = new Set(definitions.flatMap(({ symbols = [] }) => symbols));
    const used = allNames(own.filter((_, line) => !isImport(own[line] ?? "")));
    const windows = [...similar("visited", ofVisited ?? [], own, cursor.line)];
    windows.push(...similar("related", ofRelated ?? [], own, cursor.line));
    return [...definitions, ...heads(imported, found, shown, used), ...windows];
}

/** What is imported and not shown yet, one piece for each file. */
function heads(
    imported: Around["imported"],
    found: Definitions,
    shown: ReadonlySet<string>,
    used: ReadonlySet<string>,
): Snippet[] {
    const pieces = imported.flatMap(({ source, names }) => {
        if (names.length === 0) {
            const text = found.outline(source)?.text(MAX_OUTLINE) ?? "";
            return [{ rank: 1, snippet: { kind: "import" as const, path: source.path, text } }];
        }
        const left = names.filter((name) => !shown.has(name));
        const unused = left.filter((name) => !used.has(name));
        return [unused, left.filter((name) => used.has(name))].flatMap((group, rank) => {
            const heads = group.flatMap((name) => found.of(name, MAX_HEAD, source).slice(0, 1));
            const text = heads.map((head) => head.text).join("\n");
            if (text === "") return [];
            return [
                {
                    rank: 2 * rank,
                    snippet: { kind: "import" as const, path: source.path, text, symbols: group },
                },
            ];
        });
    });
    return pieces
        .sort((a, b) => a.rank - b.rank)
        .map(({ snippet }) => snippet)
        .filter(({ text }) => text.trim() !== "");
}

/** The pieces of files that share most names with the lines around the cursor, one of each file at most. */
function similar(
    kind: SnippetKind,
    files: readonly Outlined[],
    own: readonly string[],
    cursorLine: number,
): Snippet[] {
    const names = allNames(
        own.slice(Math.max(0, cursorLine - NEAR_LINES), cursorLine + NEAR_LINES),
    );
    const best = files.map(({ source: { path, lines }, outline }) => {
        let top = { score: 0, text: "" };
        for (const { first, last } of outline.parts(PART_LINES)) {
            const part = lines.slice(first, last + 1);
            const score = jaccard(names, allNames(part));
            if (score > top.score) top = { score, text: part.join("\n") };
        }
        return { path, ...top };
    });
    return best
        .filter(({ score }) => score >= MIN_SIMILARITY)
        .sort((a, b) => b.score - a.score)
        .slice(0, MAX_SIMILAR)
        .map(({ path, text }) => ({ kind, path, text }));
}

export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
    const nCommon = [...a].filter((name) => b.has(name)).length;
    const nAll = a.size + b.size - nCommon;
    return nAll === 0 ? 0 : nCommon / nAll;
}

interface Outlined {
    source: Source;
    outline: Outline;
}

/** Definitions in some files. */
class Definitions {
    private readonly files: readonly Outlined[];

    constructor(files: readonly Outlined[]) {
        this.files = [...new Map(files.map((file) => [file.source.path, file])).values()];
    }

    outline({ path }: Source): Outline | undefined {
        return this.files.find(({ source }) => source.path === path)?.outline;
    }

    /** In the first file that has some; of `only` when that is given. At most two: overloads, a declaration beside its definition. */
    of(name: string, maxCharacters: number, only?: Source): Snippet[] {
        const file = this.files.find(
            ({ source, outline }) =>
                (!only || source.path === only.path) && outline.names.has(name),
        );
        if (!file) return [];
        const { source, outline } = file;
        return (outline.names.get(name) ?? []).slice(0, 2).map((line) => ({
            kind: "definition" as const,
            path: source.path,
            text: outline.piece(outline.at(line), maxCharacters),
            symbols: [name],
        }));
    }
}

function isImport(line: string): boolean {
    return /^\s*(?:import|from|export\s+\{)\b|\brequire\s*\(/.test(line);
}
