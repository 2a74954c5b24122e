// Alternatives cost their own tokens only: a known answer is not written again, and each leaves it where the model was least sure.
import { describe, expect, it } from "vitest";
import { Alternatives, type Place } from "../../../src/engine/alternatives";
import type { FilePrompts } from "../../../src/engine/filePrompts";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { Models } from "../../../src/engine/models";
import type { GenerateOptions } from "../../../src/node/native";
import type { CompletionRequest } from "../../../src/protocol/completion";
import { completionRequest } from "../../support/engineProcess";

const PIECES = ["a", " + ", "b", ";", "c", "d"];
const id = (piece: string) => PIECES.indexOf(piece);
const PROMPT = [100, 101];
const GREEDY = {
    tokens: ["a", " + ", "b", ";"].map(id),
    probabilities: [0.5, 0.95, 0.4, 0.99],
};

/** A model whose second best token is `c` at the beginning and `d` behind ` + `. */
function setUp(forcedPrefix = "") {
    const calls: GenerateOptions[] = [];
    const generate = (options: GenerateOptions, onChunk: (chunk: object) => void) => {
        calls.push(options);
        const isSecond = (options.bannedTokens ?? []).length > 0;
        const head = options.tokens.slice(PROMPT.length);
        const next = isSecond ? (head.length === 0 ? "c" : "d") : ";";
        onChunk({ text: next, tokens: [id(next)], probabilities: [isSecond ? 0.3 : 0.9] });
        return {
            done: Promise.resolve({ text: next, stop: "end-of-generation" }),
            abort: () => undefined,
        };
    };
    const model = {
        info: { nParameters: 1e9 },
        fim: { stopTokens: [], repository: {} },
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
        place: () => Promise.resolve({ tokens: PROMPT, forcedPrefix, sequence: 0 }),
    } as unknown as FilePrompts;
    const alternatives = new Alternatives(models, prompts);
    const place = async (request: CompletionRequest): Promise<Place> => ({
        ...{ model, fim: model.fim as Place["fim"], request },
        prompt: await prompts.place(model, model.fim as Place["fim"], request),
    });
    return { alternatives, calls, place };
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

    it("leave it nowhere in what was typed already, however unsure that was spelled", async () => {
        const { alternatives, calls } = setUp("a");
        alternatives.remember(PROMPT, GREEDY);
        const found = await alternatives.find(request, signal);
        expect(found.map(({ text }) => text)).toEqual([" + d;"]);
        expect(calls.map(({ bannedTokens }) => bannedTokens)).toEqual([[id("b")], []]);
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

describe("instead of what the document has below the cursor", () => {
    const signal = new AbortController().signal;
    const request = (more = {}) => completionRequest("x = ", "\n", more);

    it("the answer is left where the model was least sure, once", async () => {
        const { alternatives, calls, place } = setUp();
        const { other } = await alternatives.instead(await place(request()), GREEDY, signal);
        expect(other?.text).toBe("a + d;");
        expect(other?.written.tokens).toEqual(["a", " + ", "d", ";"].map(id));
        expect(calls.map(({ bannedTokens }) => bannedTokens)).toEqual([[id("b")], []]);
    });

    // The second token has 0.3: of what is left beside the greedy one, half where that has 0.4.
    it.each([
        [0.4, 0.45, "a + d;"],
        [0.4, 0.55, undefined],
    ])(
        "beside a token of %d, at least %d of the rest are asked for by itself",
        async (p, least, text) => {
            const { alternatives, place } = setUp();
            const greedy = { ...GREEDY, probabilities: [0.95, 0.95, p, 0.99] };
            const prompt = { minProbability: least };
            const asked = request({ trigger: "automatic", prompt });
            const instead = async (given: CompletionRequest) =>
                alternatives.instead(await place(given), greedy, signal);
            const found = await instead(asked);
            expect(found.other?.text).toBe(text);
            // What was tried has its price, whatever came of it.
            expect(found.cost).toBeDefined();
            const onDemand = request({ trigger: "explicit", prompt });
            expect((await instead(onDemand)).other?.text).toBe("a + d;");
        },
    );

    it("there is nothing where the model is sure", async () => {
        const { alternatives, calls, place } = setUp();
        const greedy = { ...GREEDY, probabilities: [0.95, 0.95, 0.95, 0.95] };
        const found = await alternatives.instead(await place(request()), greedy, signal);
        expect(found).toEqual({ other: undefined, cost: undefined, isCancelled: false });
        expect(calls).toHaveLength(0);
    });

    it("who cancels is told so, and nothing is shown", async () => {
        const { alternatives, place } = setUp();
        const gone = AbortSignal.abort();
        const found = await alternatives.instead(await place(request()), GREEDY, gone);
        expect(found).toMatchObject({ isCancelled: true });
        expect(found.other).toBeUndefined();
    });
});
