/**
 * Files byte for byte as llama.cpp's own tools write them (test/golden/quantize): llama-quantize with and without importance matrices,
 * with overrides, from quantized files, and llama-gguf-split. In one pass from the checkpoint: quantizeOnePass.test.ts.
 */

import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quantizeFile } from "../../src/foundry/quantizeFile";
import type { ConvertResult, QuantizeParams, Via } from "../../src/protocol/worker";
import { cases, FLOATS, models, named, options, splits } from "./quantizeCases";
import { makeTempFolder, openNative, runConvert } from "./runConvert";

const QUANTIZED = ["q8_0", "q4_k_m", "q5_0", "iq4_nl"];

const temp = makeTempFolder();
afterAll(() => temp.remove());
const file = (model: string, from: string) => join(temp.path, `${model}-${from}.gguf`);

beforeAll(async () => {
    for (const [model, folder] of Object.entries(models)) {
        for (const from of FLOATS)
            await runConvert({ folder, type: from, via: from as Via, out: file(model, from) });
        for (const type of QUANTIZED)
            await quantize({ file: file(model, "f16"), type, out: file(model, type) });
    }
});

async function quantize(
    params: Omit<QuantizeParams, "overwrite">,
    signal = new AbortController().signal,
): Promise<ConvertResult> {
    const run = quantizeFile({ ...params, overwrite: true }, signal, { native: openNative() });
    for (;;) {
        const next = await run.next();
        if (next.done) return next.value;
    }
}

describe("llama-quantize", () => {
    it.each(named(cases))("%s", async (_, { model, from, type, args, sha256 }) => {
        const out = join(temp.path, "out.gguf");
        const run = async () => quantize({ file: file(model, from), type, out, ...options(args) });
        if (sha256 === undefined) await expect(run()).rejects.toThrow(/[a-z]/);
        else expect((await run()).sha256).toBe(sha256);
    });
});

describe("llama-gguf-split", () => {
    const list = splits.map(
        (one) => [`${one.model} ${one.from} ${one.args.join(" ")}`, one] as const,
    );
    it.each(list)("%s", async (_, { model, from, args, files }) => {
        const out = join(temp.path, "out.gguf");
        const { split } = options(args);
        // A converter's file has another order of tensors than a quantizer's, which COPY would make of it.
        const result = FLOATS.includes(from)
            ? await runConvert({
                  folder: models[model] ?? "",
                  type: from,
                  via: from as Via,
                  out,
                  split,
                  overwrite: true,
              })
            : await quantize({ file: file(model, from), type: "COPY", out, split });
        expect(result.files.map((one) => [basename(one.file), one.sha256])).toEqual(files);
        expect(result).toMatchObject({ file: result.files[0]?.file, sha256: files[0]?.[1] });
    });

    it("gives the whole file again when joined, and its parts can be quantized", async () => {
        const source = file("starter", "f16");
        const split = { maxTensors: 9 };
        const out = join(temp.path, "parts.gguf");
        const parts = await quantize({ file: source, type: "COPY", out, split });
        expect(parts.files).toHaveLength(6);
        const joined = await quantize({ file: parts.file, type: "COPY", out });
        const whole = await quantize({ file: source, type: "COPY", out });
        expect(joined.sha256).toBe(whole.sha256);
        const small = await quantize({ file: parts.file, type: "Q4_K_M", out });
        const reference = await quantize({ file: source, type: "Q4_K_M", out });
        expect(small.sha256).toBe(reference.sha256);
    });

    it("splits a conversion as it splits a file", async () => {
        const golden = splits.find(({ model, args }) => model === "starter" && args[1] === "3M");
        const result = await runConvert({
            folder: models["starter"] ?? "",
            type: "Q4_K_M",
            via: "f16",
            out: join(temp.path, "out.gguf"),
            overwrite: true,
            split: { maxBytes: 3e6 },
        });
        expect(result.files.map((one) => [basename(one.file), one.sha256])).toEqual(golden?.files);
    });
});
