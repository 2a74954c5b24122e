/**
 * Models whose memory is not a plain KV cache, converted from tiny checkpoints: recurrent ones go back to a checkpoint
 * where others drop a tail, sliding windows drop it like others.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { convert } from "../../src/foundry/pipeline";
import type { NativeContext, NativeModel } from "../../src/node/native";
import { endTokens, generate, inContext, openAddon } from "./addon";

const folder = mkdtempSync(join(tmpdir(), "ingot-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * A copy of the golden Qwen3-Next checkpoint that llama.cpp can load: it takes keys and values of linear attention to be
 * equally wide, so the value heads are cut from 16 to 8. The weights are random anyway.
 */
function evenQwen3Next(from: string): string {
    const to = join(folder, "even-qwen3next");
    cpSync(from, to, { recursive: true });
    const config = readFileSync(join(from, "config.json"), "utf8");
    const even = { ...(JSON.parse(config) as object), linear_value_head_dim: 8 };
    writeFileSync(join(to, "config.json"), JSON.stringify(even));

    const shapes: Record<string, number[]> = {
        "conv1d.weight": [64, 1, 4],
        "in_proj_qkvz.weight": [96, 32],
        "norm.weight": [8],
        "out_proj.weight": [32, 32],
    };
    type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;
    const file = readFileSync(join(from, "model.safetensors"));
    const length = Number(file.readBigUInt64LE());
    const tensors = JSON.parse(file.toString("utf8", 8, 8 + length)) as Header;
    const header: Header = {};
    const parts: Buffer[] = [];
    let at = 0;
    delete tensors["__metadata__"];
    for (const [name, { dtype, shape: old, data_offsets }] of Object.entries(tensors)) {
        const shape = shapes[name.split(".linear_attn.")[1] ?? ""] ?? old;
        const size = 2 * shape.reduce((product, n) => product * n, 1);
        const start = 8 + length + (data_offsets[0] ?? 0);
        parts.push(file.subarray(start, start + size));
        header[name] = { dtype, shape, data_offsets: [at, at + size] };
        at += size;
    }
    const text = Buffer.from(JSON.stringify(header));
    const head = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(join(to, "model.safetensors"), Buffer.concat([head, text, ...parts]));
    return to;
}

/** A golden checkpoint as GGUF, loaded. */
async function load(name: string): Promise<NativeModel> {
    const native = openAddon();
    const golden = fileURLToPath(new URL(`../golden/conversion/${name}`, import.meta.url));
    const path = name === "small-qwen3next" ? evenQwen3Next(golden) : golden;
    const out = join(folder, `${name}.gguf`);
    const run = convert(
        { source: { kind: "folder", path }, type: "F32", via: "auto", out, pre: "qwen2" },
        new AbortController().signal,
        { openSource: async () => openFolder(path), native },
    );
    while (!(await run.next()).done);
    return native.loadModel({ path: out, gpuLayers: 0 }).done;
}

const options = { contextTokens: 1024, nSequences: 2, sliceTokens: 64, threads: 1 };

/** Token ids of the common part of the vocabulary, the same for each salt. */
function promptOf(length: number, salt = 0): number[] {
    return Array.from({ length }, (_, i) => 20 + ((i * i + 7 * i + 31 * salt) % 199));
}

describe.each(["small-mamba2-codestral", "small-qwen3next"])("%s", (name) => {
    let model: NativeModel;
    let bannedTokens: number[];
    beforeAll(async () => {
        model = await load(name);
        bannedTokens = endTokens(model);
    });
    afterAll(() => model.close());

    const withContext = <T>(use: (context: NativeContext) => Promise<T>) =>
        inContext(model, options, use);

    /** Runs one prompt after another in one sequence; each result must be that of a new context. */
    const typing = (prompts: number[][], maxTokens = 12) =>
        withContext(async (context) => {
            const evaluated: number[] = [];
            const confidences = new Set<string>();
            for (const tokens of prompts) {
                const run = await generate(context, { tokens, maxTokens, bannedTokens });
                expect(run.promptTokens + run.reusedTokens).toBe(tokens.length);
                evaluated.push(run.promptTokens);
                const fresh = await withContext((other) =>
                    generate(other, { tokens, maxTokens, bannedTokens }),
                );
                expect(run.tokens).toEqual(fresh.tokens);
                expect(run.confidence).toBeCloseTo(fresh.confidence, 4);
                confidences.add(fresh.confidence.toFixed(4));
            }
            // else it would not matter what the state is
            expect(confidences.size).toBeGreaterThan(1);
            return evaluated;
        });

    it("cannot drop a tail", () => {
        expect(model.info.canTrim).toBe(false);
    });

    it("evaluates what is appended, and of the same prompt the last token", async () => {
        const prompt = promptOf(300);
        const first = [...prompt, 5];
        expect(await typing([prompt, prompt, first, [...first, 6, 7]])).toEqual([300, 1, 2, 3]);
    });

    it("goes back a few tokens for a few tokens", async () => {
        const prompt = promptOf(300);
        const counts = await typing([prompt, prompt.slice(0, -1), [...prompt.slice(0, -3), 9, 9]]);
        // the checkpoint before the last eight tokens
        expect(counts).toEqual([300, 7, 7]);
    });

    it("goes back far for at most a slice more", async () => {
        const prompt = promptOf(300);
        const changed = [...prompt.slice(0, 200), ...promptOf(80, 1)];
        expect(await typing([prompt, changed, prompt])).toEqual([300, 280 - 192, 300 - 192]);
    });

    it("keeps a bounded number of checkpoints, dense near the end", async () => {
        const prompt = promptOf(1000);
        const near = [...prompt.slice(0, 900), ...promptOf(40, 2)];
        const far = [...prompt.slice(0, 100), ...promptOf(40, 3)];
        const [, nearCount = 0, farCount = 0] = await typing([prompt, near, far], 2);
        expect(nearCount).toBeLessThanOrEqual(40 + 2 * 64);
        expect(farCount).toBeLessThanOrEqual(140);
    });

    it("goes on from a kept sequence", () =>
        withContext(async (context) => {
            const prompt = promptOf(200);
            const asked = { maxTokens: 10, bannedTokens };
            await generate(context, { tokens: prompt, maxTokens: 0 });
            const saved = await context.saveSequence(0);
            if (saved === undefined) throw new Error("nothing was saved");
            const tokens = [...prompt, 5, 6];
            const plain = await generate(context, { ...asked, tokens });
            await withContext(async (other) => {
                expect(await other.restoreSequence(1, saved.tokens, saved.state)).toBe(true);
                const run = await generate(other, { ...asked, sequence: 1, tokens });
                expect(run).toMatchObject({ promptTokens: 2, reusedTokens: 200 });
                expect(run.tokens).toEqual(plain.tokens);
                const cut = saved.state.subarray(0, saved.state.length - 64);
                expect(await other.restoreSequence(1, saved.tokens, cut)).toBe(false);
                expect(other.sequenceLength(1)).toBe(0);
            });
        }));

    it("makes no drafts", () =>
        withContext(async (context) => {
            const tokens = promptOf(60);
            const plain = await generate(context, { tokens, bannedTokens });
            const lookup = [...tokens, ...plain.tokens];
            const run = await generate(context, { tokens, bannedTokens, draftTokens: 8, lookup });
            expect(run).toMatchObject({ draftedTokens: 0, tokens: plain.tokens });
        }));
});

describe("a sliding window", () => {
    let model: NativeModel;
    beforeAll(async () => {
        model = await load("small-gemma3-nested");
    });
    afterAll(() => model.close());

    it("is cut back like a whole cache, with the same result as from nothing", async () => {
        expect(model.info.canTrim).toBe(true);
        const context = model.createContext(options);
        const fresh = model.createContext(options);
        const bannedTokens = endTokens(model);
        const prompt = promptOf(300);
        const prompts = [prompt, prompt.slice(0, -1), [...prompt.slice(0, 150), 9, 9, 9]];
        const counts: number[] = [];
        for (const tokens of prompts) {
            const run = await generate(context, { tokens, bannedTokens });
            fresh.clearSequence(0);
            const check = await generate(fresh, { tokens, bannedTokens });
            expect(check.promptTokens).toBe(tokens.length);
            expect(run.tokens).toEqual(check.tokens);
            counts.push(run.promptTokens);
        }
        expect(counts).toEqual([300, 1, 3]);
        await context.close();
        await fresh.close();
    });

    it("is read again where cells of the window were taken by other tokens meanwhile", async () => {
        const context = model.createContext(options);
        const bannedTokens = endTokens(model);
        const [a, b] = [promptOf(480), promptOf(480, 1)];
        const counts: number[] = [];
        const read = async (sequence: number, tokens: number[]) => {
            const run = await generate(context, { sequence, tokens, bannedTokens, maxTokens: 12 });
            counts.push(run.promptTokens);
            return run;
        };
        await read(0, a);
        await read(1, b);
        // Some cells in front of the second sequence's are free: what it reads next goes there, and on over its own first ones.
        await read(0, [...a.slice(0, 470), 9, 9]);
        await read(1, [...b, ...promptOf(40, 2)]);
        const cut = [...b.slice(0, 60), 9, 9, 9];
        const back = await read(1, cut);
        const fresh = await inContext(model, options, (other) =>
            generate(other, { tokens: cut, bannedTokens, maxTokens: 12 }),
        );
        expect(back.tokens).toEqual(fresh.tokens);
        expect(back.confidence).toBeCloseTo(fresh.confidence, 4);
        expect(counts).toEqual([480, 480, 2, 40, 63]);
        await context.close();
    });
});
