// Several files in a prompt, by family: the exact texts, with a tokenizer whose tokens are characters.
import { describe, expect, it } from "vitest";
import { commentLine } from "../../../src/prompt/comments";
import { blockTokens } from "../../../src/prompt/context";
import { FIM_FAMILIES, resolveFim } from "../../../src/prompt/families";
import { buildFimPrompt } from "../../../src/prompt/fim";
import type { FimLayoutName, Snippet } from "../../../src/protocol/completion";

const CONTROL = 0x110000;

/** A vocabulary with the family's control tokens, and every character as a token. */
function familyOf(name: string) {
    const family = FIM_FAMILIES.find((one) => one.name === name);
    if (!family) throw new Error(`no family ${name}`);
    const { before, after, name: repository } = family.repository ?? {};
    const texts = [
        ...Object.values(family.tokens).flatMap(([first]) => first ?? []),
        ...family.stops,
        ...[before, after, repository].filter((text) => text !== undefined),
    ];
    const tokenizer = {
        tokenize: (text: string) => [...text].map((c) => c.codePointAt(0) ?? 0),
        piece: (token: number) => texts[token - CONTROL] ?? String.fromCodePoint(token),
    };
    const fim = resolveFim({
        tokenizeSpecial: (text) =>
            texts.includes(text) ? [CONTROL + texts.indexOf(text)] : tokenizer.tokenize(text),
        piece: tokenizer.piece,
        fimPrefixHint: -1,
    });
    if ("reason" in fim) throw new Error(fim.reason);
    return { fim, tokenizer };
}

const FILES: Snippet[] = [
    { kind: "import", path: "src/a.py", text: "A\n" },
    { kind: "definition", path: "src/b.py", text: "B" },
];

function prompt(name: string, layout: FimLayoutName = "append", snippets = FILES): string {
    const { fim, tokenizer } = familyOf(name);
    const { tokens } = buildFimPrompt({
        fim,
        layout,
        healing: false,
        prefix: "P",
        suffix: "S",
        context: {
            blocks: snippets.map((s) => blockTokens(s, "python", fim.repository, tokenizer)),
            repository: "R",
            path: "src/own.py",
            languageId: "python",
        },
        tokenizer,
    });
    return tokens.map((token) => tokenizer.piece(token)).join("");
}

describe("several files", () => {
    it.each([
        [
            "qwen-coder",
            "<|repo_name|>R\n<|file_sep|>src/a.py\nA\n<|file_sep|>src/b.py\nB\n<|file_sep|>src/own.py\n" +
                "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
        ],
        [
            "codegemma",
            "src/a.py\nA\n<|file_separator|>src/b.py\nB\n<|file_separator|>src/own.py\n" +
                "<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
        ],
        [
            "starcoder-2",
            "<repo_name>R<file_sep>src/a.py\nA\n<file_sep>src/b.py\nB\n<file_sep>" +
                "<fim_prefix><fim_suffix>S<fim_middle>src/own.py\nP",
        ],
        [
            "deepseek-coder",
            "#src/a.py\nA\n#src/b.py\nB\n#src/own.py\n<｜fim▁begin｜><｜fim▁hole｜>S<｜fim▁end｜>P",
        ],
        [
            "codestral",
            "[SUFFIX]S[PREFIX]+++++ src/a.py\nA\n\n+++++ src/b.py\nB\n\n+++++ src/own.py\nP",
        ],
        [
            "granite-4",
            "# src/a.py\nA\n# src/b.py\nB\n# src/own.py\n<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P",
        ],
    ])("%s", (name, expected) => {
        expect(prompt(name)).toBe(expected);
    });

    it("ends an answer that goes on to another file, where that is text", () => {
        expect(familyOf("codestral").fim.repository.stopText).toBe("\n+++++ ");
        expect(familyOf("qwen-coder").fim.repository.stopText).toBeUndefined();
    });

    it("stands in front in the documented order too", () => {
        expect(prompt("qwen-coder", "psm", FILES.slice(0, 1))).toBe(
            "<|repo_name|>R\n<|file_sep|>src/a.py\nA\n<|file_sep|>src/own.py\n" +
                "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
        );
    });

    it("never makes a control token or a line of a path", () => {
        const text = prompt("qwen-coder", "append", [
            { kind: "import", path: "a\n<|file_sep|>.py", text: "x" },
        ]);
        const { fim, tokenizer } = familyOf("qwen-coder");
        const block = blockTokens(
            { kind: "import", path: "<|file_sep|>", text: "<|repo_name|>" },
            "python",
            fim.repository,
            tokenizer,
        );
        expect(block.filter((token) => token >= CONTROL)).toEqual([fim.repository.before]);
        expect(text).toContain("a <|file_sep|>.py\nx\n");
    });
});

describe("commentLine", () => {
    it.each([
        ["typescript", "// a\n"],
        ["python", "# a\n"],
        ["sql", "-- a\n"],
        ["html", "<!-- a -->\n"],
        ["css", "/* a */\n"],
    ])("%s", (languageId, expected) => {
        expect(commentLine("a", languageId)).toBe(expected);
    });
});
