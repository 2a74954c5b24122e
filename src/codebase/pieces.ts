/**
 * A file in the pieces that a search finds: its symbols whole with their comments, containers without the members that are pieces
 * themselves, and what stands between them. Without a grammar: a text's sections, else parts that begin where a definition does. Pure.
 */

import { Outline } from "../context/outline";
import { isCommentLine } from "../prompt/comments";
import { indentWidth, isBlank } from "../prompt/lines";
import type { CodeSymbol, SymbolKind } from "../syntax/symbols";

/** Lines are zero-based, and both ends included. */
export interface Piece {
    first: number;
    last: number;
    /** Of the symbol: `Basket.total`; of a text the heading. */
    name?: string | undefined;
    kind?: SymbolKind | undefined;
    /** Names that are defined in it, for the search. */
    names: string;
    comment: string;
    /** Of a container without its members. */
    code: string;
}

export interface SourceText {
    languageId: string;
    lines: readonly string[];
    /** In the order of the text; undefined: no grammar knows. */
    symbols: readonly CodeSymbol[] | undefined;
}

/** Longer symbols are cut into several pieces of the same name. */
const MAX_LINES = 80;
const MAX_COMMENT_LINES = 40;
/** A value of fewer lines is part of what stands around it. */
const MIN_VALUE_LINES = 3;
/** Letters that a piece without a symbol must have. */
const MIN_LETTERS = 12;
const IMPORT =
    /^\s*(?:import\b|from\s+\S+\s+import\b|export\s+.*\bfrom\s*["']|(?:const|let|var)\s.*=\s*require\(|using\s+[\w.]+;|use\s+[\w:]+|#\s*include\b|package\s+[\w.]+;?$)/;

/** At most `maxPieces`, in the order of the text. */
export function piecesOf(source: SourceText, maxPieces: number): Piece[] {
    const { languageId, symbols } = source;
    const found = symbols
        ? bySymbols(source, symbols)
        : languageId === "markdown"
          ? bySections(source.lines)
          : byParts(source.lines);
    return found.slice(0, maxPieces);
}

/** What an embedding model reads of a piece; `name`: of the file. */
export function pieceText(name: string, piece: Pick<Piece, "name" | "comment" | "code">): string {
    const head = piece.name === undefined ? name : `${name} ${piece.name}`;
    return [head, piece.comment, piece.code].filter((part) => part !== "").join("\n");
}

/** A symbol with the first line of its comment. */
interface Owner {
    symbol: CodeSymbol;
    first: number;
}

function bySymbols({ languageId, lines }: SourceText, symbols: readonly CodeSymbol[]): Piece[] {
    const owners = symbols.filter(isPiece).map((symbol): Owner => {
        let first = symbol.first;
        const least = Math.max(0, first - MAX_COMMENT_LINES);
        while (first > least && isComment(lines[first - 1] ?? "", languageId)) first--;
        return { symbol, first };
    });
    // Members come after what holds them, so the innermost symbol owns a line.
    const ownerOf = new Int32Array(lines.length).fill(-1);
    for (const [i, { symbol, first }] of owners.entries()) ownerOf.fill(i, first, symbol.last + 1);
    const pieces = owners.flatMap((owner, i) =>
        piecesOfSymbol(owner, lines, (at) => ownerOf[at] === i),
    );
    const values = symbols.filter((symbol) => !isPiece(symbol) && symbol.container === undefined);
    for (let first = 0; first < lines.length; first++) {
        if (ownerOf[first] !== -1) continue;
        let last = first;
        while (last + 1 < lines.length && ownerOf[last + 1] === -1) last++;
        for (const piece of looseParts(lines, first, last)) {
            const inside = values.filter(
                (one) => piece.first <= one.line && one.line <= piece.last,
            );
            pieces.push({ ...piece, names: inside.map(({ name }) => name).join(" ") });
        }
        first = last;
    }
    return pieces.sort((a, b) => a.first - b.first || b.last - a.last);
}

function isPiece({ kind, container, first, last }: CodeSymbol): boolean {
    if (kind !== "value") return true;
    return container === undefined && last - first + 1 >= MIN_VALUE_LINES;
}

function isComment(line: string, languageId: string): boolean {
    return isCommentLine(line, languageId) || /^\s*\*\/\s*$/.test(line);
}

function piecesOfSymbol(
    { symbol, first }: Owner,
    lines: readonly string[],
    owns: (line: number) => boolean,
): Piece[] {
    const { name, container, kind, last } = symbol;
    const whole = container === undefined ? name : `${container}.${name}`;
    const found: Piece[] = [];
    const own: number[] = [];
    for (let at = symbol.first; at <= last; at++) if (owns(at)) own.push(at);
    const comment = lines.slice(first, symbol.first).join("\n");
    for (let at = 0; at === 0 || at < own.length; at += MAX_LINES) {
        const part = own.slice(at, at + MAX_LINES);
        const isAll = own.length <= MAX_LINES;
        found.push({
            first: at === 0 ? first : (part[0] ?? first),
            last: isAll ? last : (part.at(-1) ?? last),
            name: whole,
            kind,
            names: at === 0 ? whole : name,
            comment: at === 0 ? comment : "",
            code: part.map((line) => lines[line] ?? "").join("\n"),
        });
    }
    return found;
}

/** Lines between symbols, without imports, in parts that end at a blank line where there is one. */
function looseParts(lines: readonly string[], from: number, to: number): Piece[] {
    const found: Piece[] = [];
    for (let first = from; first <= to;) {
        if (isBlank(lines[first] ?? "") || IMPORT.test(lines[first] ?? "")) {
            first++;
            continue;
        }
        let last = Math.min(to, first + MAX_LINES - 1);
        if (last < to) last = bestEnd(lines, first, last);
        while (last > first && isBlank(lines[last] ?? "")) last--;
        const code = lines
            .slice(first, last + 1)
            .filter((line) => !IMPORT.test(line))
            .join("\n");
        if ((code.match(/\p{L}/gu)?.length ?? 0) >= MIN_LETTERS)
            found.push({ first, last, names: "", comment: "", code });
        first = last + 1;
    }
    return found;
}

/** Of the blank lines in the second half the one before the line that is indented least. */
function bestEnd(lines: readonly string[], first: number, last: number): number {
    let best = last;
    let least = Infinity;
    for (let at = last; at > (first + last) / 2; at--) {
        const next = lines[at + 1] ?? "";
        if (!isBlank(lines[at] ?? "") || isBlank(next)) continue;
        const indent = indentWidth(next);
        if (indent < least) {
            least = indent;
            best = at;
        }
    }
    return best;
}

/** A text by its headings. */
function bySections(lines: readonly string[]): Piece[] {
    const found: Piece[] = [];
    let isInFence = false;
    let begin = 0;
    let heading: string | undefined;
    const end = (next: number) => {
        for (const piece of looseParts(lines, begin, next - 1))
            found.push({ ...piece, name: heading, names: heading ?? "" });
    };
    for (const [at, line] of lines.entries()) {
        if (/^\s*(```|~~~)/.test(line)) isInFence = !isInFence;
        const title = isInFence ? undefined : /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
        if (title === undefined) continue;
        end(at);
        begin = at;
        heading = title.slice(0, 100);
    }
    end(lines.length);
    return found;
}

function byParts(lines: readonly string[]): Piece[] {
    const outline = new Outline(lines);
    const names = [...outline.names].flatMap(([name, at]) => at.map((line) => ({ name, line })));
    return outline.parts(MAX_LINES).flatMap(({ first, last }) =>
        looseParts(lines, first, last).map((piece) => {
            const inside = names.filter(({ line }) => piece.first <= line && line <= piece.last);
            return { ...piece, names: inside.map(({ name }) => name).join(" ") };
        }),
    );
}
