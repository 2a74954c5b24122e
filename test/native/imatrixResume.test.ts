/** An importance matrix whose run ended early: what was kept, and that the next run writes the bytes of one that never ended. */
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeImatrix } from "../../src/lab/imatrix/run";
import type { NativeAddon, NativeModel } from "../../src/node/native";
import type { ImatrixParams, LabEvent } from "../../src/protocol/lab";
import { labText } from "../support/labText";
import { temporaryFolder } from "../support/temporaryFolder";
import { runConvert } from "../goldens/runConvert";
import { loadStarter, openAddon, starter } from "./addon";

const home = temporaryFolder("imatrix-resume");
let text: string;
beforeEach(() => {
    text = join(home(), "code.txt");
    writeFileSync(text, labText());
});

/** Of 200 tokens: two of them in a batch, and one alone in the last. */
const CONTEXT_TOKENS = 200;
const CHUNKS = 7;

const params = (out: string, more: Partial<ImatrixParams> = {}): ImatrixParams => ({
    model: starter,
    texts: [{ path: text, name: "code.txt" }],
    out: join(home(), out),
    format: "gguf",
    contextTokens: CONTEXT_TOKENS,
    chunks: CHUNKS,
    threads: 1,
    ...more,
});
/** Keeps after every batch. `endAfter`: chunks. */
function run(given: ImatrixParams, endAfter = Infinity) {
    const controller = new AbortController();
    const evaluated: number[] = [];
    const onProgress = ({ stage, done }: LabEvent) => {
        if (stage !== "evaluate") return;
        evaluated.push(done / CONTEXT_TOKENS);
        if (done >= endAfter * CONTEXT_TOKENS) controller.abort();
    };
    const work = makeImatrix(
        given,
        { native: openAddon(), signal: controller.signal, onProgress },
        { folder: join(home(), "kept"), everyMs: 0 },
    );
    return { work, evaluated };
}
const kept = () => readdirSync(join(home(), "kept"));

describe("a measurement that ended early", () => {
    it("is gone on with behind what was kept, and gives the same bytes", async () => {
        const whole = await run(params("whole.gguf")).work;
        expect(whole).toMatchObject({ nChunks: CHUNKS, resumedChunks: 0 });
        expect(kept()).toEqual([]);

        const first = run(params("second.gguf"), 4);
        await expect(first.work).rejects.toMatchObject({ code: "cancelled" });
        expect(kept()).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.sums$/)]);
        const second = run(params("second.gguf", { threads: 2 }));
        const result = await second.work;
        expect(result.resumedChunks).toBeGreaterThanOrEqual(4);
        expect(result).toMatchObject({ nChunks: CHUNKS, nTokens: CHUNKS * CONTEXT_TOKENS });
        expect(second.evaluated[0]).toBeGreaterThan(result.resumedChunks);
        expect(readFileSync(result.file).equals(readFileSync(whole.file))).toBe(true);
        expect(kept()).toEqual([]);
    });

    it("of a model with experts, each with rows of its own, too", async () => {
        const model = join(home(), "experts.gguf");
        const folder = "test/golden/conversion/mixtral";
        await runConvert({ folder, type: "F16", via: "auto", out: model });
        writeFileSync(text, "def area(width, height): return width * height\n".repeat(160));
        const of = (out: string) => params(out, { model, contextTokens: 32, chunks: 64 });
        await run(of("whole.gguf")).work;
        const early = run(of("second.gguf"), (16 * 32) / CONTEXT_TOKENS);
        await expect(early.work).rejects.toMatchObject({ code: "cancelled" });
        const second = await run(of("second.gguf")).work;
        // How many batches end before the stop arrives is not known; four of 16 chunks there are.
        expect([16, 32, 48]).toContain(second.resumedChunks);
        const [a, b] = ["whole.gguf", "second.gguf"].map((name) =>
            readFileSync(join(home(), name)),
        );
        expect(b).toEqual(a);
    });

    it("begins anew with other tokens or weights, and when what was kept is torn or old", async () => {
        const begin = async () => {
            await expect(run(params("x.gguf"), 4).work).rejects.toThrow();
            return join(home(), "kept", kept()[0] ?? "");
        };
        const path = await begin();
        for (const other of [{ chunks: CHUNKS - 1 }, { withOutput: true }] as const) {
            const { work } = run(params("other.gguf", { ...other, overwrite: true }));
            expect((await work).resumedChunks).toBe(0);
        }
        const bytes = readFileSync(path);
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
        writeFileSync(path, bytes);
        expect((await run(params("x.gguf")).work).resumedChunks).toBe(0);

        // Nobody went on with it for two weeks: the next one that ends takes it away.
        const old = (Date.now() - 15 * 24 * 60 * 60 * 1000) / 1000;
        utimesSync(await begin(), old, old);
        await run(params("other.gguf", { chunks: 3, overwrite: true })).work;
        expect(kept()).toEqual([]);
    });
});

describe("a measurement that is soon over", () => {
    it("copies no sums, and with --save-every only those that are written", async () => {
        const copied: number[] = [];
        const addon = openAddon();
        const native: NativeAddon = {
            ...addon,
            loadModel(...given) {
                const task = addon.loadModel(...given);
                const watched = (model: NativeModel): NativeModel => ({
                    ...model,
                    collectImatrix: (options, onProgress) =>
                        model.collectImatrix(options, (done, soFar) => {
                            if (soFar) copied.push(done);
                            onProgress?.(done, soFar);
                        }),
                });
                return { ...task, done: task.done.then(watched) };
            },
        };
        const { signal } = new AbortController();
        const environment = { native, signal, onProgress: () => undefined };
        const keep = { folder: join(home(), "kept"), everyMs: 1e9 };
        await makeImatrix(params("none.gguf"), environment, keep);
        expect(copied).toEqual([]);
        await makeImatrix(params("some.gguf", { saveEvery: 3 }), environment, keep);
        expect(copied).toEqual([4]);
    });
});

describe("collectImatrix from a chunk on", () => {
    let model: NativeModel;
    let tokens: Int32Array;
    beforeAll(async () => {
        model = await loadStarter();
        const all = await model.tokenizeText(labText(), { addSpecial: true }).done;
        tokens = all.slice(0, 7 * 100);
    });
    afterAll(() => model.close());

    it("is, behind every batch, what a run over all has", async () => {
        const options = { tokens, contextTokens: 100, threads: 1 };
        const told: { done: number; soFar: Parameters<typeof go>[1] }[] = [];
        const all = await model.collectImatrix({ ...options, saveEvery: 1 }, (done, soFar) => {
            if (soFar) told.push({ done, soFar });
        }).done;
        const go = (firstChunk: number, earlier: typeof all) =>
            model.collectImatrix({ ...options, firstChunk, earlier }).done;
        expect(told.map(({ done }) => done)).toEqual([5]);
        for (const { done, soFar } of told) expect(await go(done, soFar)).toEqual(all);
    });

    it("begins where a batch does, with entries of the same model", async () => {
        const options = { tokens, contextTokens: 100, threads: 1 };
        for (const firstChunk of [-5, 3, 10])
            expect(() => model.collectImatrix({ ...options, firstChunk })).toThrow(
                `No batch begins at chunk ${firstChunk}`,
            );
        const entry = { name: "blk.0.attn_q.weight", counts: Float64Array.of(500) };
        const wrong = [{ ...entry, sums: new Float32Array(3) }];
        await expect(
            model.collectImatrix({ ...options, firstChunk: 5, earlier: wrong }).done,
        ).rejects.toThrow(/two different shapes/);
        const none = [{ ...entry, sums: new Float32Array(0) }];
        expect(() => model.collectImatrix({ ...options, earlier: none })).toThrow(/no sums/);
    });
});
