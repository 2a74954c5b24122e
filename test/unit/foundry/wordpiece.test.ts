// The vocabulary of BERT encoders: words marked where they begin, special tokens as they are, padding to the embedding's rows.
import { describe, expect, it } from "vitest";
import { readTokenizerFiles } from "../../../src/foundry/tokenizer/files";
import { hasWordPiece, readWordPiece } from "../../../src/foundry/tokenizer/wordpiece";
import { memorySource } from "./memorySource";

const SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const WORDS = [...SPECIAL, "the", "##s", "a"];
const EXPECTED = [...SPECIAL, "\u2581the", "s", "\u2581a", "\u2581[PAD8]"];

describe("WordPiece", () => {
    it("reads tokenizer.json", async () => {
        const tokenizer = {
            model: { type: "WordPiece", vocab: Object.fromEntries(WORDS.map((w, id) => [w, id])) },
            added_tokens: SPECIAL.map((content, id) => ({ id, content, special: true })),
        };
        const files = await readTokenizerFiles(memorySource({ "tokenizer.json": tokenizer }), {});
        expect(hasWordPiece(files)).toBe(true);
        const { tokens, types } = readWordPiece(files, 9);
        expect(tokens).toEqual(EXPECTED);
        expect([...types]).toEqual([3, 3, 3, 3, 3, 1, 1, 1, 5]);
    });

    it("reads vocab.txt with the special tokens of its class", async () => {
        const source = memorySource({
            "vocab.txt": `${WORDS.join("\n")}\n`,
            "tokenizer_config.json": { tokenizer_class: "BertTokenizer" },
        });
        const { tokens, types } = readWordPiece(await readTokenizerFiles(source, {}), 9);
        expect(tokens).toEqual(EXPECTED);
        expect([...types].slice(0, 6)).toEqual([3, 3, 3, 3, 3, 1]);
    });

    it("is not there for other tokenizers", async () => {
        const source = memorySource({ "tokenizer.json": { model: { type: "BPE", vocab: {} } } });
        expect(hasWordPiece(await readTokenizerFiles(source, {}))).toBe(false);
    });
});
