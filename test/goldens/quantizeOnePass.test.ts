// The same files as in quantize.test.ts, made in one pass from the checkpoint: no file between.
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Via } from "../../src/protocol/worker";
import { cases, FLOATS, models, named, options } from "./quantizeCases";
import { makeTempFolder, runConvert } from "./runConvert";

const temp = makeTempFolder();
afterAll(() => temp.remove());

describe("in one pass from the checkpoint", () => {
    const fromFloats = cases.filter(
        ({ from, type, sha256 }) => FLOATS.includes(from) && type !== "COPY" && sha256,
    );
    it.each(named(fromFloats))("%s", async (_, { model, from, type, args, sha256 }) => {
        const out = join(temp.path, "out.gguf");
        const { recipe } = options(args);
        const folder = models[model] ?? "";
        const result = await runConvert(
            { folder, type, via: from as Via, out, recipe, overwrite: true },
            { layout: "quantizer" },
        );
        expect(result.sha256).toBe(sha256);
    });
});
