/** Slices of a prompt: how many tokens they get, where an abort ends them, and who comes next. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContextOptions, NativeContext, NativeModel, NativeTask } from "../../src/node/native";
import { contextOptions, endTokens, generate, inContext, loadStarter, promptOf } from "./addon";

let model: NativeModel;
let bannedTokens: number[];

beforeAll(async () => {
    model = await loadStarter();
    bannedTokens = endTokens(model);
});
afterAll(() => model.close());

const withContext = <T>(
    options: Partial<ContextOptions>,
    use: (context: NativeContext) => Promise<T>,
) => inContext(model, options, use);

const greedy = { priority: 1, temperature: 0 };

describe("size", () => {
    const slices = (options: Partial<ContextOptions>) =>
        withContext(options, (context) =>
            generate(context, { tokens: promptOf(model, 200), maxTokens: 8, bannedTokens }),
        );

    it("is sliceTokens without a time", async () => {
        expect(await slices({})).toMatchObject({ promptTokens: 200, promptSlices: 4 });
        expect(await slices({ sliceMs: 0 })).toMatchObject({ promptSlices: 4 });
    });

    it("grows to sliceTokens as measurements allow it", async () => {
        // 8 + 16 + 32 + 64 + 64 + 16
        expect(await slices({ sliceMs: 1e9 })).toMatchObject({
            promptTokens: 200,
            promptSlices: 6,
        });
    });

    it("stays small when nothing is fast enough, with the same result", async () => {
        const plain = await slices({});
        const small = await slices({ sliceMs: 1e-6 });
        expect(small).toMatchObject({ promptTokens: 200, promptSlices: 25 });
        expect(small.tokens).toEqual(plain.tokens);
    });

    it("refuses a time that is none", () => {
        expect(() => model.createContext({ ...contextOptions, sliceMs: -1 })).toThrow(/sliceMs/);
    });
});

describe("abort after the slice", () => {
    // slices of 1024 and 976 tokens
    const whole = (): number[] => promptOf(model, 2000);
    const options = { sliceTokens: 1024, contextTokens: 4096 };
    const asked = { ...greedy, sequence: 0, maxTokens: 500 };

    it("keeps the slice that runs for the next request", async () => {
        const tokens = whole();
        // The abort may come just before the second slice begins; it is then the first one's end that counts.
        for (let attempt = 0; attempt < 5; attempt++) {
            const kept = await withContext(options, async (context) => {
                const task: NativeTask = context.generate({ ...asked, tokens, bannedTokens }, () =>
                    setImmediate(() => task.abort({ afterSlice: true })),
                );
                const { stop, promptTokens } = await task.done;
                expect(stop).toBe("aborted");
                const next = await generate(context, { tokens, maxTokens: 0 });
                expect(next.reusedTokens).toBe(promptTokens);
                return promptTokens;
            });
            if (kept === 2000) return;
            expect(kept).toBe(1024);
        }
        expect.unreachable("the slice that ran was lost each time");
    });

    it("gives way to one at once", () =>
        withContext(options, async (context) => {
            const task: NativeTask = context.generate({ ...asked, tokens: whole() }, () => {
                task.abort({ afterSlice: true });
                task.abort();
                task.abort({ afterSlice: true }); // takes nothing back
            });
            expect(await task.done).toMatchObject({ stop: "aborted", promptTokens: 1024 });
        }));

    it("ends a request that waits before the one that runs", () =>
        withContext({}, async (context) => {
            const order: string[] = [];
            const tokens = promptOf(model, 1500);
            const running = context.generate({ ...greedy, sequence: 0, tokens, maxTokens: 20 });
            const waiting = context.generate({ ...greedy, sequence: 0, tokens, maxTokens: 1 });
            waiting.abort({ afterSlice: true });
            await Promise.all([
                running.done.then(() => order.push("running")),
                waiting.done.then((result) => {
                    order.push("waiting");
                    expect(result).toMatchObject({ stop: "aborted", promptTokens: 0 });
                }),
            ]);
            expect(order).toEqual(["waiting", "running"]);
        }));

    it("lets the request that supersedes it run before equals that waited longer", () =>
        withContext(options, async (context) => {
            const order: string[] = [];
            const tokens = whole();
            const warm = (name: string, sequence: number, prompt: number[]) =>
                generate(context, { sequence, tokens: prompt, maxTokens: 0 }).then((result) => {
                    order.push(name);
                    return result;
                });
            let others: ReturnType<typeof warm>[] = [];
            const task: NativeTask = context.generate({ ...asked, tokens, bannedTokens }, () => {
                if (others.length > 0) return;
                others = [warm("other", 1, promptOf(model, 40)), warm("newer", 0, tokens)];
                task.abort({ afterSlice: true });
            });
            await task.done;
            order.push("old");
            const [, newer] = await Promise.all(others);
            expect(order).toEqual(["old", "newer", "other"]);
            // as above
            expect([1024, 2000]).toContain(newer?.reusedTokens);
        }));
});

describe("a higher request for another sequence", () => {
    const low = { sequence: 1, priority: 0, maxTokens: 0 };
    const high = { sequence: 0, priority: 9, maxTokens: 2 };
    // 8 + ... + 512 = 1016, then one slice of 884
    const length = 1900;

    it("does not wait for a slice that has only begun, which is done again", () =>
        withContext({ sliceTokens: 1024, contextTokens: 4096, sliceMs: 1e9 }, async (context) => {
            const order: string[] = [];
            let urgent: Promise<unknown> | undefined;
            const tokens = promptOf(model, length);
            const task = context.generate({ ...greedy, ...low, tokens }, (chunk) => {
                if ((chunk.promptDone ?? 0) >= 1016)
                    urgent ??= generate(context, { ...high, tokens: promptOf(model, 30) }).then(
                        () => order.push("high"),
                    );
            });
            const result = await task.done;
            order.push("low");
            await urgent;
            expect(order).toEqual(["high", "low"]);
            expect(result).toMatchObject({ promptTokens: length, preemptions: 1, promptSlices: 8 });
        }));
});
