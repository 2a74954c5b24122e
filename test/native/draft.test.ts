/** Drafts from earlier text: the result is that without them, refused tokens leave nothing behind. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NativeContext, NativeModel } from "../../src/node/native";
import { contextOptions, endTokens, generate, loadStarter, promptOf, type Run } from "./addon";

let model: NativeModel;
let context: NativeContext;
let bannedTokens: number[];

beforeAll(async () => {
    model = await loadStarter();
    bannedTokens = endTokens(model);
});
afterAll(() => model.close());
beforeEach(() => {
    context = model.createContext(contextOptions);
});
afterEach(() => context.close());

/**
 * The same tokens. A batch of several tokens is computed in another order than one token, so the last bits of the logits
 * differ; where two tokens are as good as equal either may come, and what follows is then another text.
 */
function expectSame(run: Run, plain: Run): void {
    const at = run.tokens.findIndex((token, i) => token !== plain.tokens[i]);
    if (at < 0) {
        expect(run.tokens).toEqual(plain.tokens);
        expect(run.text).toBe(plain.text);
        return;
    }
    const probability = (of: Run) => of.chunks.flatMap((chunk) => chunk.probabilities)[at] ?? 0;
    expect(Math.abs(probability(run) / probability(plain) - 1)).toBeLessThan(0.02);
}

const prompts: [string, () => number[]][] = [
    ["code that repeats itself", () => promptOf(model, 300)],
    ["a list", () => model.tokenize("[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2,")],
    [
        "a method like the one before",
        () =>
            model.tokenize(
                "class A:\n    def first(self, value):\n        self.first = value\n        return self\n\n    def second(self, value):\n        self.",
            ),
    ],
    ["prose", () => model.tokenize("The quick brown fox jumps over the lazy dog and the quick")],
];

describe("drafts", () => {
    it.each(prompts)("change nothing in what follows %s", async (_, tokensOf) => {
        const tokens = tokensOf();
        const asked = { tokens, maxTokens: 120, bannedTokens };
        const plain = await generate(context, asked);
        expect(plain).toMatchObject({ draftedTokens: 0, acceptedTokens: 0, generatedTokens: 120 });
        for (const draftTokens of [1, 5, 16, 100]) {
            const run = await generate(context, { ...asked, draftTokens });
            expectSame(run, plain);
            expect(run.generatedTokens).toBe(120);
            expect(run.acceptedTokens).toBeLessThanOrEqual(run.draftedTokens);
        }
    });

    it("come from tokens that are not in the prompt, and are taken when they are right", async () => {
        const asked = { tokens: promptOf(model, 40), maxTokens: 40, bannedTokens };
        const plain = await generate(context, asked);
        const lookup = [...asked.tokens, ...plain.tokens];
        const run = await generate(context, { ...asked, draftTokens: 8, lookup });
        expectSame(run, plain);
        expect(run.acceptedTokens).toBeGreaterThanOrEqual(8);
        expect(run.chunks.flatMap((chunk) => chunk.tokens)).toEqual(run.tokens);
    });

    it("that are wrong are dropped from the sequence", async () => {
        const tokens = promptOf(model, 40);
        const asked = { tokens, maxTokens: 6, bannedTokens };
        const plain = await generate(context, asked);
        // after the first two tokens: a text that nothing would generate
        const lookup = [...plain.tokens.slice(0, 2), ...promptOf(model, 20, "wrong")];
        const run = await generate(context, { ...asked, draftTokens: 16, lookup });
        expectSame(run, plain);
        expect(run.draftedTokens).toBeGreaterThan(run.acceptedTokens);
        // the last token is not evaluated
        expect(context.sequenceLength(0)).toBe(45);
        const again = await generate(context, { tokens: [...tokens, ...plain.tokens] });
        expect(again).toMatchObject({ promptTokens: 1, reusedTokens: 45 });
    });

    it("end where the text ends: tokens, stop tokens, stop texts, the cache", async () => {
        const tokens = promptOf(model, 40);
        const plain = await generate(context, { tokens, maxTokens: 40, bannedTokens });
        const draft = {
            tokens,
            bannedTokens,
            draftTokens: 16,
            lookup: [...tokens, ...plain.tokens],
        };
        const short = await generate(context, { ...draft, maxTokens: 10 });
        expect(short).toMatchObject({ stop: "max-tokens", generatedTokens: 10 });
        expectSame(short, { ...plain, tokens: plain.tokens.slice(0, 10), text: short.text });

        const stop = plain.tokens[7] ?? -1;
        const first = plain.tokens.indexOf(stop);
        const stopped = await generate(context, { ...draft, stopTokens: [stop], maxTokens: 40 });
        expect(stopped.stop).toBe("stop-token");
        expect(stopped.tokens).toEqual(plain.tokens.slice(0, first));

        const begin = model.detokenize(plain.tokens.slice(0, 6)).length;
        const stopTexts = [plain.text.slice(begin - 1, begin + 1)];
        const cut = await generate(context, { ...draft, stopTexts, maxTokens: 40 });
        expect(cut.stop).toBe("stop-text");
        expect(cut.text).toBe(plain.text.slice(0, plain.text.indexOf(stopTexts[0] ?? "")));

        const small = model.createContext({ ...contextOptions, contextTokens: 256 });
        const full = await generate(small, {
            tokens: promptOf(model, 250),
            maxTokens: 100,
            bannedTokens,
            draftTokens: 16,
            lookup: draft.lookup,
        });
        expect(full).toMatchObject({ stop: "context-full", generatedTokens: 7 });
        await small.close();
    });

    it("wait until a forced beginning is written", async () => {
        const tokens = model.tokenize("def add(a, b):\n   ");
        const asked = { tokens, forcedPrefix: "return a +", bannedTokens, maxTokens: 24 };
        const plain = await generate(context, asked);
        const lookup = [...tokens, ...plain.tokens];
        const run = await generate(context, { ...asked, draftTokens: 8, lookup });
        expectSame(run, plain);
        expect(run.acceptedTokens).toBeGreaterThan(0);
    });

    it("are not made when tokens are drawn", async () => {
        const asked = { tokens: promptOf(model, 200), temperature: 1, seed: 5, bannedTokens };
        const plain = await generate(context, asked);
        const run = await generate(context, { ...asked, draftTokens: 16, lookup: plain.tokens });
        expect(run).toMatchObject({ draftedTokens: 0, tokens: plain.tokens });
    });

    it("refuse what is no token or no number", () => {
        const request = { sequence: 0, priority: 0, maxTokens: 1, temperature: 0, tokens: [1] };
        expect(() => context.generate({ ...request, draftTokens: -1 })).toThrow(/draftTokens/);
        expect(() => context.generate({ ...request, lookup: [8192] })).toThrow(/vocabulary/);
    });
});
