/** JSON as a grammar: values of any kind, strings by their characters, and the one way in which a model is to write it. */

import type { Grammar, Node } from "./grammar";
import { intersection, inverted, normalized, type Range } from "./utf8";

/** What a schema leaves open is limited: a model that has begun to write it has to come to an end. */
const MAX_KEY = 64;
const MAX_LEVELS = 6;
/** Items of a list, and properties that the schema does not name. */
export const MAX_ITEMS = 64;

/** A space behind commas and colons, as chat templates write it: what is said again next turn has the same tokens. */
export const COMMA = ", ";
export const COLON = ": ";

/** What a value is written as. */
export function canonicalJson(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(canonicalJson).join(COMMA)}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
    const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => `${JSON.stringify(key)}${COLON}${canonicalJson(member)}`);
    return `{${members.join(COMMA)}}`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What a string may hold as it is. */
const PLAIN = inverted([
    [0, 0x1f],
    [QUOTE, QUOTE],
    [BACKSLASH, BACKSLASH],
    [0x7f, 0x7f],
]);
const ESCAPED = [...Array(0x20).keys(), QUOTE, BACKSLASH, 0x7f];

export class JsonText {
    private readonly made = new Map<string, Node>();

    constructor(readonly grammar: Grammar) {}

    private once(name: string, make: () => Node): Node {
        const known = this.made.get(name);
        if (known !== undefined) return known;
        const node = make();
        this.made.set(name, node);
        return node;
    }

    /** A character of a string: as it is, or escaped in any of JSON's ways. */
    get character(): Node {
        const { grammar: g } = this;
        return this.once("character", () =>
            g.choice([this.plain, g.sequence([g.text("\\"), this.escape()])]),
        );
    }

    private get plain(): Node {
        return this.once("plain", () => this.grammar.characters(PLAIN));
    }

    private escape(): Node {
        const { grammar: g } = this;
        const set = (text: string) =>
            g.characters(
                normalized(
                    [...text].map((c): Range => [c.codePointAt(0) ?? 0, c.codePointAt(0) ?? 0]),
                ),
            );
        const hex = set("0123456789abcdefABCDEF");
        const d = set("dD");
        const lone = g.choice([
            g.sequence([set("0123456789abcefABCEF"), hex, hex, hex]),
            g.sequence([d, set("01234567"), hex, hex]),
        ]);
        const pair = [d, set("89abAB"), hex, hex, g.text("\\u"), d, set("cdefCDEF"), hex, hex];
        const code = g.sequence([g.text("u"), g.choice([lone, g.sequence(pair)])]);
        return g.choice([set('"\\/bfnrt'), code]);
    }

    /** A character of the given ones, as JSON.stringify writes it. */
    oneOf(ranges: readonly Range[]): Node {
        return this.once(JSON.stringify(ranges), () => this.makeOneOf(normalized(ranges)));
    }

    private makeOneOf(wanted: readonly Range[]): Node {
        const { grammar: g } = this;
        const escaped = ESCAPED.filter((code) =>
            wanted.some(([from, to]) => from <= code && code <= to),
        );
        const parts = escaped.map((code) =>
            g.text(JSON.stringify(String.fromCodePoint(code)).slice(1, -1)),
        );
        return g.choice([g.characters(intersection(wanted, PLAIN)), ...parts]);
    }

    quoted(contents: Node): Node {
        const quote = this.grammar.text('"');
        return this.grammar.sequence([quote, contents, quote]);
    }

    string(min = 0, max?: number): Node {
        return this.quoted(this.grammar.repeat(this.character, min, max));
    }

    /** A key without escapes that is none of `names`: a second one of the same name would replace the first. */
    otherKey(names: readonly string[]): Node {
        return this.quoted(this.otherThan(names.filter((name) => !/[\\"\p{Cc}]/u.test(name))));
    }

    private otherThan(names: readonly string[]): Node {
        const { grammar: g } = this;
        const any = g.repeat(this.plain, 0, MAX_KEY);
        if (names.length === 0) return any;
        const byFirst = new Map<number, string[]>();
        for (const name of names) {
            const code = name.codePointAt(0);
            if (code === undefined) continue;
            const rest = name.slice(String.fromCodePoint(code).length);
            byFirst.set(code, [...(byFirst.get(code) ?? []), rest]);
        }
        const others = intersection(
            PLAIN,
            inverted([...byFirst.keys()].map((code): Range => [code, code])),
        );
        const parts = [g.sequence([g.characters(others), any])];
        if (!names.includes("")) parts.push(g.empty);
        for (const [code, rests] of byFirst)
            parts.push(g.sequence([g.text(String.fromCodePoint(code)), this.otherThan(rests)]));
        return g.choice(parts);
    }

    /** `{`, members one behind the other, `}`: `members` is what stands between the braces. */
    braces(members: Node): Node {
        const { grammar: g } = this;
        return g.sequence([g.text("{"), members, g.text("}")]);
    }

    /** Between `min` and `max` items of one kind. */
    list(item: Node, min: number, max?: number): Node {
        const { grammar: g } = this;
        const more = g.sequence([g.text(COMMA), item]);
        const some = g.sequence([
            item,
            g.repeat(more, Math.max(0, min - 1), max === undefined ? undefined : max - 1),
        ]);
        if (max === 0) return min === 0 ? g.empty : g.choice([]);
        return min === 0 ? g.optional(some) : some;
    }

    member(key: string, value: Node): Node {
        return this.grammar.sequence([this.grammar.text(`${JSON.stringify(key)}${COLON}`), value]);
    }

    /** Any JSON value that nests at most so far. */
    any(levels = MAX_LEVELS): Node {
        return this.once(`any ${levels}`, () => {
            const { grammar: g } = this;
            const plain = [
                this.string(),
                this.number(),
                ...["true", "false", "null"].map((word) => g.text(word)),
            ];
            if (levels === 0) return g.choice([...plain, g.text("[]"), g.text("{}")]);
            const inner = this.any(levels - 1);
            const member = g.sequence([this.otherKey([]), g.text(COLON), inner]);
            return g.choice([
                ...plain,
                this.braces(this.list(member, 0, MAX_ITEMS)),
                g.sequence([g.text("["), this.list(inner, 0, MAX_ITEMS), g.text("]")]),
            ]);
        });
    }

    private digits(min: number, max: number): Node {
        return this.grammar.repeat(this.grammar.characters([[0x30, 0x39]]), min, max);
    }

    /** Digits are limited: a model that has begun to repeat one would not stop. */
    integer(): Node {
        const { grammar: g } = this;
        const from1 = g.sequence([g.characters([[0x31, 0x39]]), this.digits(0, 14)]);
        return g.sequence([g.optional(g.text("-")), g.choice([g.text("0"), from1])]);
    }

    number(): Node {
        const { grammar: g } = this;
        const fraction = g.sequence([g.text("."), this.digits(1, 16)]);
        const sign = g.choice([g.text("+"), g.text("-"), g.empty]);
        const e = g.choice([g.text("e"), g.text("E")]);
        const exponent = g.sequence([e, sign, this.digits(1, 2)]);
        return g.sequence([this.integer(), g.optional(fraction), g.optional(exponent)]);
    }
}
