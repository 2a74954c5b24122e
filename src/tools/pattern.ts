/**
 * Regular expressions as an automaton over a JSON string's characters: the part of the language that describes text. What looks around,
 * looks back or is anchored inside is not understood, and then the whole pattern is not (undefined).
 */

import {
    bothOf,
    inTurn,
    oneOf,
    single,
    statesOf,
    times,
    TooManyStates,
    type Piece,
    type States,
} from "./automaton";
import type { Node } from "./grammar";
import type { JsonText } from "./jsonText";
import { ALL_CHARACTERS, intersection, inverted, normalized, type Range } from "./utf8";

const MAX_PATTERN = 500;
const MAX_TIMES = 1000;
const MAX_GROUPS = 32;
/** Repeats of repeats multiply. */
const MAX_STATES = 4000;

const DIGIT: Range[] = [[0x30, 0x39]];
const WORD: Range[] = [...DIGIT, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACE = [
    [0x9, 0xd],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
] satisfies Range[];
const LINE_ENDS: Range[] = [
    [0xa, 0xa],
    [0xd, 0xd],
    [0x2028, 0x2029],
];
const CLASSES: Record<string, Range[]> = {
    d: DIGIT,
    w: WORD,
    s: SPACE,
    D: inverted(DIGIT),
    W: inverted(WORD),
    S: inverted(SPACE),
};
const CONTROLS: Record<string, number> = { n: 0xa, r: 0xd, t: 0x9, f: 0xc, v: 0xb, 0: 0 };

class NotUnderstood extends Error {}

/** Characters by the node that reads one of them. */
type Characters = Map<Node, readonly Range[]>;

/**
 * Strings, without their quotes, in which all the patterns are found. Those that are not understood do not count, and those that make too
 * much of it together with the ones before them; undefined: none is left.
 */
export function patternNode(json: JsonText, ...patterns: string[]): Node | undefined {
    const characters: Characters = new Map();
    const meet = (x: Node, y: Node) => {
        const common = intersection(characters.get(x) ?? [], characters.get(y) ?? []);
        return common.length === 0 ? undefined : reading(json, common, characters);
    };
    let all: States["edges"] | undefined;
    for (const pattern of patterns) {
        const edges = bounded(() => edgesOf(json, pattern, characters));
        if (edges === undefined) continue;
        const before = all;
        const both = before
            ? bounded(() => ({ edges: bothOf(before, edges, { meet, most: MAX_STATES }) }))
            : { edges };
        if (both === undefined) continue;
        if (both.edges === undefined) return json.grammar.choice([]);
        all = both.edges;
    }
    return all && json.grammar.automaton(all);
}

function edgesOf(json: JsonText, pattern: string, characters: Characters): States["edges"] {
    if (pattern.length > MAX_PATTERN) throw new NotUnderstood();
    return statesOf(new Reader(json, pattern, characters).whole(), MAX_STATES);
}

/** Undefined: it is not understood, or becomes too large. */
function bounded<T>(work: () => T): T | undefined {
    try {
        return work();
    } catch (error) {
        if (error instanceof NotUnderstood || error instanceof TooManyStates) return undefined;
        throw error;
    }
}

function reading(json: JsonText, ranges: readonly Range[], characters: Characters): Node {
    const node = json.oneOf(ranges);
    characters.set(node, normalized(ranges));
    return node;
}

class Reader {
    private at = 0;
    private nGroups = 0;

    constructor(
        private readonly json: JsonText,
        private readonly pattern: string,
        private readonly characters: Characters,
    ) {}

    whole(): Piece {
        const anything = times(this.one(ALL_CHARACTERS), 0);
        const parts: Piece[] = [];
        do {
            const isStart = this.take("^");
            const body = this.sequence();
            const isEnd = this.take("$");
            const before = isStart ? [] : [anything];
            parts.push(inTurn([...before, body, ...(isEnd ? [] : [anything])]));
        } while (this.take("|"));
        if (this.at < this.pattern.length) throw new NotUnderstood();
        return oneOf(parts);
    }

    private alternatives(): Piece {
        const parts: Piece[] = [];
        do parts.push(this.sequence());
        while (this.take("|"));
        return oneOf(parts);
    }

    private sequence(): Piece {
        const parts: Piece[] = [];
        while (this.at < this.pattern.length && !/[|)$]/.test(this.peek()))
            parts.push(this.quantified(this.term()));
        return inTurn(parts);
    }

    private one(ranges: readonly Range[]): Piece {
        return single(reading(this.json, ranges, this.characters));
    }

    private term(): Piece {
        const c = this.next();
        if (c === "(") return this.group();
        if (c === "[") return this.one(this.set());
        if (c === ".") return this.one(inverted(LINE_ENDS));
        if (c === "\\") return this.one(this.escape());
        if (/[*+?{}\]^]/.test(c)) throw new NotUnderstood();
        return this.one([just(c)]);
    }

    private group(): Piece {
        if (++this.nGroups > MAX_GROUPS) throw new NotUnderstood();
        if (this.take("?")) {
            const isNamed = /^<[A-Za-z_]\w*>/.exec(this.pattern.slice(this.at));
            if (isNamed) this.at += isNamed[0].length;
            else if (!this.take(":")) throw new NotUnderstood();
        }
        const inside = this.alternatives();
        if (!this.take(")")) throw new NotUnderstood();
        return inside;
    }

    private quantified(part: Piece): Piece {
        const counts = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.pattern.slice(this.at));
        if (!counts) return part;
        this.at += counts[0].length;
        const [, sign, from, comma, to] = counts;
        if (/^[*+?{]/.test(this.pattern.slice(this.at))) throw new NotUnderstood();
        if (sign) return times(part, sign === "+" ? 1 : 0, sign === "?" ? 1 : undefined);
        const min = Number(from);
        const max = comma === undefined ? min : to ? Number(to) : undefined;
        if (min > MAX_TIMES || (max ?? 0) > MAX_TIMES) throw new NotUnderstood();
        if (max !== undefined && max < min) throw new NotUnderstood();
        return times(part, min, max);
    }

    private set(): Range[] {
        const isInverted = this.take("^");
        const ranges: Range[] = [];
        while (!this.take("]")) {
            const from = this.member();
            const [only] = from;
            if (!(this.peek() === "-" && this.pattern[this.at + 1] !== "]") || !only) {
                ranges.push(...from);
                continue;
            }
            this.at++;
            const [last] = this.member();
            const isRange = from.length === 1 && only[0] === only[1] && last && last[0] === last[1];
            if (!isRange || last[0] < only[0]) throw new NotUnderstood();
            ranges.push([only[0], last[0]]);
        }
        return isInverted ? inverted(ranges) : normalized(ranges);
    }

    private member(): Range[] {
        const c = this.next();
        if (c === "\\") return this.peek() === "b" ? this.fail() : this.escape();
        return [just(c)];
    }

    private escape(): Range[] {
        const c = this.next();
        const known = CLASSES[c];
        if (known) return known;
        const control = CONTROLS[c];
        if (control !== undefined) return [[control, control]];
        const code = /^(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\})/.exec(
            this.pattern.slice(this.at - 1),
        );
        if (code) {
            this.at += code[0].length - 1;
            const value = parseInt(code[1] ?? code[2] ?? code[3] ?? "", 16);
            return [[value, value]];
        }
        if (/[\p{L}\p{N}]/u.test(c)) return this.fail();
        return [just(c)];
    }

    private fail(): never {
        throw new NotUnderstood();
    }

    private peek(): string {
        const code = this.pattern.codePointAt(this.at);
        return code === undefined ? "" : String.fromCodePoint(code);
    }

    private next(): string {
        const c = this.peek();
        if (c === "") throw new NotUnderstood();
        this.at += c.length;
        return c;
    }

    private take(c: string): boolean {
        const isThere = this.peek() === c;
        if (isThere) this.at += c.length;
        return isThere;
    }
}

function just(c: string): Range {
    const code = c.codePointAt(0) ?? 0;
    return [code, code];
}
