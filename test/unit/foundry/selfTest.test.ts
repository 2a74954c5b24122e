// The tokenizer's self-test: counts, known differences, and every reason not to compare; it never throws.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/foundry/checkpoint/source";
import { checkTokenizer, expectTokens, PROBES } from "../../../src/foundry/selfTest";
import type { NativeAddon } from "../../../src/node/native";
import { describeTokenizerCheck } from "../../../src/protocol/tokenizerCheck";

/** Knows single letters; everything else is unknown. */
const tokenizer = (more: object = {}) => ({
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"], unk_token: null },
    ...more,
});

/** Gives fixed ids for texts. */
function native(ids: Record<string, number[]>, loads = true): NativeAddon {
    const model = {
        tokenize: (text: string) => ids[text] ?? [],
        close: async () => undefined,
    };
    const loadModel = () => ({
        done: loads ? Promise.resolve(model) : Promise.reject(new Error("unknown vocabulary")),
        abort: () => undefined,
    });
    return { loadModel } as unknown as NativeAddon;
}

const run = (addon: NativeAddon, probes: string[], files: Record<string, object>) =>
    checkTokenizer({
        expected: expectTokens(
            {
                tokenizer: files["tokenizer.json"] as JsonObject,
                config: files["tokenizer_config.json"] as JsonObject,
            },
            probes,
        ),
        file: "out.gguf",
        native: addon,
        signal: new AbortController().signal,
    });

describe("tokenizer self-test", () => {
    it("counts equal texts and shows others", async () => {
        const addon = native({ ab: [2], ba: [1, 0], aab: [0, 0, 1] });
        const files = { "tokenizer.json": tokenizer() };
        const check = await run(addon, ["ab", "ba", "aab"], files);
        expect(check).toEqual({ nProbes: 3, nEqual: 2, nKnown: 0, different: ["aab"] });
        expect(describeTokenizerCheck(check)).toBe(
            'tokenizer: 2 of 3 probes equal; 1 different, such as "aab"',
        );
    });

    it("knows what the format cannot say", async () => {
        const composed = "e\u0301";
        const files = { "tokenizer.json": tokenizer({ normalizer: { type: "NFC" } }) };
        const check = await run(native({ ab: [2], [composed]: [7] }), ["ab", composed], files);
        expect(check).toMatchObject({ nEqual: 1, nKnown: 1, different: [] });
        expect(describeTokenizerCheck(check)).toBe(
            "tokenizer: 1 of 2 probes equal; 1 different as in every GGUF file (characters are not composed)",
        );
    });

    it("runs the tokenizer as transformers would build it", async () => {
        const vocab = { "▁": 0, a: 1, "▁▁": 2 };
        const json = tokenizer({
            model: { type: "BPE", vocab, merges: ["▁ ▁"], unk_token: null },
            normalizer: {
                type: "Sequence",
                normalizers: [
                    { type: "Prepend", prepend: "▁" },
                    { type: "Replace", pattern: { String: " " }, content: "▁" },
                ],
            },
        });
        const config = { tokenizer_class: "LlamaTokenizer", add_prefix_space: true, legacy: false };
        const addon = native({ " a": [2, 1], a: [0, 1] });
        const files = { "tokenizer.json": json, "tokenizer_config.json": config };
        expect(await run(addon, [" a", "a"], files)).toMatchObject({
            nEqual: 1,
            nKnown: 1,
            known: expect.stringMatching(/begin with a space/) as string,
        });
        expect(await run(addon, [" a", "a"], { "tokenizer.json": json })).toMatchObject({
            nEqual: 2,
        });
    });

    it.each<[string, NativeAddon, Record<string, object>, RegExp]>([
        [
            "no tokenizer.json",
            native({}),
            {},
            /not compared \(the checkpoint has no tokenizer\.json\)/,
        ],
        [
            "a tokenizer it cannot run",
            native({}),
            { "tokenizer.json": { model: {} } },
            /not compared/,
        ],
        [
            "a file that does not load",
            native({}, false),
            { "tokenizer.json": tokenizer() },
            /not compared \(unknown vocabulary\)/,
        ],
    ])("says so: %s", async (_, addon, files, message) => {
        expect(describeTokenizerCheck(await run(addon, ["a"], files))).toMatch(message);
    });

    it("ends quietly when the conversion is cancelled", async () => {
        const stop = new AbortController();
        stop.abort();
        let isAborted = false;
        const loadModel = () => ({
            done: Promise.reject(new Error("cancelled")),
            abort: () => (isAborted = true),
        });
        const check = await checkTokenizer({
            expected: expectTokens({ tokenizer: tokenizer(), config: undefined }),
            file: "x",
            native: { loadModel } as unknown as NativeAddon,
            signal: stop.signal,
        });
        expect(isAborted).toBe(true);
        expect(check).toMatchObject({ nProbes: 0, skipped: "cancelled" });
    });

    it("has 24 different probes", () => {
        expect(new Set(PROBES).size).toBe(24);
    });
});
