/** What is measured with a model: the figures of llama.cpp's tools, independence of threads, files of logits, ends that come early, damaged models. */
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readGguf } from "../../src/gguf/read";
import type { NativeModel } from "../../src/node/native";
import type { ChunkOptions } from "../../src/node/nativeLab";
import { KNOWN_CHUNKS, KNOWN_IMATRIX, KNOWN_PERPLEXITY, labText } from "../support/labText";
import { loadStarter, openAddon, starter } from "./addon";

let folder: string;
let model: NativeModel;
let all: Int32Array;
const { contextTokens, chunks } = KNOWN_CHUNKS;

beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "ingot-lab-"));
    model = await loadStarter();
    all = await model.tokenizeText(labText(), { addSpecial: true }).done;
});
afterAll(async () => {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
});

const options = (more: Partial<ChunkOptions> = {}): ChunkOptions => ({
    tokens: all.slice(0, contextTokens * chunks),
    contextTokens,
    threads: 1,
    ...more,
});
const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;

describe("tokenizeText", () => {
    it("gives the tokens of tokenize", () => {
        expect([...all]).toEqual(model.tokenize(labText(), { addSpecial: true }));
    });
});

describe("scorePerplexity", () => {
    it("is what llama-perplexity says", async () => {
        const told: number[] = [];
        const nll = await model.scorePerplexity(options(), (done) => told.push(done)).done;
        expect(nll).toHaveLength(chunks * (contextTokens / 2 - 1));
        expect(Math.exp(mean(nll)) / KNOWN_PERPLEXITY.value).toBeCloseTo(1, 2);
        expect(told.at(-1)).toBe(chunks * contextTokens);
        expect(told).toEqual([...told].sort((a, b) => a - b));
    });

    it("is the same with two threads", async () => {
        const tokens = all.slice(0, 2 * contextTokens);
        const one = await model.scorePerplexity(options({ tokens })).done;
        expect(await model.scorePerplexity(options({ tokens, threads: 2 })).done).toEqual(one);
    });

    it("goes through a chunk that is larger than a batch", async () => {
        const nll = await model.scorePerplexity(
            options({ tokens: all.slice(0, 1400), contextTokens: 700 }),
        ).done;
        expect(nll).toHaveLength(2 * 349);
        expect(nll.every((value) => value >= 0)).toBe(true);
    });

    it("knows nothing of the chunk before", async () => {
        const tokens = all.slice(contextTokens, 2 * contextTokens);
        const alone = await model.scorePerplexity(options({ tokens })).done;
        const after = await model.scorePerplexity(options()).done;
        const perChunk = contextTokens / 2 - 1;
        // Rounding differs by what else is in the batch; a token that was seen would change the whole.
        after.slice(perChunk, 2 * perChunk).forEach((value, i) => {
            expect(Math.abs(value - (alone[i] ?? NaN))).toBeLessThan(0.05);
        });
    });

    it("refuses tokens that there are not, and chunks without any", () => {
        expect(() =>
            model.scorePerplexity(options({ tokens: new Int32Array(contextTokens).fill(1 << 30) })),
        ).toThrow(/not in the vocabulary/);
        expect(() => model.scorePerplexity(options({ tokens: new Int32Array(8) }))).toThrow(/fit/);
        expect(() => model.scorePerplexity(options({ contextTokens: 1 }))).toThrow(/at least 4/);
    });
});

describe("scoreDivergence", () => {
    it("of a model from itself is nothing but the rounding to 16 bits", async () => {
        const scores = await model.scoreDivergence({ ...options(), reference: model }).done;
        expect(Math.max(...scores.kld)).toBeLessThan(1e-4);
        expect(Math.abs(mean(scores.nll) - mean(scores.nllBase))).toBeLessThan(1e-3);
        const nSame = scores.sameTop.reduce((sum, x) => sum + x, 0);
        expect(nSame).toBeGreaterThan(0.99 * scores.sameTop.length);
    });

    it("from a file is that in lockstep, and the file has the size of its format", async () => {
        const logits = join(folder, "logits");
        await model.scorePerplexity({ ...options(), saveLogits: logits }).done;
        const words = 2 * Math.ceil(model.info.nVocabulary / 2) + 4;
        const nScored = chunks * (contextTokens / 2 - 1);
        expect(statSync(logits).size).toBe(20 + 4 * chunks * contextTokens + 2 * nScored * words);
        const lockstep = await model.scoreDivergence({ ...options(), reference: model }).done;
        expect(await model.scoreDivergence({ logits, threads: 1 }).done).toEqual(lockstep);
    });

    it("refuses a file that was cut off, and one of another vocabulary", async () => {
        const logits = join(folder, "cut");
        await model.scorePerplexity({ ...options(), saveLogits: logits }).done;
        const bytes = readFileSync(logits);
        truncateSync(logits, bytes.length - 1);
        const refusal = (path: string) =>
            expect(model.scoreDivergence({ logits: path, threads: 1 }).done).rejects;
        await refusal(logits).toThrow(/size that its header says/);
        bytes.writeInt32LE(0x7fffffff, 16);
        writeFileSync(logits, bytes);
        await refusal(logits).toThrow(/size that its header says/);
        await refusal(starter).toThrow(/no logits file/);
        const [nVocabulary, words] = [2, 6];
        const header = Buffer.from(Int32Array.of(4, nVocabulary, 1, 0, 0, 0, 0).buffer);
        const small = Buffer.concat([Buffer.from("_logits_"), header, Buffer.alloc(2 * words)]);
        writeFileSync(logits, small);
        await refusal(logits).toThrow(/2 tokens and this one has/);
    });
});

describe("collectImatrix", () => {
    it("has every weight of the layers, all rows counted, the sums of llama-imatrix", async () => {
        const entries = await model.collectImatrix(options()).done;
        expect(entries).toHaveLength(7 * model.info.nLayers);
        expect(entries.map(({ name }) => name)).toEqual(entries.map(({ name }) => name).sort());
        for (const { counts } of entries) expect([...counts]).toEqual([contextTokens * chunks]);
        for (const { name, sums } of entries) {
            const total = sums.reduce((sum, x) => sum + x, 0) / (contextTokens * chunks);
            const known = KNOWN_IMATRIX[name];
            if (known !== undefined) expect(total / known).toBeCloseTo(1, 2);
        }
        expect(entries.filter(({ name }) => name in KNOWN_IMATRIX)).toHaveLength(4);
    });

    it("is the same with two threads", async () => {
        const tokens = all.slice(0, 2 * contextTokens);
        const one = await model.collectImatrix(options({ tokens })).done;
        expect(await model.collectImatrix(options({ tokens, threads: 2 })).done).toEqual(one);
    });

    it("gives what there is on the way, when it is wanted and no more often", async () => {
        const given = async (pace: { saveEvery?: number; saveMs?: number }) => {
            const told: [number, number | undefined][] = [];
            await model.collectImatrix({ ...options(), ...pace }, (done, soFar) =>
                told.push([done, (soFar?.[0]?.counts[0] ?? 0) / contextTokens]),
            ).done;
            expect(told.map(([done]) => done)).toEqual([2, 4, 6]);
            return told.map(([, copied]) => copied);
        };
        expect(await given({ saveEvery: 3 })).toEqual([0, 4, 0]);
        expect(await given({ saveMs: 0 })).toEqual([2, 4, 0]);
        expect(await given({ saveEvery: 3, saveMs: 1e9 })).toEqual([0, 4, 0]);
        for (const pace of [{}, { saveMs: 1e9 }]) expect(await given(pace)).toEqual([0, 0, 0]);
    });
});

describe("an end that comes early", () => {
    const long = () => {
        const tokens = new Int32Array(512 * 200);
        for (let i = 0; i < tokens.length; i++) tokens[i] = all[i % all.length] ?? 0;
        return options({ tokens, contextTokens: 512 });
    };

    it.each(["collectImatrix", "scorePerplexity"] as const)("of %s: abort", async (method) => {
        let nTold = 0;
        const job = model[method](long(), () => {
            nTold++;
            job.abort();
        });
        await expect(job.done).rejects.toMatchObject({ code: "cancelled" });
        expect(nTold).toBeLessThan(10);
    });

    it("a model that is closed ends its jobs first", async () => {
        const other = await loadStarter();
        const job = other.scoreDivergence({ ...long(), reference: model });
        const ended = expect(job.done).rejects.toMatchObject({ code: "cancelled" });
        await other.close();
        await ended;
        expect(() => other.scorePerplexity(options())).toThrow(/closed/);
    });
});

describe("a model", () => {
    /** The starter model with changed bytes. */
    async function changed(change: (bytes: Buffer, dataAt: (name: string) => number) => void) {
        const bytes = readFileSync(starter);
        const read = (offset: number, length: number) =>
            Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)));
        const file = await readGguf({ size: bytes.length, read });
        change(bytes, (name) => {
            const tensor = file.tensors.find((one) => one.name === name);
            if (!tensor) throw new Error(`no tensor ${name}`);
            return file.dataOffset + tensor.offset;
        });
        const path = join(folder, "changed.gguf");
        writeFileSync(path, bytes);
        return openAddon().loadModel({ path, gpuLayers: 0 }).done;
    }

    it("that computes NaN is named as damaged, with the weight", async () => {
        // The scale of a block of Q8_0.
        const broken = await changed((bytes, dataAt) =>
            bytes.writeUInt16LE(0x7e00, dataAt("blk.1.ffn_down.weight")),
        );
        await expect(broken.scorePerplexity(options()).done).rejects.toMatchObject({
            code: "data/gguf",
            message: expect.stringContaining("damaged") as string,
        });
        await expect(broken.collectImatrix(options()).done).rejects.toMatchObject({
            code: "data/gguf",
            message: expect.stringMatching(/blk\.2\.attn_\w+\.weight/) as string,
        });
        await broken.close();
    });

    it("of another vocabulary is refused", async () => {
        const other = await changed((bytes) => {
            const at = bytes.indexOf("\u0120return");
            bytes.write("m", at + "\u0120return".length);
        });
        expect(() => model.scoreDivergence({ ...options(), reference: other })).toThrow(
            expect.objectContaining({
                code: "data/unsupported",
                message: expect.stringContaining("different vocabularies") as string,
            }),
        );
        await other.close();
    });

    it("is only what loadModel gave", () => {
        const reference = { ...model };
        expect(() => model.scoreDivergence({ ...options(), reference })).toThrow(/no model/);
    });
});
