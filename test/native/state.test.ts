/** Keeping what a sequence holds: it comes back as if it had been evaluated, and damaged states are refused. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { NativeContext, NativeModel, SavedSequence } from "../../src/node/native";
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

/** The state after `prompt` and eight more tokens, of which the last is not evaluated. */
async function saved(): Promise<SavedSequence> {
    await generate(context, { tokens: prompt, maxTokens: 8, bannedTokens });
    const state = await context.saveSequence(0);
    if (state === undefined) throw new Error("nothing was saved");
    return state;
}

describe("a kept sequence", () => {
    it("goes on in another context as if it had been evaluated there", async () => {
        const { tokens, state } = await saved();
        expect(tokens).toHaveLength(207);
        expect(tokens.slice(0, 200)).toEqual(prompt);
        const want = await generate(context, { tokens, bannedTokens });
        const other = model.createContext({ ...contextOptions, nSequences: 3 });
        try {
            expect(await other.restoreSequence(2, tokens, state)).toBe(true);
            expect(other.sequenceLength(2)).toBe(207);
            const run = await generate(other, { sequence: 2, tokens, bannedTokens });
            expect(run).toMatchObject({ promptTokens: 1, reusedTokens: 206, tokens: want.tokens });
        } finally {
            await other.close();
        }
    });

    it("is kept up to where another prompt differs", async () => {
        const { tokens, state } = await saved();
        context.clearSequence(0);
        expect(await context.restoreSequence(0, tokens, state)).toBe(true);
        const changed = [...prompt.slice(0, 120), ...promptOf(model, 30, "y")];
        const run = await generate(context, { tokens: changed, bannedTokens });
        expect(run.reusedTokens).toBeGreaterThanOrEqual(120);
        context.clearSequence(0);
        const fresh = await generate(context, { tokens: changed, bannedTokens });
        expect(fresh.reusedTokens).toBe(0);
        expect(run.tokens).toEqual(fresh.tokens);
    });

    it("takes the place of what the sequence held, and of an idle one's cells", async () => {
        const { tokens, state } = await saved();
        await generate(context, { tokens: promptOf(model, 900, "a"), maxTokens: 0 });
        await generate(context, { sequence: 1, tokens: promptOf(model, 1100, "b"), maxTokens: 0 });
        expect(await context.restoreSequence(0, tokens, state)).toBe(true);
        expect([0, 1].map((sequence) => context.sequenceLength(sequence))).toEqual([207, 1100]);
        await generate(context, { sequence: 1, tokens: promptOf(model, 1900, "b"), maxTokens: 0 });
        expect(await context.restoreSequence(0, tokens, state)).toBe(true);
        expect([0, 1].map((sequence) => context.sequenceLength(sequence))).toEqual([207, 0]);
    });

    it("can be taken while a request runs, and put back when it has ended", async () => {
        const { tokens, state } = await saved();
        const running = generate(context, {
            tokens: promptOf(model, 1000, "r"),
            maxTokens: 20,
            bannedTokens,
        });
        const [partial, isRestored] = await Promise.all([
            context.saveSequence(0),
            running.then(() => context.restoreSequence(0, tokens, state)),
        ]);
        const held = partial?.tokens ?? [];
        expect((await running).generatedTokens).toBe(20);
        expect([...promptOf(model, 1000, "r"), ...(await running).tokens]).toEqual(
            expect.arrayContaining(held),
        );
        expect(isRestored).toBe(true);
    });

    it("is nothing when there is nothing", async () => {
        expect(await context.saveSequence(1)).toBeUndefined();
        expect(() => context.saveSequence(2)).toThrow(/no sequence 2/);
    });

    it("is refused by a context that closes", async () => {
        const { tokens, state } = await saved();
        const other = model.createContext(contextOptions);
        const [isRestored] = await Promise.all([
            other.restoreSequence(0, tokens, state),
            other.close(),
        ]);
        expect(typeof isRestored).toBe("boolean");
        expect(() => other.saveSequence(0)).toThrow(/closed/);
    });
});

const HEADER = 40;

/** A state whose checksum is right whatever its bytes are: what only an attacker makes. As native/state.cpp does it. */
function forged({ tokens, state }: SavedSequence): Uint8Array {
    const mask = (1n << 64n) - 1n;
    const mix = (hash: bigint, word: bigint): bigint => {
        const product = ((hash ^ word) * 0x9e3779b97f4a7c15n) & mask;
        return product ^ (product >> 32n);
    };
    const over = (hash: bigint, bytes: Buffer): bigint => {
        const whole = bytes.length - (bytes.length % 8);
        for (let i = 0; i < whole; i += 8) hash = mix(hash, bytes.readBigUInt64LE(i));
        const rest = BigInt(bytes.length - whole);
        const last = Buffer.alloc(8);
        last.writeBigUInt64LE(rest);
        bytes.copy(last, 0, whole);
        return mix(hash, (last.readBigUInt64LE() + (rest << 56n)) & mask);
    };
    const out = Buffer.from(state);
    out.writeBigUInt64LE(BigInt(out.length - HEADER), 24);
    const ids = Buffer.from(Int32Array.from(tokens).buffer);
    out.writeBigUInt64LE(over(over(1n, ids), out.subarray(HEADER)), 32);
    return out;
}

describe("a damaged state", () => {
    const cases: [string, (state: Uint8Array, tokens: number[]) => [Uint8Array, number[]]][] = [
        ["empty", (_, tokens) => [new Uint8Array(0), tokens]],
        ["cut in the header", (state, tokens) => [state.subarray(0, 20), tokens]],
        ["cut by a byte", (state, tokens) => [state.subarray(0, -1), tokens]],
        ["cut in half", (state, tokens) => [state.subarray(0, state.length / 2), tokens]],
        ["longer", (state, tokens) => [Buffer.concat([state, Buffer.alloc(8)]), tokens]],
        ["of no tokens", (state) => [state, []]],
        ["of fewer tokens", (state, tokens) => [state, tokens.slice(0, -1)]],
        ["of other tokens", (state, tokens) => [state, tokens.map((t) => (t + 1) % 8192)]],
        ["of tokens that are none", (state, tokens) => [state, tokens.map(() => -5)]],
        [
            "with a flipped bit",
            (state, tokens) => {
                const copy = Uint8Array.from(state);
                copy[5000]! ^= 4;
                return [copy, tokens];
            },
        ],
    ];
    it.each(cases)("that is %s gives false and an empty sequence", async (_, damage) => {
        const { tokens, state } = await saved();
        const [bytes, ids] = damage(state, tokens);
        expect(await context.restoreSequence(0, ids, bytes)).toBe(false);
        expect(context.sequenceLength(0)).toBe(0);
        const run = await generate(context, { tokens: prompt, maxTokens: 1 });
        expect(run.promptTokens).toBe(200);
    });

    it("does no harm with a checksum that is right", async () => {
        const whole = await saved();
        expect(Buffer.compare(forged(whole), whole.state)).toBe(0);
        const cut = forged({ ...whole, state: whole.state.subarray(0, 9000) });
        expect(await context.restoreSequence(0, whole.tokens, cut)).toBe(false);
        // magic, sequence, streams, cells, first position, its sequences, then the first layer's type and row size
        const cells = HEADER + 16;
        const layer = cells + 12 * 207;
        const places = [0, 8, 12, 16, 20, 24].map((at) => HEADER + at);
        for (const at of [...places, cells + 12, layer, layer + 4, layer + 8, layer + 12])
            for (const value of [0xffffffff, 0x7fffffff, 1000]) {
                const state = Buffer.from(whole.state);
                state.writeUInt32LE(value, at);
                const bytes = forged({ ...whole, state });
                const isRestored = await context.restoreSequence(0, whole.tokens, bytes);
                expect(context.sequenceLength(0)).toBe(isRestored ? 207 : 0);
            }
        context.clearSequence(0);
        expect(await context.restoreSequence(0, whole.tokens, whole.state)).toBe(true);
    });

    it("fits in no smaller context", async () => {
        const { tokens, state } = await saved();
        const small = model.createContext({ ...contextOptions, contextTokens: 200 });
        const isRestored = await small.restoreSequence(0, tokens, state);
        expect([isRestored, small.sequenceLength(0)]).toEqual([small.sequenceLength(0) > 0, 0]);
        await small.close();
    });
});

describe("a common beginning", () => {
    it("is shared by sequences instead of read again, and what one drops the other keeps", async () => {
        const tail = (salt: string) => [...prompt.slice(0, 150), ...promptOf(model, 40, salt)];
        const fresh = await generate(context, { tokens: tail("b"), bannedTokens });
        context.clearSequence(0);
        await generate(context, { sequence: 0, tokens: prompt, bannedTokens });
        const run = await generate(context, { sequence: 1, tokens: tail("b"), bannedTokens });
        expect(run.reusedTokens).toBeGreaterThanOrEqual(150);
        expect(run.promptTokens).toBe(190 - run.reusedTokens);
        expect(run.tokens).toEqual(fresh.tokens);
        context.clearSequence(0);
        const again = await generate(context, { sequence: 1, tokens: tail("c"), bannedTokens });
        expect(again.reusedTokens).toBeGreaterThanOrEqual(150);
        context.clearSequence(1);
        const last = await generate(context, { sequence: 1, tokens: tail("c"), bannedTokens });
        expect(last.reusedTokens).toBe(0);
        expect(again.tokens).toEqual(last.tokens);
    });

    it("that is short is read, so that nothing of worth is dropped for it", async () => {
        await generate(context, { sequence: 0, tokens: prompt, bannedTokens });
        const other = [...prompt.slice(0, 8), ...promptOf(model, 60, "x")];
        const run = await generate(context, { sequence: 1, tokens: other, bannedTokens });
        expect(run.reusedTokens).toBe(0);
    });
});
