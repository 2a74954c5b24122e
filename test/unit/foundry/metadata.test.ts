// Model card, names and sizes: the facts that become general.* keys.
import { describe, expect, it } from "vitest";
import { parseModelCard } from "../../../src/foundry/frontMatter";
import { idToTitle, sizeLabel, splitModelId } from "../../../src/foundry/modelId";

const card = (yaml: string) => Object.fromEntries(parseModelCard(`---\n${yaml}\n---\n# Title\n`));

describe("front matter", () => {
    it("reads scalars, lists, flow lists, quotes and comments", () => {
        expect(
            card(
                [
                    "license: apache-2.0 # free",
                    'license_name: "My: licence"',
                    "language:",
                    "- en",
                    "- no",
                    "- 'de'",
                    "tags: [code, \"a, b\", 'c']",
                    "base_model:",
                    "  - Qwen/Qwen2.5-Coder-0.5B",
                    "# comment",
                    "pipeline_tag: text-generation",
                ].join("\n"),
            ),
        ).toEqual({
            license: "apache-2.0",
            license_name: "My: licence",
            language: ["en", "no", "de"],
            tags: ["code", "a, b", "c"],
            base_model: ["Qwen/Qwen2.5-Coder-0.5B"],
            pipeline_tag: "text-generation",
        });
    });

    it("reads lists of mappings, tabs as two spaces, and block text", () => {
        expect(
            card("base_model:\n-\tname: A\n\trepo_url: https://x/y\ndescription: >-\n  one\n  two"),
        ).toEqual({
            base_model: [{ name: "A", repo_url: "https://x/y" }],
            description: "one two",
        });
    });

    it("skips what it does not need and what is not front matter", () => {
        expect(
            card("model-index:\n- name: x\n  results:\n  - task: {}\nlicense: mit\nwidget: *a"),
        ).toMatchObject({ license: "mit" });
        expect(parseModelCard("# no front matter\nlicense: mit").size).toBe(0);
        expect(parseModelCard("").size).toBe(0);
        expect(card("license: null\nlicense_link: ~\nauthor:")).toEqual({});
    });

    it("ends on a card of one endless line", () => {
        expect(card(`license: ${"[".repeat(100_000)}`)["license"]).toEqual(["[".repeat(99_999)]);
    });
});

describe("model ids", () => {
    // Values from the reference's own function (gguf-py/gguf/metadata.py, get_model_id_components).
    it.each([
        ["Mistral-7B-Instruct-v0.2", 7.2e9, ["Mistral", "Instruct", "v0.2", "7B"]],
        ["meta-llama/Llama-2-7b-hf", 788_000, ["Llama-2", "7b-hf", undefined, undefined]],
        ["Qwen2.5-Coder-0.5B", 494e6, ["Qwen2.5-Coder", undefined, undefined, "0.5B"]],
        ["bloom-7b1", 7.07e9, ["bloom", undefined, undefined, "7.1B"]],
        ["Mixtral-8x7B-v0.1", 46.7e9, ["Mixtral", undefined, "v0.1", "8x7B"]],
        ["Phi-3-mini-4k-instruct", 3.8e9, ["Phi-3", "4k-instruct", undefined, "mini"]],
        ["gpt2", 1e8, [undefined, undefined, undefined, undefined]],
        ["my model 7B", 7e9, [undefined, undefined, undefined, undefined]],
    ])("%s", (id, nParameters, [basename, finetune, version, size]) => {
        const parts = splitModelId(id, nParameters);
        expect([parts.basename, parts.finetune, parts.version, parts.sizeLabel]).toEqual([
            basename,
            finetune,
            version,
            size,
        ]);
    });

    it("makes titles", () => {
        expect(idToTitle("qwen2.5-coder-0.5b-instruct-v1.2")).toBe(
            "Qwen2.5 Coder 0.5b Instruct v1.2",
        );
        expect(idToTitle("DeepSeek-R1-distill-qwen2x")).toBe("DeepSeek R1 Distill Qwen2X");
    });

    it.each([
        [494_032_768, "494M"],
        [1_543_714_304, "1.5B"],
        [7_241_732_096, "7.2B"],
        [808_960, "809K"],
        [43_040, "43K"],
        [500_000, "500K"],
        [950, "1.0K"],
        [1e12 + 5e11, "1.5T"],
        [12_500_000, "12M"],
    ])("labels %d parameters %s", (total, label) => {
        expect(sizeLabel({ total, shared: total, perExpert: 0, nExperts: 0 })).toBe(label);
    });

    it("labels a mixture of experts", () => {
        expect(sizeLabel({ total: 47e9, shared: 1.6e9, perExpert: 5.6e9, nExperts: 8 })).toBe(
            "8x7.2B",
        );
    });
});
