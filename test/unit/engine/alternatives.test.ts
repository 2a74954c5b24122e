// Alternatives cost their own tokens only: a known answer is not written again, and each leaves it where the model was least sure.
import { describe, expect, it } from "vitest";
import { Alternatives } from "../../../src/engine/alternatives";
import type { FilePrompts } from "../../../src/engine/filePrompts";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { Models } from "../../../src/engine/models";
import type { GenerateOptions } from "../../../src/node/native";
import { completionRequest } from "../../support/engineProcess";

const PIECES = ["a", " + ", "b", ";", "c", "d"];
const id = (piece: string) => PIECES.indexOf(piece);
const PROMPT = [100, 101];
const GREEDY = {
    tokens: ["a", " + ", "b", ";"].map(id),
    probabilities: [0.5, 0.95, 0.4, 0.99],
};

/** A model whose second best token is `c` at the beginning and `d` behind ` + `. */
function setUp() {
    const calls: GenerateOptions[] = [];
    const generate = (options: GenerateOptions, onChunk: (chunk: object) => void) => {
        calls.push(options);
        const isSecond = (options.bannedTokens ?? []).length > 0;
        const head = options.tokens.slice(PROMPT.length);
        const next = isSecond ? (head.length === 0 ? "c" : "d") : ";";
        onChunk({ text: next, tokens: [id(next)], probabilities: [isSecond ? 0.3 : 0.9] });
        return { done: Promise.resolve({ text: next }), abort: () => undefined };
    };
    const model = {
        fim: { stopTokens: [] },
        native: {
            piece: (token: number) => PIECES[token] ?? "",
            detokenize: (tokens: number[]) => tokens.map((token) => PIECES[token]).join(""),
        },
        context: { generate },
        speed: { add: () => undefined },
    } as unknown as LoadedModel;
    const models = {
        use: (_role: string, _options: object, work: (model: LoadedModel) => Promise<unknown>) =>
            work(model),
    } as unknown as Models;
    const prompts = {
        place: () => Promise.resolve({ tokens: PROMPT, forcedPrefix: "", sequence: 0 }),
    } as unknown as FilePrompts;
    return { alternatives: new Alternatives(models, prompts), calls };
}

describe("Alternatives", () => {
    const request = completionRequest("x = ", "\n");
    const signal = new AbortController().signal;

    it("leave a known answer at its least sure tokens, each in a call for one token and one for the rest", async () => {
        const { alternatives, calls } = setUp();
        alternatives.remember(PROMPT, GREEDY);
        const found = await alternatives.find(request, signal);
        expect(found.map(({ text }) => text)).toEqual(["a + d;", "c;"]);
        expect(found[0]?.confidence).toBeCloseTo((0.5 * 0.95 * 0.3 * 0.9) ** (1 / 4), 5);
        expect(found[1]?.confidence).toBeCloseTo((0.3 * 0.9) ** (1 / 2), 5);
        expect(calls.map(({ tokens }) => tokens.length - PROMPT.length)).toEqual([2, 3, 0, 1]);
        expect(calls.map(({ bannedTokens }) => bannedTokens)).toEqual([
            [id("b")],
            [],
            [id("a")],
            [],
        ]);
        expect(calls.map(({ maxTokens }) => maxTokens === 1)).toEqual([true, false, true, false]);
    });

    it("write the answer first when it is to another prompt", async () => {
        const { alternatives, calls } = setUp();
        alternatives.remember([1], GREEDY);
        await alternatives.find(request, signal);
        expect(calls[0]?.tokens).toEqual(PROMPT);
        expect(calls[0]?.bannedTokens).toEqual([]);
    });

    it("are none where the model is sure", async () => {
        const { alternatives, calls } = setUp();
        alternatives.remember(PROMPT, { ...GREEDY, probabilities: [0.95, 0.95, 0.95, 0.95] });
        expect(await alternatives.find(request, signal)).toEqual([]);
        expect(calls).toHaveLength(0);
    });
});
