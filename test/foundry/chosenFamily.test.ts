// A checkpoint of an unknown architecture: refused with the families that are near, converted with the one that a person names.
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listFamilies } from "../../src/foundry/chooseFamily";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { planConversion } from "../../src/foundry/pipeline";
import { makeTempFolder, matching, readFile, runConvert } from "../goldens/runConvert";

const GOLDENS = "test/golden/conversion";
let temp: ReturnType<typeof makeTempFolder>;
let out: string;
beforeEach(() => {
    temp = makeTempFolder();
    out = join(temp.path, "out.gguf");
});
afterEach(() => temp.remove());

/** A copy whose config.json says other things. */
function changed(from: string, over: object, name = "changed"): string {
    const folder = join(temp.path, name);
    cpSync(from, folder, { recursive: true });
    const path = join(folder, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...config, ...over }));
    return folder;
}

const renamed = (from: string) => changed(from, { architectures: ["FooForCausalLM"] });
const failure = async (folder: string, family?: string) =>
    runConvert({ folder, type: "F16", via: "auto", out, family, pre: "qwen2" }).then(
        () => undefined,
        (error: unknown) => error,
    );

describe("a family chosen by hand", () => {
    it.each([
        ["small-qwen3", "qwen3"],
        ["small-gemma2", "gemma2"],
        ["mixtral", "llama"],
        ["small-olmoe", "OlmoeForCausalLM"],
    ])("makes of a renamed %s the tensors of the %s family", async (golden, family) => {
        const from = join(GOLDENS, golden);
        const request = { type: "F16", via: "auto", pre: "qwen2" } as const;
        const reference = join(temp.path, "reference.gguf");
        await runConvert({ ...request, folder: from, out: reference });
        const result = await runConvert({ ...request, folder: renamed(from), out, family });
        expect((await readFile(out)).tensors).toEqual((await readFile(reference)).tensors);
        expect(result.warnings).toContainEqual(matching(/chosen by hand for FooForCausalLM;/));
    });

    it("needs no architecture, and no model type when config.json says everything", async () => {
        const nothing = { architectures: undefined, model_type: "foo" };
        const folder = changed("models/starter", nothing);
        const reference = join(temp.path, "reference.gguf");
        const request = { type: "Q8_0", via: "auto" } as const;
        await runConvert({ ...request, folder: "models/starter", out: reference });
        await runConvert({ ...request, folder, out, family: "qwen2" });
        expect((await readFile(out)).tensors).toEqual((await readFile(reference)).tensors);
    });

    it("is told apart from an architecture's own", async () => {
        const source = await openFolder("models/starter");
        const own = await planConversion(source, undefined, { family: "qwen2" });
        expect(own.warnings).toEqual([]);
        const other = await planConversion(source, undefined, { family: "llama" });
        expect(other.architecture).toBe("llama");
        expect(other.warnings).toEqual([
            matching(/llama was chosen by hand .* has rules of its own \(qwen2\)/),
        ]);
    });

    it.each([
        ["gpt2", /The gpt2 family has no place for /],
        ["internlm2", /The internlm2 family has no place for /],
    ])("is refused when the tensors do not fit: %s", async (family, message) => {
        const error = await failure(renamed(join(GOLDENS, "small-qwen3")), family);
        expect(error).toMatchObject({ code: "data/unsupported", message: matching(message) });
        expect(existsSync(out)).toBe(false);
    });

    it("is refused when config.json lacks what llama.cpp needs", async () => {
        const over = { architectures: ["FooForCausalLM"], model_type: "foo" };
        const error = await failure(changed(join(GOLDENS, "small-qwen3"), over), "qwen3");
        expect(error).toMatchObject({ code: "data/checkpoint" });
        expect(existsSync(out)).toBe(false);
    });

    it("must be one of those that there are", async () => {
        expect(await failure("models/starter", "qwen99")).toMatchObject({
            code: "user/usage",
            message: matching(
                /^There is no family qwen99; the families are qwen2, .*, nomic-bert$/,
            ),
        });
    });
});

describe("an unknown architecture", () => {
    it("is refused with the families whose tensors are called alike", async () => {
        expect(await failure(renamed(join(GOLDENS, "small-qwen3")))).toMatchObject({
            code: "data/architecture",
            message: matching(
                /cannot convert FooForCausalLM models yet: it has no rules for them, but the tensors are called as in .*qwen3.*; if .*, add --as \w+$/,
            ),
        });
    });

    it("with a name like a family's is nearest to that one", async () => {
        const over = { architectures: ["Qwen3NovelForCausalLM"] };
        const folder = changed(join(GOLDENS, "small-qwen3"), over);
        const [first] = await listFamilies(await openFolder(folder));
        expect(first).toMatchObject({ id: "qwen3", nUnplaced: 0 });
    });

    it("is refused with the tensors that the nearest families have no place for", async () => {
        expect(await failure(renamed(join(GOLDENS, "unknown-tensor")))).toMatchObject({
            code: "data/architecture",
            message: matching(
                /has no place for 1 of \d+ \(such as v_head\.summary\.weight\).*; --as FAMILY/,
            ),
        });
    });

    it("without weights is refused as well", async () => {
        const folder = join(temp.path, "bare");
        cpSync(renamed("models/starter"), folder, {
            recursive: true,
            filter: (path) => !path.endsWith(".safetensors"),
        });
        expect(await failure(folder)).toMatchObject({
            code: "data/architecture",
            message: matching(/no weights to compare; --as FAMILY takes the rules of qwen2, /),
        });
    });
});
