/**
 * The symbols of a file and how much of them is shown: whole ones, else a container's members without their bodies, else headers. What
 * begins and ends where is told by the grammar's symbols when they are known, by indentation elsewhere. Pure.
 */

import { indentOf, isBlank } from "../prompt/lines";
import type { CodeSymbol, SymbolKind } from "../syntax/symbols";
import {
    blockAt,
    CLOSER,
    CONTAINER,
    containerOf,
    headerEnd,
    isNoise,
    textOf,
    withDecoration,
    type LineRange,
} from "./blocks";
import { definedIn } from "./symbols";

/** Kinds whose members are told with the line that they are in. */
const HOLDERS: ReadonlySet<SymbolKind> = new Set(["class", "interface", "module", "enum", "type"]);

export class Outline {
    /** Zero-based first lines of what each name stands for, outermost first: what other files can use. */
    readonly names: ReadonlyMap<string, readonly number[]>;

    /** `symbols`: in the order of the text; undefined: no grammar knows. */
    constructor(
        readonly lines: readonly string[],
        private readonly symbols?: readonly CodeSymbol[],
    ) {
        this.names = symbols ? namesOf(symbols) : definedIn(lines);
    }

    /** The symbol whose header a line belongs to, as the grammar knows it. */
    symbolAt(line: number): LineRange | undefined {
        const isHeader = ({ first, header }: CodeSymbol) => first <= line && line <= header;
        return this.symbols?.findLast(isHeader);
    }

    /** The same, else the block that the line begins. */
    at(line: number): LineRange {
        return this.symbolAt(line) ?? blockAt(this.lines, line);
    }

    /**
     * A symbol as text, at most so many characters: all of it, else a container's members without their bodies, else only its header.
     * Undefined when even that does not fit.
     */
    textOf(range: LineRange, maxCharacters: number): string | undefined {
        const whole = textOf(this.lines, range);
        if (whole.length <= maxCharacters) return whole;
        if (this.hasMembers(range)) {
            const members = this.short(range, 1);
            if (members.length <= maxCharacters) return members;
        }
        const short = this.short(range, 0);
        return short.length <= maxCharacters ? short : undefined;
    }

    /** A symbol as a piece of its own: as much of it as fits, with its comment when that leaves room, behind the line of what holds it. */
    piece(range: LineRange, maxCharacters: number): string {
        const line = this.symbolOf(range)?.line ?? range.first;
        const own = (this.lines[line] ?? "").trim();
        // Of a long one the comment above may be all that fits.
        const text = [withDecoration(this.lines, range), range]
            .map((one) => this.textOf(one, maxCharacters))
            .find((one) => one?.includes(own));
        const holder = this.holderOf(line);
        if (holder === undefined) return text ?? own;
        const inside = (text ?? own).replace(/^(?=.)/gm, "    ");
        return `${(this.lines[holder] ?? "").trim()}\n${inside}`;
    }

    /** The outermost declarations with the members of containers, bodies left out; cut after whole lines. */
    text(maxCharacters: number): string {
        const { lines } = this;
        const whole = lines.join("\n").trim();
        if (whole.length <= maxCharacters) return whole;
        const kept: string[] = [];
        let used = 0;
        for (let first = 0; first < lines.length;) {
            const text = lines[first] ?? "";
            const range = isBlank(text) ? { first, last: first } : this.beginningAt(first);
            first = range.last + 1;
            if (isBlank(text) || isNoise(text)) continue;
            const part = this.short(range, this.hasMembers(range) ? 1 : 0);
            used += part.length + 1;
            if (used > maxCharacters) break;
            kept.push(part);
        }
        return kept.join("\n");
    }

    /** The file in parts of at most so many lines, which begin where a symbol does wherever one begins in time. */
    parts(maxLines: number): LineRange[] {
        const { lines } = this;
        const starts = new Set(
            [...this.names.values()]
                .flat()
                .map((first) => withDecoration(lines, { first, last: first }).first),
        );
        const found: LineRange[] = [];
        for (let first = 0; first < lines.length;) {
            let next = Math.min(first + maxLines, lines.length);
            const end = next;
            while (next < lines.length && next > first && !starts.has(next)) next--;
            if (next === first) next = end;
            found.push({ first, last: next - 1 });
            first = next;
        }
        return found;
    }

    /** The whole symbols in a part of a file, the one in its middle above all; the part itself where that one is longer, or there is none. */
    wholeIn(part: LineRange): LineRange {
        const { symbols } = this;
        if (!symbols) return part;
        const size = part.last - part.first + 1;
        const middle = (part.first + part.last) >> 1;
        const around = symbols.filter(({ first, last }) => first <= middle && middle <= last);
        const fitting = around.find(({ first, last }) => last - first < size);
        if (!fitting && around.some(({ kind }) => !HOLDERS.has(kind))) return part;
        const inside = symbols.filter(
            ({ first, last }) => part.first <= first && last <= part.last,
        );
        const near = (one: LineRange) => Math.abs(one.first + one.last - 2 * middle);
        let whole = fitting && { first: fitting.first, last: fitting.last };
        for (const one of inside.sort((a, b) => near(a) - near(b))) {
            const first = Math.min(whole?.first ?? one.first, one.first);
            const last = Math.max(whole?.last ?? one.last, one.last);
            if (last - first < size) whole = { first, last };
        }
        return whole ?? part;
    }

    /** The line with the name of the innermost class or other container around a line, when there is one. */
    private holderOf(line: number): number | undefined {
        if (!this.symbols) return containerOf(this.lines, line);
        const holds = ({ kind, header, last }: CodeSymbol) =>
            HOLDERS.has(kind) && header < line && line <= last;
        return this.symbols.findLast(holds)?.line;
    }

    /** The outermost symbol that stands alone in a range; there may be a comment above it. */
    private symbolOf({ first, last }: LineRange): CodeSymbol | undefined {
        return this.symbols?.find((one) => one.first >= first && one.last === last);
    }

    private beginningAt(line: number): LineRange {
        return this.symbols?.find(({ first }) => first === line) ?? blockAt(this.lines, line);
    }

    private hasMembers(range: LineRange): boolean {
        const kind = this.symbolOf(range)?.kind;
        if (kind === "class" || kind === "interface" || kind === "module") return true;
        const end = this.headerOf(range);
        return CONTAINER.test(this.lines.slice(range.first, end + 1).join("\n"));
    }

    private headerOf(range: LineRange): number {
        const symbol = this.symbolOf(range);
        if (symbol && symbol.header < symbol.last) return symbol.header;
        return headerEnd(this.lines, range);
    }

    /** Header and, for `depth` 1, the members below it; what is left out is shown as `...`. */
    private short(range: LineRange, depth: 0 | 1): string {
        const { lines } = this;
        const end = this.headerOf(range);
        const header = textOf(lines, { first: range.first, last: end });
        if (end >= range.last) return header;
        if (depth === 0) return elided(header);
        const parts = [header];
        const margin = indentOf(lines[range.first] ?? "").length;
        const bodyEnd = CLOSER.test(lines[range.last] ?? "") ? range.last - 1 : range.last;
        for (let first = end + 1; first <= bodyEnd;) {
            const text = lines[first] ?? "";
            const member = isBlank(text) ? { first, last: first } : this.beginningAt(first);
            const last = Math.min(member.last, bodyEnd);
            if (!isBlank(text) && !isNoise(text.trim())) {
                const lead = text.slice(margin, text.length - text.trimStart().length);
                parts.push(this.short({ first, last }, 0).replace(/^(?=.)/gm, lead));
            }
            first = last + 1;
        }
        if (bodyEnd < range.last) parts.push((lines[range.last] ?? "").slice(margin).trimEnd());
        return parts.join("\n");
    }
}

/** What other files can use: members too, but no fields, which say little on their own. */
function namesOf(symbols: readonly CodeSymbol[]): Map<string, number[]> {
    const names = new Map<string, number[]>();
    const inner = ({ container }: CodeSymbol) => container !== undefined;
    const ordered = [...symbols.filter((one) => !inner(one)), ...symbols.filter(inner)];
    for (const { name, kind, container, first } of ordered)
        if (container === undefined || kind !== "value")
            names.set(name, [...(names.get(name) ?? []), first]);
    return names;
}

function elided(header: string): string {
    return header.endsWith("{") ? `${header} ... }` : `${header} ...`;
}
