// What several calls for one thing cost together: a token that an earlier one has read is not counted as found in the cache.
import { expect, it } from "vitest";
import type { Alternatives } from "../../../src/engine/alternatives";
import { sumOf } from "../../../src/engine/callFigures";
import { Completions } from "../../../src/engine/completion";
import type { FilePrompts } from "../../../src/engine/filePrompts";
import type { LoadedModel } from "../../../src/engine/loadedModel";
import type { Models } from "../../../src/engine/models";
import type { GenerateOptions, GenerateResult } from "../../../src/node/native";
import { completionRequest } from "../../support/engineProcess";

const NOTHING: GenerateResult = {
    text: "",
    tokens: [],
    stop: "max-tokens",
    promptTokens: 0,
    promptSlices: 1,
    reusedTokens: 0,
    generatedTokens: 0,
    promptMs: 0,
    generateMs: 0,
    confidence: 1,
    preemptions: 0,
    draftedTokens: 0,
    acceptedTokens: 0,
};

it("what was in the cache is what the first has found there", () => {
    const first = { ...NOTHING, promptTokens: 90, reusedTokens: 10, promptMs: 9 };
    const second = { ...NOTHING, promptTokens: 2, reusedTokens: 100, promptMs: 1, generateMs: 3 };
    const generated = { text: "b", generatedTokens: 4, draftedTokens: 2, acceptedTokens: 1 };
    expect(sumOf(first, { ...second, ...generated })).toEqual({
        ...NOTHING,
        ...generated,
        promptTokens: 92,
        reusedTokens: 10,
        promptMs: 10,
        generateMs: 3,
    });
});

it("reading a place in steps tells each token once", async () => {
    const cached: number[] = [];
    const generate = ({ tokens }: GenerateOptions) => {
        const at = tokens.findIndex((token, i) => token !== cached[i]);
        const reusedTokens = at < 0 ? tokens.length : at;
        cached.splice(0, cached.length, ...tokens);
        const promptTokens = tokens.length - reusedTokens;
        return { done: Promise.resolve({ ...NOTHING, promptTokens, reusedTokens }) };
    };
    const model = {
        fim: {},
        context: { generate },
        speed: { add: () => undefined },
    } as unknown as LoadedModel;
    const models = {
        isStarted: () => true,
        use: (_role: string, _options: object, work: (model: LoadedModel) => unknown) =>
            work(model),
    } as unknown as Models;
    const steps = [
        [1, 2, 3, 4],
        [1, 2, 3, 4, 5, 6],
    ];
    const prompts = {
        place: async () => ({ tokens: [1, 2], sequence: 0 }),
        larger: () => {
            const tokens = steps.shift();
            return tokens && { tokens, sequence: 0, adopt: () => steps.length === 0 };
        },
    } as unknown as FilePrompts;
    const all = new Completions(models, prompts, () => undefined, {} as Alternatives);
    const request = { ...completionRequest("a", "b"), idle: "short" } as const;
    const read = await all.prefill(request, new AbortController().signal);
    expect(read?.tokens).toMatchObject({ prompt: 6, reused: 0 });
});
