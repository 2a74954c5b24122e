// Vocabularies and special tokens from made-up and broken tokenizer files.
import { describe, expect, it } from "vitest";
import { KeyValues } from "../../../src/foundry/keyValues";
import { parseMergesText, readBpe, refuseDuplicates } from "../../../src/foundry/tokenizer/bpe";
import type { TokenizerFiles } from "../../../src/foundry/tokenizer/files";
import { recognisePreTokenizer, signature } from "../../../src/foundry/tokenizer/preTokenizer";
import { protoFields } from "../../../src/foundry/tokenizer/protobuf";
import {
    addsDummyPrefix,
    parseSentencePieces,
    readSentencePiece,
} from "../../../src/foundry/tokenizer/sentencepiece";
import { findSpecialTokens, writeSpecialTokens } from "../../../src/foundry/tokenizer/special";
import { readTekken, writeTekken } from "../../../src/foundry/tokenizer/tekken";
import { isTiktoken, readTiktoken } from "../../../src/foundry/tokenizer/tiktoken";
import { isSpmJson, readSpmJson } from "../../../src/foundry/tokenizer/spmJson";
import { resolveTemplate } from "../../../src/prompt/namedTemplates";

const none: TokenizerFiles = {
    tokenizer: undefined,
    config: undefined,
    modelConfig: {},
    addedTokens: undefined,
    vocabulary: undefined,
    merges: undefined,
    vocabularyText: undefined,
    sentencePiece: undefined,
    chatTemplate: undefined,
};
const bpe = (over: object = {}, added: object[] = []): TokenizerFiles => ({
    ...none,
    tokenizer: {
        added_tokens: added,
        model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"], ...over },
    },
});

describe("BPE", () => {
    it("fills ids, pads, and tells control from user-defined tokens", () => {
        const files = bpe({}, [
            { id: 3, content: "<|end|>", special: false },
            { id: 4, content: "\u2581x", special: false },
            { id: 5, content: "hi", special: true },
        ]);
        const { tokens, types, merges } = readBpe(files, 8);
        expect(tokens).toEqual(["a", "b", "ab", "<|end|>", " x", "hi", "[PAD6]", "[PAD7]"]);
        expect([...types]).toEqual([1, 1, 1, 3, 4, 3, 5, 5]);
        expect(merges).toEqual(["a b"]);
    });

    it("marks named special tokens and appends the ones the vocabulary lacks", () => {
        const files = { ...bpe(), config: { eos_token: "b", pad_token: { content: "<pad>" } } };
        const { tokens, types } = readBpe(files, 5);
        expect(tokens).toEqual(["a", "b", "ab", "<pad>", "[PAD4]"]);
        expect([...types]).toEqual([1, 3, 1, 3, 5]);
    });

    it("reads merges as text, as pairs with spaces, and from merges.txt", () => {
        const pairs = bpe({
            merges: [
                ["a", "b"],
                [" ", "a b"],
            ],
        });
        expect(readBpe(pairs, 3).merges).toEqual(["a b", "\u0120 a\u0120b"]);
        expect(parseMergesText("#version: 0.2\r\na b\n\nodd\nb a\n")).toEqual(["a b", "b a"]);
        expect(() => readBpe(bpe({ merges: [5] }), 3)).toThrow(/unknown form/);
    });

    it.each([
        ["an id beyond the embedding", bpe({ vocab: { a: 9 } }), 5, /has only 5 rows/],
        ["a negative id", bpe({ vocab: { a: -1 } }), 5, /bad id/],
        ["a huge id", bpe({ vocab: { a: 1e12 } }), 5, /bad id/],
        ["ids as text", bpe({ vocab: { a: "0" } }), 5, /bad id/],
        ["a list as vocabulary", bpe({ vocab: ["a"] }), 5, /no vocabulary/],
        ["an absurd vocabulary size", bpe(), 1e9, /declares 1000000000 tokens/],
    ])("refuses %s", (_, files, size, message) => {
        expect(() => readBpe(files, size)).toThrow(message);
    });

    it("keeps tokens that are called like object members", () => {
        const vocab = JSON.parse('{"__proto__":0,"constructor":1,"7":2}') as object;
        expect(readBpe(bpe({ vocab, merges: [] }), 3).tokens).toEqual([
            "__proto__",
            "constructor",
            "7",
        ]);
    });

    it("says which ids are given twice, and which to no token", () => {
        expect(readBpe(bpe({ vocab: { a: 0, b: 1 }, merges: [] }), 5).warnings).toEqual([]);
        const added = (id: number, content: string) => ({ id, content, special: false });
        const twice = { ...bpe({ vocab: { a: 0, b: 1, ab: 1 }, merges: [] }) };
        expect(readBpe(twice, 2)).toMatchObject({
            tokens: ["a", "ab"],
            warnings: ['The tokenizer gives id 1 to "b" and to "ab"; the latter counts'],
        });
        const holes = bpe({ vocab: { a: 0, b: 4 }, merges: [] });
        const tokenizer = { ...holes.tokenizer, added_tokens: [added(4, "b"), added(0, "c")] };
        expect(readBpe({ ...holes, tokenizer }, 6)).toMatchObject({
            tokens: ["c", "[PAD1]", "[PAD2]", "[PAD3]", "b", "[PAD5]"],
            warnings: [
                'The tokenizer gives id 0 to "a" and to "c"; the latter counts',
                "The tokenizer has no token with id 1; it is written as unused (and 2 more such ids)",
            ],
        });
    });

    it("refuses two tokens of the same text, on which llama.cpp aborts", () => {
        expect(() => refuseDuplicates(["a", "b", "a"])).toThrow(/ids 0 and 2 the same text "a"/);
    });
});

/** Length-delimited field. */
const field = (number: number, payload: number[] | Uint8Array) =>
    new Uint8Array([number * 8 + 2, payload.length, ...payload]);
const piece = (text: string, score: number, type?: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, score, true);
    return field(1, [
        ...field(1, new TextEncoder().encode(text)),
        (2 << 3) | 5,
        ...bytes,
        ...(type === undefined ? [] : [3 << 3, type]),
    ]);
};

describe("SentencePiece", () => {
    const model = new Uint8Array([
        ...piece("<unk>", 0, 2),
        ...piece("<s>", 0, 3),
        ...piece("<0x0A>", 0, 6),
        ...piece("mine", -1, 4),
        ...piece("\u2581a", -2.5),
        ...field(2, [0x18, 0x02]),
    ]);

    it("reads pieces with score and type", () => {
        expect(parseSentencePieces(model)).toEqual([
            { text: "<unk>", score: 0, type: 2 },
            { text: "<s>", score: 0, type: 3 },
            { text: "<0x0A>", score: 0, type: 6 },
            { text: "mine", score: -1, type: 4 },
            { text: "\u2581a", score: -2.5, type: 1 },
        ]);
    });

    it("puts added tokens over pieces and pads to the embedding", () => {
        const files = {
            ...none,
            sentencePiece: model,
            addedTokens: { "<add>": 5, "<far>": 99 },
            config: { added_tokens_decoder: { "0": { content: "<unk>", special: true } } },
        };
        const { tokens, scores, types } = readSentencePiece(files, 7);
        expect(tokens.slice(4)).toEqual(["\u2581a", "<add>", "[PAD6]"]);
        expect([...types]).toEqual([3, 3, 6, 1, 1, 4, 5]);
        expect([...scores]).toEqual([-1000, 0, 0, -1, -2.5, -1000, -10000]);
    });

    it("follows the habits of InternLM2 and of ChatGLM", () => {
        const unusual = new Uint8Array([
            ...piece("\0", 0, 2),
            ...piece("[UNUSED_TOKEN_1]", -1),
            ...piece("x", -2),
        ]);
        const config = { added_tokens_decoder: { "2": { content: "<|a|>", special: false } } };
        const files = { ...none, sentencePiece: unusual, config, addedTokens: { "<b>": 0 } };
        const intern = readSentencePiece(files, 3, {
            addedTokens: "as-marked",
            unusedPrefix: "[UNUSED",
            nul: "D",
            appendAdded: true,
        });
        expect(intern.tokens).toEqual(["D", "[UNUSED_TOKEN_1]", "<|a|>", "<b>"]);
        expect([...intern.types]).toEqual([2, 5, 4, 4]);
        expect([...intern.scores]).toEqual([0, -1, -1000, -1000]);
        const glm = readSentencePiece({ ...none, sentencePiece: unusual, config }, 6, {
            addedTokens: "none",
            firstTexts: ["<unk>", "<bos>"],
            afterPieces: () => ["[MASK]", "sop"],
            padScore: 0,
        });
        expect(glm.tokens).toEqual(["<unk>", "<bos>", "x", "[MASK]", "sop", "[PAD5]"]);
        expect([...glm.types]).toEqual([2, 1, 1, 3, 3, 5]);
        expect([...glm.scores]).toEqual([0, -1, -2, 0, 0, 0]);
    });

    it("knows whether a space is put before a text", () => {
        expect(addsDummyPrefix(model)).toBe(true);
        expect(addsDummyPrefix(new Uint8Array([...model, ...field(3, [0x18, 0])]))).toBe(false);
        expect(addsDummyPrefix(new Uint8Array([...model, ...field(3, [0x18, 1])]))).toBe(true);
    });

    it.each([
        ["nothing", []],
        ["a Git LFS pointer", [...new TextEncoder().encode("version https://git-lfs")]],
        ["a length past the end", [0x0a, 0x7f, 0x01]],
        ["a varint without end", Array.from({ length: 12 }, () => 0xff)],
        ["a length of 2^63", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
        ["a group", [0x0b]],
        ["field zero", [0x02, 0x00]],
    ])("refuses %s", (_, bytes) => {
        expect(() => parseSentencePieces(new Uint8Array(bytes))).toThrow(/tokenizer\.model/);
    });

    it("survives any bytes", () => {
        let seed = 7;
        for (let round = 0; round < 2000; round++) {
            const bytes = Uint8Array.from({ length: 40 }, () => {
                seed = (seed * 1103515245 + 12345) % 2 ** 31;
                return seed >> 8;
            });
            try {
                for (const { bytes: inner } of protoFields(bytes))
                    expect(inner.length).toBeLessThanOrEqual(40);
            } catch (error) {
                expect(error).toMatchObject({ code: "data/tokenizer" });
            }
        }
    });
});

describe("byte-fallback BPE without tokenizer.model", () => {
    const files: TokenizerFiles = {
        ...none,
        config: { eos_token: "</s>" },
        tokenizer: {
            decoder: { type: "Sequence" },
            added_tokens: [{ id: 6, content: "<extra>", special: false }],
            model: {
                type: "BPE",
                byte_fallback: true,
                vocab: { "</s>": 0, "<0x0A>": 1, a: 2, b: 3, ab: 4, bab: 5 },
                merges: ["a b", ["b", "ab"]],
            },
        },
    };

    it("ranks tokens by the merge that makes them", () => {
        expect(isSpmJson(files)).toBe(true);
        const { tokens, scores, types } = readSpmJson(files, "merge-rank");
        expect(tokens).toEqual(["</s>", "<0x0A>", "a", "b", "ab", "bab", "<extra>"]);
        expect([...types]).toEqual([3, 6, 1, 1, 1, 1, 4]);
        expect([...scores]).toEqual([-1000, 0, -4, -5, -0, -1, -1000]);
    });

    it("gives the reference's scores on request", () => {
        expect(new Set(readSpmJson(files, "reference").scores)).toEqual(new Set([-1000]));
    });
});

describe("special tokens", () => {
    const template = (single: unknown[], pair: unknown[] = []) => ({
        post_processor: { type: "TemplateProcessing", single, pair },
    });
    const special = (id: string) => ({ SpecialToken: { id } });
    const sequence = (id: string) => ({ Sequence: { id } });
    const keysOf = (files: Partial<TokenizerFiles>, nVocabulary?: number) => {
        const keys = new KeyValues();
        writeSpecialTokens(keys, findSpecialTokens({ ...none, ...files }, nVocabulary));
        return Object.fromEntries(
            keys.entries().map(([key, { value }]) => [key.replace("tokenizer.", ""), value]),
        );
    };

    it("takes the first that sets an id and leaves out bad ones", () => {
        const added = [{ id: 7, content: "</s>" }];
        expect(
            keysOf(
                {
                    tokenizer: { added_tokens: added },
                    config: { eos_token: "</s>", add_bos_token: true },
                    modelConfig: {
                        bos_token_id: 1,
                        eos_token_id: 2,
                        pad_token_id: -1,
                        unk_token_id: 99,
                    },
                },
                50,
            ),
        ).toEqual({ "ggml.eos_token_id": 7, "ggml.bos_token_id": 1, "ggml.add_bos_token": true });
    });

    it("reads add_bos, add_sep and add_eos from the template", () => {
        expect(
            keysOf({
                config: { bos_token: "<s>", eos_token: "</s>" },
                tokenizer: template(
                    [special("<s>"), sequence("A")],
                    [special("<s>"), sequence("A"), special("<s>"), sequence("B")],
                ),
            }),
        ).toEqual({ "ggml.add_bos_token": true, "ggml.add_sep_token": false });
    });

    it("makes the old end token the end of turn when the template ends with another", () => {
        expect(
            keysOf({
                config: { bos_token: "<s>", eos_token: "</s>" },
                tokenizer: {
                    ...template([sequence("A"), special("<end>")]),
                    added_tokens: [
                        { id: 2, content: "</s>" },
                        { id: 3, content: "<end>" },
                    ],
                },
            }),
        ).toEqual({
            "ggml.eos_token_id": 3,
            "ggml.eot_token_id": 2,
            "ggml.add_eos_token": true,
        });
    });

    it("writes named chat templates before the default one", () => {
        const named = [
            { name: "default", template: "D" },
            { name: "tool use", template: "T" },
        ];
        expect(Object.entries(keysOf({ config: { chat_template: named } }))).toEqual([
            ["chat_template.tool_use", "T"],
            ["chat_templates", ["tool_use"]],
            ["chat_template", "D"],
        ]);
        expect(keysOf({ config: {}, chatTemplate: "J" })).toEqual({ chat_template: "J" });
        expect(keysOf({ config: { chat_template: null }, chatTemplate: "J" })).toEqual({});
        expect(keysOf({ chatTemplate: "J" })).toEqual({});
    });

    it("survives post-processors of any form", () => {
        for (const post of [
            null,
            5,
            [],
            {},
            { type: "TemplateProcessing", single: "x", pair: [1] },
        ])
            expect(keysOf({ tokenizer: { post_processor: post }, config: {} })).toEqual({});
    });
});

describe("pre-tokenizer", () => {
    const split = (regex: string) => ({
        type: "Split",
        pattern: { Regex: regex },
        behavior: "Isolated",
    });

    it("takes an override that llama.cpp knows and refuses others", () => {
        expect(recognisePreTokenizer(bpe(), "qwen2")).toEqual({ name: "qwen2", by: "override" });
        expect(() => recognisePreTokenizer(bpe(), "my-own")).toThrow(/no pre-tokenizer "my-own"/);
    });

    it("refuses what it does not know and names the way out", () => {
        const files = bpe();
        const tokenizer = { ...files.tokenizer, pre_tokenizer: split("[a-z]+") };
        expect(() => recognisePreTokenizer({ ...files, tokenizer }, undefined)).toThrow(
            /--pre NAME/,
        );
    });

    it("describes nested steps and ends on absurd nesting", () => {
        const nested = (depth: number): object =>
            depth === 0 ? split("x") : { type: "Sequence", pretokenizers: [nested(depth - 1)] };
        expect(signature({ pre_tokenizer: nested(3) })).toBe("split(x)");
        expect(signature({ pre_tokenizer: nested(1000) })).toBe("");
        expect(signature(undefined)).toBe("");
    });
});

describe("lists of byte tokens", () => {
    const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    const vocabulary = [...bytes, "ab", "abc", "bc", "\xc3\xa9"];
    const tekken = (over: object = {}, texts: string[] = vocabulary) => ({
        config: {
            default_vocab_size: 4 + texts.length,
            default_num_special_tokens: 4,
            version: "v7",
            ...over,
        },
        vocab: texts.map((text, rank) => ({ rank, token_bytes: base64(text) })),
    });

    it("tekken: special tokens, bytes, and every way to make a token", () => {
        const { tokens, merges, nSpecial, version } = readTekken(tekken());
        expect(tokens.slice(0, 4)).toEqual(["<unk>", "<s>", "</s>", "[INST]"]);
        expect([nSpecial, version, tokens.length]).toEqual([4, "v7", 264]);
        expect(tokens[4]).toBe("\u0100");
        expect(tokens.slice(260)).toEqual(["ab", "abc", "bc", "\u00c3\u00a9"]);
        expect(merges).toEqual(["a b", "a bc", "ab c", "b c", "\u00c3 \u00a9"]);
    });

    it("tekken: named special tokens, and fillers", () => {
        const special_tokens = [
            { rank: 1, token_str: "<s>", is_control: true },
            { rank: 99, token_str: "x", is_control: true },
        ];
        expect(readTekken({ ...tekken(), special_tokens }).tokens.slice(0, 3)).toEqual([
            "<SPECIAL_0>",
            "<s>",
            "<SPECIAL_2>",
        ]);
    });

    it.each([
        ["nothing", {}],
        ["too few tokens", tekken({ default_vocab_size: 999 })],
        ["an impossible size", tekken({ default_vocab_size: 2 ** 40 })],
        ["more special tokens than tokens", tekken({ default_num_special_tokens: 2000 })],
        ["a token twice", tekken({}, [...vocabulary, "ab"])],
        ["a token that nothing makes", tekken({}, [...vocabulary.slice(0, 256), "abcd"])],
        ["an empty token", tekken({}, [...vocabulary, ""])],
    ])("tekken with %s is refused", (_, file) => {
        expect(() => readTekken(file)).toThrow(/tekken.json/);
    });

    it.each(["v1", "v3", "v7", "v13"])(
        "tekken %s names a chat template that is known",
        (version) => {
            const keys = new KeyValues();
            writeTekken(keys, { ...none, tekken: tekken({ version }) }, "llama");
            const named = keys.get("tokenizer.chat_template")?.value;
            expect(resolveTemplate(named as string)).toContain("[INST]");
        },
    );

    it("tiktoken: ranks, added tokens, the merge that is used", () => {
        const lines = vocabulary.map((text, rank) => `${base64(text)} ${rank}`);
        const sentencePiece = Buffer.from(lines.join("\n"));
        const config = { added_tokens_decoder: { 260: { content: "<|user|>", special: true } } };
        expect(isTiktoken(sentencePiece)).toBe(true);
        const { tokens, types, merges } = readTiktoken({ ...none, sentencePiece, config }, 262);
        expect(tokens.slice(256)).toEqual([
            "ab",
            "abc",
            "bc",
            "\u00c3\u00a9",
            "<|user|>",
            "[PAD261]",
        ]);
        expect([...types.slice(259)]).toEqual([1, 3, 5]);
        expect(merges).toEqual(["a b", "ab c", "b c", "\u00c3 \u00a9"]);
        expect(() => readTiktoken({ ...none, sentencePiece, config }, 200)).toThrow(/200 rows/);
        const broken = Buffer.concat([sentencePiece, Buffer.from("\n?? 1")]);
        expect(() => readTiktoken({ ...none, sentencePiece: broken }, undefined)).toThrow(
            /tiktoken/,
        );
        expect(isTiktoken(Buffer.from([10, 14, 10, 5]))).toBe(false);
    });
});
