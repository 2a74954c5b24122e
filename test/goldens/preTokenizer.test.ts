// Without being told, a pre-tokenizer is found that llama.cpp treats as it treats the golden's. Hashes cannot match: the vocabularies are cut.
import { describe, expect, it } from "vitest";
import { openFolder } from "../../src/foundry/checkpoint/source";
import { readJson } from "../../src/foundry/checkpoint/source";
import { readTokenizerFiles } from "../../src/foundry/tokenizer/files";
import { recognisePreTokenizer } from "../../src/foundry/tokenizer/preTokenizer";
import { listGoldens } from "./golden";

/** Names with the same regular expressions in llama.cpp v0.5.0 (src/llama-vocab.cpp). */
const ALIKE = [
    ["qwen2", "stablelm2"],
    ["llama-bpe", "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"],
    ["starcoder", "refact", "command-r", "smollm", "codeshell"],
    ["gpt-2", "mpt", "olmo", "phi-2"],
    // The golden of DeepSeek-V3 carries the tokenizer of DeepSeek-LLM.
    ["deepseek-llm", "deepseek-v3"],
];

describe("pre-tokenizers", () => {
    const cases = listGoldens((golden) => golden.pre_forced !== null && golden.kind === "model");

    it.each(cases.map((item) => [item.golden.name, item] as const))("%s", async (_, item) => {
        const source = await openFolder(item.folder);
        const files = await readTokenizerFiles(source, (await readJson(source, "config.json"))!);
        const { name } = recognisePreTokenizer(files, undefined);
        const forced = item.golden.pre_forced ?? "";
        const group = ALIKE.find((names) => names.includes(forced)) ?? [forced];
        expect(group).toContain(name);
    });
});
