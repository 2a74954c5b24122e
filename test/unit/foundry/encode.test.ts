// Cut-down BPE models give the ids of whole ones: on merges by rank, on names outside the texts, on what must not be cut.
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { runnerFor } from "../../../src/foundry/tokenizer/encode";

const PIECES = ["a", "b", "c", "d", "e", "__proto__", "<s>", "<unk>", "<0xC3>", "<0xA9>"];
const MERGES = ["d e", "b c", "a b", "ab c", "a bc", "abc d", "x y", "e e", "de ab"];

function tokenizer(model: object = {}, more: object = {}) {
    const merged = MERGES.map((merge) => merge.replace(" ", ""));
    const vocab = Object.fromEntries([...PIECES, ...new Set(merged)].map((text, i) => [text, i]));
    return {
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: null,
        post_processor: null,
        decoder: null,
        ...more,
        model: { type: "BPE", vocab, merges: MERGES, unk_token: "<unk>", ...model },
    };
}

const TEXTS = ["abcde", "aabbcc", "deabcd", "", "é", "zz"];

const vocabularyOf = (runner: Tokenizer) => runner.get_vocab().size;

describe("a runner for some texts", () => {
    it.each([
        ["merges as texts", {}, {}],
        ["merges as pairs", { merges: MERGES.map((merge) => merge.split(" ")) }, {}],
        ["byte fallback", { byte_fallback: true }, {}],
        ["whole words first", { ignore_merges: true }, {}],
        ["a normalizer", {}, { normalizer: { type: "Lowercase" } }],
        [
            "an added token",
            {},
            { added_tokens: [{ id: 90, content: "bb", special: true, normalized: false }] },
        ],
    ])("gives the same ids: %s", (_, model, more) => {
        const json = tokenizer(model, more);
        const whole = new Tokenizer(json, {});
        const runner = runnerFor(json, {}, TEXTS);
        for (const text of TEXTS)
            expect([text, runner.encode(text).ids]).toEqual([text, whole.encode(text).ids]);
    });

    it("holds only what the texts can contain", () => {
        const whole = new Tokenizer(tokenizer(), {});
        const runner = runnerFor(tokenizer(), {}, ["de"]);
        expect(runner.encode("de").ids).toEqual(whole.encode("de").ids);
        // Gaps of the list count as one text that is undefined.
        const held = [...runner.get_vocab().keys()].filter((text: unknown) => text !== undefined);
        expect(held).toEqual(["d", "e", "<unk>", "<0xC3>", "<0xA9>", "de"]);
    });

    it("knows the names it is asked for, and those of the post-processor", () => {
        const post_processor = {
            type: "TemplateProcessing",
            single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A" } }],
            pair: [],
            special_tokens: { "<s>": { id: "<s>", ids: [6], tokens: ["<s>"] } },
        };
        const json = tokenizer({}, { post_processor });
        const runner = runnerFor(json, {}, ["d"], [{ content: "__proto__" }]);
        expect(runner.token_to_id("__proto__")).toBe(PIECES.indexOf("__proto__"));
        expect(runner.encode("d").ids).toEqual([PIECES.indexOf("<s>"), PIECES.indexOf("d")]);
    });

    it.each([
        ["affixes", { end_of_word_suffix: "</w>" }, ["de"]],
        ["a very long word", {}, ["de".repeat(200)]],
    ])("is whole with %s", (_, model, texts) => {
        const json = tokenizer(model);
        expect(vocabularyOf(runnerFor(json, {}, texts))).toBe(
            vocabularyOf(new Tokenizer(json, {})),
        );
    });
});
