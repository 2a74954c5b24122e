/** Several requests at a time: aborts, priorities, a full cache, closing with work in flight. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NativeContext, NativeModel, NativeTask } from "../../src/node/native";
import { contextOptions, endTokens, generate, inContext, loadStarter, promptOf } from "./addon";

let model: NativeModel;
let bannedTokens: number[];

beforeAll(async () => {
    model = await loadStarter();
    bannedTokens = endTokens(model);
});
afterAll(() => model.close());

const withContext = <T>(use: (context: NativeContext) => Promise<T>, options = {}) =>
    inContext(model, options, use);

const greedy = { priority: 1, temperature: 0 };

describe("abort", () => {
    it("in the middle of a prompt keeps what was evaluated for the next request", () =>
        withContext(async (context) => {
            const tokens = promptOf(model, 1200);
            const task: NativeTask = context.generate(
                { ...greedy, sequence: 0, tokens, maxTokens: 100 },
                (chunk) => {
                    if ((chunk.promptDone ?? 0) >= 256) task.abort();
                },
            );
            const aborted = await task.done;
            expect(aborted.stop).toBe("aborted");
            expect(aborted.promptTokens).toBeGreaterThanOrEqual(256);
            expect(aborted.promptTokens).toBeLessThan(1200);
            expect(context.sequenceLength(0)).toBe(aborted.promptTokens);

            const next = await generate(context, { tokens, maxTokens: 4, bannedTokens });
            expect(next.reusedTokens).toBe(aborted.promptTokens);
            expect(next.promptTokens).toBe(1200 - aborted.promptTokens);
            const fresh = await withContext((other) =>
                generate(other, { tokens, maxTokens: 4, bannedTokens }),
            );
            expect(next.tokens).toEqual(fresh.tokens);
        }));

    it("works inside one large slice", () =>
        withContext(
            async (context) => {
                const tokens = promptOf(model, 2000);
                const task = context.generate({ ...greedy, sequence: 0, tokens, maxTokens: 1 });
                // lets the worker begin; the slice takes many times longer
                for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
                task.abort();
                expect(await task.done).toMatchObject({ stop: "aborted", promptTokens: 0 });
                expect(context.sequenceLength(0)).toBe(0);
            },
            { sliceTokens: 2048 },
        ));

    it("between tokens gives what there is", () =>
        withContext(async (context) => {
            const tokens = promptOf(model, 50);
            let seen = 0;
            const task: NativeTask = context.generate(
                { ...greedy, sequence: 0, tokens, maxTokens: 1900, bannedTokens },
                (chunk) => {
                    seen += chunk.tokens.length;
                    if (seen >= 10) task.abort();
                },
            );
            const result = await task.done;
            expect(result.stop).toBe("aborted");
            expect(result.generatedTokens).toBeGreaterThanOrEqual(10);
            expect(result.generatedTokens).toBeLessThan(1900);
            expect(result.text).toBe(model.detokenize(result.tokens));
            task.abort(); // again: nothing happens
        }));

    it("of a request that waits ends it before the one that runs", () =>
        withContext(async (context) => {
            const order: string[] = [];
            const tokens = promptOf(model, 1500);
            const running = context.generate({ ...greedy, sequence: 0, tokens, maxTokens: 200 });
            const waiting = context.generate({ ...greedy, sequence: 0, tokens, maxTokens: 1 });
            waiting.abort();
            const results = await Promise.all([
                running.done.then((result) => (order.push("running"), result)),
                waiting.done.then((result) => (order.push("waiting"), result)),
            ]);
            expect(order).toEqual(["waiting", "running"]);
            expect(results[1]).toMatchObject({ stop: "aborted", promptTokens: 0 });
            expect(results[0].stop).not.toBe("aborted");
        }));
});

describe("priorities", () => {
    it("a high request finishes while a low one generates, and changes nothing in it", () =>
        withContext(async (context) => {
            const chat = { tokens: promptOf(model, 100, "c"), maxTokens: 300, bannedTokens };
            const code = { tokens: promptOf(model, 300, "k"), maxTokens: 20, bannedTokens };
            const alone = await withContext((other) => generate(other, chat));

            const order: string[] = [];
            let high: Promise<unknown> | undefined;
            const low = context.generate(
                { ...greedy, ...chat, sequence: 1, priority: 0 },
                (chunk) => {
                    if (chunk.tokens.length > 0)
                        high ??= generate(context, { ...code, priority: 9 }).then((result) => {
                            order.push("high");
                            expect(result.generatedTokens).toBe(20);
                        });
                },
            );
            const result = await low.done;
            order.push("low");
            await high;
            expect(order).toEqual(["high", "low"]);
            expect(result.preemptions).toBeGreaterThan(0);
            expect(result.tokens).toEqual(alone.tokens);
            expect(result.text).toBe(alone.text);
        }));

    it("equals take turns", () =>
        withContext(async (context) => {
            const order: number[] = [];
            const start = (sequence: number) =>
                context.generate(
                    {
                        ...greedy,
                        sequence,
                        tokens: promptOf(model, 640, `${sequence}`),
                        maxTokens: 0,
                    },
                    () => order.push(sequence),
                ).done;
            const results = await Promise.all([start(0), start(1)]);
            expect(results.map((result) => result.preemptions)).toEqual([0, 0]);
            // neither had to wait for the other's end
            expect(order.indexOf(1)).toBeLessThan(order.lastIndexOf(0));
        }));
});

describe("full cache", () => {
    it("a prompt that does not fit says so and leaves the sequence alone", () =>
        withContext(async (context) => {
            await generate(context, { tokens: promptOf(model, 100), maxTokens: 0 });
            const run = await generate(context, { tokens: promptOf(model, 2049) });
            expect(run).toMatchObject({ stop: "context-full", promptTokens: 0 });
            expect(context.sequenceLength(0)).toBe(100);
        }));

    it("generation ends when the cache is full", () =>
        withContext(
            async (context) => {
                const run = await generate(context, {
                    tokens: promptOf(model, 250),
                    maxTokens: 100,
                    bannedTokens,
                });
                expect(run).toMatchObject({ stop: "context-full", generatedTokens: 7 });
                expect(context.sequenceLength(0)).toBe(256);
            },
            { contextTokens: 256 },
        ));

    it("evicts the idle sequence that was used longest ago", () =>
        withContext(
            async (context) => {
                const warm = (sequence: number, length: number) =>
                    generate(context, {
                        sequence,
                        tokens: promptOf(model, length, `${sequence}`),
                        maxTokens: 0,
                    });
                await warm(1, 200);
                await warm(2, 200);
                await warm(0, 200);
                const lengths = [0, 1, 2].map((sequence) => context.sequenceLength(sequence));
                expect(lengths).toEqual([200, 0, 200]);
            },
            { contextTokens: 512, nSequences: 3 },
        ));
});

describe("close", () => {
    it("of a context ends its requests as aborted", async () => {
        const context = model.createContext(contextOptions);
        const tokens = promptOf(model, 1200);
        const tasks = [0, 1, 1].map((sequence) =>
            context.generate({ ...greedy, sequence, tokens, maxTokens: 100 }),
        );
        const [results] = await Promise.all([
            Promise.all(tasks.map((task) => task.done)),
            context.close(),
        ]);
        expect(results.map((result) => result.stop)).toEqual(["aborted", "aborted", "aborted"]);
        expect(() =>
            context.generate({ ...greedy, sequence: 0, tokens: [1], maxTokens: 1 }),
        ).toThrow(/closed/);
        await context.close();
    });

    it("of a model closes its contexts first", async () => {
        const own = await loadStarter();
        const context = own.createContext(contextOptions);
        const { done } = context.generate({
            ...greedy,
            sequence: 0,
            tokens: promptOf(own, 1200),
            maxTokens: 100,
        });
        await own.close();
        expect((await done).stop).toBe("aborted");
        expect(() => own.createContext(contextOptions)).toThrow(/closed/);
    });
});
