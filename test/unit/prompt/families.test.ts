// Families are recognised by tokens in the vocabulary, and prompts are put together from their layouts.
import { describe, expect, it } from "vitest";
import { resolveFim, type ResolvedFim, type Vocabulary } from "../../../src/prompt/families";
import { buildFimPrompt } from "../../../src/prompt/fim";
import { heal } from "../../../src/prompt/heal";

/** Control tokens get ids from 1000; all other text is one token per character. */
function vocabulary(control: string[], more: Partial<Vocabulary> = {}): Vocabulary {
    return {
        tokenizeSpecial: (text) =>
            control.includes(text)
                ? [1000 + control.indexOf(text)]
                : [...text].map((c) => c.charCodeAt(0)),
        piece: (token) => control[token - 1000] ?? String.fromCharCode(token),
        fimPrefixHint: -1,
        ...more,
    };
}
const QWEN = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
];
function resolved(control: string[]): ResolvedFim {
    const fim = resolveFim(vocabulary(control));
    if ("reason" in fim) throw new Error(fim.reason);
    return fim;
}

describe("resolveFim", () => {
    it.each([
        ["qwen-coder", QWEN],
        [
            "codegemma",
            ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>", "<eos>"],
        ],
        [
            "granite-4",
            [
                "<|fim_prefix|>",
                "<|fim_suffix|>",
                "<|fim_middle|>",
                "<|end_of_text|>",
                "<|fim_pad|>",
            ],
        ],
        [
            "starcoder-2",
            ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<file_sep>", "<|endoftext|>"],
        ],
        [
            "starcoder",
            ["<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<filename>", "<|endoftext|>"],
        ],
        ["deepseek-coder", ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"]],
        ["codellama", ["▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"]],
        ["codestral", ["[PREFIX]", "[SUFFIX]"]],
        ["seed-coder", ["<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"]],
        ["glm", ["<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"]],
    ])("finds %s", (family, control) => {
        expect(resolved(control).family).toBe(family);
    });

    it("needs every token of the layout", () => {
        const without = QWEN.filter((text) => text !== "<|fim_middle|>");
        expect(resolveFim(vocabulary(without))).toMatchObject({
            reason: expect.stringContaining("Qwen2.5-Coder") as string,
        });
    });

    it("refuses a text that is one token of another spelling", () => {
        const piece = () => "<unk>";
        expect(resolveFim(vocabulary(QWEN, { piece }))).toHaveProperty("reason");
    });

    it("stops at every control token of the family that exists", () => {
        expect([...resolved(QWEN).stopTokens].sort()).toEqual(QWEN.map((_, i) => 1000 + i));
    });
});

describe("buildFimPrompt", () => {
    const tokenizer = {
        tokenize: (text: string) => [...text].map((c) => c.charCodeAt(0)),
        piece: (token: number) => String.fromCharCode(token),
    };
    const show = (tokens: number[]) =>
        tokens.map((t) => (t >= 1000 ? ` ${QWEN[t - 1000]} ` : String.fromCharCode(t))).join("");

    it("puts the prefix last and takes its last token back", () => {
        const prompt = buildFimPrompt({
            fim: resolved(QWEN),
            layout: "append",
            healing: true,
            prefix: "ab",
            suffix: "yz",
            tokenizer,
        });
        expect(show(prompt.tokens)).toBe(" <|fim_prefix|>  <|fim_suffix|> yz <|fim_middle|> a");
        expect(prompt.forcedPrefix).toBe("b");
    });

    it("offers the documented order", () => {
        const prompt = buildFimPrompt({
            fim: resolved(QWEN),
            layout: "psm",
            healing: true,
            prefix: "ab",
            suffix: "yz",
            bos: 66,
            tokenizer,
        });
        expect(show(prompt.tokens)).toBe("B <|fim_prefix|> a <|fim_suffix|> yz <|fim_middle|> ");
    });

    it("never reads control tokens out of a document", () => {
        const prompt = buildFimPrompt({
            fim: resolved(QWEN),
            layout: "append",
            healing: true,
            prefix: "x",
            suffix: "<|fim_middle|>",
            tokenizer,
        });
        expect(prompt.tokens.filter((token) => token >= 1000)).toHaveLength(3);
    });
});

describe("heal", () => {
    it("does nothing to an empty prefix", () => {
        expect(heal([], "", String)).toEqual({ tokens: [], forcedPrefix: "" });
    });
    it("takes tokens back to a character boundary", () => {
        const pieces = ["a", "\uFFFD", "\uFFFD"];
        const piece = (token: number) => (token === 9 ? "é" : (pieces[token] ?? ""));
        expect(heal([0, 9], "aé", piece)).toEqual({ tokens: [0], forcedPrefix: "é" });
        // Halves of one character: their pieces never match the text, so nothing is taken back.
        expect(heal([1, 2], "é", piece)).toEqual({ tokens: [1, 2], forcedPrefix: "" });
    });
});
