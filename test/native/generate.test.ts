/** One request at a time: greedy and sampled generation, streaming, stop rules, reuse of the KV prefix, healing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NativeContext, NativeModel } from "../../src/node/native";
import { contextOptions, endTokens, generate, loadStarter, promptOf } from "./addon";

let model: NativeModel;
let context: NativeContext;
let prompt: number[];
let bannedTokens: number[];

beforeAll(async () => {
    model = await loadStarter();
    prompt = promptOf(model, 200);
    bannedTokens = endTokens(model);
});
afterAll(() => model.close());
beforeEach(() => {
    context = model.createContext(contextOptions);
});
afterEach(() => context.close());

describe("greedy", () => {
    it("is the same with one thread and with two, in a new context and on a kept prefix", async () => {
        const first = await generate(context, { tokens: prompt });
        const again = await generate(context, { tokens: prompt });
        const other = model.createContext({ ...contextOptions, threads: 2 });
        const parallel = await generate(other, { tokens: prompt });
        await other.close();
        expect(first.tokens.length).toBeGreaterThan(0);
        expect(again.tokens).toEqual(first.tokens);
        expect(parallel.tokens).toEqual(first.tokens);
        expect(again.text).toBe(first.text);
    });

    it("streams exactly the final text and tokens", async () => {
        const run = await generate(context, { tokens: prompt, maxTokens: 48, bannedTokens });
        expect(run.stop).toBe("max-tokens");
        expect(run.generatedTokens).toBe(48);
        expect(run.chunks.map((chunk) => chunk.text).join("")).toBe(run.text);
        expect(run.chunks.flatMap((chunk) => chunk.tokens)).toEqual(run.tokens);
        expect(model.detokenize(run.tokens)).toBe(run.text);
        const probabilities = run.chunks.flatMap((chunk) => chunk.probabilities);
        expect(probabilities).toHaveLength(48);
        expect(probabilities.every((p) => p > 0 && p <= 1)).toBe(true);
        const mean = probabilities.reduce((sum, p) => sum + Math.log(p), 0) / 48;
        expect(run.confidence).toBeCloseTo(Math.exp(mean), 5);
        expect(run.chunks.some((chunk) => chunk.promptTotal === 200)).toBe(true);
    });
});

describe("end of generation", () => {
    it("stops at a stop token, which is not part of the result", async () => {
        const whole = await generate(context, { tokens: prompt, bannedTokens });
        const stop = whole.tokens[5]!;
        const first = whole.tokens.indexOf(stop);
        const run = await generate(context, { tokens: prompt, bannedTokens, stopTokens: [stop] });
        expect(run.stop).toBe("stop-token");
        expect(run.tokens).toEqual(whole.tokens.slice(0, first));
    });

    it("stops at a text that spans tokens, delivering nothing of it", async () => {
        const whole = await generate(context, { tokens: prompt, bannedTokens });
        // from the middle of one token's text to the middle of the next one's
        const begin = model.detokenize(whole.tokens.slice(0, 6)).length;
        const stopText = whole.text.slice(begin - 1, begin + 1);
        const at = whole.text.indexOf(stopText);
        const run = await generate(context, {
            tokens: prompt,
            bannedTokens,
            stopTexts: ["\u0000never", stopText],
        });
        expect(stopText).toHaveLength(2);
        expect(run.stop).toBe("stop-text");
        expect(run.stopText).toBe(stopText);
        expect(run.text).toBe(whole.text.slice(0, at));
        expect(run.chunks.map((chunk) => chunk.text).join("")).toBe(run.text);
    });

    it("holds back what could begin a stop text and delivers it when it does not", async () => {
        const whole = await generate(context, { tokens: prompt, bannedTokens });
        const last = whole.text.slice(-1);
        const run = await generate(context, {
            tokens: prompt,
            bannedTokens,
            stopTexts: [`${last}\u0000never`],
        });
        expect(run.stop).toBe("max-tokens");
        expect(run.text).toBe(whole.text);
        expect(run.chunks.map((chunk) => chunk.text).join("")).toBe(whole.text);
    });

    it("never generates a banned token", async () => {
        const whole = await generate(context, { tokens: prompt, bannedTokens });
        const banned = whole.tokens[0]!;
        const run = await generate(context, {
            tokens: prompt,
            bannedTokens: [...bannedTokens, banned],
        });
        expect(run.tokens).not.toContain(banned);
        expect(run.generatedTokens).toBe(32);
    });

    it("stops by itself at an end-of-generation token", async () => {
        // everything else is banned
        const { eos, eot } = model.info.special;
        const others = Array.from({ length: model.info.nVocabulary }, (_, token) => token);
        const run = await generate(context, {
            tokens: prompt,
            bannedTokens: others.filter((token) => token !== eos && token !== eot),
        });
        expect(run).toMatchObject({ stop: "end-of-generation", text: "", tokens: [] });
        expect(run.confidence).toBe(1);
    });
});

describe("KV prefix", () => {
    it("is reused with what the model said after it", async () => {
        const first = await generate(context, { tokens: prompt, maxTokens: 4, bannedTokens });
        expect(first).toMatchObject({ promptTokens: 200, reusedTokens: 0 });
        expect(context.sequenceLength(0)).toBe(203); // the last generated token is not evaluated
        const second = await generate(context, { tokens: prompt, maxTokens: 4 });
        expect(second).toMatchObject({ promptTokens: 0, reusedTokens: 200 });
        const longer = [...prompt, ...second.tokens.slice(0, 2)];
        const third = await generate(context, { tokens: longer, maxTokens: 4 });
        expect(third).toMatchObject({ promptTokens: 0, reusedTokens: 202 });
        const fresh = model.createContext(contextOptions);
        const check = await generate(fresh, { tokens: prompt, maxTokens: 4 });
        const checkLonger = await generate(fresh, { tokens: longer, maxTokens: 4 });
        await fresh.close();
        expect(check.tokens).toEqual(second.tokens);
        expect(checkLonger.tokens).toEqual(third.tokens);
    });

    it("gives what fits to what is typed on without evaluating the prompt again", async () => {
        const first = await generate(context, { tokens: prompt, maxTokens: 2 });
        const forcedPrefix = model.piece(first.tokens[0] ?? 0).slice(0, 1);
        const typed = await generate(context, { tokens: prompt, maxTokens: 2, forcedPrefix });
        expect(typed).toMatchObject({ promptTokens: 0, reusedTokens: 200 });
        expect(typed.tokens).toEqual(first.tokens);
    });

    it("is evaluated up to the last token when that was too long ago", async () => {
        await generate(context, { tokens: prompt, maxTokens: 2 });
        for (let i = 0; i < 24; i++)
            await generate(context, {
                sequence: 1,
                tokens: [100 + i, 200, 300],
                maxTokens: 1,
            });
        const again = await generate(context, { tokens: prompt, maxTokens: 2 });
        expect(again).toMatchObject({ promptTokens: 1, reusedTokens: 199 });
    });

    it("is cut where the new prompt differs, and extended where it goes on", async () => {
        const first = await generate(context, { tokens: prompt, maxTokens: 8, bannedTokens });
        const longer = [...prompt, ...first.tokens.slice(0, 5), ...promptOf(model, 10, "z")];
        const second = await generate(context, { tokens: longer, maxTokens: 1 });
        expect(second.reusedTokens).toBeGreaterThanOrEqual(205);
        const changed = [...prompt.slice(0, 120), ...promptOf(model, 30, "y")];
        const third = await generate(context, { tokens: changed, maxTokens: 1 });
        expect(third.reusedTokens).toBeGreaterThanOrEqual(120);
        expect(third.reusedTokens + third.promptTokens).toBe(150);
        const fresh = model.createContext(contextOptions);
        const check = await generate(fresh, { tokens: changed, maxTokens: 1 });
        await fresh.close();
        expect(check.tokens).toEqual(third.tokens);
    });

    it("is made by a request for no tokens, and forgotten when cleared", async () => {
        const warm = await generate(context, { tokens: prompt, maxTokens: 0 });
        expect(warm).toMatchObject({ promptTokens: 200, generatedTokens: 0, text: "" });
        expect(await generate(context, { tokens: prompt, maxTokens: 0 })).toMatchObject({
            promptTokens: 0,
            reusedTokens: 200,
        });
        context.clearSequence(0);
        expect(context.sequenceLength(0)).toBe(0);
        expect(await generate(context, { tokens: prompt, maxTokens: 0 })).toMatchObject({
            promptTokens: 200,
            reusedTokens: 0,
        });
    });
});

describe("token healing", () => {
    it.each(["r", "ret", "return a +", "xq1_zzy", "日本"])("begins with %j", async (forced) => {
        const tokens = model.tokenize("def add(a, b):\n   ");
        const run = await generate(context, {
            tokens,
            forcedPrefix: forced,
            bannedTokens,
            maxTokens: 24,
        });
        const raw = model.detokenize(run.tokens);
        expect(raw.startsWith(forced)).toBe(true);
        expect(run.text).toBe(raw.slice(forced.length));
        expect(run.generatedTokens).toBe(24);
    });

    it("goes on plainly when no allowed token fits", async () => {
        const all = Array.from({ length: model.info.nVocabulary }, (_, token) => token);
        const withZ = all.filter((token) => model.piece(token).startsWith("z"));
        const run = await generate(context, {
            tokens: prompt,
            forcedPrefix: "z",
            bannedTokens: [...bannedTokens, ...withZ],
            maxTokens: 8,
        });
        expect(withZ.length).toBeGreaterThan(0);
        expect(run.generatedTokens).toBe(8);
        expect(run.text).toBe(model.detokenize(run.tokens));
        // the prompt, the forced token, seven of eight generated ones
        expect(context.sequenceLength(0)).toBe(prompt.length + 1 + 7);
    });
});

describe("sampling", () => {
    const sampled = { temperature: 1, topK: 50, topP: 0.95, minP: 0.01, repeatPenalty: 1.1 };

    it("repeats with a seed and differs with another", async () => {
        const options = { tokens: prompt, ...sampled, bannedTokens, maxTokens: 40 };
        const first = await generate(context, { ...options, seed: 7 });
        const again = await generate(context, { ...options, seed: 7 });
        const other = await generate(context, { ...options, seed: 8 });
        expect(again.tokens).toEqual(first.tokens);
        expect(other.tokens).not.toEqual(first.tokens);
    });

    it("is greedy when only the best candidate is left", async () => {
        const greedy = await generate(context, { tokens: prompt, bannedTokens });
        const top = { tokens: prompt, bannedTokens, temperature: 5, seed: 3 };
        expect((await generate(context, { ...top, topK: 1 })).tokens).toEqual(greedy.tokens);
        expect((await generate(context, { ...top, topP: 0 })).tokens).toEqual(greedy.tokens);
        expect((await generate(context, { ...top, minP: 1 })).tokens).toEqual(greedy.tokens);
    });
});

describe("bad requests", () => {
    it.each([
        [{ tokens: [] }, /no tokens/],
        [{ tokens: [8192] }, /not in the vocabulary/],
        [{ tokens: [1], sequence: 2 }, /no sequence 2/],
        [{ tokens: [1], maxTokens: -1 }, /maxTokens/],
        [{ tokens: [1], repeatPenalty: 0 }, /repeatPenalty/],
    ])("%j is refused", (options, reason) => {
        const request = { sequence: 0, priority: 0, maxTokens: 1, temperature: 0, ...options };
        expect(() => context.generate(request)).toThrow(reason);
    });
});
