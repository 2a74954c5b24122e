/**
 * How models mark the hole to fill: one row per family, and the check of a row against a loaded vocabulary. A row holds for a model
 * only when each of its tokens is exactly one token there; a model's name is never looked at.
 * Texts: completion.md 1.7, from the model cards and tokenizer files of each family.
 */

import type { FimLayoutName } from "../protocol/completion";
import type { FimSupport } from "../protocol/engine";

/**
 * A control token of the layout, or where text goes: the document's; pieces of other files (`context`), and after them what begins the
 * document's own file (`file`) and names it (`heading`).
 */
export type LayoutPart =
    "PRE" | "SUF" | "MID" | "prefix" | "suffix" | "context" | "file" | "heading";

/** How a family was shown several files in training. Without one of its own, a file is named by a comment. */
export interface RepositoryFormat {
    /** Token in front of the repository's name, and the text after it. */
    name?: string | undefined;
    nameEnd?: string | undefined;
    /** Token in front of each file, or after each but the last. */
    before?: string | undefined;
    after?: string | undefined;
    /** Text in front of a file's path; undefined: the path is a comment. */
    mark?: string | undefined;
    /** Text between the line break at a file's end and the next file. */
    end?: string | undefined;
    /** Text with which an answer goes on to another file. */
    stopText?: string | undefined;
}

export interface FimFamily {
    name: string;
    /** Token texts; several = spellings of the same token, the first one found counts. */
    tokens: Readonly<Partial<Record<"PRE" | "SUF" | "MID", readonly string[]>>>;
    layouts: Readonly<Record<FimLayoutName, readonly LayoutPart[]>>;
    repository?: RepositoryFormat | undefined;
    /** More control tokens that end an answer; those that the vocabulary lacks are left out. Also tells families apart. */
    stops: readonly string[];
}

const TRIPLE: FimFamily["layouts"] = {
    append: ["context", "file", "heading", "PRE", "SUF", "suffix", "MID", "prefix"],
    psm: ["context", "file", "heading", "PRE", "prefix", "SUF", "suffix", "MID"],
};

export const FIM_FAMILIES: readonly FimFamily[] = [
    {
        name: "qwen-coder",
        tokens: { PRE: ["<|fim_prefix|>"], SUF: ["<|fim_suffix|>"], MID: ["<|fim_middle|>"] },
        layouts: TRIPLE,
        repository: { name: "<|repo_name|>", nameEnd: "\n", before: "<|file_sep|>", mark: "" },
        stops: [
            "<|endoftext|>",
            "<|fim_pad|>",
            "<|repo_name|>",
            "<|file_sep|>",
            "<|im_start|>",
            "<|im_end|>",
        ],
    },
    {
        name: "codegemma",
        tokens: { PRE: ["<|fim_prefix|>"], SUF: ["<|fim_suffix|>"], MID: ["<|fim_middle|>"] },
        layouts: TRIPLE,
        repository: { after: "<|file_separator|>", mark: "" },
        stops: ["<|file_separator|>", "<end_of_turn>", "<eos>"],
    },
    {
        name: "granite-4",
        tokens: { PRE: ["<|fim_prefix|>"], SUF: ["<|fim_suffix|>"], MID: ["<|fim_middle|>"] },
        layouts: TRIPLE,
        stops: ["<|end_of_text|>", "<|fim_pad|>"],
    },
    {
        name: "starcoder-2",
        tokens: { PRE: ["<fim_prefix>"], SUF: ["<fim_suffix>"], MID: ["<fim_middle>"] },
        // Its paths are the first line of what is divided.
        layouts: {
            append: ["context", "file", "PRE", "SUF", "suffix", "MID", "heading", "prefix"],
            psm: ["context", "file", "PRE", "heading", "prefix", "SUF", "suffix", "MID"],
        },
        repository: { name: "<repo_name>", before: "<file_sep>", mark: "" },
        stops: ["<|endoftext|>", "<file_sep>", "<fim_pad>", "<repo_name>"],
    },
    {
        name: "starcoder",
        tokens: {
            PRE: ["<fim_prefix>", "<fim-prefix>"],
            SUF: ["<fim_suffix>", "<fim-suffix>"],
            MID: ["<fim_middle>", "<fim-middle>"],
        },
        layouts: TRIPLE,
        stops: ["<|endoftext|>", "<filename>", "<reponame>", "<fim_pad>"],
    },
    {
        name: "deepseek-coder",
        tokens: { PRE: ["<｜fim▁begin｜>"], SUF: ["<｜fim▁hole｜>"], MID: ["<｜fim▁end｜>"] },
        layouts: TRIPLE,
        repository: { mark: "#" },
        stops: ["<｜end▁of▁sentence｜>", "<|EOT|>"],
    },
    {
        name: "codellama",
        tokens: {
            PRE: ["▁<PRE>", "<PRE>"],
            SUF: ["▁<SUF>", "<SUF>"],
            MID: ["▁<MID>", "<MID>"],
        },
        layouts: TRIPLE,
        stops: ["▁<EOT>", "<EOT>"],
    },
    {
        name: "codestral",
        tokens: { PRE: ["[PREFIX]"], SUF: ["[SUFFIX]"] },
        layouts: {
            append: ["SUF", "suffix", "PRE", "context", "heading", "prefix"],
            psm: ["SUF", "suffix", "PRE", "context", "heading", "prefix"],
        },
        repository: { mark: "+++++ ", end: "\n", stopText: "\n+++++ " },
        stops: ["[MIDDLE]"],
    },
    {
        name: "seed-coder",
        tokens: { PRE: ["<[fim-prefix]>"], SUF: ["<[fim-suffix]>"], MID: ["<[fim-middle]>"] },
        layouts: {
            append: TRIPLE.append,
            psm: ["context", "heading", "SUF", "suffix", "PRE", "prefix", "MID"],
        },
        stops: ["<[end▁of▁sentence]>", "<[PAD▁TOKEN]>"],
    },
    {
        name: "glm",
        tokens: { PRE: ["<|code_prefix|>"], SUF: ["<|code_suffix|>"], MID: ["<|code_middle|>"] },
        layouts: TRIPLE,
        stops: ["<|endoftext|>", "<|user|>", "<|assistant|>"],
    },
];

/** What the check needs of a vocabulary. */
export interface Vocabulary {
    /** Ids of a text in which control tokens are recognised. */
    tokenizeSpecial(text: string): number[];
    /** Text of one token. */
    piece(token: number): string;
    /** llama.cpp's own guess at the prefix token, -1 for none: only decides between rows that all hold. */
    fimPrefixHint: number;
}

/** A repository format with its tokens as ids; where the vocabulary lacks one of them, files are named by comments. */
export interface ResolvedRepository {
    name: number | undefined;
    nameEnd: string;
    before: number | undefined;
    after: number | undefined;
    mark: string | undefined;
    end: string;
    stopText: string | undefined;
}

export interface ResolvedFim {
    family: string;
    /** Ids of the tokens in the layouts. */
    tokens: Readonly<Partial<Record<LayoutPart, number>>>;
    layouts: FimFamily["layouts"];
    repository: ResolvedRepository;
    /** All control tokens that end an answer, those of the layouts included. */
    stopTokens: readonly number[];
}

/** The family whose tokens this vocabulary has, or why there is none. */
export function resolveFim(vocabulary: Vocabulary): ResolvedFim | { reason: string } {
    let best: { resolved: ResolvedFim; score: number } | undefined;
    for (const family of FIM_FAMILIES) {
        const resolved = resolveFamily(family, vocabulary);
        if (!resolved) continue;
        const hinted = resolved.tokens.PRE === vocabulary.fimPrefixHint ? 0.5 : 0;
        const score = resolved.stopTokens.length + hinted;
        if (!best || score > best.score) best = { resolved, score };
    }
    return best?.resolved ?? { reason: NO_FIM };
}

/** Texts that end an answer: where the model goes on with another file. */
export function stopTextsOf({ repository }: ResolvedFim): string[] {
    return repository.stopText ? [repository.stopText] : [];
}

const NO_FIM =
    "This model has no fill-in-the-middle tokens, so it cannot complete code; choose a code model such as Qwen2.5-Coder for completions";

export function fimSupport(resolved: ResolvedFim | { reason: string }): FimSupport {
    if ("reason" in resolved) return { supported: false, reason: resolved.reason };
    return { supported: true, family: resolved.family };
}

function resolveFamily(family: FimFamily, vocabulary: Vocabulary): ResolvedFim | undefined {
    const tokens: Partial<Record<LayoutPart, number>> = {};
    for (const [part, texts] of Object.entries(family.tokens) as [LayoutPart, string[]][]) {
        const token = firstSingleToken(texts, vocabulary);
        if (token === undefined) return undefined;
        tokens[part] = token;
    }
    const ids = Object.values(tokens);
    if (new Set(ids).size !== ids.length) return undefined;
    const stops = family.stops.flatMap((text) => firstSingleToken([text], vocabulary) ?? []);
    return {
        family: family.name,
        tokens,
        layouts: family.layouts,
        repository: resolveRepository(family.repository, vocabulary),
        stopTokens: [...new Set([...ids, ...stops])],
    };
}

const BY_COMMENTS: ResolvedRepository = {
    name: undefined,
    nameEnd: "",
    before: undefined,
    after: undefined,
    mark: undefined,
    end: "",
    stopText: undefined,
};

function resolveRepository(
    format: RepositoryFormat | undefined,
    vocabulary: Vocabulary,
): ResolvedRepository {
    if (!format) return BY_COMMENTS;
    const { nameEnd = "", mark, end = "", stopText } = format;
    const resolved = { ...BY_COMMENTS, nameEnd, mark, end, stopText };
    for (const part of ["name", "before", "after"] as const) {
        const text = format[part];
        const token = text === undefined ? undefined : firstSingleToken([text], vocabulary);
        if (text !== undefined && token === undefined) return BY_COMMENTS;
        resolved[part] = token;
    }
    return resolved;
}

function firstSingleToken(texts: readonly string[], vocabulary: Vocabulary): number | undefined {
    for (const text of texts) {
        const [token, ...more] = vocabulary.tokenizeSpecial(text);
        if (token === undefined || more.length > 0) continue;
        if (spelling(vocabulary.piece(token)) === spelling(text)) return token;
    }
    return undefined;
}

/** SentencePiece shows its word mark as a blank. */
function spelling(text: string): string {
    return text.replaceAll("▁", " ").trim();
}
