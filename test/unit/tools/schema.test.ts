// JSON schemas as grammars: valid values pass, invalid ones do not, hostile schemas stay small or are refused.
import { describe, expect, it } from "vitest";
import { Grammar, type Program } from "../../../src/tools/grammar";
import { canonicalJson } from "../../../src/tools/jsonText";
import { SchemaGrammar } from "../../../src/tools/schema";
import { matches } from "../../support/grammarMatch";
import {
    changes,
    instanceOf,
    isValid,
    Random,
    randomParameters,
} from "../../support/randomSchemas";

function compiled(schema: unknown): Program {
    const grammar = new Grammar();
    return grammar.compile([new SchemaGrammar(grammar, schema).value(schema)]);
}

function check(schema: unknown, valid: unknown[], invalid: unknown[]): void {
    const program = compiled(schema);
    for (const value of valid)
        expect([value, matches(program, canonicalJson(value))]).toEqual([value, true]);
    for (const value of invalid)
        expect([value, matches(program, canonicalJson(value))]).toEqual([value, false]);
}

describe("500 schemas from a seed", () => {
    it.each([0, 50, 100, 150, 200, 250, 300, 350, 400, 450])(
        "let valid values through and keep invalid ones out, from %d",
        (first) => {
            let nInvalid = 0;
            for (let seed = first + 1; seed <= first + 50; seed++) {
                const random = new Random(seed);
                const schema = randomParameters(random);
                const program = compiled(schema);
                const value = instanceOf(random, schema);
                const text = canonicalJson(value);
                expect([seed, text, matches(program, text)]).toEqual([seed, text, true]);
                expect(matches(program, text.slice(0, -1))).toBe(false);
                const others = changes(random, value).filter((other) => !isValid(other, schema));
                for (const other of others.slice(0, 3)) {
                    const wrong = canonicalJson(other);
                    expect([seed, wrong, matches(program, wrong)]).toEqual([seed, wrong, false]);
                    nInvalid++;
                }
            }
            expect(nInvalid).toBeGreaterThan(70);
        },
    );
});

describe("objects", () => {
    const properties = { a: { type: "integer" }, b: { type: "boolean" }, c: { type: "null" } };

    it("have their properties in order, those not required or left out", () => {
        check(
            { type: "object", properties, required: ["b"] },
            [{ b: true }, { a: 1, b: true }, { b: true, c: null }, { a: 1, b: false, c: null }],
            [{}, { a: 1 }, { b: true, a: 1 }, { b: true, d: 1 }, { b: 1 }],
        );
        check({ type: "object", properties }, [{}, { c: null }, { a: 1, c: null }], [[], { d: 1 }]);
    });

    it("have others only where the schema says so, and none of a declared name", () => {
        check(
            { type: "object", properties, additionalProperties: { type: "string" } },
            [{ x: "y" }, { a: 1, x: "y", ab: "z" }, { b: true }],
            [{ x: 1 }, { c: "text" }, { x: "y", a: "text" }],
        );
        check({ type: "object" }, [{}, { anything: [1, { deep: null }] }], [[], "text"]);
        check({ type: "object", additionalProperties: false }, [{}], [{ a: 1 }]);
        check({ type: "object", properties: {} }, [{}], [{ a: 1 }]);
    });
});

describe("listed values", () => {
    it("hold to all lists and bounds at once", () => {
        check({ enum: [1, 5, 10], minimum: 4, exclusiveMaximum: 10 }, [5], [1, 10]);
        check({ enum: ["a", "bb"], minLength: 2 }, ["bb"], ["a"]);
        check({ allOf: [{ const: "a" }, { enum: ["b"] }] }, [], ["a", "b"]);
        check({ allOf: [{ enum: ["a", "b"] }, { const: "b" }] }, ["b"], ["a"]);
        check({ allOf: [{ const: 1 }, { const: 2 }] }, [], [1, 2]);
    });
});

describe("names by a pattern", () => {
    it("can be required though no others are allowed", () => {
        check(
            {
                type: "object",
                patternProperties: { "^x": { type: "integer" } },
                required: ["xa"],
                additionalProperties: false,
            },
            [{ xa: 1 }],
            [{}, { xa: "s" }],
        );
    });

    it("are held to it and to its values", () => {
        const patternProperties = { "^x-": { type: "integer" } };
        const values: [unknown[], unknown[]] = [
            [{}, { "x-a": 1 }, { "x-a": 1, "x-b": 2 }],
            [{ a: 1 }, { "x-a": "1" }],
        ];
        check({ type: "object", patternProperties, additionalProperties: false }, ...values);
        check({ patternProperties }, ...values);
        const unsupported = { "(?=a)b": { type: "integer" } };
        check({ patternProperties: unsupported }, [{ a: 1 }], [1]);
    });
});

it("objects without named properties have as many as they must", () => {
    const three = { a: 1, b: 2, c: 3 };
    check({ type: "object", minProperties: 3 }, [three, { ...three, d: 4 }], [{}, { a: 1, b: 2 }]);
    check({ type: "object", minProperties: 3, maxProperties: 3 }, [three], [{ ...three, d: 4 }]);
    check({ type: "object", minProperties: 3, maxProperties: 2 }, [], [three, { a: 1, b: 2 }]);
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, i]));
    check({ type: "object", minProperties: 70 }, [many], [three]);
});

describe("references", () => {
    it("may go round, and every one that can never end is left out", () => {
        const tree = {
            $ref: "#/$defs/tree",
            $defs: {
                tree: {
                    type: "object",
                    properties: { of: { type: "array", items: { $ref: "#/$defs/tree" } } },
                    required: ["of"],
                },
            },
        };
        check(tree, [{ of: [] }, { of: [{ of: [] }, { of: [{ of: [] }] }] }], [{}, { of: [1] }]);
        const endless = {
            $defs: {
                x: { type: "object", properties: { x: { $ref: "#/$defs/x" } }, required: ["x"] },
            },
            anyOf: [{ $ref: "#/$defs/x" }, { type: "null" }],
        };
        check(endless, [null], [{}]);
        expect(compiled({ $ref: "#/$defs/x", $defs: endless.$defs }).roots).toEqual([undefined]);
    });

    it("may name an anchor anywhere in the schema", () => {
        const x = { $anchor: "q", type: "integer" };
        check(
            { type: "object", properties: { x, y: { $ref: "#q" } }, required: ["x", "y"] },
            [{ x: 1, y: 2 }],
            [{ x: 1, y: "a" }],
        );
    });

    it("may name an anchor", () => {
        const $defs = { a: { $anchor: "row", type: "integer" } };
        check({ $ref: "#row", $defs }, [1], ["a", {}]);
        check({ $ref: "#other", $defs }, [1, "a"], []);
    });

    it("to elsewhere, and keywords that are not known, let anything through", () => {
        check({ $ref: "https://example.com/schema" }, [1, "a", { b: [] }], []);
        check({ not: { type: "string" } }, [1, "a"], []);
    });
});

describe("several schemas at once", () => {
    it("are brought together", () => {
        const base = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
        check(
            { allOf: [base, { properties: { a: { minimum: 3 }, b: { type: "null" } } }] },
            [{ a: 3 }, { a: 40, b: null }],
            [{}, { a: 2 }, { a: "3" }],
        );
        check(
            {
                type: "object",
                properties: { a: { type: "null" }, b: { type: "null" } },
                anyOf: [{ required: ["a"] }, { required: ["b"] }],
            },
            [{ a: null }, { b: null }, { a: null, b: null }],
            [{}],
        );
        check({ allOf: [{ type: "string" }, { type: "null" }] }, [], ["a", null, 1]);
    });

    it("one of `anyOf` and one of `oneOf` hold at once", () => {
        const of = (name: string) => ({ required: [name] });
        const properties = { a: { type: "null" }, b: { type: "null" }, c: { type: "null" } };
        check(
            { type: "object", properties, anyOf: [of("a"), of("b")], oneOf: [of("c")] },
            [
                { a: null, c: null },
                { b: null, c: null },
            ],
            [{}, { a: null }, { c: null }],
        );
    });
});

describe("numbers", () => {
    it.each([
        [0, 0],
        [1, 9],
        [-3, 12],
        [95, 105],
        [-1005, -7],
        [17, 12_345],
        [1, 1_000_000],
    ])("from %d to %d are exactly those", (minimum, maximum) => {
        const program = compiled({ type: "integer", minimum, maximum });
        const around = [minimum, maximum, 0, 10, 99, 100, -10, (minimum + maximum) >> 1];
        for (const value of around.flatMap((v) => [v - 1, v, v + 1]))
            expect([value, matches(program, String(value))]).toEqual([
                value,
                value >= minimum && value <= maximum,
            ]);
    });

    it.each([
        [0.5, 2],
        [0, 0.5],
        [0.25, 0.75],
        [-0.3, 0.1],
        [-2.75, -0.000001],
        [0.1, 0.1],
        [3.999, 4.001],
        [99.5, 1000.05],
        [-1e12, -999_999_998.5],
        [1e12, 1e13],
    ])("may have six digits of fraction, from %d to %d", (minimum, maximum) => {
        const fraction = compiled({ type: "number", minimum, maximum });
        const open = compiled({
            type: "number",
            exclusiveMinimum: minimum,
            exclusiveMaximum: maximum,
        });
        const step = [0, 0.000001, 0.00001, 0.001, 0.05, 0.1, 0.3, 1, 7.25];
        const around = [minimum, maximum, 0, (minimum + maximum) / 2].flatMap((value) =>
            step.flatMap((by) => [value - by, value + by]),
        );
        // Every short decimal between -3 and 4 as well.
        for (let i = -300; i <= 400; i++) around.push(i / 100);
        for (const exact of around) {
            const text = exact.toFixed(6).replace(/\.?0+$/, "");
            const value = Number(text);
            if (text.startsWith("-") && value === 0) continue;
            if (Math.abs(value) > 999_999_999 && !Number.isInteger(value)) continue;
            expect([text, matches(fraction, text)]).toEqual([
                text,
                value >= minimum && value <= maximum,
            ]);
            expect([text, matches(open, text)]).toEqual([text, value > minimum && value < maximum]);
        }
    });

    it("may be bounds that no decimal is, or that nothing lies between", () => {
        check({ type: "number", minimum: 1e-9, maximum: 3e-9 }, [1e-9, 2e-9, 3e-9], [0, 1e-8]);
        check({ type: "number", minimum: 0.25, maximum: 0.75 }, [0.3, 0.5], [0, 1, 0.76, 0.249999]);
        check({ type: "integer", minimum: 5, maximum: 4 }, [], [4, 5]);
        check({ type: "integer", minimum: 1e15 }, [1e15], [1, 5e15]);
    });
});

describe("strings", () => {
    it("have their length in characters, escaped or not", () => {
        check({ type: "string", minLength: 2, maxLength: 2 }, ["ab", '"\n', "😀ü"], ["a", "abc"]);
        const program = compiled({ type: "string", maxLength: 1 });
        for (const text of ['"\\u00e4"', '"\\ud83d\\ude00"', '"\\/"'])
            expect(matches(program, text)).toBe(true);
        for (const text of ['"\\ud83d"', '"\\x41"', '"\n"', '"\\u00g0"', "'a'"])
            expect(matches(program, text)).toBe(false);
    });

    it.each([
        ["^a.c$", ["abc", "a😀c"], ["a\nc", "abcd", "ac"]],
        ["b+", ["abc", "b"], ["ac", ""]],
        ["^(a|b){2,3}?$", ["ab", "bab"], ["a", "abab"]],
        ["^[\\w.-]+@[a-z]+\\.(com|org)$", ["a.b@c.org"], ["a@b", "@c.com"]],
        ['^\\u{1F600}[^\\s"]?$', ["😀", "😀x"], ["😀 ", '😀"']],
        ["^$", [""], ["a"]],
        [".+", ["a", "\na\n"], ["", "\n"]],
        ["a+b*.*c|^(?:x|xy)*z{0,2}$", ["abbc", "xxyzz", "", "dacd"], ["ab", "xyxzzz"]],
    ])("match the pattern %s", (pattern, valid, invalid) => {
        check({ type: "string", pattern }, valid, invalid);
    });

    it.each([
        "(?=a)b",
        "a\\b",
        "(a)\\1",
        "a^b",
        "\\p{L}",
        "[z-a]",
        "(",
        "a**",
        "x{2000}",
        "(?:x{900}){900}",
        "x{3,2}",
    ])("are any where the pattern is not understood: %s", (pattern) =>
        check({ type: "string", pattern }, ["", "anything"], [1]),
    );

    it.each([
        [
            ["^a", "b$"],
            ["ab", "a b", "axb"],
            ["a", "b", "ba", ""],
        ],
        [
            ["^[a-m]+$", "^[h-z]{2,}$"],
            ["hi", "mlk"],
            ["h", "ab", "hz"],
        ],
        [
            ["^\\w+$", "\\d", "^.{3}$"],
            ["a1b", "123"],
            ["abc", "a1", "a1 "],
        ],
        [
            ["(?=a)b", "^x"],
            ["x", "xy"],
            ["", "y"],
        ],
        [
            ["^x", "(?=a)b"],
            ["x", "xy"],
            ["", "y"],
        ],
        [["^x{900}", "^(?:[a-z]{3}){900}$"], ["x".repeat(2700)], ["x".repeat(899)]],
        [["^a$", "^b$"], [], ["a", "b", ""]],
    ])("match all of the patterns %j", (patterns, valid, invalid) => {
        const parts = patterns.map((pattern) => ({ pattern }));
        check({ type: "string", allOf: parts }, valid, invalid);
        const [first, ...others] = parts;
        check({ type: "string", ...first, allOf: others }, valid, invalid);
    });

    it("have the shape of a format that is one", () => {
        check(
            { type: "string", format: "date" },
            ["2024-02-29", "2023-12-31", "2000-02-29", "2030-01-01", "1900-02-28", "0400-02-29"],
            ["2023-02-30", "2023-13-01", "2023-02-29", "1900-02-29", "0000-01-01", "2024-04-31"],
        );
        check({ type: "string", format: "date-time" }, ["2024-01-02T03:04:05Z"], ["2024-01-02"]);
        check({ type: "string", format: "ipv4" }, ["10.0.0.255"], ["10.0.0.256"]);
        check({ type: "string", format: "unheard-of" }, ["x"], [1]);
    });
});

describe("hostile schemas", () => {
    const unsupported = expect.objectContaining({ code: "data/unsupported" }) as Error;
    const nested = (depth: number): unknown =>
        Array.from({ length: depth }).reduce((inner) => ({ type: "array", items: inner }), {});

    it("are refused where they are too deep or too large", () => {
        expect(() => compiled(nested(2000))).toThrow(unsupported);
        const huge = { enum: Array.from({ length: 60_000 }, (_, i) => `value ${i}`) };
        expect(() => compiled(huge)).toThrow(unsupported);
        expect(() => compiled({ const: "x".repeat(2_000_000) })).toThrow(unsupported);
        const itself = {
            $defs: { a: { allOf: [{ $ref: "#/$defs/a" }, { minimum: 1 }] } },
            $ref: "#/$defs/a",
        };
        expect(() => compiled(itself)).toThrow(unsupported);
        for (const more of [{ title: "t" }, { minLength: 1 }])
            for (const key of ["allOf", "anyOf"]) {
                const levels = Array.from({ length: 40 }, (_, i) => {
                    const next = { $ref: `#/$defs/d${i + 1}`, ...more };
                    return [`d${i}`, { minLength: 1, [key]: [next, next] }];
                });
                const $defs = Object.fromEntries(levels) as unknown;
                expect(() => compiled({ $ref: "#/$defs/d0", $defs })).toThrow(unsupported);
            }
    });

    it("that would double with each level stay small", () => {
        const $defs = Object.fromEntries(
            Array.from({ length: 40 }, (_, i) => {
                const next = { $ref: `#/$defs/d${i + 1}` };
                return [`d${i}`, i === 39 ? { type: "null" } : { anyOf: [next, { items: next }] }];
            }),
        );
        expect(compiled({ $ref: "#/$defs/d0", $defs }).numbers.length).toBeLessThan(2000);
    });

    it.each([
        [null],
        [[]],
        ["text"],
        [{ type: 7 }],
        [{ properties: [] }],
        [{ required: "a" }],
        [{ anyOf: {} }],
        [{ enum: {} }],
        [{ $ref: 4 }],
        [{ items: 3 }],
        [{ pattern: 1, type: "string" }],
    ])("of the wrong shape are loosened: %j", (schema) =>
        expect(compiled(schema).roots[0]).toBeDefined(),
    );
});
