// Grammars in the addon: what they allow, that nothing hostile ends the process, and that generated text is held to them.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HeldTo, NativeAddon, NativeModel } from "../../src/node/native";
import { Grammar, type Program } from "../../src/tools/grammar";
import { canonicalJson } from "../../src/tools/jsonText";
import { SchemaGrammar } from "../../src/tools/schema";
import { wordsGrammar } from "../../src/tools/wordsGrammar";
import { matches } from "../support/grammarMatch";
import {
    changes,
    closed,
    instanceOf,
    isValid,
    Random,
    randomParameters,
} from "../support/randomSchemas";
import { generate, inContext, loadStarter, openAddon } from "./addon";

let addon: NativeAddon;
let model: NativeModel;
beforeAll(async () => {
    addon = openAddon();
    model = await loadStarter();
});
afterAll(() => model.close());

function compiled(schema: unknown): Program {
    const grammar = new Grammar();
    return grammar.compile([new SchemaGrammar(grammar, schema).value(schema)]);
}

function check({ numbers, roots }: Program, text: string) {
    return addon.checkGrammar({ numbers, root: roots[0] ?? -1, text });
}

describe("checkGrammar", () => {
    it("lets words begin as words do, and go on in any way", () => {
        const { numbers, root } = wordsGrammar();
        for (const text of [
            "Hello!\n",
            "2 < 3: `{[<tool_call>`",
            '"Hm"',
            "日本語 🙂",
            "- a",
            "```js\n",
            "```xterm",
            "`{` begins it",
            "> A quote",
        ])
            expect([text, addon.checkGrammar({ numbers, root, text })]).toEqual([
                text,
                {
                    bytes: Buffer.byteLength(text),
                    isComplete: true,
                    canGoOn: true,
                    hasGivenUp: false,
                },
            ]);
        const fences = ["```json\n{", "```xml", "```\n{", "```{", ">{"];
        for (const text of fences)
            expect(addon.checkGrammar({ numbers, root, text }).bytes).toBeLessThan(text.length);
        for (const text of ["<tool_call>", '{"name"', "[TOOL_CALLS]", " {", "\n<", ""])
            expect([text, addon.checkGrammar({ numbers, root, text })]).toMatchObject([
                text,
                { bytes: 0, isComplete: false },
            ]);
    });

    it("agrees with the plain reading of 60 grammars", () => {
        let nChecked = 0;
        for (let seed = 1; seed <= 60; seed++) {
            const random = new Random(seed);
            const schema = randomParameters(random);
            const program = compiled(schema);
            const value = instanceOf(random, schema);
            for (const each of [value, ...changes(random, value).slice(0, 4)]) {
                const text = canonicalJson(each);
                const found = check(program, text);
                const isWhole = found.bytes === Buffer.byteLength(text) && found.isComplete;
                expect([seed, text, isWhole]).toEqual([seed, text, matches(program, text)]);
                nChecked++;
            }
        }
        expect(nChecked).toBeGreaterThan(150);
    });

    it("says how far a text goes, and whether it may end or go on", () => {
        const program = compiled({
            type: "array",
            items: { const: "é" },
            minItems: 1,
            maxItems: 2,
        });
        expect(check(program, '["é"')).toEqual({
            bytes: 5,
            isComplete: false,
            canGoOn: true,
            hasGivenUp: false,
        });
        expect(check(program, '["è"')).toMatchObject({ bytes: 3, isComplete: false });
        expect(check(program, '["é", "é"]')).toMatchObject({ isComplete: true, canGoOn: false });
    });

    it("refuses numbers that are no grammar", () => {
        const bad = [
            [],
            [0],
            [1],
            [1, 9, 0],
            [1, 2, 1, 7],
            [1, 0, 5, 65],
            [1, 4, 0, 3, 2],
            [1, 3, -1],
            [2, 0, 0],
            [1, 0, 0, 0],
        ];
        for (const numbers of bad)
            expect(() => addon.checkGrammar({ numbers, root: 0, text: "" })).toThrow("not valid");
        expect(() => addon.checkGrammar({ numbers: [1, 0, 0], root: 1, text: "" })).toThrow("root");
    });

    it("follows grammars that refer to themselves at once, and those that are empty in many ways", () => {
        const grammar = new Grammar();
        const [left, blank] = [grammar.reserve(), grammar.reserve()];
        const a = grammar.text("a");
        grammar.define(
            left,
            grammar.choice([a, grammar.sequence([left, left]), grammar.sequence([left, a])]),
        );
        const nothing = grammar.repeat(
            grammar.optional(grammar.repeat(grammar.empty, 0)),
            3,
            900_000,
        );
        grammar.define(
            blank,
            grammar.sequence([nothing, nothing, grammar.optional(left), nothing]),
        );
        const { numbers, roots } = grammar.compile([left, blank]);
        for (const root of roots as number[])
            expect(addon.checkGrammar({ numbers, root, text: "a".repeat(60) })).toMatchObject({
                bytes: 60,
                isComplete: true,
            });
        expect(addon.checkGrammar({ numbers, root: roots[1]!, text: "" })).toMatchObject({
            isComplete: true,
        });
    });

    it.each([
        ".+",
        "a.*b.*c",
        "^(?:\\w+\\s*)+$",
        "^.*.*.*$",
        "(a|b|ab)+c? *",
        "^[^]{0,900}x?[^]*$",
    ])("follows text of 20,000 bytes through repeats beside repeats: %s", (pattern) => {
        const program = compiled({ type: "string", pattern });
        const text = JSON.stringify("abcab ".repeat(3334).trimEnd().slice(0, 19_998));
        expect(new RegExp(pattern).test(JSON.parse(text) as string)).toBe(true);
        expect(check(program, text)).toEqual({
            bytes: 20_000,
            isComplete: true,
            canGoOn: false,
            hasGivenUp: false,
        });
    });

    it("refuses automata whose edges lead nowhere, or with a part that is empty", () => {
        const text = (numbers: number[]) => [2, 0, 1, 97, 5, numbers.length, ...numbers];
        const good = text([1, 0, 1, 0]);
        expect(addon.checkGrammar({ numbers: good, root: 1, text: "a" })).toMatchObject({
            bytes: 1,
            isComplete: true,
        });
        for (const numbers of [[], [1, 0, 2, 0], [1, 2, 1, 0], [2, 0, 1, 0], [-1], [1, -2, 1, 0]])
            expect(() => addon.checkGrammar({ numbers: text(numbers), root: 1, text: "" })).toThrow(
                "not valid",
            );
        const empty = [2, 0, 0, 5, 4, 1, 0, 1, 0];
        expect(() => addon.checkGrammar({ numbers: empty, root: 1, text: "" })).toThrow(
            "not valid",
        );
    });

    it("finds the shortest end behind any beginning of a valid text", () => {
        let nChecked = 0;
        for (let seed = 1; seed <= 40; seed++) {
            const random = new Random(seed);
            const schema = randomParameters(random);
            const { numbers, roots } = compiled(schema);
            const text = canonicalJson(instanceOf(random, schema));
            for (const share of [0, 0.3, 0.6, 0.9, 1]) {
                const written = text.slice(0, Math.round(share * text.length));
                if (/[\ud800-\udbff]$/.test(written)) continue; // half a character
                const end = addon.shortestEnds({ numbers, root: roots[0] }, [written])[0];
                const whole = written + end!.toString();
                expect([seed, whole, isValid(JSON.parse(whole), schema)]).toEqual([
                    seed,
                    whole,
                    true,
                ]);
                expect(end!.length).toBeLessThanOrEqual(
                    Buffer.byteLength(text.slice(written.length)),
                );
                nChecked++;
            }
        }
        expect(nChecked).toBeGreaterThan(150);
    });

    it.each([
        [{ enum: ["aaaa", "b"] }, "", '"b"'],
        [{ enum: ["aaaa", "b"] }, '"a', 'aaa"'],
        [{ type: "string", pattern: "ab|^c" }, '"xx', 'ab"'],
        [{ type: "array", items: { type: "boolean" }, minItems: 3 }, "[true, f", "alse, true]"],
        [{ type: "string", maxLength: 3 }, '"abc"', ""],
        [{ type: "string" }, '"\\u00', '00"'],
    ])("ends %j behind %s with %s", (schema, written, wanted) => {
        const { numbers, roots } = compiled(schema);
        const triggers = [{ text: "<", root: roots[0]! }];
        for (const heldTo of [
            { numbers, root: roots[0], written },
            { numbers, triggers, written: `x<${written}` },
        ])
            expect(addon.shortestEnds(heldTo, [""]).map(String)).toEqual([wanted]);
        const pieces = ["x", "<", written];
        const ends = addon.shortestEnds({ numbers, triggers }, pieces);
        expect([ends[0], String(ends[2])]).toEqual([undefined, wanted]);
    });

    it("ends an object with many optional properties", () => {
        const names = Array.from({ length: 900 }, (_, i) => `name${i}`);
        const properties = Object.fromEntries(names.map((name) => [name, { type: "null" }]));
        const { numbers, roots } = compiled({
            properties: { ...properties, last: { type: "boolean" } },
            required: ["last"],
            additionalProperties: false,
        });
        const [end] = addon.shortestEnds({ numbers, root: roots[0] }, ['{"name7": nu']);
        expect(String(end)).toBe('ll, "last": true}');
    });

    it("refuses what is written already and does not fit", () => {
        const { numbers, roots } = compiled({ type: "null" });
        const heldTo = { numbers, root: roots[0], written: "nil" };
        expect(() => addon.shortestEnds(heldTo, [])).toThrow("written already");
        expect(
            addon.shortestEnds({ numbers, root: roots[0] }, ["n", "il", "l"]).map(String),
        ).toEqual(["ull", "undefined", "undefined"]);
    });

    it("stays small where alternatives agree for long, and gives up where it cannot", () => {
        const grammar = new Grammar();
        const inner = grammar.reserve();
        const both = ["a", "b", "c"].map((end) =>
            grammar.sequence([grammar.text("("), inner, grammar.text(`)${end}`)]),
        );
        grammar.define(inner, grammar.choice([...both, grammar.text("0")]));
        const deep = grammar.compile([inner]);
        const text = `${"(".repeat(300)}0${")c".repeat(300)}`;
        expect(check(deep, text)).toMatchObject({ bytes: text.length, isComplete: true });
        const any = grammar.repeat(grammar.characters([[97, 122]]), 0);
        const many = grammar.sequence(Array.from({ length: 600 }, () => any));
        const { numbers, roots } = grammar.compile([many]);
        const found = addon.checkGrammar({ numbers, root: roots[0]!, text: "a".repeat(5000) });
        expect(found).toMatchObject({ hasGivenUp: true, canGoOn: false });
    });
});

describe("generated text", () => {
    const run = (
        heldTo: HeldTo,
        more: { maxTokens?: number; temperature?: number; seed?: number } = {},
    ) =>
        inContext(model, { contextTokens: 1024 }, (context) =>
            generate(context, {
                tokens: model.tokenize("def f(a):\n    return "),
                maxTokens: 900,
                heldTo,
                ...more,
            }),
        );

    it("is valid for 12 schemas although the model knows nothing of them", async () => {
        let nEnded = 0;
        for (let seed = 1; seed <= 12; seed++) {
            const schema = closed(randomParameters(new Random(seed)));
            const { numbers, roots } = compiled(schema);
            const heldTo = { numbers, root: roots[0] };
            const { text, stop } = await run(heldTo, { temperature: 1, seed });
            // Random strings may go on until the tokens are used up, on one kind of processor and not on another.
            const [end] = addon.shortestEnds({ ...heldTo, written: text }, [""]);
            if (stop === "end-of-generation") nEnded += Number(end?.length === 0);
            expect([seed, isValid(JSON.parse(text + String(end)), schema)]).toEqual([seed, true]);
        }
        expect(nEnded).toBeGreaterThan(5);
    });

    it("is held to nothing until a trigger, whose rest may be in the same token", async () => {
        const grammar = new Grammar();
        const free = await run(
            { ...grammar.compile([grammar.empty]), triggers: [] },
            { maxTokens: 24 },
        );
        const pieces = free.tokens.map((token) => model.piece(token));
        const starts = pieces.map((_, i) => pieces.slice(0, i).join("").length);
        const i = pieces.findIndex(
            (piece, k) =>
                k > 1 && piece.length > 1 && free.text.indexOf(piece.slice(0, 1)) === starts[k],
        );
        expect(i).toBeGreaterThan(1);
        const before = free.text.slice(0, starts[i]);
        const text = pieces[i]!.slice(0, 1);
        const { numbers, roots } = grammar.compile([grammar.text(`${pieces[i]!.slice(1)}XYZ`)]);
        const root = roots[0]!;
        const held = await run({ numbers, triggers: [{ text, root }] });
        expect(held.text).toBe(`${before}${pieces[i]}XYZ`);
        expect(held.stop).toBe("end-of-generation");
        const thinking = { thinking: { open: "<t>", close: "</t>" }, isThinking: true };
        for (const more of [
            { triggers: [{ text, root, atStart: true }] },
            { triggers: [{ text, root }], ...thinking },
        ])
            expect((await run({ numbers, ...more }, { maxTokens: 24 })).text).toBe(free.text);
    });

    it("ends where it goes round and round, when that is wanted, and goes on behind what is kept", async () => {
        const grammar = new Grammar();
        const round = grammar.repeat(grammar.text("ab"), 600, 600);
        const { numbers, roots } = grammar.compile([
            grammar.sequence([round, grammar.choice(["c", "dd"].map((one) => grammar.text(one)))]),
        ]);
        const heldTo = { numbers, root: roots[0] };
        const { text, stop, tokens, repeatedTokens } = await run({
            ...heldTo,
            endsRepetition: true,
        });
        expect(stop).toBe("repetition");
        expect(text).toMatch(/^(?:ab)+a?$/);
        expect(repeatedTokens).toBeGreaterThanOrEqual(256);
        expect(tokens.length - repeatedTokens!).toBeLessThan(130);
        const whole = await run(heldTo);
        expect(whole.repeatedTokens).toBeUndefined();
        expect(whole.text.startsWith(text)).toBe(true);
        const written = "ab".repeat(600);
        const rest = await run({ ...heldTo, written, endsRepetition: true });
        expect(rest).toMatchObject({ text: "c", stop: "end-of-generation" });
    });

    it("goes on without a grammar that is too ambiguous to be followed", async () => {
        const grammar = new Grammar();
        const any = grammar.repeat(grammar.characters([[32, 126]]), 0);
        const many = grammar.sequence(Array.from({ length: 600 }, () => any));
        const { numbers, roots } = grammar.compile([many]);
        const { stop, tokens } = await run({ numbers, root: roots[0] }, { maxTokens: 40 });
        expect(stop).toBe("max-tokens");
        expect(tokens).toHaveLength(40);
    });

    it("with a forced beginning as well is refused, as is one of a root that is not there", async () => {
        const { numbers } = compiled({ type: "null" });
        await inContext(model, {}, async (context) => {
            const tokens = model.tokenize("a");
            const options = { sequence: 0, priority: 1, tokens, maxTokens: 4, temperature: 0 };
            expect(() =>
                context.generate({ ...options, heldTo: { numbers, root: 0 }, forcedPrefix: "a" }),
            ).toThrow("together");
            expect(() => context.generate({ ...options, heldTo: { numbers, root: 99 } })).toThrow(
                "root",
            );
            expect(() =>
                context.generate({
                    ...options,
                    heldTo: { numbers, triggers: [{ text: "", root: 0 }] },
                }),
            ).toThrow("empty");
        });
    });
});
