// The self-test of the written file's tokenizer: llama.cpp's ids are the recorded ones, and as many probes are equal as were with transformers.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { FAMILIES } from "../../src/foundry/family/registry";
import { checkTokenizer, expectTokens } from "../../src/foundry/selfTest";
import { readTokenizerFiles } from "../../src/foundry/tokenizer/files";
import { describeTokenizerCheck } from "../../src/protocol/tokenizerCheck";
import { listGoldens } from "./golden";
import { isOurs } from "./ours";
import { makeTempFolder, matching, openNative, runConvert } from "./runConvert";

/** In these vocabularies runs of blanks end at four; llama.cpp joins five by score, transformers by rank. Real ones have longer runs. */
const SHORT_RUNS = /^(codegemma|gemma|small-gemma)/;
const FIVE_BLANKS = "a  b   c    d     e";

describe("tokenizer self-test", () => {
    const temp = makeTempFolder();
    afterAll(() => temp.remove());
    const cases = listGoldens(
        (golden, folder) => isOurs(golden, folder, FAMILIES) && golden.tokenize !== undefined,
    );

    it.each(cases.map((item) => [item.golden.name, item] as const))("%s", async (name, item) => {
        const { golden, folder } = item;
        // The one with control tokens was recorded with them as plain text, which the JavaScript tokenizer cannot do.
        const kept = golden.tokenize!.probes.map((text) => !text.includes("<|im_start|>"));
        const [probes, llama_cpp, transformers] = [
            golden.tokenize!.probes.filter((_, i) => kept[i]),
            golden.tokenize!.llama_cpp.filter((_, i) => kept[i]),
            (golden.tokenize!.transformers ?? golden.tokenize!.llama_cpp).filter((_, i) => kept[i]),
        ];
        const out = join(temp.path, "out.gguf");
        const result = await runConvert({
            folder,
            type: "BF16",
            via: "auto",
            out,
            overwrite: true,
            pre: golden.pre_forced ?? undefined,
            reference: true,
        });
        const native = openNative();
        const model = await native.loadModel({ path: out, gpuLayers: 0, vocabOnly: true }).done;
        expect(probes.map((text) => model.tokenize(text))).toEqual(llama_cpp);
        await model.close();
        const files = await readTokenizerFiles(await openFolder(folder), {});
        const expected = expectTokens(files, probes);
        const { signal } = new AbortController();
        const check = await checkTokenizer({ expected, file: out, native, signal });
        if (!existsSync(join(folder, "tokenizer.json"))) {
            expect(check.skipped).toMatch(/no tokenizer\.json/);
            return;
        }
        const equal = probes.filter(
            (_, i) => String(llama_cpp[i]) === String(transformers[i]),
        ).length;
        expect(check).toMatchObject({ nProbes: probes.length, nEqual: equal });
        expect(check.nEqual + check.nKnown).toBe(probes.length);
        expect(check.different).toEqual([]);
        const whole = result.tokenizer!;
        // The reference's scores make the merges arbitrary; see the test below.
        if (name === "spm-json-only") return;
        const different = SHORT_RUNS.test(name) ? [FIVE_BLANKS] : [];
        expect(whole).toMatchObject({ different, nProbes: 24 });
        expect(whole.nEqual + whole.nKnown).toBe(24 - different.length);
    });

    const [onlyJson] = listGoldens((golden) => golden.name === "spm-json-only");
    it.skipIf(!onlyJson)("shows what the reference's scores break", async () => {
        const params = {
            folder: onlyJson!.folder,
            type: "BF16",
            via: "auto",
            overwrite: true,
        } as const;
        const out = join(temp.path, "scores.gguf");
        const ours = await runConvert({ ...params, out });
        expect(ours.tokenizer).toMatchObject({ nProbes: 24, nEqual: 24 });
        const reference = await runConvert({ ...params, out, reference: true });
        expect(reference.tokenizer!.nEqual).toBeLessThan(24);
        expect(reference.warnings).toContainEqual(matching(/the score -1000, as from llama\.cpp/));
        expect(ours.warnings).toEqual([]);
        expect(describeTokenizerCheck(reference.tokenizer!)).toMatch(
            /^tokenizer: \d+ of 24 probes equal; \d+ different, such as "/,
        );
    });
});
