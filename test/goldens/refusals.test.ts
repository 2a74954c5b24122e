// Checkpoints that cannot be converted: one sentence that says why, and no file. Some of these the reference converts wrongly.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listGoldens } from "./golden";
import { makeTempFolder, matching, runConvert } from "./runConvert";

const REFUSED: Record<string, [label: string, code: string, message: RegExp]> = {
    "missing-shard": ["f16", "data/checkpoint", /model-00002-of-00002\.safetensors is missing/],
    "no-tokenizer": ["f16", "data/tokenizer", /has no tokenizer/],
    "unknown-tensor": ["f16", "data/unsupported", /no place for v_head\.summary\.weight/],
    "unsupported-arch": ["f16", "data/architecture", /cannot convert CodeGenForCausalLM/],
    "added-token-beyond-vocab-bpe": ["f16", "data/tokenizer", /the model has only \d+ rows/],
    "f16-overflow": [
        "f16",
        "data/checkpoint",
        /16-bit floats cannot hold; convert with --type BF16/,
    ],
};

describe("refusals", () => {
    const temp = makeTempFolder();
    afterAll(() => temp.remove());
    const cases = listGoldens((golden) => golden.name in REFUSED);

    it("finds its cases", () => {
        expect(cases.map(({ golden }) => golden.name).sort()).toEqual(Object.keys(REFUSED).sort());
    });

    it.each(cases.map((item) => [item.golden.name, item] as const))("%s", async (name, item) => {
        const [type, code, message] = REFUSED[name]!;
        const out = join(temp.path, `${name}.gguf`);
        const error: unknown = await runConvert({
            folder: item.folder,
            type,
            via: "auto",
            out,
            pre: item.golden.pre_forced ?? undefined,
        }).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code, message: matching(message) });
        expect(existsSync(out)).toBe(false);
        expect(readdirSync(temp.path)).toEqual([]);
    });

    it("advises the bf16 route when values do not fit the f16 route", async () => {
        const item = cases.find(({ golden }) => golden.name === "f16-overflow")!;
        const out = join(temp.path, "route.gguf");
        const params = { folder: item.folder, type: "Q4_K_M", out, pre: "qwen2" };
        await expect(runConvert({ ...params, via: "f16" })).rejects.toThrow(/--via bf16/);
        await expect(runConvert({ ...params, via: "bf16" })).resolves.toMatchObject({
            type: "Q4_K_M",
        });
    });
});
